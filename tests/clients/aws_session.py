"""`aws` command lines of one user, run quickly: see `aws_lines.py`."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from pathlib import Path
from string import Template
from typing import Any

from serving import Keys, Server, clean_environment

PROGRAM = Path(__file__).parent / "aws_lines.py"
PATIENCE = 60


class Aws:
    """The command line with a user's credentials; `home` is where it finds and leaves files.

    `used` holds the commands of `aws iam` that succeeded.
    """

    def __init__(self, server: Server, home: Path, keys: Keys) -> None:
        self.used: set[str] = set()
        environment = clean_environment(
            {
                "HOME": str(home),
                "AWS_CONFIG_FILE": str(home / "config"),
                "AWS_SHARED_CREDENTIALS_FILE": str(home / "credentials"),
                "AWS_ENDPOINT_URL_IAM": server.endpoint,
                "AWS_ENDPOINT_URL_STS": server.endpoint,
                "AWS_DEFAULT_REGION": "us-east-1",
                "AWS_ACCESS_KEY_ID": keys.access_key_id,
                "AWS_SECRET_ACCESS_KEY": keys.secret_access_key,
                "AWS_PAGER": "",
                "AWS_MAX_ATTEMPTS": "1",
            }
        )
        self._process = subprocess.Popen(
            [sys.executable, PROGRAM],
            cwd=home,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, line: str, **quoted: str) -> dict[str, Any]:
        """Run `aws LINE`, in which `$name` stands for the text of that name, as one word.

        Gives its exit status and what it wrote on its two streams: `status`, `out`, `err`.
        """
        words = shlex.split(Template(line).substitute({name: shlex.quote(text) for name, text in quoted.items()}))
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{json.dumps(words)}\n")
        self._process.stdin.flush()
        ended: dict[str, Any] = json.loads(self._process.stdout.readline())
        if words[0] == "iam" and ended["status"] == 0:
            self.used.add(" ".join(words[1:3]) if words[1] == "wait" else words[1])
        return ended

    def text(self, line: str, **quoted: str) -> str:
        """What a command prints; it must succeed."""
        ended = self.run(line, **quoted)
        assert ended["status"] == 0, ended["err"]
        return str(ended["out"])

    def answer(self, line: str, **quoted: str) -> Any:
        """The JSON that a command prints, if any; it must succeed."""
        printed = self.text(line, **quoted)
        return json.loads(printed) if printed.strip() else None

    def iam(self, *lines: str, **quoted: str) -> Any:
        """Run commands of `aws iam`; gives the answer of the last. All must succeed."""
        answers = [self.answer(f"iam {line}", **quoted) for line in lines]
        return answers[-1]

    def refusal(self, line: str, **quoted: str) -> str:
        """What a command complains of; it must fail."""
        ended = self.run(line, **quoted)
        assert ended["status"] != 0, ended["out"]
        return str(ended["err"])

    def close(self) -> None:
        """End the process."""
        self._process.communicate(timeout=PATIENCE)

"""A real server in a process of its own, for the tests that talk to one."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

import boto3
from botocore.config import Config

ROOT_KEY = "AKIATESTROOT00000000"
ROOT_SECRET = "test-only/root-secret-access-key-0000000"
ACCOUNT = "123456789012"
PATIENCE = 60


def clean_environment(extra: Mapping[str, str]) -> dict[str, str]:
    """This process's environment without any settings of AWS's or ours, then `extra`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "ROLECALL_"))}
    return {**kept, "AWS_EC2_METADATA_DISABLED": "true", **extra}


def rolecall(*arguments: str, environment: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run the command line to its end."""
    return subprocess.run(
        [sys.executable, "-m", "rolecall.cli", *arguments],
        env=clean_environment(environment or {}),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )


@dataclass(frozen=True, kw_only=True)
class Keys:
    """Credentials."""

    access_key_id: str
    secret_access_key: str
    session_token: str | None = None


def keys_of(credentials: Mapping[str, str]) -> Keys:
    """The keys in an answer of CreateAccessKey or of STS."""
    return Keys(
        access_key_id=credentials["AccessKeyId"],
        secret_access_key=credentials["SecretAccessKey"],
        session_token=credentials.get("SessionToken"),
    )


@dataclass
class Server:
    """A running `rolecall serve`. `output` is what it printed to the operator, `log` its structured log."""

    data_dir: Path
    process: subprocess.Popen[str]
    endpoint: str
    output: list[str] = field(default_factory=list)
    log: list[str] = field(default_factory=list)
    readers: list[threading.Thread] = field(default_factory=list)

    def collect(self, lines: TextIO, into: list[str]) -> None:
        """Go on reading what the server prints, so that it never waits for us."""

        def read() -> None:
            with lines:
                into.extend(line.rstrip("\n") for line in lines)

        self.readers.append(threading.Thread(target=read, daemon=True))
        self.readers[-1].start()

    def client(self, service: str, keys: Keys, region: str = "us-east-1"):
        """A boto3 client that never retries, so that a test sees each answer."""
        return boto3.client(
            service,
            endpoint_url=self.endpoint,
            region_name=region,
            aws_access_key_id=keys.access_key_id,
            aws_secret_access_key=keys.secret_access_key,
            aws_session_token=keys.session_token,
            config=Config(retries={"total_max_attempts": 1}),
        )

    def new_account(self) -> tuple[str, Keys]:
        """Another account on the running server: its id and its root keys."""
        made = rolecall("account", "create", "--json", "--data-dir", str(self.data_dir))
        assert made.returncode == 0, made.stderr
        credentials = json.loads(made.stdout)
        return credentials["AccountId"], keys_of(credentials)

    def stop(self) -> int:
        """Ask it to stop; gives its exit status."""
        self.process.send_signal(signal.SIGTERM)
        try:
            return self._ended()
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise

    def kill(self) -> None:
        """`kill -9`."""
        self.process.kill()
        self._ended()

    def _ended(self) -> int:
        status = self.process.wait(PATIENCE)
        for reader in self.readers:
            reader.join(PATIENCE)
        return status


def start_server(data_dir: Path, *arguments: str, environment: Mapping[str, str] | None = None) -> Server:
    """Start a server on a free port and wait until it says where it listens."""
    first_start = {
        "ROLECALL_ACCOUNT_ID": ACCOUNT,
        "ROLECALL_ROOT_ACCESS_KEY_ID": ROOT_KEY,
        "ROLECALL_ROOT_SECRET_ACCESS_KEY": ROOT_SECRET,
    }
    command = [sys.executable, "-m", "rolecall.cli", "serve", "--data-dir", str(data_dir), "--port", "0", *arguments]
    process = subprocess.Popen(
        command,
        env=clean_environment(first_start if environment is None else environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    server = Server(data_dir=data_dir, process=process, endpoint="")
    server.collect(process.stderr, server.log)
    for line in process.stdout:
        server.output.append(line.rstrip("\n"))
        if found := re.match(r"\s+endpoint\s+(\S+)", line):
            server.endpoint = found[1]
        if line.startswith("  listening"):
            break
    else:
        process.wait(PATIENCE)
        raise AssertionError(f"the server ended at once: {server.log}")
    server.collect(process.stdout, server.output)
    return server

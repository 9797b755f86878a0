"""An account at the full quotas of AWS on Rolecall: its import, starts on it, and reads beside slow work.

The account is the one that `tests/scale` generates. What the stage of the loads has made counts towards the quotas.
"""

from __future__ import annotations

import itertools
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from bench.client import Call, Run, Task, send_lanes
from bench.mixed import READERS, READS
from bench.rounds import Effort
from bench.servers import ACCOUNT, HOST, Server, running_rolecall
from bench.signing import Keys, Signer
from bench.stage import CALLER, USERS, prepare, root_client

TESTS = Path(__file__).parents[1] / "tests"
READ = READS[0]
READ_REQUESTS = 4_000
"""Signed once and sent again and again: how long other work takes is not known before."""

PASSWORDS_A_SECOND = 50
"""More than are made, so that the lane does not run out of them."""

FULL = {"users": 5_000, "groups": 300, "roles": 1_000, "policies": 1_500, "instance_profiles": 500}
"""How many of each kind the account holds in the end: as many as AWS's quotas allow."""

SMALL = {"users": 140, "groups": 4, "roles": 8, "policies": 12, "instance_profiles": 4}
STAGED = {"users": len(USERS) + 1, "groups": 0, "roles": 1, "policies": 1, "instance_profiles": 0}
"""How many of them `stage.prepare` makes."""


class ImportFailed(Exception):
    """`rolecall import` did not succeed. The message is what it wrote."""


@dataclass(frozen=True, kw_only=True)
class Account:
    """An account that was imported.

    Attributes: `holdings`, how many of each kind there are after it; `import_seconds`, of the whole command;
    `revision_before` and `revision_after` the import.
    """

    holdings: Mapping[str, int]
    dump_bytes: int
    import_seconds: float
    revision_before: int
    revision_after: int


@dataclass(frozen=True)
class Start:
    """Seconds of several starts, each from the command until `/readyz` answers."""

    title: str
    seconds: Sequence[float]


@dataclass(frozen=True)
class Beside:
    """Reads beside what `title` says. Attributes: `done`, how much of that was done meanwhile."""

    title: str
    latencies: Sequence[float]
    elapsed: float
    done: str = ""


def measure_account(folder: Path, effort: Effort, *, is_small: bool) -> tuple[Account, list[Beside]]:
    """Import an account into a server that is read meanwhile, then read the server beside other slow work.

    Parameters: `folder`, where the state stays. Raises `ImportFailed`, and `ServerDied` and `BadAnswer`.
    """
    seconds = effort.seconds * effort.rounds
    holdings = SMALL if is_small else FULL
    dump = _write_dump(folder, {kind: count - STAGED[kind] for kind, count in holdings.items()})
    with running_rolecall(folder) as server:
        reading = _Reading(server, prepare(server))
        alone = reading.beside("nothing else, before the import", seconds)
        before = _revision(server)
        importing = reading.beside_import(dump, folder / "data")
        account = Account(
            holdings=holdings,
            dump_bytes=dump.stat().st_size,
            import_seconds=importing.elapsed,
            revision_before=before,
            revision_after=_revision(server),
        )
        besides = [alone, importing, reading.beside("nothing else, after the import", seconds)]
        besides.append(reading.beside_new_passwords(seconds))
        root_client(server).create_login_profile(UserName=CALLER, Password=_password(0))
        besides.append(reading.beside_changed_passwords(seconds))
    return account, besides


def measure_starts(folder: Path, count: int) -> list[Start]:
    """Start servers on the state in `folder` and on one with nothing but its root, in turn."""
    empty = folder / "root-only"
    empty.mkdir()
    _start(empty)  # the first start makes the account
    starts = [(_start(folder), _start(empty)) for _ in range(count)]
    own, others = zip(*starts, strict=True)
    return [Start("that account", own), Start("an account of nothing but its root", others)]


class _Reading:
    """GetUser by a few readers at once, for as long as something else goes on."""

    def __init__(self, server: Server, keys: Keys) -> None:
        self._address = (HOST, server.port)
        self._signer = Signer(f"{HOST}:{server.port}", keys)
        self._reads = [
            self._call("GetUser", READ.parameters(number), number, READ.title) for number in range(READ_REQUESTS)
        ]

    def beside(self, title: str, seconds: float, other: Iterator[Task] | None = None, done: str = "") -> Beside:
        """Read for `seconds`, beside the calls of `other`. Those that are called `done` are counted."""
        reads = self._endless()
        lanes = [reads] * READERS + ([] if other is None else [other])
        run = send_lanes(self._address, lanes, seconds=seconds)
        count = f"{len(run.titled.get(done, ()))} {done}" if done else ""
        return self._row(title, run, count)

    def beside_import(self, dump: Path, data: Path) -> Beside:
        """Read until `rolecall import` of the dump has ended."""
        command = [sys.executable, "-m", "rolecall.cli", "import", str(dump), "--account", ACCOUNT]
        command += ["--rewrite-account", "--data-dir", str(data)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
            reads = itertools.takewhile(lambda _: process.poll() is None, self._endless())
            run = send_lanes(self._address, [reads] * READERS)
            output, _ = process.communicate()
        if process.returncode != 0:
            raise ImportFailed(output.decode(errors="replace")[-2000:])
        return self._row("an account is imported", run, "the whole account")

    def beside_new_passwords(self, seconds: float) -> Beside:
        """Read beside a client that gives a user a password and takes it again."""
        user = {"UserName": USERS[0]}
        tasks = (
            (
                self._call("CreateLoginProfile", {**user, "Password": _password(number)}, number),
                self._call("DeleteLoginProfile", user, number),
            )
            for number in range(_passwords(seconds))
        )
        return self.beside("passwords are set", seconds, iter(list(tasks)), "CreateLoginProfile")

    def beside_changed_passwords(self, seconds: float) -> Beside:
        """Read beside a client that changes its password, which is `_password(0)`."""
        passwords = itertools.pairwise(map(_password, range(_passwords(seconds))))
        tasks = [
            (self._call("ChangePassword", {"OldPassword": old, "NewPassword": new}, number),)
            for number, (old, new) in enumerate(passwords)
        ]
        return self.beside("passwords are changed", seconds, iter(tasks), "ChangePassword")

    def _call(self, action: str, parameters: Mapping[str, str], number: int, title: str = "") -> Call:
        request = self._signer.sign("iam", action, parameters, number)
        return Call(request.on_the_wire(), f"<{action}Response".encode(), title or action)

    def _endless(self) -> Iterator[Task]:
        return ((call,) for call in itertools.cycle(self._reads))

    @staticmethod
    def _row(title: str, run: Run, done: str) -> Beside:
        return Beside(title, run.titled[READ.title], run.elapsed, done)


def _password(number: int) -> str:
    return f"Bench-only-{number:06}"


def _passwords(seconds: float) -> int:
    return max(10, round(PASSWORDS_A_SECOND * seconds))


def _write_dump(folder: Path, size: Mapping[str, int]) -> Path:
    """The generated account as a file. The folder of the tests is no package: it is found by a search path."""
    sys.path.append(str(TESTS))
    generated: Any = import_module("scale.generated_accounts")
    path = folder / "dump.json"
    path.write_bytes(generated.write_dump(generated.Size(**size), ACCOUNT))
    return path


def _revision(server: Server) -> int:
    answer = root_client(server).list_account_aliases()
    return int(answer["ResponseMetadata"]["HTTPHeaders"]["x-rolecall-revision"])


def _start(folder: Path) -> float:
    """Seconds until a server on the state in `folder` answers that it is ready."""
    started = time.perf_counter()
    with running_rolecall(folder) as server:
        urllib.request.urlopen(f"{server.endpoint}/readyz", timeout=60).close()
        return time.perf_counter() - started

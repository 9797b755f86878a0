"""An account at the full quotas of AWS on Rolecall: its import, the start on it, and reads beside slow work.

The account is the one that `tests/scale` generates. What the stage of the loads made counts towards the quotas.
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
"""Signed once and sent again and again: how long the import takes is not known before."""

PASSWORD_TASKS = 50
"""For each second: more than are done."""

SMALL = {"users": 40, "groups": 4, "roles": 8, "policies": 12, "instance_profiles": 4}
FULL = {"users": 5_000, "groups": 300, "roles": 1_000, "policies": 1_500, "instance_profiles": 500}
"""How many of each kind an account holds in the end; full, AWS's quotas allow no more."""

STAGED = {"users": len(USERS) + 1, "groups": 0, "roles": 1, "policies": 1, "instance_profiles": 0}
"""How many of them `stage.prepare` makes."""


@dataclass(frozen=True, kw_only=True)
class Account:
    """What was imported: `holdings`, how many of each kind there are after it; the dump's size; seconds; revisions."""

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
    """Reads within `elapsed` seconds, beside what `title` says; `done`, how much of that was done."""

    title: str
    latencies: Sequence[float]
    elapsed: float
    done: str


def measure_account(folder: Path, effort: Effort, *, is_small: bool) -> tuple[Account, list[Beside]]:
    """Import an account into a server that is read meanwhile, then read it beside other work.

    The server's state stays in `folder`. Raises `ServerDied` and `BadAnswer` like the other measurements.
    """
    seconds = effort.seconds * effort.rounds
    with running_rolecall(folder) as server:
        keys = prepare(server)
        reader = _Reader(server, keys)
        holdings = {kind: count if not is_small else count + STAGED[kind] for kind, count in (SMALL if is_small else FULL).items()}
        dump = _write_dump(folder, {kind: count - STAGED[kind] for kind, count in holdings.items()})
        besides = [Beside("nothing else, 104 entities", *reader.beside(iter(()), seconds), "")]
    raise NotImplementedError

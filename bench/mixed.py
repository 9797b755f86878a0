"""Readers beside writers: the latencies of reads while many clients write, on each server in turn.

Every server gets the same sequences, lane by lane and call by call, and walks along them as far as it comes in the
time of a round. A writer's task leaves nothing behind.
"""

from __future__ import annotations

import itertools
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bench.client import Call, Run, Task, send_lanes
from bench.loads import Load
from bench.rounds import Effort
from bench.servers import HOST, Server
from bench.signing import Keys, Signer
from bench.stage import DOCUMENT, POLICY_ARN, ROLE, USERS

READERS = 4
WRITERS = (0, 20)
"""How many clients write: none, to compare with, and many."""

PAGE = 100
"""Users in a page of ListUsers."""

WARM_UP_SECONDS = 0.5
WARM_UP_TASKS = 300
"""For each lane in the warm-up, which ends with the first lane that has done them."""

SPARE = 2.0
"""How many times the tasks that the warm-up promises are signed, so that no lane runs out of them."""

LANES = 1_000
"""More than there are; and `TASKS`, more than a lane does. They make the numbers of tasks differ."""

TASKS = 1_000_000


def _written(number: int) -> dict[str, str]:
    return {"UserName": f"written-{number}"}


READS = (
    Load(
        title="GetUser",
        service="iam",
        action="GetUser",
        parameters=lambda number: {"UserName": USERS[number % len(USERS)]},
    ),
    Load(title=f"ListUsers ({PAGE})", service="iam", action="ListUsers", parameters=lambda _: {"MaxItems": str(PAGE)}),
    Load(title="GetRole", service="iam", action="GetRole", parameters=lambda _: {"RoleName": ROLE}),
    Load(title="GetPolicy", service="iam", action="GetPolicy", parameters=lambda _: {"PolicyArn": POLICY_ARN}),
)
"""A reader calls them in turn."""

WRITES = (
    Load(title="CreateUser", service="iam", action="CreateUser", parameters=_written),
    Load(
        title="TagUser",
        service="iam",
        action="TagUser",
        parameters=lambda number: {
            **_written(number),
            "Tags.member.1.Key": "team",
            "Tags.member.1.Value": f"team-{number % 10}",
        },
    ),
    Load(
        title="PutUserPolicy",
        service="iam",
        action="PutUserPolicy",
        parameters=lambda number: {**_written(number), "PolicyName": "own", "PolicyDocument": DOCUMENT},
    ),
    Load(
        title="DeleteUserPolicy",
        service="iam",
        action="DeleteUserPolicy",
        parameters=lambda number: {**_written(number), "PolicyName": "own"},
    ),
    Load(title="DeleteUser", service="iam", action="DeleteUser", parameters=_written),
)
"""A writer calls all of them for one user, then for the next."""


@dataclass(frozen=True)
class Mixed:
    """All rounds of the readers beside `writers` writers on one server."""

    writers: int
    server: Server
    runs: tuple[Run, ...]

    def latencies(self, loads: Sequence[Load]) -> list[float]:
        """Seconds of every call of `loads`, in ascending order."""
        return sorted(itertools.chain.from_iterable(_latencies(run, loads) for run in self.runs))

    def rates(self, loads: Sequence[Load]) -> list[float]:
        """Calls of `loads` per second, in each round."""
        return [len(_latencies(run, loads)) / run.elapsed for run in self.runs]

    def latencies_by_round(self, loads: Sequence[Load]) -> list[list[float]]:
        """Seconds of the calls of `loads` in each round, in ascending order."""
        return [sorted(_latencies(run, loads)) for run in self.runs]

    @property
    def client_share(self) -> float:
        """The part of the time in which the client was busy, from 0 to 1."""
        return sum(run.client_time for run in self.runs) / sum(run.elapsed for run in self.runs)


class Lanes:
    """Makes the lanes of one server: the same for each server, but for the signatures of `keys`."""

    def __init__(self, server: Server, keys: Keys) -> None:
        self.server = server
        self._signer = Signer(f"{HOST}:{server.port}", keys)

    def run(self, turn: int, *, writers: int, reads: int, writes: int, seconds: float) -> Run:
        """Send the lanes of a turn for `seconds`. Parameters: `reads`, `writes`, how many tasks a lane is given."""
        lanes = [self._tasks(turn, lane, READS, reads, whole=False) for lane in range(READERS)]
        lanes += [self._tasks(turn, READERS + lane, WRITES, writes, whole=True) for lane in range(writers)]
        return send_lanes((HOST, self.server.port), lanes, seconds=seconds)

    def _tasks(self, turn: int, lane: int, loads: Sequence[Load], count: int, *, whole: bool) -> Iterator[Task]:
        """The tasks of a lane: all of `loads` each time, or one of them in turn."""
        tasks: list[Task] = []
        for at in range(count):
            number = (turn * LANES + lane) * TASKS + at
            chosen = loads if whole else (loads[(lane + at) % len(loads)],)
            tasks.append([self._call(load, number) for load in chosen])
        return iter(tasks)

    def _call(self, load: Load, number: int) -> Call:
        request = self._signer.sign(load.service, load.action, load.parameters(number), number)
        return Call(request.on_the_wire(), f"<{load.action}Response".encode(), load.title)


def measure_mixed(servers: Sequence[tuple[Server, Keys]], effort: Effort) -> Iterator[tuple[Mixed, ...]]:
    """For each number of writers the rounds on each server, in the order of `servers`."""
    benches = [Lanes(server, keys) for server, keys in servers]
    for writers in WRITERS:
        sizes = [_warm_up(bench, writers, effort) for bench in benches]
        runs: list[list[Run]] = [[] for _ in benches]
        for turn in range(1, effort.rounds + 1):
            for bench, (reads, writes), done in zip(benches, sizes, runs, strict=True):
                done.append(bench.run(turn, writers=writers, reads=reads, writes=writes, seconds=effort.seconds))
        yield tuple(Mixed(writers, bench.server, tuple(done)) for bench, done in zip(benches, runs, strict=True))


def _warm_up(bench: Lanes, writers: int, effort: Effort) -> tuple[int, int]:
    """How many tasks the lane of a reader and that of a writer need for a round."""
    run = bench.run(0, writers=writers, reads=WARM_UP_TASKS, writes=WARM_UP_TASKS, seconds=WARM_UP_SECONDS)
    tasks = (
        len(_latencies(run, READS)) / READERS,
        len(_latencies(run, WRITES)) / (len(WRITES) * max(1, writers)),
    )
    reads, writes = (WARM_UP_TASKS // 10 + round(SPARE * effort.seconds * count / run.elapsed) for count in tasks)
    return reads, writes


def _latencies(run: Run, loads: Sequence[Load]) -> list[float]:
    return list(itertools.chain.from_iterable(run.titled.get(load.title, ()) for load in loads))


def median_ratio(own: Sequence[float], others: Sequence[float]) -> float:
    """How many times the other's value the own one is, in the median round."""
    return statistics.median(mine / other for mine, other in zip(own, others, strict=True))

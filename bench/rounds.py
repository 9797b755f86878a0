"""Rounds: each load on each server in turn (A, B, A, B, …), so that what slows the machine slows both.

A round on a server is sized to take about the same time as on the other, by the rate that a warm-up showed.
"""

from __future__ import annotations

import itertools
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bench.client import Run, send_all
from bench.loads import LOADS, Load
from bench.servers import HOST, Server
from bench.signing import Keys, Signer

WARM_UP_SECONDS = 0.3
WARM_UP_REQUESTS = 100
"""In a batch of the warm-up, of which there are as many as it takes."""

MOST_MADE = 4000
"""What a round may make before it is removed again: an account may have 5,000 users."""


@dataclass(frozen=True, kw_only=True)
class Effort:
    """How much is measured: `rounds` of about `seconds` each, over `connections` connections."""

    rounds: int
    seconds: float
    connections: int


@dataclass(frozen=True)
class Measured:
    """All rounds of one load on one server."""

    load: Load
    server: Server
    runs: tuple[Run, ...]

    @property
    def rate(self) -> float:
        """Requests per second, the median of the rounds."""
        return statistics.median(run.rate for run in self.runs)

    @property
    def latencies(self) -> list[float]:
        """Seconds of every request, in ascending order."""
        return sorted(itertools.chain.from_iterable(run.latencies for run in self.runs))

    @property
    def client_share(self) -> float:
        """The part of the time in which the client was busy, from 0 to 1. Near 1 the client is the limit."""
        return sum(run.client_time for run in self.runs) / sum(run.elapsed for run in self.runs)


class Bench:
    """A server that is ready for loads. Parameters: `keys`, those of the caller."""

    def __init__(self, server: Server, keys: Keys, effort: Effort) -> None:
        self.server = server
        self._effort = effort
        self._signer = Signer(f"{HOST}:{server.port}", keys)
        self._numbers = itertools.count()

    def run(self, load: Load, count: int) -> Run:
        """Send `count` requests, and remove what they made."""
        numbers = list(itertools.islice(self._numbers, count))
        run = self._send(load, load.action, numbers)
        if load.undo is not None:
            self._send(load, load.undo, numbers)
        return run

    def _send(self, load: Load, action: str, numbers: Sequence[int]) -> Run:
        requests = [
            self._signer.sign(load.service, action, load.parameters(number), number).on_the_wire() for number in numbers
        ]
        return send_all(
            (HOST, self.server.port),
            requests,
            connections=self._effort.connections,
            expected=f"<{action}Response".encode(),
        )


def measure(servers: Sequence[tuple[Server, Keys]], effort: Effort) -> Iterator[tuple[Measured, ...]]:
    """For each load its rounds on each server, in the order of `servers`."""
    benches = [Bench(server, keys, effort) for server, keys in servers]
    for load in LOADS:
        sizes = [_size(load, _warm_up(bench, load), effort) for bench in benches]
        runs: list[list[Run]] = [[] for _ in benches]
        for _ in range(effort.rounds):
            for bench, size, done in zip(benches, sizes, runs, strict=True):
                done.append(bench.run(load, size))
        yield tuple(Measured(load, bench.server, tuple(done)) for bench, done in zip(benches, runs, strict=True))


def _warm_up(bench: Bench, load: Load) -> float:
    """Call a load for a moment; gives its rate."""
    runs: list[Run] = []
    while sum(run.elapsed for run in runs) < WARM_UP_SECONDS:
        runs.append(bench.run(load, WARM_UP_REQUESTS))
    return WARM_UP_REQUESTS * len(runs) / sum(run.elapsed for run in runs)


def _size(load: Load, rate: float, effort: Effort) -> int:
    size = max(effort.connections, round(rate * effort.seconds))
    return size if load.undo is None else min(size, MOST_MADE)

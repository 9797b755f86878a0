"""What is printed: the machine, the rates of the servers and their ratio, the cost of each step. No measuring here."""

from __future__ import annotations

import os
import platform
import statistics
from collections.abc import Iterator, Sequence
from importlib.metadata import version

from bench.machine import processor
from bench.rounds import Effort, Measured
from bench.steps import Step

PACKAGES = ("rolecall", "uvicorn", "moto", "werkzeug")
RATES = "{:<18} {:<9} {:>9} {:>17} {:>10} {:>9} {:>13} {:>7} {:>7}"
STEPS = "{:<58} {:>9}"


def machine(effort: Effort) -> Iterator[str]:
    """Where and how it is measured."""
    versions = ", ".join(f"{package} {version(package)}" for package in PACKAGES)
    yield (
        f"machine   {processor()}, {os.cpu_count()} cores, {platform.system()} {platform.release()},"
        f" load {os.getloadavg()[0]:.1f} before the start"
    )
    yield f"versions  {platform.python_implementation()} {platform.python_version()}, {versions}"
    yield "servers   one process each, on loopback, with their defaults; the client is another process, so that on two"
    yield "          cores server and client have one each; Rolecall checks each signature and the caller's policies"
    yield "          and syncs each write to the disk; moto checks neither and keeps its state in memory"
    yield (
        f"rounds    {effort.rounds} of about {effort.seconds:g} s on each server in turn, over {effort.connections}"
        " connections, one request at a time on each"
    )


def rates_header() -> str:
    """The head of the table of rates."""
    return RATES.format(
        "operation", "server", "req/s", "(lowest–highest)", "median ms", "p99 ms", "req/connection", "client", "ratio"
    )


def rates(peers: Sequence[Measured]) -> Iterator[str]:
    """The rows of one load: each server, and how many times the rate of the last one it has, in the median round."""
    for measured in peers:
        latencies = [1000 * seconds for seconds in measured.latencies]
        runs = [run.rate for run in measured.runs]
        requests, connects = len(latencies), sum(run.connects for run in measured.runs)
        ratio = statistics.median(own / peer.rate for own, peer in zip(runs, peers[-1].runs, strict=True))
        row = RATES.format(
            measured.load.title,
            measured.server.name,
            f"{measured.rate:,.0f}",
            f"({min(runs):,.0f}–{max(runs):,.0f})",
            f"{_quantile(latencies, 0.5):.2f}",
            f"{_quantile(latencies, 0.99):.2f}",
            f"{requests / connects:,.0f}",
            f"{measured.client_share:.0%}",
            "" if measured is peers[-1] else f"{ratio:.1f}×",
        )
        yield row.rstrip()


def rates_legend() -> Iterator[str]:
    """What the columns say."""
    yield "req/s: median of the rounds. median, p99: latency of all requests. client: the part of the time in which the"
    yield "client was busy; far below 100% it is not the limit. ratio: Rolecall's req/s over moto's in the same round,"
    yield "median of the rounds."
    yield "A server with 1 request per connection ends each connection itself; the client asks to keep them."


def steps_header() -> str:
    """The head of the table of steps."""
    return STEPS.format("step", "median µs")


def step(measured: Step) -> str:
    """One row of the table of steps."""
    return STEPS.format(measured.title, f"{1e6 * measured.seconds:,.1f}")


def _quantile(ascending: Sequence[float], part: float) -> float:
    return ascending[min(len(ascending) - 1, int(part * len(ascending)))]

"""What is printed of the servers: the machine, and a table for each thing that is measured. No measuring here."""

from __future__ import annotations

import os
import platform
import statistics
from collections.abc import Iterator, Sequence
from importlib.metadata import version

from bench.full_account import Account, Beside, Start
from bench.loads import Load
from bench.machine import processor
from bench.mixed import READERS, READS, WRITES, Mixed, median_ratio
from bench.rounds import Effort, Measured
from bench.steps import Step

PACKAGES = ("rolecall", "uvicorn", "moto", "werkzeug")
RATES = "{:<18} {:<9} {:>9} {:>17} {:>10} {:>9} {:>13} {:>7} {:>7}"
MIXED = "{:<18} {:>7} {:<9} {:>9} {:>10} {:>9} {:>11} {:>7} {:>7} {:>7}"
ACCOUNT = "{:<58} {:>9} {:>17}"
BESIDE = "{:<58} {:>9} {:>10} {:>9} {:>11}  {}"
STEPS = "{:<58} {:>9}"


def machine() -> Iterator[str]:
    """Where it is measured, and with which versions."""
    versions = ", ".join(f"{package} {version(package)}" for package in PACKAGES)
    yield (
        f"machine   {processor()}, {os.cpu_count()} cores, {platform.system()} {platform.release()},"
        f" load {os.getloadavg()[0]:.1f} before the start"
    )
    yield f"versions  {platform.python_implementation()} {platform.python_version()}, {versions}"


def servers(effort: Effort) -> Iterator[str]:
    """How servers are compared."""
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


def mixed_header() -> str:
    """The head of the table of readers beside writers."""
    return MIXED.format(
        "operation", "writers", "server", "req/s", "median ms", "p99 ms", "slowest ms", "client", "ratio", "p99"
    )


def mixed(peers: Sequence[Mixed]) -> Iterator[str]:
    """The rows of one number of writers: each read, the reads together, and the writes together."""
    rows: list[tuple[str, Sequence[Load]]] = [(load.title, (load,)) for load in READS]
    rows.append(("reads together", READS))
    if peers[0].writers:
        rows.append(("writes together", WRITES))
    for title, loads in rows:
        for measured in peers:
            ratios = ("", "")
            if measured is not peers[-1]:
                ratios = (
                    f"{median_ratio(measured.rates(loads), peers[-1].rates(loads)):.1f}×",
                    f"{median_ratio(_p99s(peers[-1], loads), _p99s(measured, loads)):.1f}×",
                )
            latencies = [1000 * seconds for seconds in measured.latencies(loads)]
            row = MIXED.format(
                title,
                measured.writers,
                measured.server.name,
                f"{statistics.median(measured.rates(loads)):,.0f}",
                f"{_quantile(latencies, 0.5):.2f}",
                f"{_quantile(latencies, 0.99):.2f}",
                f"{latencies[-1]:.2f}",
                f"{measured.client_share:.0%}",
                *ratios,
            )
            yield row.rstrip()


def mixed_legend() -> Iterator[str]:
    """What the columns say."""
    yield f"{READERS} readers, one request at a time each, beside as many writers as the column says. A writer makes a"
    yield "user, tags it, gives it a policy, takes that and deletes the user, over and over. ratio: Rolecall's req/s"
    yield "over moto's. p99: moto's p99 over Rolecall's. Both within a round, median of the rounds."


def account_header() -> str:
    """The head of the table of import and start."""
    return ACCOUNT.format("import and start", "seconds", "(lowest–highest)")


def account(measured: Account, starts: Sequence[Start]) -> Iterator[str]:
    """What the account is, how long its import took, and how long servers took to start."""
    holdings = ", ".join(f"{count:,} {kind.replace('_', ' ')}" for kind, count in measured.holdings.items())
    yield ACCOUNT.format("rolecall import, while readers ask the server", f"{measured.import_seconds:.2f}", "").rstrip()
    for start in starts:
        yield ACCOUNT.format(
            f"start until /readyz: {start.title}",
            f"{statistics.median(start.seconds):.2f}",
            f"({min(start.seconds):.2f}–{max(start.seconds):.2f})",
        )
    yield f"the account: {holdings}; a dump of {measured.dump_bytes / 1e6:,.1f} MB"
    yield f"revision {measured.revision_before:,} before the import, {measured.revision_after:,} after it"
    yield "No peer: moto has no import, and no state that outlives its process."


def beside_header() -> str:
    """The head of the table of reads beside slow work."""
    return BESIDE.format("GetUser, while", "req/s", "median ms", "p99 ms", "slowest ms", "done meanwhile")


def beside(measured: Beside) -> str:
    """One row of the table of reads beside slow work."""
    latencies = sorted(1000 * seconds for seconds in measured.latencies)
    row = BESIDE.format(
        measured.title,
        f"{len(latencies) / measured.elapsed:,.0f}",
        f"{_quantile(latencies, 0.5):.2f}",
        f"{_quantile(latencies, 0.99):.2f}",
        f"{latencies[-1]:.2f}",
        measured.done,
    )
    return row.rstrip()


def beside_legend() -> Iterator[str]:
    """What the rows say."""
    yield f"{READERS} readers, one request at a time each, beside one client that does the other work. Passwords are"
    yield "hashed with argon2id, slowly on purpose. No peer: moto keeps passwords as they come."


def steps_header() -> str:
    """The head of the table of steps."""
    return STEPS.format("step", "median µs")


def step(measured: Step) -> str:
    """One row of the table of steps."""
    return STEPS.format(measured.title, f"{1e6 * measured.seconds:,.1f}")


def _p99s(measured: Mixed, loads: Sequence[Load]) -> list[float]:
    return [_quantile(latencies, 0.99) for latencies in measured.latencies_by_round(loads)]


def _quantile(ascending: Sequence[float], part: float) -> float:
    return ascending[min(len(ascending) - 1, int(part * len(ascending)))]

"""The benchmarks of the server in their order, and what they print."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from bench import report
from bench.full_account import measure_account, measure_starts
from bench.mixed import measure_mixed
from bench.rounds import Effort, measure
from bench.servers import running_moto, running_rolecall
from bench.stage import prepare
from bench.steps import measure_steps

SAMPLES = 200
QUICK = Effort(rounds=1, seconds=0.2, connections=4)
QUICK_SAMPLES = 5


def run(effort: Effort, *, quick: bool) -> Iterator[str]:
    """Measure the steps of Rolecall's request path, then Rolecall and moto under the same load and under readers beside
    writers; gives the lines to print. A quick run replaces `effort`."""
    effort, samples = (QUICK, QUICK_SAMPLES) if quick else (effort, SAMPLES)
    with TemporaryDirectory(prefix="rolecall-bench-") as folder:
        yield from report.machine()
        yield from report.servers(effort)
        yield from ("", report.steps_header())
        yield from (report.step(step) for step in measure_steps(Path(folder), samples=samples))
        yield from ("", report.rates_header())
        yield from _compared(Path(folder), effort)


def run_account(effort: Effort, *, quick: bool) -> Iterator[str]:
    """Measure import, start and reads beside slow work on an account at full quota, or on a small one if `quick`."""
    effort = QUICK if quick else effort
    with TemporaryDirectory(prefix="rolecall-bench-") as folder:
        account, besides = measure_account(Path(folder), effort, is_small=quick)
        yield from report.machine()
        yield from ("", report.account_header())
        yield from report.account(account, measure_starts(Path(folder), effort.rounds))
        yield from ("", report.beside_header())
        yield from map(report.beside, besides)
        yield from report.beside_legend()


def _compared(folder: Path, effort: Effort) -> Iterator[str]:
    with ExitStack() as running:
        servers = [running.enter_context(start(folder)) for start in (running_rolecall, running_moto)]
        ready = [(server, prepare(server)) for server in servers]
        for rated in measure(ready, effort):
            yield from report.rates(rated)
        yield from report.rates_legend()
        yield from ("", report.mixed_header())
        for mixed in measure_mixed(ready, effort):
            yield from report.mixed(mixed)
        yield from report.mixed_legend()

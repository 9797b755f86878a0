"""The benchmarks of the server in their order, and what they print."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from bench import report
from bench.rounds import Effort, measure
from bench.servers import running_moto, running_rolecall
from bench.stage import prepare
from bench.steps import measure_steps

SAMPLES = 200
QUICK = Effort(rounds=1, seconds=0.2, connections=4)
QUICK_SAMPLES = 5


def run(effort: Effort, *, quick: bool) -> Iterator[str]:
    """Measure the steps of Rolecall's request path, then Rolecall and moto under the same load; gives the lines to
    print. A quick run replaces `effort`."""
    effort, samples = (QUICK, QUICK_SAMPLES) if quick else (effort, SAMPLES)
    with TemporaryDirectory(prefix="rolecall-bench-") as folder:
        yield from report.machine(effort)
        yield from ("", report.steps_header())
        yield from (report.step(step) for step in measure_steps(Path(folder), samples=samples))
        yield from ("", report.rates_header())
        yield from _rates(Path(folder), effort)
        yield from report.rates_legend()


def _rates(folder: Path, effort: Effort) -> Iterator[str]:
    with ExitStack() as running:
        servers = [running.enter_context(start(folder)) for start in (running_rolecall, running_moto)]
        for peers in measure([(server, prepare(server)) for server in servers], effort):
            yield from report.rates(peers)

"""`python -m bench`: measure the steps of Rolecall's request path, then Rolecall and moto under the same load."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator
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


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="rounds of each operation on each server")
    parser.add_argument("--seconds", type=float, default=1.5, help="about how long a round is")
    parser.add_argument("--connections", type=int, default=8, help="connections of the client")
    parser.add_argument("--quick", action="store_true", help="a few seconds, only to see that it works")
    options = parser.parse_args()
    if options.quick:
        effort, samples = QUICK, QUICK_SAMPLES
    else:
        effort = Effort(rounds=options.rounds, seconds=options.seconds, connections=options.connections)
        samples = SAMPLES
    with TemporaryDirectory(prefix="rolecall-bench-") as folder:
        _print(report.machine(effort))
        _print(("", report.steps_header()))
        _print(report.step(step) for step in measure_steps(Path(folder), samples=samples))
        _print(("", report.rates_header()))
        _print(_rates(Path(folder), effort))
        _print(report.rates_legend())


def _rates(folder: Path, effort: Effort) -> Iterator[str]:
    with ExitStack() as running:
        servers = [running.enter_context(start(folder)) for start in (running_rolecall, running_moto)]
        for peers in measure([(server, prepare(server)) for server in servers], effort):
            yield from report.rates(peers)


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        print(line, flush=True)


if __name__ == "__main__":
    main()

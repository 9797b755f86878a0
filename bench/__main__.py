"""`python -m bench`: the server against its peer under the same load, then the decision engine against its peers.

`python -m bench servers` and `python -m bench decisions` measure only the one.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from bench import report
from bench.decisions.peers import ENGINES, named
from bench.decisions.run import run
from bench.rounds import Effort, measure
from bench.servers import running_moto, running_rolecall
from bench.stage import prepare
from bench.steps import measure_steps

SAMPLES = 200
QUICK = Effort(rounds=1, seconds=0.2, connections=4)
QUICK_SAMPLES = 5


def main() -> None:
    """Run what the command line asks for."""
    options = _parser().parse_args()
    if options.part != "decisions":
        _print(_servers(options))
    if options.part is None:
        print()
    if options.part != "servers":
        _print(run(options.only, quick=options.quick))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("part", nargs="?", choices=("servers", "decisions"), help="what to measure; both by default")
    parser.add_argument("--quick", action="store_true", help="a few seconds, only to see that it works")
    servers = parser.add_argument_group("servers")
    servers.add_argument("--rounds", type=int, default=5, help="rounds of each operation on each server")
    servers.add_argument("--seconds", type=float, default=1.5, help="about how long a round is")
    servers.add_argument("--connections", type=int, default=8, help="connections of the client")
    decisions = parser.add_argument_group("decisions")
    names = [named(engine.name) for engine in ENGINES]
    decisions.add_argument("--only", nargs="+", default=names, choices=names, help="measure only these engines")
    return parser


def _servers(options: argparse.Namespace) -> Iterator[str]:
    """The steps of Rolecall's request path, then Rolecall and moto under the same load."""
    if options.quick:
        effort, samples = QUICK, QUICK_SAMPLES
    else:
        effort = Effort(rounds=options.rounds, seconds=options.seconds, connections=options.connections)
        samples = SAMPLES
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


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        print(line, flush=True)


if __name__ == "__main__":
    main()

"""`python -m bench`: the server against its peer under the same load, then the decision engine against its peers.

`python -m bench servers` and `python -m bench decisions` measure only the one, and import nothing of the other.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable

ENGINES = ("rolecall", "cedarpy", "vakt", "py-abac", "pycasbin", "moto")


def main() -> None:
    """Run what the command line asks for."""
    options = _parser().parse_args()
    if options.part != "decisions":
        from bench import run as servers
        from bench.rounds import Effort

        effort = Effort(rounds=options.rounds, seconds=options.seconds, connections=options.connections)
        _print(servers.run(effort, quick=options.quick))
    if options.part is None:
        print()
    if options.part != "servers":
        from bench.decisions import run as decisions

        _print(decisions.run(options.only, quick=options.quick))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("part", nargs="?", choices=("servers", "decisions"), help="what to measure; both by default")
    parser.add_argument("--quick", action="store_true", help="a few seconds, only to see that it works")
    servers = parser.add_argument_group("servers")
    servers.add_argument("--rounds", type=int, default=5, help="rounds of each operation on each server")
    servers.add_argument("--seconds", type=float, default=1.5, help="about how long a round is")
    servers.add_argument("--connections", type=int, default=8, help="connections of the client")
    decisions = parser.add_argument_group("decisions")
    decisions.add_argument("--only", nargs="+", default=ENGINES, choices=ENGINES, help="measure only these engines")
    return parser


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        print(line, flush=True)


if __name__ == "__main__":
    main()

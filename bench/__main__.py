"""`python -m bench`: the server against its peer under the same load, an account at full quota, the decision engine.

`python -m bench servers`, `python -m bench account` and `python -m bench decisions` measure only the one; the first two
import nothing of the last, nor it of them.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable

PARTS = ("servers", "account", "decisions")
ENGINES = ("rolecall", "cedarpy", "vakt", "py-abac", "pycasbin", "moto")


def main() -> None:
    """Run what the command line asks for."""
    options = _parser().parse_args()
    parts = PARTS if options.part is None else (options.part,)
    for part in parts:
        if part != parts[0]:
            print()
        _print(_measured(part, options))


def _measured(part: str, options: argparse.Namespace) -> Iterable[str]:
    """The lines of one part; only what it needs is imported."""
    if part == "decisions":
        from bench.decisions import run as decisions

        return decisions.run(options.only, quick=options.quick)
    from bench import run as servers
    from bench.rounds import Effort

    effort = Effort(rounds=options.rounds, seconds=options.seconds, connections=options.connections)
    run = servers.run if part == "servers" else servers.run_account
    return run(effort, quick=options.quick)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("part", nargs="?", choices=PARTS, help="what to measure; all by default")
    parser.add_argument("--quick", action="store_true", help="a few seconds, only to see that it works")
    servers = parser.add_argument_group("servers and account")
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

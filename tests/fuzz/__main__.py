"""`python -m fuzz`, with `tests` on the path: the engine against the reference evaluator, for as long as asked.

Earlier finds are replayed first. Exit status 1 if there is any disagreement; each is written, minimized, to
`tests/cases/fuzz`.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from fuzz.judging import judge
from fuzz.running import Tally, keep, known_cases, run, until

MOST_KEPT = 20
"""Case files written by one run: an evaluator that fails at everything must not flood the folder."""


def main() -> int:
    """Run as the command line says."""
    options = _options()
    regressions = [name for name, case in known_cases() if not judge(case["question"]).agrees]
    begin = time.monotonic()
    tally = _run(options)
    seconds = time.monotonic() - begin
    kept = sorted({keep(case) for case in tally.cases[:MOST_KEPT]})
    _print_summary(tally, seconds)
    for path in kept:
        print(f"new: {path}")
    for name in regressions:
        print(f"still disagrees: {name}")
    return 1 if tally.disagreements or regressions else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m fuzz", description=__doc__)
    length = parser.add_mutually_exclusive_group()
    length.add_argument("--seconds", type=float, default=60.0, help="how long to run (default 60)")
    length.add_argument("--count", type=int, help="how many questions to ask, rounded up to whole thousands")
    parser.add_argument("--seed", type=int, help="the first seed; by default another one each time")
    parser.add_argument("--processes", type=int, default=2, help="how many processes (default 2)")
    options = parser.parse_args()
    if options.seed is None:
        options.seed = time.time_ns() // 1_000_000_000 * 100_000
    return options


def _run(options: argparse.Namespace) -> Tally:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        total = options.count if options.count is not None else int(options.seconds)
        task = progress.add_task("asking", total=total)
        begin = time.monotonic()

        def report(tally: Tally) -> None:
            done = tally.asked if options.count is not None else time.monotonic() - begin
            progress.update(task, completed=min(int(done), total), description=f"{tally.disagreements} disagreements")

        enough = until(begin + options.seconds) if options.count is None else lambda it: it.asked >= options.count
        print(f"seeds from {options.seed} on, {options.processes} processes", file=sys.stderr)
        return run(options.seed, options.processes, is_over=enough, report=report)


def _print_summary(tally: Tally, seconds: float) -> None:
    answered = tally.asked - tally.refused
    print(f"{tally.asked:,} questions in {seconds:,.0f} s: {tally.asked / seconds:,.0f} a second")
    print(f"{tally.refused:,} refused ({tally.refused / max(tally.asked, 1):.1%}), {answered:,} compared")
    _print_shares("decisions", tally.decisions, answered)
    _print_shares("matched in", tally.matched, answered)
    _print_shares("blocked", tally.blocks, answered)
    print(f"{tally.disagreements:,} disagreements")


def _print_shares(title: str, counts: Counter[str], whole: int) -> None:
    shares = ", ".join(f"{name} {number / max(whole, 1):.1%}" for name, number in counts.most_common())
    print(f"{title}: {shares}")


if __name__ == "__main__":
    sys.exit(main())

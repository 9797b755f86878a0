"""What `rolecall test` shows: failures as they come, a progress bar while there is much to do, a summary at the end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

from rolecall.policy_tests.printable import printable
from rolecall.policy_tests.running import FileReport, Outcome

PROGRESS_AFTER = 1.0
"""Seconds of work before a progress bar appears; nobody needs one that flashes."""


class Display:
    """Writes to standard output: with colours and a bar on a terminal, plain lines elsewhere.

    Parameters: `total`, how many cases there are; `is_verbose`, whether to name those that pass; `clock`, in seconds.
    """

    def __init__(self, *, total: int, is_verbose: bool, clock: Callable[[], float]) -> None:
        self._console = Console(highlight=False, markup=False, emoji=False, soft_wrap=True)
        columns = TextColumn("testing"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
        self._progress = Progress(*columns, console=self._console, transient=True)
        self._task = self._progress.add_task("", total=total)
        self._is_verbose = is_verbose
        self._clock = clock
        self._began = clock()

    def __enter__(self) -> Display:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._progress.live.is_started:
            self._progress.stop()

    def advance(self) -> None:
        """A case is done, or was left out."""
        self._progress.advance(self._task)
        if self._console.is_terminal and self._clock() - self._began > PROGRESS_AFTER:
            self._progress.start()

    def outcome(self, path: str, outcome: Outcome) -> None:
        """Show how a case went, if that is worth a line."""
        where = f"{path}:{outcome.case.line}: {outcome.case.label}"
        if outcome.error is not None:
            self._entry("ERROR", "bold red", where, [outcome.error])
        elif outcome.problems:
            self._entry("FAILED", "red", where, [*outcome.problems, *outcome.explanation.splitlines()])
        elif self._is_verbose:
            self._entry("passed", "green", where, [])

    def unread(self, error: object) -> None:
        """Show why a file could not be read."""
        self._entry("ERROR", "bold red", str(error), [])

    def summary(self, reports: Sequence[FileReport]) -> None:
        """The last line: how many there were, and how they went."""
        outcomes = [outcome for report in reports for outcome in report.outcomes]
        unread = sum(report.error is not None for report in reports)
        errors = sum(outcome.error is not None for outcome in outcomes)
        failed = sum(bool(outcome.problems) for outcome in outcomes)
        passed = sum(outcome.passed for outcome in outcomes)
        counts = [
            f"{count} {word}"
            for count, word in ((passed, "passed"), (failed, "failed"), (errors, "could not be asked"))
            if count or word == "passed"
        ]
        if unread:
            counts.append(f"{unread} {'file' if unread == 1 else 'files'} could not be read")
        is_good = bool(passed) and not (failed or errors or unread)
        if not outcomes and not unread:
            counts = ["there is no such test"]
        self._console.print(Text(", ".join(counts), style="bold green" if is_good else "bold red"))

    def _entry(self, word: str, style: str, where: str, details: Sequence[str]) -> None:
        self._console.print(Text.assemble((word, style), " ", printable(where)))
        for line in details:
            self._console.print(Text(f"    {printable(line)}"))

"""`rolecall test`: run unit tests of policies, show what failed, write JUnit XML for CI."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from rolecall.cli.verdicts import NO, UNANSWERED, YES, TextType, Unanswered, answer_errors
from rolecall.policy_tests.cases import PolicyTestFile
from rolecall.policy_tests.errors import PolicyTestError
from rolecall.policy_tests.files import find_files
from rolecall.policy_tests.junit import junit_xml
from rolecall.policy_tests.reading import read_test_file
from rolecall.policy_tests.running import FileReport, Outcome, run_case

if TYPE_CHECKING:
    from rolecall.cli.policy_test_display import Display


@click.command(name="test")
@click.argument("paths", metavar="FILE...", type=click.Path(path_type=Path), nargs=-1, required=True)
@click.option("--junit", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path), help="Write JUnit XML there.")
@click.option("-k", "wanted", metavar="TEXT", type=TextType(), help="Run only tests with TEXT in `FILE: NAME`.")
@click.option("--fail-fast", is_flag=True, help="Stop at the first test that does not pass.")
@click.option("-v", "--verbose", is_flag=True, help="Name the tests that pass, too.")
@answer_errors
def run_policy_tests(
    paths: tuple[Path, ...], junit: Path | None, wanted: str | None, fail_fast: bool, verbose: bool
) -> None:
    """Run the policy tests in each FILE, or in every *.yaml and *.yml file of a folder.

    Exit status: 0 if all passed, 1 if any failed, 2 if any could not be run or none was found.
    """
    from rolecall.cli.policy_test_display import Display  # here, since rich takes long to load

    files = [_read(path) for path in find_files(paths)]
    total = sum(test.case_count for file in files if isinstance(file, PolicyTestFile) for test in file.tests)
    with Display(total=total, is_verbose=verbose, clock=time.monotonic) as display:
        reports = tuple(_reports(files, wanted, fail_fast, display))
    display.summary(reports)
    if junit is not None:
        _write(junit, junit_xml(reports))
    click.get_current_context().exit(_status(reports))


def _read(path: Path | PolicyTestError) -> PolicyTestFile | PolicyTestError:
    try:
        return path if isinstance(path, PolicyTestError) else read_test_file(path)
    except PolicyTestError as error:
        return error


def _reports(
    files: Iterable[PolicyTestFile | PolicyTestError], wanted: str | None, fail_fast: bool, display: Display
) -> Iterator[FileReport]:
    for file in files:
        if isinstance(file, PolicyTestError):
            display.unread(file)
            report = FileReport(path=file.file, error=file)
        else:
            report = FileReport(path=file.path, outcomes=tuple(_outcomes(file, wanted, fail_fast, display)))
        yield report
        if fail_fast and not report.passed:
            return


def _outcomes(file: PolicyTestFile, wanted: str | None, fail_fast: bool, display: Display) -> Iterator[Outcome]:
    for case in (case for test in file.tests for case in test.cases()):
        display.advance()
        if wanted is not None and wanted.lower() not in f"{file.path}: {case.label}".lower():
            continue
        outcome = run_case(case, time.perf_counter)
        display.outcome(file.path, outcome)
        yield outcome
        if fail_fast and not outcome.passed:
            return


def _write(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        raise Unanswered(f"{path}: {error.strerror}") from error


def _status(reports: Sequence[FileReport]) -> int:
    outcomes = [outcome for report in reports for outcome in report.outcomes]
    unread = any(report.error is not None for report in reports)
    if unread or not outcomes or any(outcome.error is not None for outcome in outcomes):
        return UNANSWERED
    return YES if all(outcome.passed for outcome in outcomes) else NO

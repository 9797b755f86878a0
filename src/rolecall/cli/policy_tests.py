"""`rolecall test`: run unit tests of policies, show what failed, write JUnit XML for CI."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import click

from rolecall.cli.verdicts import NO, UNANSWERED, YES, TextType, Unanswered, answer_errors
from rolecall.policy_tests.cases import PolicyTestFile
from rolecall.policy_tests.errors import PolicyTestError
from rolecall.policy_tests.files import find_files
from rolecall.policy_tests.junit import FileReport, junit_xml
from rolecall.policy_tests.reading import read_test_file
from rolecall.policy_tests.running import Outcome, run_case


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

    read = [_read(path) for path in find_files(paths)]
    total = sum(test.case_count for file in read if isinstance(file, PolicyTestFile) for test in file.tests)
    reports: list[FileReport] = []
    with Display(total=total, is_verbose=verbose, clock=time.monotonic) as display:
        for file in read:
            if isinstance(file, PolicyTestError):
                display.unread(file)
                reports.append(FileReport(path=file.file, error=file))
            else:
                outcomes: list[Outcome] = []
                for outcome in _outcomes(file, wanted, display.advance):
                    display.outcome(file.path, outcome)
                    outcomes.append(outcome)
                    if fail_fast and not outcome.passed:
                        break
                reports.append(FileReport(path=file.path, outcomes=tuple(outcomes)))
            if fail_fast and not _is_good(reports[-1]):
                break
        display.summary(reports)
    if junit is not None:
        _write(junit, junit_xml(reports))
    click.get_current_context().exit(_status(reports))

"""`rolecall test`, as an author of policies and a CI job use it."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result
from rich.console import Console

from rolecall.cli import main, policy_test_display

READERS = '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}}'
GIVEN = """\
policies:
  readers: {file: readers.json}
given:
  principal: arn:aws:iam::111122223333:user/ann
  identityPolicies: [readers]
tests:
"""
PASSING = "- {name: ann reads, action: s3:GetObject, expect: allowed, matched: ['readers#0']}\n"
FAILING = "- {name: ann writes, action: s3:PutObject, expect: allowed}\n"
BROKEN = "- {name: ann errs, action: s3, expect: denied}\n"


@pytest.fixture(autouse=True)
def _in_a_folder_with_policies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "readers.json").write_text(READERS)
    monkeypatch.chdir(tmp_path)


def write(name: str, *tests: str) -> str:
    Path(name).write_text(GIVEN + "".join(tests))
    return name


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["test", *arguments])


def test_the_exit_status_is_0_if_all_passed():
    done = run(write("a.yaml", PASSING))
    assert (done.exit_code, done.stdout) == (0, "1 passed\n")


def test_the_exit_status_is_1_if_any_failed_and_the_failure_is_explained():
    done = run(write("a.yaml", PASSING, FAILING))
    assert done.exit_code == 1
    lines = done.stdout.splitlines()
    assert lines[:3] == [
        "FAILED a.yaml:8: ann writes",
        "    expected allowed, got implicitDeny",
        "    denied: arn:aws:iam::111122223333:user/ann performs s3:PutObject on *",
    ]
    assert lines[-1] == "1 passed, 1 failed"


@pytest.mark.parametrize("tests", [(BROKEN,), (PASSING, BROKEN), (FAILING, BROKEN)], ids=len)
def test_the_exit_status_is_2_if_a_question_cannot_be_asked(tests: tuple[str, ...]):
    done = run(write("a.yaml", *tests))
    assert done.exit_code == 2
    assert "ERROR a.yaml:" in done.stdout
    assert "`s3` is not an action" in done.stdout
    assert "1 could not be asked" in done.stdout


def test_a_file_that_cannot_be_read_is_an_error_and_the_others_are_run():
    Path("broken.yaml").write_text("tests: [")
    done = run("broken.yaml", "gone.yaml", write("a.yaml", PASSING))
    assert done.exit_code == 2
    assert re.match(r"ERROR broken.yaml:\d:\d: not YAML: ", done.stdout)
    assert done.stdout.splitlines()[1:] == [
        "ERROR gone.yaml: No such file or directory",
        "1 passed, 2 files could not be read",
    ]


def test_no_test_at_all_is_no_success():
    done = run(write("a.yaml", PASSING), "-k", "nothing like it")
    assert (done.exit_code, done.stdout) == (2, "there is no such test\n")
    assert run().exit_code == 2
    assert run(".").exit_code == 0
    Path("empty").mkdir()
    assert run("empty").exit_code == 2


def test_a_part_of_a_name_chooses_tests_whatever_its_case():
    write("a.yaml", PASSING, FAILING)
    write("b.yml", PASSING)
    assert run(".", "-k", "READS", "-v").stdout.splitlines() == [
        "passed a.yaml:7: ann reads",
        "passed b.yml:7: ann reads",
        "2 passed",
    ]
    assert run(".", "-k", "b.yml: ann").stdout == "1 passed\n"


def test_fail_fast_stops_at_the_first_failure_and_at_the_first_error():
    write("a.yaml", FAILING, BROKEN)
    write("b.yaml", PASSING)
    assert run(".", "--fail-fast").stdout.splitlines()[-1] == "0 passed, 1 failed"
    write("a.yaml", BROKEN, FAILING)
    assert run(".", "--fail-fast").stdout.splitlines()[-1] == "0 passed, 1 could not be asked"
    assert run("gone.yaml", ".", "--fail-fast").stdout.splitlines()[-1] == "0 passed, 1 file could not be read"


def test_junit_xml_is_written_whatever_the_outcome():
    assert run(write("a.yaml", PASSING, FAILING, BROKEN), "--junit", "report.xml").exit_code == 2
    root = ElementTree.parse("report.xml").getroot()
    assert (root.get("tests"), root.get("failures"), root.get("errors")) == ("3", "1", "1")


def test_junit_xml_that_cannot_be_written_is_an_error():
    done = run(write("a.yaml", PASSING), "--junit", "nowhere/report.xml")
    assert done.exit_code == 2
    assert "nowhere/report.xml: No such file or directory" in done.stderr


def test_a_terminal_gets_a_bar_only_while_there_is_much_to_do(monkeypatch: pytest.MonkeyPatch):
    def terminal(**options: bool) -> Console:
        return Console(force_terminal=True, **options)

    monkeypatch.setattr(policy_test_display, "Console", terminal)
    file = write("a.yaml", PASSING)
    assert "testing" not in run(file).stdout
    monkeypatch.setattr(policy_test_display, "PROGRESS_AFTER", -1)
    assert "testing" in run(file).stdout


def test_control_characters_of_a_policy_do_not_reach_the_terminal():
    Path("readers.json").write_text(READERS.replace("s3:Get*", "s3:\x1b[2J"))
    done = run(write("a.yaml", PASSING))
    assert done.exit_code == 2
    assert "\x1b" not in done.stdout

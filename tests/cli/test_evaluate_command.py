"""`rolecall evaluate`: a line in, an answer out, whatever the line."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from questions.question_cases import cases_in
from rolecall.cli.evaluate import LONGEST_LINE, evaluate
from serving import PATIENCE, clean_environment, rolecall

ANSWERED = cases_in("answered.json")
REFUSED = cases_in("refused_questions.json")
NETWORK = {
    "IpAddress": {"aws:SourceIp": "203.0.113.0/24"},
    "ForAnyValue:StringEquals": {"aws:TagKeys": ["c"]},
}
COMMAND = [sys.executable, "-m", "rolecall.cli", "evaluate"]


def line_of(case: dict[str, Any]) -> bytes:
    asked = case["asked"]
    return asked if isinstance(asked, bytes) else json.dumps(asked).encode()


def run(*arguments: str, given: bytes = b"") -> Result:
    return CliRunner().invoke(evaluate, arguments, input=given)


def answers(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_every_golden_question_is_answered_in_order():
    result = run(given=b"\n".join(line_of(case) for case in ANSWERED.values()))
    assert [answer["decision"] for answer in answers(result)] == [case["decision"] for case in ANSWERED.values()]
    assert result.exit_code == 0


def test_a_bad_line_is_told_with_its_number_and_the_rest_go_on():
    good = line_of(ANSWERED["an identity-based policy allows"])
    lines = [line for case in REFUSED.values() for line in (good, line_of(case))]
    result = run(given=b"\n".join([*lines, good]) + b"\n")
    told = answers(result)
    assert [answer["decision"] for answer in told[::2]] == ["allowed"] * (len(REFUSED) + 1)
    for at, (answer, case) in enumerate(zip(told[1::2], REFUSED.values(), strict=True)):
        code = {"code": case["code"]} if "code" in case else {}
        assert answer == {"error": {**code, "message": case["message"]}, "line": 2 * at + 2}
    assert result.exit_code == 2


def test_nothing_asked_is_nothing_answered():
    result = run()
    assert (result.stdout, result.exit_code) == ("", 0)


def test_lines_may_end_as_on_windows():
    line = line_of(ANSWERED["an identity-based policy allows"])
    assert [answer["decision"] for answer in answers(run(given=line + b"\r\n" + line))] == ["allowed", "allowed"]


def test_a_line_that_is_too_long_is_refused_and_the_rest_go_on():
    line = line_of(ANSWERED["an identity-based policy allows"])
    padded = line + b" " * (LONGEST_LINE - len(line))
    result = run(given=b"\n".join([padded, padded + b" " * 2_000_000, line]))
    first, second, third = answers(result)
    assert first["decision"] == third["decision"] == "allowed"
    assert second == {"error": {"message": f"the line is longer than {LONGEST_LINE} bytes"}, "line": 2}


def test_a_file_may_be_named(tmp_path: Path):
    questions = tmp_path / "questions.jsonl"
    questions.write_bytes(line_of(ANSWERED["an identity-based policy allows"]))
    assert [answer["decision"] for answer in answers(run(str(questions)))] == ["allowed"]
    missing = run(str(tmp_path / "missing.jsonl"))
    assert missing.exit_code == 2
    assert "missing.jsonl" in missing.stderr


def test_an_explanation_is_added_when_asked_for():
    line = line_of(ANSWERED["a Deny is named with its place"])
    (plain,), (explained,) = answers(run(given=line)), answers(run("--explain", given=line))
    assert explained.pop("explanation").startswith("denied: arn:aws:iam::111122223333:user/ann performs s3:GetObject")
    assert explained.pop("nearMisses") == []
    assert explained == plain


def test_near_misses_say_which_element_failed_and_what_it_wanted():
    statements = [
        {"Effect": "Allow", "Action": "s3:PutObject", "Resource": "*"},
        {"Sid": "Net", "Effect": "Allow", "Action": "*", "Resource": "*", "Condition": NETWORK},
    ]
    policy = {"Version": "2012-10-17", "Statement": statements}
    ann = "arn:aws:iam::111122223333:user/ann"
    asked = {"principal": ann, "action": "s3:GetObject", "context": {"aws:TagKeys": ["a", "b"]}}
    (told,) = answers(run("--explain", given=json.dumps({"request": asked, "identityPolicies": [policy]}).encode()))
    place = {"policy": "identityPolicies[0]", "policyType": "identity-based policy", "effect": "Allow", "line": 1}
    action, condition = told["nearMisses"]
    assert action == {**place, "statement": 0, "sid": "", "column": 38, "failed": "Action", "wanted": ["s3:PutObject"]}
    assert condition == {
        **place,
        "statement": 1,
        "sid": "Net",
        "column": 96,
        "failed": "Condition",
        "conditions": [
            {"operator": "IpAddress", "key": "aws:SourceIp", "wanted": ["203.0.113.0/24"], "found": None},
            {"operator": "ForAnyValue:StringEquals", "key": "aws:TagKeys", "wanted": ["c"], "found": ["a", "b"]},
        ],
    }


def test_answers_come_while_the_pipe_is_still_open():
    line = line_of(ANSWERED["an identity-based policy allows"]) + b"\n"
    with subprocess.Popen(COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=clean_environment({})) as running:
        assert running.stdin is not None
        assert running.stdout is not None
        for _ in range(3):
            running.stdin.write(line)
            running.stdin.flush()
            assert json.loads(running.stdout.readline())["decision"] == "allowed"
        running.stdin.close()
        assert running.wait(PATIENCE) == 0


def test_a_reader_that_has_had_enough_is_no_fault(tmp_path: Path):
    questions = tmp_path / "questions.jsonl"
    questions.write_bytes((line_of(ANSWERED["an identity-based policy allows"]) + b"\n") * 20_000)
    with subprocess.Popen(
        [*COMMAND, str(questions)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=clean_environment({})
    ) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        assert json.loads(running.stdout.readline())["decision"] == "allowed"
        running.stdout.close()
        assert running.stderr.read() == b""
        running.wait(PATIENCE)


@pytest.mark.parametrize("content", [b"\xff\xfe\n", b"\x00", b"{" * 100_000, b'"' * 1000], ids=repr)
def test_garbage_is_an_error_line_and_never_a_traceback(tmp_path: Path, content: bytes):
    (tmp_path / "garbage").write_bytes(content)
    ended = rolecall("evaluate", str(tmp_path / "garbage"))
    assert ended.returncode == 2
    assert ended.stderr == ""
    assert all("error" in json.loads(line) for line in ended.stdout.splitlines())


def test_the_help_tells_the_exit_status():
    assert "2 if any was not" in rolecall("evaluate", "--help").stdout

"""Test files are read as the guide says, or refused with their place."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from policy_tests.policy_test_files import ALL, ANN, OBJECT, only_outcome, outcomes, policy, statement, write
from rolecall.policy_tests import yaml_nodes
from rolecall.policy_tests.errors import PolicyTestError
from rolecall.policy_tests.files import find_files, read_text_file
from rolecall.policy_tests.reading import MOST_CASES, read_test_file
from rolecall.policy_tests.yaml_nodes import MAXIMUM_DEPTH, json_value, read_yaml
from rolecall.questions.json_values import json_text

REFUSED = json.loads((Path(__file__).parents[1] / "cases" / "policy_tests" / "refused.json").read_text())["cases"]


@pytest.fixture(params=["libyaml", "pure Python"])
def _either_parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "pure Python":
        monkeypatch.setattr(yaml_nodes, "_LOADER", yaml.SafeLoader)


@pytest.mark.usefixtures("_either_parser")
@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case["name"])
def test_a_file_that_breaks_the_format_is_refused(tmp_path: Path, case: dict[str, Any]):
    file = tmp_path / "policy.yaml"
    if "file" in case:
        file.write_text(case["file"], encoding="utf-8")
    else:
        file = write(tmp_path, case["test"])
    with pytest.raises(PolicyTestError) as refused:
        read_test_file(file)
    assert str(refused.value).startswith(str(file))
    assert case["error"] in str(refused.value)


@pytest.mark.usefixtures("_either_parser")
def test_plain_scalars_mean_what_they_mean_in_json():
    node = read_yaml("[true, False, null, ~, '', 1.50, -2e3, 012, no, 2012-10-17, 12:30, 'true', !!str 5, .5]", "f")
    assert (
        json_text(json_value(node))
        == '[true,false,null,null,"",1.50,-2e3,"012","no","2012-10-17","12:30","true","5",".5"]'
    )


@pytest.mark.usefixtures("_either_parser")
def test_a_file_nested_too_deeply_is_refused():
    assert read_yaml("[" * MAXIMUM_DEPTH + "]" * MAXIMUM_DEPTH, "f")
    with pytest.raises(PolicyTestError, match="nested deeper than"):
        read_yaml("[" * 100_000, "f")


@pytest.mark.usefixtures("_either_parser")
def test_half_of_a_surrogate_pair_is_refused():
    with pytest.raises(PolicyTestError, match=r"surrogate|Unicode"):
        read_yaml('"\\ud800"', "f")


NAMES = st.text("abc \"'\\:#", max_size=4)
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.text(st.characters(codec="utf-8"), max_size=20),
    lambda values: st.lists(values, max_size=4) | st.dictionaries(NAMES, values, max_size=4),
    max_leaves=12,
)


@given(JSON_VALUES)
@settings(deadline=None)
def test_what_is_dumped_as_yaml_is_read_back(value: object):
    # Escaped: dumped as it is, a next-line character is one that PyYAML itself reads as a space.
    text = yaml.safe_dump(value, allow_unicode=False)
    assert json.loads(json_text(json_value(read_yaml(text, "f")))) == value


@given(st.text(st.characters(codec="utf-8"), max_size=60) | st.text("[]{}:-#&*!|>'\"%@`\n ab\\", max_size=30))
@settings(deadline=None)
def test_any_text_is_read_or_refused_by_the_one_error(text: str):
    with suppress(PolicyTestError):
        read_yaml(text, "f")


def test_a_file_too_long_is_refused(tmp_path: Path):
    file = tmp_path / "long"
    file.write_text("12345")
    assert read_text_file(file, 5) == "12345"
    with pytest.raises(PolicyTestError, match="longer than 4 bytes"):
        read_text_file(file, 4)


def test_a_file_that_is_not_utf_8_is_refused(tmp_path: Path):
    file = tmp_path / "latin.yaml"
    file.write_bytes(b"tests: \xe9")
    with pytest.raises(PolicyTestError, match="not UTF-8 at byte 7"):
        read_test_file(file)


def test_a_folder_stands_for_its_yaml_files_and_each_file_is_run_once(tmp_path: Path):
    for name in ("b.yml", "a.yaml", "c.json"):
        (tmp_path / name).touch()
    (tmp_path / "folder.yaml").mkdir()
    found = list(find_files([tmp_path / "b.yml", tmp_path]))
    assert found == [tmp_path / "b.yml", tmp_path / "a.yaml"]


def test_a_folder_without_tests_is_an_error(tmp_path: Path):
    (error,) = find_files([tmp_path])
    assert isinstance(error, PolicyTestError)
    assert "no *.yaml or *.yml" in str(error)


def test_two_tests_of_one_name_are_refused(tmp_path: Path):
    file = write(tmp_path, {}, {})
    with pytest.raises(PolicyTestError, match="two tests are called `case`"):
        read_test_file(file)


def test_lists_stand_for_every_combination(tmp_path: Path):
    bob = {"type": "User", "arn": "arn:aws:iam::111122223333:user/bob"}
    test = {"principal": [ANN, bob], "action": ["s3:GetObject", "s3:PutObject"], "resource": [OBJECT, "*"]}
    labels = [outcome.case.label for outcome in outcomes(write(tmp_path, test))]
    assert len(labels) == 8
    assert labels[0] == f"case [{ANN}, s3:GetObject, {OBJECT}]"
    assert labels[-1] == "case [principal 1, s3:PutObject, *]"


def test_lists_that_stand_for_too_many_cases_are_refused(tmp_path: Path):
    many = [f"s3:Action{number}" for number in range(101)]
    file = write(tmp_path, {"action": many, "resource": [f"arn:aws:s3:::b/{number}" for number in range(100)]})
    with pytest.raises(PolicyTestError, match=f"stand for 10100 cases: at most {MOST_CASES}"):
        read_test_file(file)


def test_a_policy_may_be_a_mapping_a_text_or_a_file_relative_to_the_test_file(tmp_path: Path):
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / "all.json").write_text(json.dumps(ALL))
    for reference in ({"file": "policies/all.json"}, ALL):
        assert only_outcome(tmp_path, {"identityPolicies": [reference]}).passed
    assert only_outcome(tmp_path, {"identityPolicies": ["text"]}, text=json.dumps(ALL)).passed
    assert only_outcome(tmp_path, {"identityPolicies": ["file"]}, file={"file": "policies/all.json"}).passed


def test_a_test_overrides_what_is_given(tmp_path: Path):
    none = policy(statement("*", "Deny"))
    (outcome,) = outcomes(write(tmp_path, {"identityPolicies": ["none"], "expect": "explicitDeny"}, none=none))
    assert outcome.passed


def test_null_takes_away_what_is_given(tmp_path: Path):
    given = {"permissionsBoundaries": [], "context": {"aws:SourceIp": "203.0.113.9"}}
    tests = (
        {"name": "bounded", "expect": "implicitDeny"},
        {"name": "unbounded", "permissionsBoundaries": None},
        {"name": "no address", "permissionsBoundaries": None, "context": {"AWS:sourceip": None}, "expect": "denied"},
    )
    local = policy(statement("*", Condition={"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}))
    file = write(tmp_path, *tests, given={**given, "identityPolicies": ["local"]}, local=local)
    assert [outcome.problems for outcome in outcomes(file)] == [(), (), ()]


def test_an_account_id_needs_no_quotes(tmp_path: Path):
    file = tmp_path / "policy.yaml"
    file.write_text(
        "given: {action: 's3:GetObject', resourceAccount: 111122223333}\n"
        "tests:\n"
        "- {name: plain, principal: 111122223333, expect: allowed}\n"
        "- {name: zero, principal: 011122223333, resourceAccount: 011122223333, expect: allowed}\n"
    )
    assert [outcome.problems for outcome in outcomes(file)] == [(), ()]

"""Every golden case of `tests/cases/decisions`, asked of the reference evaluator: the cases judge the judge."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from differential.cases_as_questions import cases_in, policy_names, question_of
from reference.conditions import NotUnderstoodError
from reference.evaluator import decide

CASES = list(cases_in(Path(__file__).parent.parent / "cases" / "decisions"))


def test_the_corpus_is_there() -> None:
    assert len({name for name, _ in CASES}) == len(CASES) >= 430


@pytest.mark.parametrize("case", [case for _, case in CASES], ids=[name for name, _ in CASES])
def test_the_reference_evaluator_decides_as_the_case_says(case: dict[str, Any]) -> None:
    answer = decide(question_of(case))

    assert answer["decision"] == case["decision"]
    if "denied_by" in case:
        assert [block["policyType"] for block in answer["blockedBy"]] == case["denied_by"]
    if "matched" in case:
        names = policy_names(case)
        matched = [f"{names[each['policy']]}#{each['statement']}" for each in answer["matchedStatements"]]
        assert matched == case["matched"]


@pytest.mark.parametrize("case", [case for _, case in CASES], ids=[name for name, _ in CASES])
def test_an_answer_says_its_reasons(case: dict[str, Any]) -> None:
    answer = decide(question_of(case))
    explicit = [block["explicit"] for block in answer["blockedBy"]]

    assert explicit == sorted(explicit, reverse=True)
    assert (answer["decision"] == "allowed") is not bool(explicit)
    assert (answer["decision"] == "explicitDeny") is any(explicit)
    assert answer["matchedStatements"] or answer["decision"] != "explicitDeny"


ANN = "arn:aws:iam::111111111111:user/ann"
ALLOW = {"Effect": "Allow", "Action": "*", "Resource": "*"}


@pytest.mark.parametrize(
    ("request_members", "members"),
    [
        ({"principal": {"type": "Robot"}}, {}),
        ({"principal": {"type": "User", "arn": ANN, "name": "ann"}}, {}),
        ({"principal": "arn:aws:iam::111111111111:group/team"}, {}),
        ({"region": "us-east-1"}, {}),
        ({"resource": "bucket"}, {}),
        ({"context": {"aws:userid": "a", "AWS:UserId": "b"}}, {}),
        ({"context": {"aws:userid": None}}, {}),
        ({"context": {"aws:userid": [["a"]]}}, {}),
        ({}, {"groupPolicies": []}),
        ({}, {"identityPolicies": [{"Version": "2020-01-01", "Statement": ALLOW}]}),
        ({}, {"identityPolicies": [{"Statement": ALLOW, "Name": "x"}]}),
        ({}, {"identityPolicies": [{"Statement": {**ALLOW, "Effect": "allow"}}]}),
        ({}, {"identityPolicies": [{"Statement": {**ALLOW, "Resources": "*"}}]}),
        ({}, {"identityPolicies": [{"Statement": {**ALLOW, "Condition": {"Same": {"a": "b"}}}}]}),
        ({}, {"identityPolicies": [{"Statement": {**ALLOW, "Condition": {"NullIfExists": {"a": "true"}}}}]}),
        ({}, {"identityPolicies": [{"Statement": {**ALLOW, "Condition": {"Null": {"a": "maybe"}}}}]}),
        ({}, {"identityPolicies": [{"Statement": {**ALLOW, "Condition": {"ForEach:Bool": {"a": "true"}}}}]}),
        ({}, {"resourcePolicy": {"Statement": {**ALLOW, "Principal": {"Role": "x"}}}}),
    ],
)
def test_what_the_reference_evaluator_does_not_understand_it_never_passes_over(
    request_members: dict[str, Any], members: dict[str, Any]
) -> None:
    asked = {"principal": ANN, "action": "s3:GetObject", "resource": "arn:aws:s3:::bucket/key", **request_members}

    with pytest.raises(NotUnderstoodError):
        decide({"request": asked, **members})


def test_a_policy_may_be_its_text() -> None:
    request = {"principal": ANN, "action": "s3:GetObject", "context": {"s3:max-keys": 10}}
    condition = '{"NumericEquals": {"s3:max-keys": 1e1}, "StringNotEquals": {"s3:max-keys": 1e1}}'
    text = f'{{"Statement": {{"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {condition}}}}}'

    assert decide({"request": request, "identityPolicies": [text]})["decision"] == "allowed"

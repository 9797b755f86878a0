"""Layers in the result: what each said by itself, every statement of it heard, and which of them block."""

from __future__ import annotations

from typing import Any

import pytest

from decision.decision_worlds import policies_of, request_of
from rolecall.decision.evaluate import evaluate
from rolecall.decision.result import Block, Decision, EvaluationResult
from rolecall.language.document import PolicyType

ALLOW = {"Effect": "Allow", "Action": "*", "Resource": "*"}
DENY = {"Effect": "Deny", "Action": "s3:Get*", "Resource": "*"}


@pytest.mark.parametrize(
    ("levels", "decision"),
    [
        ([[ALLOW], [ALLOW]], Decision.ALLOWED),
        ([[ALLOW], []], Decision.IMPLICIT_DENY),
        ([[], [ALLOW, DENY]], Decision.EXPLICIT_DENY),
        ([], Decision.ALLOWED),
    ],
)
def test_service_control_policies_answer_as_one_layer(levels: list[Any], decision: Decision) -> None:
    assert _layers({"service_control": levels})[PolicyType.SERVICE_CONTROL] is decision


@pytest.mark.parametrize(
    ("levels", "decision"),
    [([[]], Decision.ALLOWED), ([[], [{**DENY, "Principal": "*"}]], Decision.EXPLICIT_DENY)],
)
def test_resource_control_policies_answer_as_one_layer_that_only_denies(levels: list[Any], decision: Decision) -> None:
    assert _layers({"resource_control": levels})[PolicyType.RESOURCE_CONTROL] is decision


@pytest.mark.parametrize(
    "other",
    [
        {"Action": "s3:PutObject"},
        {"Resource": "arn:aws:s3:::c/*"},
        {"Principal": {"AWS": "222222222222"}},
        {"Condition": {"StringEquals": {"aws:username": "bob"}}},
        {"Condition": {"StringEqualsIfExists": {"aws:RequestedRegion": "eu-west-1"}}},
    ],
)
@pytest.mark.parametrize("effect", ["Allow", "Deny"])
def test_no_statement_hides_those_behind_it(other: dict[str, Any], effect: str) -> None:
    statement = {**ALLOW, "Principal": {"AWS": "111111111111"}, "Effect": effect}
    result = _evaluated({"resource_policy": [{**statement, **other}, statement], "permissions_boundary": [ALLOW]})
    assert 1 in [it.index for it in result.matched_statements if it.policy == "resource"]


def test_among_many_statements_each_resource_finds_its_own() -> None:
    buckets = [f"arn:aws:s3:::{name}" for name in ("a", "b", "c", "d", "e", "f")]
    identity = [[{"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"{bucket}/*"} for bucket in buckets]]
    for at, bucket in enumerate(buckets):
        result = _evaluated({"identity": identity, "resource": f"{bucket}/x"})
        assert result.is_allowed
        assert [statement.index for statement in result.matched_statements] == [at]
    assert not _evaluated({"identity": identity, "resource": "arn:aws:s3:::g/x"}).is_allowed


def test_the_missing_keys_of_every_statement_are_told() -> None:
    def asking(operator: str, *keys: str) -> list[dict[str, Any]]:
        return [{**ALLOW, "Condition": {operator: {key: "true"}}} for key in keys]

    result = _evaluated(
        {
            "identity": asking("StringEquals", "aws:SourceVpc", "aws:SourceVpce"),
            "session": asking("StringEqualsIfExists", "aws:RequestedRegion", "aws:SourceAccount"),
        }
    )
    assert result.missing_context_keys == (
        "aws:requestedregion",
        "aws:sourceaccount",
        "aws:sourcevpc",
        "aws:sourcevpce",
    )


def test_a_key_that_an_applying_statement_asked_to_be_absent_is_told_as_missing() -> None:
    result = _evaluated({"identity": [{**ALLOW, "Condition": {"Null": {"aws:SourceVpc": "true"}}}]})
    assert result.is_allowed
    assert result.missing_context_keys == ("aws:sourcevpc",)


@pytest.mark.parametrize("name", ["ann", "bob"])
def test_a_missing_key_is_told_only_if_nothing_else_keeps_the_statement_from_applying(name: str) -> None:
    condition = {"StringEquals": {"aws:SourceVpc": "vpc-1", "aws:username": name}}
    result = _evaluated({"identity": [{**ALLOW, "Condition": condition}]})
    assert result.missing_context_keys == (("aws:sourcevpc",) if name == "ann" else ())


def test_every_block_names_the_statements_that_deny() -> None:
    result = _evaluated({"identity": [DENY], "permissions_boundary": [[ALLOW, DENY, DENY]], "session": []})
    identity, boundary, session = result.blocks
    assert identity.explicit is boundary.explicit is True
    assert [it.index for it in identity.statements] == [0]
    assert [it.index for it in boundary.statements] == [1, 2]
    assert identity.statements + boundary.statements == result.matched_statements
    assert session == Block(policy_type=PolicyType.SESSION, explicit=False)


def test_an_endpoint_policy_that_spares_a_caller_does_not_spare_it_within_a_boundary() -> None:
    spared = {"NotPrincipal": {"AWS": ["111111111111", "arn:aws:iam::111111111111:user/ann"]}}
    endpoint = {"vpc_endpoint": [[{**ALLOW, "Principal": "*"}, {**DENY, **spared}]]}
    assert _evaluated(endpoint).is_allowed
    assert not _evaluated({**endpoint, "permissions_boundary": [ALLOW]}).is_allowed


def test_session_policies_do_not_limit_a_caller_without_account() -> None:
    service = {"principal": {"service": "ec2.amazonaws.com"}, "session": []}
    policy = {"resource_policy": {**ALLOW, "Principal": {"Service": "ec2.amazonaws.com"}}}
    assert _evaluated({**service, **policy}).is_allowed


def _layers(policies: dict[str, Any]) -> dict[PolicyType, Decision]:
    return dict(_evaluated(policies).layers)


def _evaluated(case: dict[str, Any]) -> EvaluationResult:
    asked = {
        "library": {},
        "principal": "arn:aws:iam::111111111111:user/ann",
        "action": "s3:GetObject",
        "resource": "arn:aws:s3:::b/x",
        "context": {"aws:username": "ann"},
        "identity": [ALLOW],
        **case,
    }
    return evaluate(request_of(asked), policies_of(asked))

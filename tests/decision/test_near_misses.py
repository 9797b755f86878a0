"""Statements that nearly applied: which are told, and what of them."""

from __future__ import annotations

from typing import Any

import pytest

from decision.decision_worlds import policies_of, request_of
from rolecall.decision.evaluate import evaluate
from rolecall.decision.explain import TOLD_NEAR_MISSES, explain
from rolecall.decision.result import Element, NearMiss

ASKED = {
    "library": {},
    "principal": "arn:aws:iam::111111111111:user/ann",
    "action": "s3:GetObject",
    "resource": "arn:aws:s3:::red/x",
    "context": {"aws:PrincipalTag/team": "red", "aws:TagKeys": ["a", "b"], "aws:CalledVia": []},
}
ALL = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::red/*"}
NOT_ANN = {"NotPrincipal": {"AWS": ["111111111111", "arn:aws:iam::111111111111:user/ann"]}}


@pytest.mark.parametrize(
    ("statement", "failed", "wanted", "told"),
    [
        (
            {**ALL, "Action": ["s3:Put*", "s3:List*"]},
            Element.ACTION,
            ("s3:Put*", "s3:List*"),
            "Action is `s3:Put*` or `s3:List*`",
        ),
        (
            {"Effect": "Deny", "NotAction": "S3:get*", "Resource": "*"},
            Element.NOT_ACTION,
            ("S3:get*",),
            "NotAction is `S3:get*`",
        ),
        (
            {**ALL, "Resource": "arn:aws:s3:::blue/*"},
            Element.RESOURCE,
            ("arn:aws:s3:::blue/*",),
            "Resource is `arn:aws:s3:::blue/*`",
        ),
        (
            {"Effect": "Allow", "Action": "s3:*", "NotResource": "arn:aws:s3:::red/*"},
            Element.NOT_RESOURCE,
            ("arn:aws:s3:::red/*",),
            "NotResource is `arn:aws:s3:::red/*`",
        ),
        (
            {**ALL, "Condition": {"StringEquals": {"aws:PrincipalTag/team": ["w", "x", "y", "z"]}}},
            Element.CONDITION,
            (),
            "StringEquals of aws:PrincipalTag/team is `w` or `x` or `y` or 1 others, the request has `red`",
        ),
        (
            {
                **ALL,
                "Condition": {"Bool": {"aws:SecureTransport": "true"}, "StringLike": {"aws:principaltag/team": "r*"}},
            },
            Element.CONDITION,
            (),
            "Bool of aws:SecureTransport is `true`, the request has nothing",
        ),
        (
            {**ALL, "Condition": {"StringEquals": {"aws:PrincipalTag/team": ["x", "y", "z"]}}},
            Element.CONDITION,
            (),
            "StringEquals of aws:PrincipalTag/team is `x` or `y` or `z`, the request has `red`",
        ),
        (
            {**ALL, "Condition": {"ForAnyValue:StringEquals": {"aws:CalledVia": "athena.amazonaws.com"}}},
            Element.CONDITION,
            (),
            "ForAnyValue:StringEquals of aws:CalledVia is `athena.amazonaws.com`, the request has nothing",
        ),
        (
            {**ALL, "Resource": "arn:aws:s3:::${aws:PrincipalTag/team}/y"},
            Element.RESOURCE,
            ("arn:aws:s3:::${aws:PrincipalTag/team}/y",),
            "Resource is `arn:aws:s3:::${aws:PrincipalTag/team}/y`",
        ),
        (
            {**ALL, "Condition": {"ForAllValues:StringEquals": {"aws:TagKeys": "a"}, "Null": {"aws:TagKeys": "true"}}},
            Element.CONDITION,
            (),
            "ForAllValues:StringEquals of aws:TagKeys is `a`, the request has `a` or `b`; "
            "Null of aws:TagKeys is `true`, the request has `a` or `b`",
        ),
    ],
)
def test_the_element_that_failed_is_told_in_the_words_of_the_policy(
    statement: dict[str, Any], failed: Element, wanted: tuple[str, ...], told: str
) -> None:
    (near_miss,) = _near_misses({"identity": [statement]})
    assert (near_miss.failed, near_miss.wanted) == (failed, wanted)
    assert near_miss.statement.policy == "identity-0"
    line = f"nearly matched {statement['Effect']} in statement 1 of identity-based policy `identity-0`, line 1: {told}"
    assert line in _explained({"identity": [statement]})


@pytest.mark.parametrize(
    ("principal", "failed"),
    [
        ({"Principal": {"AWS": "arn:aws:iam::111111111111:user/bob"}}, Element.PRINCIPAL),
        (NOT_ANN, Element.NOT_PRINCIPAL),
    ],
)
def test_a_resource_policy_for_others_nearly_matches(principal: dict[str, Any], failed: Element) -> None:
    (near_miss,) = _near_misses({"resource_policy": {**ALL, "Effect": "Deny", **principal}})
    assert near_miss.failed is failed
    assert near_miss.wanted[-1].startswith("arn:aws:iam::111111111111:user/")


def test_a_deny_that_spares_the_caller_nearly_matches_unless_a_boundary_keeps_it_from_sparing() -> None:
    deny = {"resource_policy": {**ALL, "Effect": "Deny", **NOT_ANN}}
    assert [it.failed for it in _near_misses(deny)] == [Element.NOT_PRINCIPAL]
    assert _near_misses({**deny, "permissions_boundary": [ALL]}) == ()


def test_a_deny_that_lists_the_caller_but_not_its_account_applies_and_so_is_no_near_miss() -> None:
    others = {"NotPrincipal": {"AWS": "arn:aws:iam::111111111111:user/ann"}}
    assert _near_misses({"resource_policy": {**ALL, "Effect": "Deny", **others}}) == ()


def test_only_the_element_that_failed_is_told_of_a_resource_policy() -> None:
    condition = {"Condition": {"Null": {"aws:TagKeys": "true"}}}
    (near_miss,) = _near_misses({"resource_policy": {**ALL, "Principal": {"AWS": "111111111111"}, **condition}})
    assert (near_miss.failed, near_miss.wanted) == (Element.CONDITION, ())
    assert len(near_miss.conditions) == 1


@pytest.mark.parametrize(
    "statement",
    [
        ALL,
        {**ALL, "Resource": "arn:aws:s3:::${aws:PrincipalTag/team}/x"},
        {**ALL, "Action": "sqs:*", "Resource": "*"},
        {**ALL, "Action": "s3:PutObject", "Resource": "arn:aws:s3:::blue/*"},
        {**ALL, "Resource": "arn:aws:s3:::blue/*", "Condition": {"Null": {"aws:TagKeys": "true"}}},
    ],
    ids=["it applies", "it applies by a variable", "another service", "two elements fail", "two others fail"],
)
def test_no_near_miss_is_a_statement_that(statement: dict[str, Any]) -> None:
    assert _near_misses({"identity": [statement]}) == ()


def test_untraced_results_keep_none() -> None:
    case = {**ASKED, "identity": [{**ALL, "Action": "s3:PutObject"}]}
    assert evaluate(request_of(case), policies_of(case)).near_misses == ()


def test_near_misses_of_every_layer_that_was_asked_are_told() -> None:
    put = {**ALL, "Action": "s3:PutObject"}
    deny = {**put, "Effect": "Deny", "Principal": "*"}
    layers = {
        "identity": [put],
        "permissions_boundary": [put],
        "session": [put],
        "service_control": [[{**put, "Effect": "Deny"}]],
        "resource_control": [[deny]],
        "vpc_endpoint": [{**put, "Principal": "*"}],
        "resource_policy": {**put, "Principal": "*"},
    }
    assert len({near_miss.statement.policy_type for near_miss in _near_misses(layers)}) == len(layers)


def test_a_text_tells_so_many_and_counts_the_rest() -> None:
    many = {"identity": [[{**ALL, "Action": f"s3:Put{at}"} for at in range(TOLD_NEAR_MISSES + 2)]]}
    lines = _explained(many)
    assert sum(line.startswith("nearly matched Allow") for line in lines) == TOLD_NEAR_MISSES
    assert lines[-1] == "nearly matched 2 statements more"


def test_a_text_that_tells_all_counts_no_rest() -> None:
    all_told = {"identity": [[{**ALL, "Action": f"s3:Put{at}"} for at in range(TOLD_NEAR_MISSES)]]}
    assert not any("statements more" in line for line in _explained(all_told))


def _near_misses(policies: dict[str, Any]) -> tuple[NearMiss, ...]:
    case = {**ASKED, **policies}
    return evaluate(request_of(case), policies_of(case), traced=True).near_misses


def _explained(policies: dict[str, Any]) -> list[str]:
    case = {**ASKED, **policies}
    request = request_of(case)
    return explain(request, evaluate(request, policies_of(case), traced=True)).splitlines()

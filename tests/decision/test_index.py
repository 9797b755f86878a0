"""The index: which statements a request finds, in which order, and that none is lost."""

from __future__ import annotations

from typing import Any

import pytest

from decision.decision_worlds import document_of
from rolecall.decision import index
from rolecall.decision.policies import AppliedPolicy, PolicySet
from rolecall.language.document import PolicyType
from rolecall.names.arn import parse_arn

BY_ACTION = (
    {"Action": "s3:GetObject"},
    {"Action": ["s3:PutObject", "ec2:*"]},
    {"Action": "ec2:Run*"},
    {"Action": ["s3:Get*", "s3:GetObject"]},
    {"NotAction": "s3:*"},
    {"Action": ["*:*", "s3:GetObject"]},
    {"Action": "s3:G?t*t"},
)


@pytest.mark.parametrize(
    ("action", "found"),
    [
        ("s3:GetObject", [0, 3, 5, 6]),
        ("S3:getobject", [0, 3, 5, 6]),
        ("s3:GetObjectAcl", [3, 5]),
        ("s3:PutObject", [1, 5]),
        ("ec2:RunInstances", [1, 2, 4, 5]),
        ("iam:GetUser", [4, 5]),
        ("noservice", [4]),
    ],
)
def test_an_action_finds_its_statements_once_and_in_order(action: str, found: list[int]) -> None:
    policies = _set(*BY_ACTION)
    for _again in range(2):
        assert _places(policies, action, None) == found


BY_RESOURCE = (
    {"Resource": "arn:aws:s3:::red/*"},
    {"Resource": "arn:aws:s3:::red/x"},
    {"Resource": ["arn:aws:s3:::blue/*", "arn:aws:s3:::red/x*"]},
    {"Resource": ["arn:aws:s3:::red/*", "arn:aws:s3:::red/x"]},
    {"Resource": "arn:aws:s3:::*"},
    {"Resource": "*"},
    {"NotResource": "arn:aws:s3:::red/*"},
    {"Resource": "arn:aws:s3:::red/${aws:username}"},
    {"Resource": "arn:aws:s3:::${aws:username}/red"},
    {"Resource": ["arn:aws:s3:::green/?", "arn:aws:s3:::*/x"]},
    {"Resource": "arn:*:s3:::red/x"},
)
ALWAYS = [4, 5, 6, 8, 9]


@pytest.mark.parametrize(
    ("resource", "found"),
    [
        ("arn:aws:s3:::red/x", [0, 1, 2, 3, 7, 10]),
        ("arn:aws:s3:::red/xy", [0, 2, 3, 7]),
        ("arn:aws:s3:::red/", [0, 3, 7]),
        ("arn:aws:s3:::red", []),
        ("arn:aws:s3:::blue/sky", [2]),
        ("arn:aws:s3:::blu", []),
        # The index looks at the last part of the ARN only; the others are tested afterwards.
        ("arn:aws:sqs:eu-west-1:111111111111:red/x", [0, 1, 2, 3, 7, 10]),
    ],
)
def test_a_resource_finds_the_statements_that_may_cover_it(resource: str, found: list[int]) -> None:
    policies = _set(*({"Action": "s3:*", **it} for it in BY_RESOURCE))
    assert _places(policies, "s3:GetObject", resource) == sorted(found + ALWAYS)


def test_without_a_resource_only_those_are_found_that_may_cover_any() -> None:
    policies = _set(*({"Action": "s3:*", **it} for it in BY_RESOURCE))
    assert _places(policies, "s3:ListAllMyBuckets", None) == ALWAYS


def test_the_order_is_that_of_the_policies_and_of_the_statements_in_each() -> None:
    documents = [_document({"Action": "s3:*"}, {"Action": "s3:Get*"}), _document({"Action": "*"}, {"Action": "s3:*"})]
    policies = PolicySet(
        PolicyType.IDENTITY, (AppliedPolicy(name, it) for name, it in zip("ab", documents, strict=True))
    )
    found = policies.candidates("s3:GetObject", None)
    assert [(it.reported.policy, it.reported.index) for it in found] == [("a", 0), ("a", 1), ("b", 0), ("b", 1)]


def test_statements_found_by_their_resource_and_those_found_always_stay_in_order() -> None:
    names = ("arn:aws:s3:::red", "*", "arn:aws:s3:::blue", "arn:aws:s3:::green")
    policies = _set(*({"Action": "s3:*", "Resource": name} for name in names))
    assert [_places(policies, "s3:ListBucket", name) for name in names[2:]] == [[1, 2], [1, 3]]
    assert _places(policies, "s3:ListBucket", "arn:aws:s3:::red") == [0, 1]


def test_a_few_statements_are_all_tested() -> None:
    policies = _set({"Action": "s3:*", "Resource": "arn:aws:s3:::red/*"}, {"Action": "s3:*", "Resource": "*"})
    assert _places(policies, "s3:GetObject", "arn:aws:s3:::blue/x") == [0, 1]


def test_what_an_action_found_is_remembered() -> None:
    policies = _set(*BY_ACTION)
    assert policies.candidates("s3:GetObject", None) is policies.candidates("s3:GetObject", None)


def test_remembered_actions_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "REMEMBERED_ACTIONS", 2)
    policies = _set(*BY_ACTION)
    for _again in range(2):
        for action, found in (("s3:PutObject", [1, 5]), ("iam:GetUser", [4, 5]), ("ec2:Run", [1, 2, 4, 5])):
            assert _places(policies, action, None) == found


def test_sets_are_equal_if_their_types_and_policies_are() -> None:
    document = _document({"Action": "s3:*"})
    one = PolicySet(PolicyType.IDENTITY, [AppliedPolicy("a", document)])
    assert one == PolicySet(PolicyType.IDENTITY, (AppliedPolicy("a", document),))
    assert one != PolicySet(PolicyType.SESSION, [AppliedPolicy("a", document)])
    assert one != PolicySet(PolicyType.IDENTITY, [AppliedPolicy("b", document)])
    assert one != (AppliedPolicy("a", document),)
    assert repr(one).startswith("PolicySet(<PolicyType.IDENTITY")


def _places(policies: PolicySet, action: str, resource: str | None) -> list[int]:
    found = policies.candidates(action, None if resource is None else parse_arn(resource))
    return [statement.place for statement in found]


def _set(*statements: dict[str, Any]) -> PolicySet:
    return PolicySet(PolicyType.IDENTITY, [AppliedPolicy("test", _document(*statements))])


def _document(*statements: dict[str, Any]) -> Any:
    said = [{"Effect": "Allow", **({} if "NotResource" in it else {"Resource": "*"}), **it} for it in statements]
    return document_of(said, PolicyType.IDENTITY)

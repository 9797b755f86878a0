"""Compiled policies: which statements an action finds, and that a document is compiled once."""

from __future__ import annotations

from typing import Any

import pytest

from decision.decision_worlds import document_of
from rolecall.decision import compile as compilation
from rolecall.decision.compile import compile_policy, compiled
from rolecall.language.document import PolicyDocument, PolicyType


def test_a_document_is_compiled_once() -> None:
    document = _document({"Action": "s3:*"})
    assert compiled(document) is compiled(document)


def test_two_documents_never_share_what_was_compiled_though_they_are_equal() -> None:
    one, other = _document({"Action": "s3:*"}), _document({"Action": "s3:*"})
    assert one == other
    assert compiled(one) is not compiled(other)


def test_the_oldest_document_is_forgotten_beyond_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compilation, "_compiled", {})
    monkeypatch.setattr(compilation, "REMEMBERED_DOCUMENTS", 2)
    documents = [_document({"Action": f"s3:Get{at}"}) for at in range(3)]
    first, *others = [compiled(document) for document in documents]
    assert [compiled(document) for document in documents[1:]] == others
    assert compiled(documents[0]) is not first


def test_statements_of_other_services_and_names_are_not_looked_at() -> None:
    policy = compile_policy(
        _document(
            {"Action": "s3:GetObject"},
            {"Action": ["s3:PutObject", "ec2:*"]},
            {"Action": "ec2:Run*"},
            {"Action": ["s3:Get*", "s3:GetObject"]},
            {"NotAction": "s3:*"},
            {"Action": "*"},
        )
    )
    assert [statement.index for statement in policy.by_name["s3:getobject"]] == [0, 3]
    assert [statement.index for statement in policy.by_service["ec2"]] == [1, 2]
    assert [statement.index for statement in policy.by_service["s3"]] == [3]
    assert [statement.index for statement in policy.for_all] == [4, 5]


@pytest.mark.parametrize(
    ("action", "found"),
    [
        ("s3:getobject", [0, 3, 5]),
        ("s3:getobjectacl", [3, 5]),
        ("s3:putobject", [1, 5]),
        ("ec2:runinstances", [1, 2, 4, 5]),
        ("iam:getuser", [4, 5]),
        ("noservice", [4, 5]),
    ],
)
def test_an_action_finds_its_statements_once_and_in_order(action: str, found: list[int]) -> None:
    policy = compile_policy(
        _document(
            {"Action": "s3:GetObject"},
            {"Action": ["s3:PutObject", "ec2:*"]},
            {"Action": "ec2:Run*"},
            {"Action": ["s3:Get*", "s3:GetObject"]},
            {"NotAction": "s3:*"},
            {"Action": ["*", "s3:GetObject"]},
        )
    )
    assert [statement.index for statement in policy.statements_for(action)] == found


def _document(*statements: dict[str, Any]) -> PolicyDocument:
    return document_of([{"Effect": "Allow", "Resource": "*", **it} for it in statements], PolicyType.IDENTITY)

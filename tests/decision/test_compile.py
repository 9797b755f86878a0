"""Compiled documents: each is compiled once, and none for another."""

from __future__ import annotations

import pytest

from decision.decision_worlds import document_of
from rolecall.decision import compile as compilation
from rolecall.decision.compile import compiled
from rolecall.language.document import PolicyDocument, PolicyType


def test_a_document_is_compiled_once() -> None:
    document = _document("s3:*")
    assert compiled(document) is compiled(document)


def test_two_documents_never_share_what_was_compiled_though_they_are_equal() -> None:
    one, other = _document("s3:*"), _document("s3:*")
    assert one == other
    assert compiled(one) is not compiled(other)


def test_the_oldest_document_is_forgotten_beyond_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compilation, "_compiled", {})
    monkeypatch.setattr(compilation, "REMEMBERED_DOCUMENTS", 2)
    documents = [_document(f"s3:Get{at}") for at in range(3)]
    first, *others = [compiled(document) for document in documents]
    assert [compiled(document) for document in documents[1:]] == others
    assert compiled(documents[0]) is not first


def _document(action: str) -> PolicyDocument:
    return document_of({"Effect": "Allow", "Action": action, "Resource": "*"}, PolicyType.IDENTITY)

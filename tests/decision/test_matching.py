"""Principals at the edges of what a parsed policy can say."""

from __future__ import annotations

import pytest

from decision.decision_worlds import document_of, principal_of
from rolecall.decision.matching import PrincipalMatch, compile_principals, names_of
from rolecall.language.document import (
    AnyPrincipal,
    Effect,
    PolicyType,
    Position,
    PrincipalEntry,
    Principals,
    SourceSpan,
)

NOWHERE = SourceSpan(Position(1, 1, 0), Position(1, 1, 0))
USER = names_of(principal_of("arn:aws:iam::111111111111:user/ann"))


@pytest.mark.parametrize("effect", Effect)
def test_all_but_everyone_is_no_one(effect: Effect) -> None:
    # The parser refuses `NotPrincipal: "*"`; a document made by hand must not turn it into a grant.
    everyone = PrincipalEntry("*", "*", AnyPrincipal(), NOWHERE)
    principals = compile_principals(Principals((everyone,), negated=True))
    assert principals.match(USER, effect, is_bounded=False) is PrincipalMatch.NONE


@pytest.mark.parametrize(
    "name", ["111111111111", "arn:aws:iam::111111111111:root", "arn:aws-cn:iam::111111111111:root"]
)
def test_an_account_is_the_same_however_it_is_written(name: str) -> None:
    statement = {"Effect": "Allow", "Principal": {"AWS": name}, "Action": "s3:*", "Resource": "*"}
    (parsed,) = document_of(statement, PolicyType.RESOURCE).statements
    assert parsed.principals is not None
    assert compile_principals(parsed.principals).match(USER, Effect.ALLOW, is_bounded=False) is PrincipalMatch.ACCOUNT

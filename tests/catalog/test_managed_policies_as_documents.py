"""AWS's managed policies as the language and the engine see them: about 1,580 real documents that must all go through.

One test over all of them rather than one for each: the parse is what takes the time, and it is done once.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from rolecall.catalog.managed_policies import aws_managed_policies
from rolecall.decision.policies import AppliedPolicy, PolicySet
from rolecall.errors import PolicyError
from rolecall.language.document import PolicyDocument, PolicyType
from rolecall.language.parser import parse_policy
from rolecall.language.render import render, without_source


@pytest.fixture(scope="module")
def documents() -> Mapping[str, PolicyDocument]:
    """All of them, as identity-based policies, by ARN."""
    return {
        arn: parse_policy(policy.document, PolicyType.IDENTITY, published_by_aws=True)
        for arn, policy in aws_managed_policies().items()
    }


def reread(document: PolicyDocument) -> PolicyDocument:
    return parse_policy(render(document), document.type, published_by_aws=True)


def test_every_managed_policy_says_the_same_after_it_was_rendered(documents: Mapping[str, PolicyDocument]) -> None:
    assert len(documents) > 1500
    changed = [
        arn for arn, document in documents.items() if without_source(reread(document)) != without_source(document)
    ]
    assert changed == []


def test_every_managed_policy_has_all_its_statements(documents: Mapping[str, PolicyDocument]) -> None:
    written = {arn: json.loads(document.text)["Statement"] for arn, document in documents.items()}
    counts = {arn: len(found) if isinstance(found, list) else 1 for arn, found in written.items()}
    assert {arn: len(document.statements) for arn, document in documents.items()} == counts


def test_every_managed_policy_compiles(documents: Mapping[str, PolicyDocument]) -> None:
    for arn, document in documents.items():
        compiled = PolicySet(PolicyType.IDENTITY, (AppliedPolicy(arn, document),))
        assert len(compiled.statements) == len(document.statements)


def test_what_aws_allows_itself_alone_is_little(documents: Mapping[str, PolicyDocument]) -> None:
    refused = {}
    for arn, document in documents.items():
        try:
            parse_policy(document.text, PolicyType.IDENTITY)
        except PolicyError as error:
            refused[arn.rpartition("/")[2]] = str(error)
    # See `parse_policy`. More than a few would mean that our grammar is too narrow.
    assert len(refused) <= 5, refused

"""Condition keys that are gathered late are the same keys, gathered at most once."""

from __future__ import annotations

from typing import Any

import pytest

from decision.decision_worlds import document_of, principal_of
from rolecall.decision.evaluate import evaluate
from rolecall.decision.policies import ApplicablePolicies, AppliedPolicy, PolicySet
from rolecall.decision.request import AuthorizationRequest, ContextValues, LazyContext
from rolecall.language.document import PolicyType

KEYS: dict[str, ContextValues] = {"aws:username": "ann", "aws:tagkeys": ("a", "b")}


class Gathering:
    """Counts how often the keys are gathered."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> dict[str, ContextValues]:
        self.times += 1
        return KEYS


def test_a_lazy_context_holds_what_is_gathered() -> None:
    context = LazyContext(lambda: KEYS)
    assert dict(context) == KEYS
    assert context == KEYS
    assert len(context) == 2
    assert context["aws:username"] == "ann"
    assert context.get("aws:tagkeys") == ("a", "b")
    assert context.get("aws:sourceip") is None
    assert context.get("aws:sourceip", "default") == "default"
    assert "aws:username" in context
    assert "aws:sourceip" not in context


@pytest.mark.parametrize(
    ("condition", "times"),
    [({}, 0), ({"Condition": {"StringEquals": {"aws:username": "ann"}, "Null": {"aws:TagKeys": "false"}}}, 1)],
    ids=["none", "two"],
)
def test_keys_are_gathered_only_for_conditions_and_only_once(condition: dict[str, Any], times: int) -> None:
    statement = {"Effect": "Allow", "Action": "*", "Resource": "*", **condition}
    policy = AppliedPolicy("test", document_of([statement, statement], PolicyType.IDENTITY))
    gathering = Gathering()
    request = AuthorizationRequest(
        principal=principal_of("arn:aws:iam::111111111111:user/ann"),
        action="s3:GetObject",
        resource=None,
        context=LazyContext(gathering),
    )
    assert evaluate(request, ApplicablePolicies(identity=PolicySet(PolicyType.IDENTITY, [policy]))).is_allowed
    assert gathering.times == times

"""The work of a decision is bounded by the size of what is asked, not by a product of sizes. Counted, not timed.

A call is counted whether of Python or C, so that neither a loop over patterns nor one over values can hide.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from hostile.document_parts import Worst
from hostile.test_hostile_policies import ANN, applying
from hostile.worst_documents import worst_documents
from rolecall.decision.evaluate import evaluate
from rolecall.decision.request import AuthorizationRequest
from rolecall.language.parser import parse_policy
from rolecall.names.arn import parse_arn

WORST = list(worst_documents())
CALLS_PER_CHARACTER = 4


@contextmanager
def counted_calls() -> Iterator[Callable[[], int]]:
    """How many calls were made since."""
    calls = 0

    def count(_frame: object, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        yield lambda: calls
    finally:
        sys.setprofile(None)


@pytest.mark.parametrize("worst", WORST, ids=[worst.name for worst in WORST])
def test_the_worst_documents_cost_no_more_than_their_characters(worst: Worst) -> None:
    policies = applying(parse_policy(worst.text, worst.policy_type))
    request = AuthorizationRequest(
        principal=ANN, action=worst.action, resource=parse_arn(worst.resource), context=worst.context
    )
    evaluate(request, policies)
    values = [(value,) if isinstance(value, str) else value for value in worst.context.values()]
    size = len(worst.text) + len(worst.resource) + sum(len(value) for found in values for value in found)
    with counted_calls() as calls:
        evaluate(request, policies)
        made = calls()
    assert made <= CALLS_PER_CHARACTER * size

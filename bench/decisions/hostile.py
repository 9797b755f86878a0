"""The hardest documents within AWS's size limits, each with the request that makes it so: how long one decision takes.

The documents are those that `tests/hostile` holds against runaway work.
"""

from __future__ import annotations

import statistics
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from itertools import islice, repeat
from pathlib import Path
from time import thread_time
from typing import Any

from bench.decisions.rolecall_engine import CALLER, Documents, compile_documents
from bench.decisions.timing import collector_at_rest
from rolecall.decision.evaluate import evaluate
from rolecall.decision.policies import ApplicablePolicies
from rolecall.decision.request import AuthorizationRequest
from rolecall.language.document import PolicyType
from rolecall.language.parser import parse_policy
from rolecall.names.arn import parse_arn

TESTS = Path(__file__).parents[2] / "tests"
CALLS = 7
BOUND = 0.005
"""Seconds within which any decision has to be made."""


@dataclass(frozen=True)
class Hostile:
    """Seconds of processor time: the first decision, the median of those after it, and the median of traced ones."""

    name: str
    first: float
    median: float
    traced: float


def measure_hostile(documents: int | None = None) -> list[Hostile]:
    """All of them, or the first few; the slowest stands first in the answer."""
    with collector_at_rest():
        measured = map(_measure, islice(_worst_documents(), documents))
        return sorted(measured, key=lambda one: one.median, reverse=True)


def _worst_documents() -> Iterator[Any]:
    """The folder of the tests is no package: they, too, are found by a search path."""
    sys.path.append(str(TESTS))
    documents: Iterator[Any] = import_module("hostile.worst_documents").worst_documents()
    return documents


def _measure(worst: Any) -> Hostile:
    policies = _policies(worst)
    asked = AuthorizationRequest(
        principal=CALLER, action=worst.action, resource=parse_arn(worst.resource), context=worst.context
    )
    first = _seconds(asked, policies, traced=False)
    again = [_seconds(asked, policies, traced=False) for _ in repeat(None, CALLS)]
    traced = [_seconds(asked, policies, traced=True) for _ in repeat(None, CALLS)]
    return Hostile(worst.name, first, statistics.median(again), statistics.median(traced))


def _policies(worst: Any) -> ApplicablePolicies:
    document = parse_policy(worst.text, worst.policy_type)
    if worst.policy_type is PolicyType.IDENTITY:
        return compile_documents(Documents((document,), {}))
    return compile_documents(Documents((), {worst.policy_type: document}))


def _seconds(asked: AuthorizationRequest, policies: ApplicablePolicies, *, traced: bool) -> float:
    started = thread_time()
    evaluate(asked, policies, traced=traced)
    return thread_time() - started

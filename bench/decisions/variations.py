"""What a decision of Rolecall costs under other circumstances than those of the comparison."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import repeat

from bench.decisions.rolecall_engine import compile_documents, parse, request, write
from bench.decisions.timing import QUESTIONS, median_of
from bench.decisions.workloads import Change, Variant, Workload, build
from rolecall.decision.evaluate import evaluate
from rolecall.decision.explain import explain
from rolecall.decision.policies import ApplicablePolicies
from rolecall.decision.request import AuthorizationRequest

LIMIT = 1.0
"""Seconds for each."""

Batches = Iterable[list[AuthorizationRequest]]


@dataclass(frozen=True)
class Variation:
    """`seconds` is the median of one decision among `size` statements."""

    title: str
    size: int
    seconds: float


def measure_variations(sizes: Iterable[int], samples: int) -> Iterator[Variation]:
    """At each of `sizes`: questions that come anew or again, that are refused, and whose answers are explained."""
    for size in sizes:
        workload = build(Variant.SAME_ACTIONS, size)
        policies = compile_documents(parse(write(workload)))
        for title, call, batches in _variations(workload, samples):
            arguments = ([(asked, policies) for asked in batch] for batch in batches)
            yield Variation(title, size, median_of(call, arguments, LIMIT))


def _variations(workload: Workload, samples: int) -> Iterator[tuple[str, Callable[..., object], Batches]]:
    questions = workload.batch(range(QUESTIONS))
    allowed = [request(question) for question in questions]
    refused = {
        change: [request(workload.changed(question, change)) for question in questions]
        for change in (Change.BUCKET, Change.ADDRESS)
    }
    few = max(1, 10 * QUESTIONS // workload.size)  # tracing looks at every statement
    yield f"{QUESTIONS:,} questions in turn", evaluate, repeat(allowed, samples)
    yield "the same question again and again", evaluate, repeat(allowed[:1] * QUESTIONS, samples)
    yield "questions and addresses never seen before", evaluate, _unseen(workload, samples)
    for change, asked in refused.items():
        yield f"refused: {change}", evaluate, repeat(asked, samples)
    yield "traced and explained: allowed", _evaluate_and_explain, repeat(allowed[:few], samples)
    for change, asked in refused.items():
        yield f"traced and explained: {change}", _evaluate_and_explain, repeat(asked[:few], samples)


def _unseen(workload: Workload, samples: int) -> Batches:
    for start in range(QUESTIONS, (1 + samples) * QUESTIONS, QUESTIONS):
        yield [request(question) for question in workload.batch(range(start, start + QUESTIONS))]


def _evaluate_and_explain(asked: AuthorizationRequest, policies: ApplicablePolicies) -> str:
    return explain(asked, evaluate(asked, policies, traced=True))

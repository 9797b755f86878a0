"""What a decision of Rolecall costs under other circumstances than those of the comparison."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from bench.decisions.rolecall_engine import compile_documents, evaluate_traced, parse, request, write
from bench.decisions.timing import LONGEST_BATCH, median_of
from bench.decisions.workloads import Change, Question, Variant, Workload, build
from rolecall.decision.evaluate import evaluate
from rolecall.decision.explain import explain
from rolecall.decision.policies import ApplicablePolicies
from rolecall.decision.request import AuthorizationRequest


@dataclass(frozen=True)
class Variation:
    """`seconds` is the median of one decision among `size` statements."""

    title: str
    size: int
    seconds: float


def measure_variations(sizes: Iterable[int], samples: int) -> Iterator[Variation]:
    """At each of `sizes`: the same question again and again, questions that are refused, and answers explained."""
    for size in sizes:
        workload = build(Variant.SAME_ACTIONS, size)
        policies = compile_documents(parse(write(workload)))
        for title, call, questions in _variations(workload):
            arguments = [(request(question), policies) for question in questions]
            yield Variation(title, size, median_of(call, arguments * (LONGEST_BATCH // len(arguments)), samples))


def _variations(workload: Workload) -> Iterator[tuple[str, Callable[..., object], list[Question]]]:
    allowed = workload.batch(0, LONGEST_BATCH)
    other_bucket = [workload.changed(question, Change.BUCKET) for question in allowed]
    other_address = [workload.changed(question, Change.ADDRESS) for question in allowed]
    yield f"{LONGEST_BATCH:,} questions in turn", evaluate, allowed
    yield "one question again and again", evaluate, allowed[:1]
    yield "refused: another bucket", evaluate, other_bucket
    yield "refused: another address", evaluate, other_address
    yield "traced and explained: allowed", _evaluate_and_explain, allowed
    yield "traced and explained: refused, another address", _evaluate_and_explain, other_address


def _evaluate_and_explain(asked: AuthorizationRequest, policies: ApplicablePolicies) -> str:
    return explain(asked, evaluate_traced(asked, policies))

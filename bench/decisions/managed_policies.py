"""AWS's own managed policies, all of them: parsed, rendered, parsed again, compiled."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import TypeVar

from bench.decisions.memory import objects_added
from bench.decisions.rolecall_engine import Documents, compile_documents
from bench.decisions.timing import collector_at_rest
from rolecall.catalog.managed_policies import aws_managed_policies
from rolecall.language.document import PolicyDocument, PolicyType
from rolecall.language.parser import parse_policy
from rolecall.language.render import render, without_source

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Stage:
    """What was done to all policies, in seconds; `memory` is what it left behind in bytes, where that is measured."""

    title: str
    seconds: float
    memory: int | None = None


@dataclass(frozen=True)
class AllPolicies:
    """`different` counts the policies that were not the same after rendering and parsing them again."""

    policies: int
    statements: int
    different: int
    stages: tuple[Stage, ...]


def measure_managed_policies() -> AllPolicies:
    """Time each stage, then measure the memory of those that leave something behind in a run of its own."""
    texts = [policy.document for policy in aws_managed_policies().values()]
    documents, parsing = _timed(lambda: _parse(texts))
    rendered, rendering = _timed(lambda: [render(document) for document in documents])
    again, parsing_again = _timed(lambda: _parse(rendered))
    _, compiling = _timed(lambda: _compile(documents))
    pairs = zip(documents, again, strict=True)
    reparsed, memory_of_documents = objects_added(lambda: _parse(texts))
    assert isinstance(reparsed, list)
    _compiled, memory_compiled = objects_added(lambda: _compile(reparsed))
    return AllPolicies(
        policies=len(texts),
        statements=sum(len(document.statements) for document in documents),
        different=sum(without_source(one) != without_source(other) for one, other in pairs),
        stages=(
            Stage("parse", parsing, memory_of_documents),
            Stage("render", rendering),
            Stage("parse again", parsing_again),
            Stage("compile", compiling, memory_compiled),
        ),
    )


def _parse(texts: Sequence[str]) -> list[PolicyDocument]:
    return [parse_policy(text, PolicyType.IDENTITY, published_by_aws=True) for text in texts]


def _compile(documents: Sequence[PolicyDocument]) -> list[object]:
    """Each by itself, as if a principal had just this policy."""
    return [compile_documents(Documents((document,), {})) for document in documents]


def _timed(call: Callable[[], Answer]) -> tuple[Answer, float]:
    with collector_at_rest():
        started = perf_counter()
        answer = call()
        return answer, perf_counter() - started

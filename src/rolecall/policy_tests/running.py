"""Runs cases: puts each to the decision engine and compares. Reading and reporting live elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import msgspec
from msgspec.structs import replace

from rolecall.decision.evaluate import evaluate
from rolecall.decision.explain import explain
from rolecall.decision.result import EvaluationResult, MatchedStatement
from rolecall.policy_tests.cases import Case, Expectation, ExpectedStatement
from rolecall.policy_tests.errors import PolicyTestError
from rolecall.questions.question_error import QuestionError
from rolecall.questions.reading import read_question


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """How a case went.

    Parameters
    ----------
    case: the case.
    problems: what was expected and did not come; empty if the case passed.
    explanation: why it was decided as it was.
    error: why the question could not be asked at all; None if it was.
    seconds: how long it took.
    """

    case: Case
    problems: tuple[str, ...] = ()
    explanation: str = ""
    error: str | None = None
    seconds: float = 0.0

    @property
    def passed(self) -> bool:
        return self.error is None and not self.problems


class FileReport(msgspec.Struct, frozen=True, kw_only=True):
    """The outcomes of one file, or the error that kept it from being read."""

    path: str
    outcomes: tuple[Outcome, ...] = ()
    error: PolicyTestError | None = None

    @property
    def passed(self) -> bool:
        return self.error is None and all(outcome.passed for outcome in self.outcomes)


def run_case(case: Case, clock: Callable[[], float]) -> Outcome:
    """Ask the case's question and compare. `clock` gives seconds of any origin."""
    began = clock()
    try:
        question = read_question(case.question)
    except QuestionError as error:
        return Outcome(case=case, error=_named_error(error.message, case.names), seconds=clock() - began)
    result = _renamed(evaluate(question.request, question.policies, traced=True), case.names)
    problems = tuple(_problems(case.expectation, result))
    # Explaining costs as much as deciding, and of what went as expected nobody wants to read.
    explanation = explain(question.request, result) if problems else ""
    return Outcome(case=case, problems=problems, explanation=explanation, seconds=clock() - began)


def _problems(expected: Expectation, result: EvaluationResult) -> Iterator[str]:
    if expected.decision != result.decision and (expected.decision != "denied" or result.is_allowed):
        yield f"expected {expected.decision}, got {result.decision}"
    if expected.matched is not None:
        yield from _problems_of_statements(expected.matched, result.matched_statements)
    if expected.blocked_by is not None:
        blocked_by = {block.policy_type for block in result.blocks}
        for policy_type in sorted(expected.blocked_by - blocked_by):
            yield f"expected to be blocked by {policy_type}, which does not block"
        for policy_type in sorted(blocked_by - expected.blocked_by):
            yield f"blocked by {policy_type}, which was not expected"


def _problems_of_statements(
    expected: tuple[ExpectedStatement, ...], matched: tuple[MatchedStatement, ...]
) -> Iterator[str]:
    for each in expected:
        if not any(_is(each, statement) for statement in matched):
            yield f"expected {each} to match"
    for statement in matched:
        if not any(_is(each, statement) for each in expected):
            yield f"{statement.policy}#{statement.index} matched, which was not expected"


def _is(expected: ExpectedStatement, statement: MatchedStatement) -> bool:
    return expected.policy == statement.policy and expected.statement in (statement.index, statement.sid)


def _named_error(message: str, names: Mapping[str, str]) -> str:
    """The message about a refused policy, with the policy's name before its place in the question."""
    place, separator, rest = message.partition(": ")
    name = names.get(place, place)
    return message if name == place else f"{name}, as {place}{separator}{rest}"


def _renamed(result: EvaluationResult, names: Mapping[str, str]) -> EvaluationResult:
    """The result with policies called as the test file calls them."""

    def rename(statement: MatchedStatement) -> MatchedStatement:
        return replace(statement, policy=names[statement.policy])

    return replace(
        result,
        matched_statements=tuple(map(rename, result.matched_statements)),
        blocks=tuple(replace(block, statements=tuple(map(rename, block.statements))) for block in result.blocks),
        near_misses=tuple(replace(near, statement=rename(near.statement)) for near in result.near_misses),
    )

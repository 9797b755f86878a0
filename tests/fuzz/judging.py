"""One question put to the engine and to the reference evaluator, and what to make of their answers."""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec

from reference.evaluator import decide
from rolecall.decision.evaluate import evaluate
from rolecall.questions.answers import answer_of
from rolecall.questions.question_error import QuestionError
from rolecall.questions.reading import read_question

Json = dict[str, Any]


class Verdict(NamedTuple):
    """What came of a question.

    `refused` is the engine's reason not to answer; then there is nothing to compare. `engine` and `reference` are the
    answers in one form; whoever failed with an exception answers with that.
    """

    refused: str | None = None
    engine: Json | None = None
    reference: Json | None = None

    @property
    def agrees(self) -> bool:
        return self.engine == self.reference


def judge(question: Json) -> Verdict:
    """Ask both. An exception but the engine's refusal of a question is an answer, and a wrong one."""
    try:
        engine = _essence(_engines_answer(question))
    except QuestionError as error:
        return Verdict(refused=error.message)
    except Exception as error:
        engine = {"error": repr(error)}
    try:
        reference = _essence(decide(question))
    except Exception as error:
        reference = {"error": f"reference: {error!r}"}
    return Verdict(engine=engine, reference=reference)


def _engines_answer(question: Json) -> Json:
    asked = read_question(question)
    result = evaluate(asked.request, asked.policies)
    traced = evaluate(asked.request, asked.policies, traced=True)
    if msgspec.structs.replace(traced, near_misses=()) != result:
        raise AssertionError(f"traced, the engine says {traced.decision} and other things")
    return answer_of(result)


def _essence(answer: Json) -> Json:
    """What both say: decision, matched statements by policy and place, and all that blocks."""
    return {
        "decision": answer["decision"],
        "matchedStatements": [[it["policy"], it["statement"]] for it in answer["matchedStatements"]],
        "blockedBy": [[it["policyType"], it["explicit"]] for it in answer["blockedBy"]],
    }

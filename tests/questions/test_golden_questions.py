"""Every golden question is read, decided and answered, or refused, as its case says, by either way of reading."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from questions.question_cases import cases_in
from rolecall.decision.evaluate import evaluate
from rolecall.questions.answers import answer_of
from rolecall.questions.principals import read_principal
from rolecall.questions.question_error import QuestionError
from rolecall.questions.reading import Question, read_question, read_question_text

ANSWERED = cases_in("answered.json")
REFUSED = cases_in("refused_questions.json")
PRINCIPALS = cases_in("principals.json")
REFUSED_PRINCIPALS = cases_in("refused_principals.json")


def answer(question: Question) -> dict[str, Any]:
    return json.loads(msgspec.json.encode(answer_of(evaluate(question.request, question.policies))))


@pytest.mark.parametrize("name", ANSWERED)
def test_a_question_is_answered_as_its_case_says(name: str):
    case = ANSWERED[name]
    given = answer(read_question(case["asked"]))
    assert answer(read_question_text(json.dumps(case["asked"]).encode())) == given
    assert given["decision"] == case["decision"]
    for member in ("matchedStatements", "layers", "missingContextKeys"):
        assert given[member] == case.get(member, given[member])
    if "matched" in case:
        assert [statement["policy"] for statement in given["matchedStatements"]] == case["matched"]
    if "blockedBy" in case:
        blocks = [it["policyType"] + (", explicitly" if it["explicit"] else "") for it in given["blockedBy"]]
        assert blocks == case["blockedBy"]


@pytest.mark.parametrize("name", REFUSED)
def test_a_question_is_refused_as_its_case_says(name: str):
    case = REFUSED[name]
    asked = case["asked"]
    text = asked if isinstance(asked, bytes) else json.dumps(asked).encode()
    with pytest.raises(QuestionError) as refused:
        read_question_text(text)
    assert (refused.value.message, refused.value.code) == (case["message"], case.get("code"))
    if not isinstance(asked, bytes):
        with pytest.raises(QuestionError) as refused:
            read_question(asked)
        assert (refused.value.message, refused.value.code) == (case["message"], case.get("code"))


@pytest.mark.parametrize("name", PRINCIPALS)
def test_a_principal_is_read_as_its_case_says(name: str):
    case = PRINCIPALS[name]
    assert msgspec.to_builtins(read_principal(case["principal"])) == case["read"]


@pytest.mark.parametrize("name", REFUSED_PRINCIPALS)
def test_what_is_no_principal_is_refused_as_its_case_says(name: str):
    case = REFUSED_PRINCIPALS[name]
    with pytest.raises(QuestionError) as refused:
        read_principal(case["principal"])
    assert refused.value.message == case["message"]

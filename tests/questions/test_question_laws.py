"""Reading questions, on anything at all: a question or a refusal, the same by either way of reading."""

from __future__ import annotations

import copy
import datetime
import json
import math
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from questions.question_cases import cases_in
from rolecall.questions.json_values import checked, decode, json_text
from rolecall.questions.question_error import QuestionError
from rolecall.questions.reading import Question, read_question, read_question_text

ASKED = [case["asked"] for case in cases_in("answered.json").values()]

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
    | st.sampled_from(["*", "arn:aws:iam::111122223333:user/ann", "s3:GetObject", "Anonymous"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["type", "arn"]) | st.text(), inner, max_size=3)
    ),
    max_leaves=8,
)


@st.composite
def damaged_questions(draw: st.DrawFn) -> Any:
    """A good question in which one place was replaced by anything, or that got one member too many."""
    question = copy.deepcopy(draw(st.sampled_from(ASKED)))
    place = question
    while True:
        at = draw(st.sampled_from(sorted(place) if isinstance(place, dict) else range(len(place))))
        if isinstance(place[at], dict | list) and place[at] and draw(st.booleans()):
            place = place[at]
            continue
        if isinstance(place, dict) and draw(st.booleans()):
            at = draw(st.text(max_size=3))
        place[at] = draw(json_values)
        return question


def outcome(read: Any, value: Any) -> Question | str:
    try:
        return read(value)
    except QuestionError as error:
        return error.message


def is_question_or_refusal(value: Question | str) -> bool:
    return isinstance(value, Question) or value != ""


@given(damaged_questions())
def test_any_value_is_a_question_or_refused(question: Any):
    assert is_question_or_refusal(outcome(read_question, question))


@given(damaged_questions())
def test_both_ways_of_reading_agree(question: Any):
    text = json.dumps(question).encode()
    assert outcome(read_question_text, text) == outcome(read_question, question)


@given(st.binary() | st.text().map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_any_bytes_are_a_question_or_refused(text: bytes):
    assert is_question_or_refusal(outcome(read_question_text, text))


@given(json_values)
def test_a_value_and_its_text_are_one(value: Any):
    assert json.loads(json_text(checked(value))) == value


@pytest.mark.parametrize(
    "value",
    [
        datetime.date(2012, 10, 17),
        {"a"},
        b"text",
        math.nan,
        -math.inf,
        {1: "a"},
        {"a": [object()]},
        "\udc80",
        10**5000,
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_json_has_no_word_for_is_refused(value: object):
    with pytest.raises(QuestionError):
        checked(value)


def test_numbers_keep_every_digit_that_was_written():
    text = b"[1.50, 0.10000000000000000000000001, 1e3, -0, 12345678901234567890123456789]"
    assert json_text(decode(text)) == text.decode().replace(" ", "")


@pytest.mark.parametrize("depth", [100, 100_000])
def test_deep_values_are_refused_however_deep(depth: int):
    for text in (
        b"[" * depth,
        b'{"a":' * depth,
        b"[" * depth + b"]" * depth,
        b'"\\u0041"'.join([b"[" * depth, b"]" * depth]),
    ):
        with pytest.raises(QuestionError):
            read_question_text(text)


def test_a_deep_value_is_refused_by_its_depth():
    value: list[object] = []
    for _ in range(64):
        value = [value]
    with pytest.raises(QuestionError, match="nested deeper than 64 levels"):
        checked(value)


def test_a_deep_policy_is_refused_by_the_parser():
    deep = b"[" * 500 + b"]" * 500
    text = b'{"request": {"principal": "111122223333", "action": "a:b"}, "identityPolicies": [' + deep + b"]}"
    with pytest.raises(QuestionError, match=r"identityPolicies\[0\].*nested deeper than 32 levels"):
        read_question_text(text)


def test_text_that_is_not_utf8_is_refused():
    with pytest.raises(QuestionError, match="the text is not UTF-8 at byte 1"):
        read_question_text(b'"\xff"')


def test_policies_that_stand_in_many_lines_are_read_once():
    first, second = (read_question(msgspec.json.decode(msgspec.json.encode(ASKED[2]))) for _ in range(2))
    assert first.policies.identity is second.policies.identity


def test_policies_larger_than_any_of_aws_are_read_and_not_remembered():
    actions = [f"s3:Get{number:05d}" for number in range(6000)]
    policy = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": actions, "Resource": "*"}}
    asked = {"request": {"principal": "111122223333", "action": "a:b"}, "identityPolicies": [policy]}
    first, second = (read_question(asked) for _ in range(2))
    assert first == second
    assert first.policies.identity is not second.policies.identity

"""How large a request may be: all that AWS allows, and no more."""

from __future__ import annotations

import pytest

from rolecall.decision.limits import (
    LARGEST_CONTEXT,
    LONGEST_ARN,
    LONGEST_KEY,
    LONGEST_SET,
    LONGEST_VALUE,
    MOST_KEYS,
    MOST_VALUES,
    beyond_limits,
)
from rolecall.decision.request import ContextValues
from rolecall.questions.question_error import QuestionError
from rolecall.questions.requests import read_request
from rolecall.server.enforcement import LONGEST_HEADER

MOST_TAGS, LONGEST_TAG_KEY, LONGEST_TAG_VALUE = 50, 128, 256
"""AWS's quotas: of an entity, of a request, of a session."""

GLOBAL_KEYS = 20
"""More than `server.enforcement` and `state.gather` give beside tags and headers."""


def tags(prefix: str, number: int) -> dict[str, ContextValues]:
    return {f"{prefix}/{at:0{LONGEST_TAG_KEY}}": "v" * LONGEST_TAG_VALUE for at in range(number)}


FULLEST: dict[str, ContextValues] = {
    **tags("aws:principaltag", 2 * MOST_TAGS),
    **tags("aws:requesttag", MOST_TAGS),
    **tags("aws:resourcetag", MOST_TAGS),
    **tags("iam:resourcetag", MOST_TAGS),
    "aws:tagkeys": tuple(f"{at:0{LONGEST_TAG_KEY}}" for at in range(MOST_TAGS)),
    "aws:useragent": "h" * LONGEST_HEADER,
    "aws:referer": "h" * LONGEST_HEADER,
    **{f"aws:{'g' * 30}{at}": "v" * 640 for at in range(GLOBAL_KEYS)},
}
"""A call with as much as AWS lets it have of everything at once. An ARN of an IAM entity has up to 640 characters: a
path of 512 and a name of 64."""


def test_no_call_that_aws_allows_is_beyond_the_limits() -> None:
    assert beyond_limits(FULLEST) is None
    assert LONGEST_HEADER <= LONGEST_VALUE


ASKED = {"principal": "111111111111", "action": "s3:GetObject"}

TOO_LARGE: list[tuple[dict[str, ContextValues], str]] = [
    ({f"a:{at}": "" for at in range(MOST_KEYS + 1)}, "more than 320 keys"),
    ({"a" * (LONGEST_KEY + 1): "x"}, f"the name `{'a' * LONGEST_KEY}…` has more than 512 characters"),
    ({"a:b": ("",) * (MOST_VALUES + 1)}, "`a:b` has more than 100 values"),
    ({"a:b": "x" * (LONGEST_VALUE + 1)}, "`a:b` has a value of more than 4096 characters"),
    (
        {"a:b": ("x" * LONGEST_VALUE, "x" * (LONGEST_SET - LONGEST_VALUE + 1))},
        "the values of `a:b` have more than 6400 characters together",
    ),
    (
        {f"a:{at}": "x" * LONGEST_VALUE for at in range(LARGEST_CONTEXT // LONGEST_VALUE)},
        "keys and values have more than 131072 characters together",
    ),
]


@pytest.mark.parametrize(("context", "complaint"), TOO_LARGE, ids=[complaint[-30:] for _, complaint in TOO_LARGE])
def test_a_question_beyond_a_limit_is_refused(context: dict[str, ContextValues], complaint: str) -> None:
    assert beyond_limits(context) == complaint
    as_json = {key: _as_json(values) for key, values in context.items()}
    with pytest.raises(QuestionError) as error:
        read_request({**ASKED, "context": as_json})
    assert error.value.message == f"request.context: {complaint}"


def _as_json(values: ContextValues) -> str | list[str]:
    return values if isinstance(values, str) else list(values)


def test_what_fills_the_limits_is_a_question() -> None:
    full = {
        **{f"a:{at}": "" for at in range(MOST_KEYS - 3)},
        "a" * LONGEST_KEY: "x",
        "a:b": ["x" * LONGEST_VALUE, "x" * (LONGEST_SET - LONGEST_VALUE)],
        "a:c": ["x"] * MOST_VALUES,
    }
    assert len(read_request({**ASKED, "context": full}).context) == MOST_KEYS


def test_a_resource_with_too_long_an_arn_is_refused() -> None:
    longest = "arn:aws:s3:::b/".ljust(LONGEST_ARN, "x")
    assert str(read_request({**ASKED, "resource": longest}).resource) == longest
    with pytest.raises(QuestionError, match=r"request\.resource: the ARN has more than 2048 characters"):
        read_request({**ASKED, "resource": longest + "x"})

"""Members of JSON objects, read as what they must be, or refused by their place. Knows no single member by name."""

from __future__ import annotations

from typing import cast

from rolecall.questions.json_values import JsonValue
from rolecall.questions.question_error import QuestionError


def read_object(value: JsonValue, place: str, known: frozenset[str]) -> dict[str, JsonValue]:
    """`value` as an object of `known` members. Raises `QuestionError` otherwise."""
    if not isinstance(value, dict):
        raise QuestionError(f"{place}: must be an object")
    if not value.keys() <= known:
        unknown = next(name for name in value if name not in known)
        raise QuestionError(f"{place}: there is no member `{unknown}` here: use {', '.join(sorted(known))}")
    return cast("dict[str, JsonValue]", value)


def read_text(members: dict[str, JsonValue], name: str, place: str) -> str:
    """The member called `name`: a string that is not empty. Raises `QuestionError` otherwise."""
    value = members.get(name)
    if not isinstance(value, str) or not value:
        raise QuestionError(f"{place}.{name}: must be a string that is not empty")
    return value


def read_optional_text(members: dict[str, JsonValue], name: str, place: str) -> str | None:
    """As `read_text`; None if the member is null or not there."""
    return None if members.get(name) is None else read_text(members, name, place)


def read_array(value: JsonValue, place: str) -> list[JsonValue]:
    """`value` as an array. Raises `QuestionError` otherwise."""
    if not isinstance(value, list):
        raise QuestionError(f"{place}: must be an array")
    return value

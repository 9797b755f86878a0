"""JSON values as questions need them: every member told once, every number as it was written.

`decode` reads text strictly; `checked` takes a value that was read elsewhere. Both give objects (`dict`), arrays
(`list`), strings, booleans, None, and numbers as `msgspec.Raw`: their text, so that no digit is lost on the way into a
policy or a condition. What the values mean is none of this module's business.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

import msgspec

from rolecall.language.json_text import MAXIMUM_DEPTH, MAXIMUM_NUMBER_LENGTH
from rolecall.questions.question_error import QuestionError

DEPTH = 2 * MAXIMUM_DEPTH
"""Nested arrays and objects of a question; those of a policy are bounded again when it is parsed."""

JsonValue = Any
"""`dict[str, JsonValue] | list[JsonValue] | str | bool | None | msgspec.Raw`, which mypy cannot narrow well."""

_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]+")


def decode(text: bytes) -> JsonValue:
    """Read one JSON value that is the whole of `text`, which is UTF-8.

    Raises `QuestionError` if it is not JSON, tells a member twice, holds half of a surrogate pair, is nested too deeply
    or holds a number too long to mean anything.
    """
    try:
        value = _DECODER.decode(text.decode())
    except UnicodeDecodeError as error:
        raise QuestionError(f"the text is not UTF-8 at byte {error.start}") from None
    except json.JSONDecodeError as error:
        raise QuestionError(f"not JSON: {error.msg[:1].lower()}{error.msg[1:]} at character {error.pos}") from None
    except RecursionError:
        raise QuestionError(_TOO_DEEP) from None
    # Only an escape can bring half of a surrogate pair into what was UTF-8.
    return checked(value) if b"\\u" in text else value


def checked(value: object) -> JsonValue:
    """A copy of `value` as `decode` would give it.

    Raises `QuestionError` at anything that JSON has no word for: keys that are not text, dates, sets, NaN.
    """
    return _checked(value, DEPTH)


def text_of_number(number: msgspec.Raw) -> str:
    """A number as it was written."""
    return bytes(number).decode()


def json_text(value: JsonValue) -> str:
    """The compact text of `value`, in ASCII, its numbers as they were written."""
    return _BEYOND_ASCII.sub(lambda found: json.dumps(found[0])[1:-1], msgspec.json.encode(value).decode())


_TOO_DEEP = f"arrays and objects are nested deeper than {DEPTH} levels"


def _checked(value: object, depth: int) -> JsonValue:
    match value:
        case str():
            return _checked_text(value)
        case bool() | None | msgspec.Raw():
            return value
        case int():
            return _number(_text_of_integer(value))
        case float() if math.isfinite(value):
            return _number(repr(value))
        case Mapping() | list() | tuple() if depth == 0:
            raise QuestionError(_TOO_DEEP)
        case Mapping():
            return _checked_object(value, depth - 1)
        case list() | tuple():
            return _checked_array(value, depth - 1)
        case _:
            raise QuestionError(f"a {type(value).__name__} is not a JSON value")


def _checked_object(value: Mapping[object, object], depth: int) -> JsonValue:
    if not all(isinstance(key, str) for key in value):
        raise QuestionError("the names of an object's members must be text")
    return {_checked_text(str(key)): _checked(item, depth) for key, item in value.items()}


def _checked_array(value: Sequence[object], depth: int) -> JsonValue:
    return [_checked(item, depth) for item in value]


def _checked_text(text: str) -> str:
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            raise QuestionError("a string holds half of a surrogate pair") from None
    return text


def _text_of_integer(value: int) -> str:
    # Python refuses to write out very long integers, with a ValueError.
    return str(value) if value.bit_length() < 4 * MAXIMUM_NUMBER_LENGTH else "9" * (MAXIMUM_NUMBER_LENGTH + 1)


def _number(text: str) -> msgspec.Raw:
    if len(text) > MAXIMUM_NUMBER_LENGTH:
        raise QuestionError(f"a number has more than {MAXIMUM_NUMBER_LENGTH} characters")
    return msgspec.Raw(text)


def _constant(text: str) -> NoReturn:
    raise QuestionError(f"`{text}` is not JSON")


def _object(pairs: list[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
    value = dict(pairs)
    if len(value) != len(pairs):
        [(twice, _count)] = Counter(name for name, _ in pairs).most_common(1)
        raise QuestionError(f"the member `{twice}` stands twice in one object")
    return value


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_int=_number, parse_float=_number, parse_constant=_constant)

"""A strict JSON reader that remembers where everything stands.

The standard `json` module tells duplicate keys but not positions, so the few lines of the grammar are read here;
strings go through the standard library's scanner. Stricter than RFC 8259 where a policy has no use for the freedom: no
duplicate keys, no lone surrogates, no control characters even if escaped, bounded depth, size and numbers. One pass,
linear time. What the values mean is none of this module's business.
"""

from __future__ import annotations

import json.decoder
import re
from bisect import bisect_right

import msgspec

from rolecall.errors import RolecallError
from rolecall.language.document import Position, SourceSpan

MAXIMUM_LENGTH = 131_072
"""Characters; the largest policy document that IAM's API model takes."""
MAXIMUM_DEPTH = 32
"""Nested arrays and objects. A policy needs six."""
MAXIMUM_NUMBER_LENGTH = 64
MAXIMUM_EXPONENT = 308

_scan_string = json.decoder.scanstring  # type: ignore[attr-defined]  # public by name, but not in the stubs

_SPACE = re.compile(r"[ \t\n\r]*")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?([0-9]+))?")
_WORD = re.compile(r"true|false|null")
_FORBIDDEN_CHARACTER = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None}


class InvalidJson(RolecallError):
    """The text is not JSON that may stand in a policy. `offset` is the place, in characters from 0."""

    def __init__(self, detail: str, offset: int) -> None:
        self.detail = detail
        self.offset = offset
        super().__init__(f"{detail} at character {offset}")


class JsonString(msgspec.Struct, frozen=True):
    """A string. `text` is what it says; its quotes stand at `start` and just before `end`."""

    text: str
    start: int
    end: int


class JsonNumber(msgspec.Struct, frozen=True):
    """A number, as written."""

    text: str
    start: int
    end: int


class JsonWord(msgspec.Struct, frozen=True):
    """`true`, `false` or `null`."""

    value: bool | None
    start: int
    end: int


class JsonArray(msgspec.Struct, frozen=True):
    items: tuple[JsonValue, ...]
    start: int
    end: int


class JsonObject(msgspec.Struct, frozen=True):
    """An object. `members` are in the order of the text; no key stands twice."""

    members: tuple[tuple[JsonString, JsonValue], ...]
    start: int
    end: int


JsonValue = JsonString | JsonNumber | JsonWord | JsonArray | JsonObject


class LineIndex:
    """Turns offsets in a text into lines and columns."""

    def __init__(self, text: str) -> None:
        self._starts = [0, *(match.end() for match in re.finditer("\n", text))]

    def position(self, offset: int) -> Position:
        """The line and column of the character at `offset`."""
        line = bisect_right(self._starts, offset)
        return Position(line, offset - self._starts[line - 1] + 1, offset)

    def span(self, start: int, end: int) -> SourceSpan:
        """From `start` to just before `end`."""
        return SourceSpan(self.position(start), self.position(end))


def read_json(text: str, maximum_length: int = MAXIMUM_LENGTH) -> JsonValue:
    """Read one JSON value that is the whole of `text`, which has at most `maximum_length` characters.

    Raises `InvalidJson` at the first thing that is wrong. Takes linear time on any text.
    """
    if len(text) > maximum_length:
        raise InvalidJson(f"the text is longer than {maximum_length} characters", maximum_length)
    reader = _Reader(text)
    value = reader.value(depth=0)
    if reader.peek():
        raise InvalidJson("there is something behind the end of the document", reader.at)
    return value


class _Reader:
    """The place that reading has reached. Recursion is bounded by `MAXIMUM_DEPTH`."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def peek(self) -> str:
        """The next character that is no white space, or nothing at the end."""
        self.at = _end(_SPACE.match(self.text, self.at))
        return self.text[self.at : self.at + 1]

    def value(self, depth: int) -> JsonValue:
        match self.peek():
            case '"':
                return self.string()
            case "{":
                return self.object(depth + 1)
            case "[":
                return self.array(depth + 1)
            case _:
                return self.scalar()

    def string(self) -> JsonString:
        start = self.at
        try:
            text, self.at = _scan_string(self.text, start + 1, True)
        except json.JSONDecodeError as error:
            raise InvalidJson("a string is not closed or holds a character that must be escaped", error.pos) from None
        if _FORBIDDEN_CHARACTER.search(text):
            raise InvalidJson("a string holds a control character or half of a surrogate pair", start)
        return JsonString(text, start, self.at)

    def scalar(self) -> JsonNumber | JsonWord:
        start = self.at
        if word := _WORD.match(self.text, start):
            self.at = word.end()
            return JsonWord(_WORDS[word.group()], start, self.at)
        number = _NUMBER.match(self.text, start)
        if not number:
            raise InvalidJson("expected a value", start)
        self.at = number.end()
        if self.at - start > MAXIMUM_NUMBER_LENGTH or int(number.group(1) or 0) > MAXIMUM_EXPONENT:
            raise InvalidJson("a number is too large or too precise", start)
        return JsonNumber(number.group(), start, self.at)

    def array(self, depth: int) -> JsonArray:
        start = self.open(depth)
        items: list[JsonValue] = []
        if self.peek() != "]":
            items.append(self.value(depth))
            while self.another("]"):
                items.append(self.value(depth))
        self.at += 1
        return JsonArray(tuple(items), start, self.at)

    def object(self, depth: int) -> JsonObject:
        start = self.open(depth)
        members: list[tuple[JsonString, JsonValue]] = []
        seen: set[str] = set()
        if self.peek() != "}":
            members.append(self.member(seen, depth))
            while self.another("}"):
                members.append(self.member(seen, depth))
        self.at += 1
        return JsonObject(tuple(members), start, self.at)

    def member(self, seen: set[str], depth: int) -> tuple[JsonString, JsonValue]:
        if self.peek() != '"':
            raise InvalidJson("expected a key in double quotes", self.at)
        key = self.string()
        if key.text in seen:
            raise InvalidJson(f"the key `{key.text}` stands twice in one object", key.start)
        seen.add(key.text)
        if self.peek() != ":":
            raise InvalidJson("expected `:` behind a key", self.at)
        self.at += 1
        return key, self.value(depth)

    def open(self, depth: int) -> int:
        if depth > MAXIMUM_DEPTH:
            raise InvalidJson(f"arrays and objects are nested deeper than {MAXIMUM_DEPTH} levels", self.at)
        self.at += 1
        return self.at - 1

    def another(self, closing: str) -> bool:
        """Step over a comma, if one is next; at `closing` there are no more."""
        character = self.peek()
        if character == ",":
            self.at += 1
            return True
        if character != closing:
            raise InvalidJson(f"expected `,` or `{closing}`", self.at)
        return False


def _end(match: re.Match[str] | None) -> int:
    assert match  # the pattern of white space matches everywhere
    return match.end()

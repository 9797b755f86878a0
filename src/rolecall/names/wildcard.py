"""Wildcard matching in linear time: `*` is any run of characters, `?` exactly one.

One matcher for every pattern of the policy language. It never backtracks and never builds a regular expression, so a
hostile pattern costs no more than a plain one. What a pattern is matched against (an action, a part of an ARN, a
condition value) is decided by the callers, not here.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from functools import lru_cache
from typing import Protocol


class Wild(Enum):
    """The two wildcards, as tokens that cannot be confused with the characters `*` and `?`."""

    ANY_RUN = "*"
    ANY_ONE = "?"


Token = str | Wild
"""A piece of a pattern: literal text, or a wildcard."""


class Matcher(Protocol):
    """A compiled pattern."""

    def matches(self, text: str) -> bool:
        """Does the whole of `text` fit the pattern?"""
        ...


class Anything:
    """The pattern `*`."""

    __slots__ = ()

    def matches(self, text: str) -> bool:  # noqa: ARG002 - every text fits
        return True


class Literal:
    """A pattern without wildcards."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def matches(self, text: str) -> bool:
        return text == self._text


class Runs:
    """A pattern whose only wildcard is `*`: a head, a tail, and pieces to be found in order between them.

    Taking the leftmost place for each piece is enough: if any placement fits, the leftmost one does.
    """

    __slots__ = ("_head", "_least", "_pieces", "_tail")

    def __init__(self, head: str, pieces: tuple[str, ...], tail: str) -> None:
        self._head = head
        self._pieces = pieces
        self._tail = tail
        self._least = len(head) + len(tail)

    def matches(self, text: str) -> bool:
        if len(text) < self._least or not text.startswith(self._head) or not text.endswith(self._tail):
            return False
        at, end = len(self._head), len(text) - len(self._tail)
        for piece in self._pieces:
            found = text.find(piece, at, end)
            if found < 0:
                return False
            at = found + len(piece)
        return True


class Positions:
    """A pattern with `?`: all places in the pattern that the text read so far can have reached, as bits of one integer.

    Bit *i* says "the first *i* symbols are matched". `_loops` holds the places where a `*` lets any character pass.
    One shift and two masks for each character, whatever the pattern.
    """

    __slots__ = ("_any", "_loops", "_masks", "_target")

    def __init__(self, symbols: Iterable[Token]) -> None:
        at, self._loops, self._any = 0, 0, 0
        masks: dict[str, int] = {}
        for symbol in symbols:
            if symbol is Wild.ANY_RUN:
                self._loops |= 1 << at
                continue
            if symbol is Wild.ANY_ONE:
                self._any |= 1 << at
            else:
                masks[str(symbol)] = masks.get(str(symbol), 0) | 1 << at
            at += 1
        self._target = 1 << at
        self._masks = {character: mask | self._any for character, mask in masks.items()}

    def matches(self, text: str) -> bool:
        reached, loops, anything, masks = 1, self._loops, self._any, self._masks
        for character in text:
            reached = (reached & masks.get(character, anything)) << 1 | reached & loops
            if not reached:
                return False
        return bool(reached & self._target)


def tokens(pattern: str) -> tuple[Token, ...]:
    """Split `pattern` into literal texts and wildcards; runs of `*` become one."""
    parts: list[Token] = []
    start = 0
    for at, character in enumerate(pattern):
        if character not in "*?":
            continue
        if start < at:
            parts.append(pattern[start:at])
        start = at + 1
        if character == "?" or not parts or parts[-1] is not Wild.ANY_RUN:
            parts.append(Wild(character))
    if start < len(pattern):
        parts.append(pattern[start:])
    return tuple(parts)


def compile_tokens(parts: Iterable[Token]) -> Matcher:
    """Make the matcher for a sequence of literal texts and wildcards.

    Literal texts may hold `*` and `?`: they stand for themselves (substituted policy variables, `${*}`).
    """
    pieces: list[str] = [""]
    sequence = tuple(parts)
    if Wild.ANY_ONE in sequence:
        return Positions(symbol for part in sequence for symbol in (part if isinstance(part, str) else (part,)))
    for part in sequence:
        if isinstance(part, str):
            pieces[-1] += part
        else:
            pieces.append("")
    if len(pieces) == 1:
        return Literal(pieces[0])
    if not any(pieces):
        return Anything()
    return Runs(pieces[0], tuple(piece for piece in pieces[1:-1] if piece), pieces[-1])


@lru_cache(maxsize=4096)
def compile_pattern(pattern: str) -> Matcher:
    """Make the matcher for a pattern in which each `*` and `?` is a wildcard. Matching is case-sensitive."""
    return compile_tokens(tokens(pattern))


def matches(pattern: str, text: str) -> bool:
    """Does the whole of `text` fit `pattern`? Case-sensitive; fold both sides for the other kind."""
    return compile_pattern(pattern).matches(text)

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


class Segment:
    """A stretch of a pattern without `*`: of fixed length, with literal texts at fixed places and `?` between them."""

    __slots__ = ("_literals", "length")

    def __init__(self, parts: Iterable[Token]) -> None:
        self.length = 0
        literals: list[tuple[int, str]] = []
        for part in parts:
            if isinstance(part, str):
                literals.append((self.length, part))
                self.length += len(part)
            else:
                self.length += 1
        self._literals = tuple(literals)

    def fits(self, text: str, at: int) -> bool:
        """Does the segment fit `text` at that place? The text is long enough."""
        return all(text.startswith(literal, at + offset) for offset, literal in self._literals)

    def find(self, text: str, start: int, end: int) -> int:
        """The first place from `start` on where the segment fits and ends by `end`; -1 if there is none."""
        last = end - self.length
        if last < start:
            return -1
        if not self._literals:
            return start
        if len(self._literals) == 1:
            (offset, literal) = self._literals[0]
            return max(text.find(literal, start + offset, last + offset + len(literal)) - offset, -1)
        places = (1 << last + 1) - (1 << start)
        occurrences = _occurrences(text)
        for offset, literal in self._literals:
            for further, character in enumerate(literal, offset):
                places &= occurrences.get(character, 0) >> further
        return (places & -places).bit_length() - 1


@lru_cache(maxsize=64)
def _occurrences(text: str) -> dict[str, int]:
    """Where each character stands in `text`: bit *i* of its integer for place *i*.

    With these a segment is tried at all places at once, by one shift for each of its characters, so that a text full of
    near misses costs no more than any other.
    """
    bits: dict[str, bytearray] = {}
    size = len(text) // 8 + 1
    for at, character in enumerate(text):
        if character not in bits:
            bits[character] = bytearray(size)
        bits[character][at >> 3] |= 1 << (at & 7)
    return {character: int.from_bytes(found, "little") for character, found in bits.items()}


class Segments:
    """A pattern with `?`: a head, a tail, and segments to be found in order between them, as in `Runs`.

    `head` is the whole pattern if `tail` is None: then it holds no `*`.
    """

    __slots__ = ("_head", "_least", "_middle", "_tail")

    def __init__(self, head: Segment, middle: tuple[Segment, ...], tail: Segment | None) -> None:
        self._head = head
        self._middle = middle
        self._tail = tail
        self._least = head.length + sum(segment.length for segment in middle) + (tail.length if tail else 0)

    def matches(self, text: str) -> bool:
        if self._tail is None:
            return len(text) == self._head.length and self._head.fits(text, 0)
        end = len(text) - self._tail.length
        if len(text) < self._least or not self._head.fits(text, 0) or not self._tail.fits(text, end):
            return False
        at = self._head.length
        for segment in self._middle:
            found = segment.find(text, at, end)
            if found < 0:
                return False
            at = found + segment.length
        return True


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
    stretches: list[list[Token]] = [[]]
    for part in parts:
        if part is Wild.ANY_RUN:
            stretches.append([])
        else:
            stretches[-1].append(part)
    head, *rest = stretches
    if any(Wild.ANY_ONE in stretch for stretch in stretches):
        segments = [Segment(stretch) for stretch in rest if stretch or stretch is rest[-1]]
        return Segments(Segment(head), tuple(segments[:-1]), segments[-1] if rest else None)
    pieces = ["".join(str(part) for part in stretch) for stretch in stretches]
    if not rest:
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

"""Many wildcard patterns at once: does a text fit any of them?

A policy may list thousands of patterns and a request hundreds of values; trying each with each would cost their
product. Here a text is walked over once for all patterns together wherever that is less work. One pattern by itself is
the affair of `wildcard`; what the patterns mean, and where they come from, that of the callers.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from enum import Enum

from rolecall.names.wildcard import Matcher, Token, Wild, compile_tokens

Pattern = Sequence[Token]
"""A pattern, as `wildcard.compile_tokens` takes it."""

ArnPattern = Sequence[Pattern]
"""The six parts of an ARN pattern, the leading `arn` among them."""

ARN_PARTS = 6

# What the two ways cost, in about nanoseconds; only the ratios matter. A try may also have to read the whole text.
_TRY = 150
_STEP = 60
_STATES_PER_NANOSECOND = 28
_FEW = 16
"""So few patterns are always tried one by one: the automaton is not worth its memory."""


class PartWild(Enum):
    """The wildcards in the first five parts of an ARN pattern: they stop at a colon."""

    ANY_RUN = "*"
    ANY_ONE = "?"


Symbol = Token | PartWild

_IN_PART = {Wild.ANY_RUN: PartWild.ANY_RUN, Wild.ANY_ONE: PartWild.ANY_ONE}


class Automaton:
    """Patterns as one nondeterministic automaton, whose states are the bits of an integer.

    A pattern has a state for its beginning and one for each character and `?`: set if the text read so far fits the
    pattern up to there. A character of the text moves all states of all patterns by one shift; at a `*` a state stays.
    So the work is the length of the text times the size of an integer, however many near misses there are.
    """

    __slots__ = ("_accepting", "_moves", "_otherwise", "_start")

    def __init__(self, patterns: Iterable[Iterable[Symbol]]) -> None:
        led_to: defaultdict[str, list[int]] = defaultdict(list)
        places: dict[Wild | PartWild, list[int]] = {wild: [] for wild in (*Wild, *PartWild)}
        beginnings, ends = [], []
        state = -1
        for pattern in patterns:
            state += 1
            beginnings.append(state)
            for symbol in pattern:
                if isinstance(symbol, str):
                    for character in symbol:
                        state += 1
                        led_to[character].append(state)
                    continue
                if symbol is Wild.ANY_ONE or symbol is PartWild.ANY_ONE:
                    state += 1
                places[symbol].append(state)
            ends.append(state)
        self._start = _bits(beginnings, state)
        self._accepting = _bits(ends, state)
        moves, stays = _bits(places[Wild.ANY_ONE], state), _bits(places[Wild.ANY_RUN], state)
        moves_in_part = moves | _bits(places[PartWild.ANY_ONE], state)
        stays_in_part = stays | _bits(places[PartWild.ANY_RUN], state)
        self._otherwise = (moves_in_part, stays_in_part)
        self._moves = {
            character: (_bits(states, state) | moves_in_part, stays_in_part) for character, states in led_to.items()
        }
        self._moves[":"] = (_bits(led_to.get(":", ()), state) | moves, stays)

    def matches(self, text: str) -> bool:
        """Does the whole of `text` fit any of the patterns?"""
        reached, find, otherwise = self._start, self._moves.get, self._otherwise
        for character in text:
            moves, stays = find(character, otherwise)
            reached = reached << 1 & moves | reached & stays
            if not reached:
                return False
        return reached & self._accepting != 0


class AnyOf:
    """The matcher for a set of patterns."""

    __slots__ = ("_automaton", "_literals", "_matchers", "_others", "_prefixes", "_size")

    def __init__(self, patterns: Iterable[Pattern]) -> None:
        literals, prefixes, others = set(), [], []
        for pattern in patterns:
            match tuple(pattern):
                case ():
                    literals.add("")
                case (str(text),):
                    literals.add(text)
                case (str(text), Wild.ANY_RUN):
                    prefixes.append(text)
                case (Wild.ANY_RUN,):
                    prefixes.append("")
                case _:
                    others.append(pattern)
        self._literals = frozenset(literals)
        self._prefixes = _shortest(prefixes)
        self._others = others
        self._size = sum(map(_length, others))
        self._matchers: tuple[Matcher, ...] | None = None
        self._automaton: Automaton | None = None

    def matches(self, text: str) -> bool:
        """Does the whole of `text` fit any of the patterns?"""
        if text in self._literals:
            return True
        at = bisect_right(self._prefixes, text)
        if at and text.startswith(self._prefixes[at - 1]):
            return True
        if not self._others:
            return False
        if _is_worth_a_walk(len(self._others), self._size, len(text)):
            if self._automaton is None:
                self._automaton = Automaton(self._others)
            return self._automaton.matches(text)
        if self._matchers is None:
            self._matchers = tuple(map(compile_tokens, self._others))
        return any(matcher.matches(text) for matcher in self._matchers)


class AnyArnOf:
    """The matcher for a set of ARN patterns, each part of which is matched by itself."""

    __slots__ = ("_automaton", "_matchers", "_patterns", "_size")

    def __init__(self, patterns: Iterable[ArnPattern]) -> None:
        self._patterns = tuple(patterns)
        self._size = sum(ARN_PARTS - 1 + sum(map(_length, pattern)) for pattern in self._patterns)
        self._matchers: tuple[tuple[Matcher, ...], ...] | None = None
        self._automaton: Automaton | None = None

    def matches(self, text: str) -> bool:
        """Is `text` an ARN that fits any of the patterns?"""
        parts = text.split(":", ARN_PARTS - 1)
        if len(parts) != ARN_PARTS or parts[0] != "arn":
            return False
        if _is_worth_a_walk(len(self._patterns) * 2, self._size, len(text)):
            if self._automaton is None:
                self._automaton = Automaton(map(_joined, self._patterns))
            return self._automaton.matches(text)
        if self._matchers is None:
            self._matchers = tuple(tuple(map(compile_tokens, pattern)) for pattern in self._patterns)
        return any(
            all(matcher.matches(part) for matcher, part in zip(matchers, parts, strict=True))
            for matchers in self._matchers
        )


def _is_worth_a_walk(patterns: int, size: int, length: int) -> bool:
    """Is the automaton less work than `patterns` tries, if it has `size` states and the text `length` characters?"""
    return patterns > _FEW and patterns * (_TRY + length) > 2 * length * (_STEP + size // _STATES_PER_NANOSECOND)


def _length(pattern: Pattern) -> int:
    """The states that a pattern takes, about."""
    return 1 + sum(len(token) if isinstance(token, str) else 1 for token in pattern)


def _joined(parts: ArnPattern) -> list[Symbol]:
    """The parts of an ARN pattern as one pattern for the whole ARN."""
    *qualifiers, resource = parts
    symbols: list[Symbol] = []
    for part in qualifiers:
        symbols += [token if isinstance(token, str) else _IN_PART[token] for token in part]
        symbols.append(":")
    symbols += resource
    return symbols


def _shortest(prefixes: Iterable[str]) -> list[str]:
    """The prefixes in order, without those that begin with another: only one of these can begin a text."""
    shortest: list[str] = []
    for prefix in sorted(prefixes):
        if not shortest or not prefix.startswith(shortest[-1]):
            shortest.append(prefix)
    return shortest


def _bits(states: Iterable[int], last: int) -> int:
    """The integer with the bits of `states` set, none of them above `last`."""
    bits = bytearray((last >> 3) + 1)
    for state in states:
        bits[state >> 3] |= 1 << (state & 7)
    return int.from_bytes(bits, "little")

"""Many wildcard patterns at once: does a text fit any of them?

A policy may list thousands of patterns and a request hundreds of values; trying each with each would cost their
product. Here a text is walked over once for all patterns together wherever that is less work. One pattern by itself is
the affair of `wildcard`; what the patterns mean, and where they come from, that of the callers.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence

from rolecall.names.automaton import ArnPattern, Automaton, Pattern, join_parts
from rolecall.names.wildcard import Matcher, Wild, compile_tokens

ARN_PARTS = 6

FEW = 16
"""So few patterns are always tried one by one: the automaton is not worth its memory."""

# What the two ways cost, in about nanoseconds; only the ratios matter. A try may also have to read the whole text.
_TRY = 150
_STEP = 60
_STATES_PER_NANOSECOND = 28


TextTest = Callable[[str], bool]
"""Does a text fit?"""


def any_of(patterns: Iterable[Pattern]) -> TextTest:
    """The test whether the whole of a text fits any of the patterns, prepared to be used often."""
    patterns = tuple(map(tuple, patterns))
    if len(patterns) > FEW:
        return AnyOf(patterns, lasting=True).matches
    literals: set[str] = set()
    prefixes: list[str] = []
    tests: list[TextTest] = []
    for pattern in patterns:
        match pattern:
            case (str(text),):
                literals.add(text)
            case (str(text), Wild.ANY_RUN):
                prefixes.append(text)
            case _:
                tests.append(compile_tokens(pattern).matches)
    if prefixes:
        tests.insert(0, _begins_with(tuple(prefixes)))
    if literals:
        tests.insert(0, frozenset(literals).__contains__)
    return any_test(tests)


def any_test(tests: Sequence[TextTest]) -> TextTest:
    """The test whether a text passes one of `tests`."""
    if len(tests) == 1:
        return tests[0]

    def fits(text: str) -> bool:
        for test in tests:  # noqa: SIM110 - a generator would cost as much as the tests
            if test(text):
                return True
        return False

    return fits


def _begins_with(prefixes: tuple[str, ...]) -> TextTest:
    return lambda text: text.startswith(prefixes)


class AnyOf:
    """The matcher for a set of patterns.

    The automaton is made when it is worth it; if `lasting` at once, since the matcher will be used for many texts.
    """

    __slots__ = ("_automaton", "_literals", "_matchers", "_others", "_prefixes", "_size")

    def __init__(self, patterns: Iterable[Pattern], *, lasting: bool = False) -> None:
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
        self._automaton = Automaton(others) if lasting and len(others) > FEW else None

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
    """The matcher for a set of ARN patterns, each part of which is matched by itself. `lasting` as for `AnyOf`."""

    __slots__ = ("_automaton", "_matchers", "_patterns", "_size")

    def __init__(self, patterns: Iterable[ArnPattern], *, lasting: bool = False) -> None:
        self._patterns = tuple(patterns)
        self._size = sum(ARN_PARTS - 1 + sum(map(_length, pattern)) for pattern in self._patterns)
        self._matchers: tuple[tuple[Matcher, ...], ...] | None = None
        is_crowd = len(self._patterns) > FEW
        self._automaton = Automaton(map(join_parts, self._patterns)) if lasting and is_crowd else None

    def matches(self, text: str) -> bool:
        """Is `text` an ARN that fits any of the patterns?"""
        parts = text.split(":", ARN_PARTS - 1)
        if len(parts) != ARN_PARTS or parts[0] != "arn":
            return False
        if _is_worth_a_walk(len(self._patterns) * 2, self._size, len(text)):
            if self._automaton is None:
                self._automaton = Automaton(map(join_parts, self._patterns))
            return self._automaton.matches(text)
        if self._matchers is None:
            self._matchers = tuple(tuple(map(compile_tokens, pattern)) for pattern in self._patterns)
        return any(
            all(matcher.matches(part) for matcher, part in zip(matchers, parts, strict=True))
            for matchers in self._matchers
        )


def _is_worth_a_walk(patterns: int, size: int, length: int) -> bool:
    """Is the automaton less work than `patterns` tries, if it has `size` states and the text `length` characters?"""
    return patterns > FEW and patterns * (_TRY + length) > 2 * length * (_STEP + size // _STATES_PER_NANOSECOND)


def _length(pattern: Pattern) -> int:
    """The states that a pattern takes, about."""
    return 1 + sum(len(token) if isinstance(token, str) else 1 for token in pattern)


def _shortest(prefixes: Iterable[str]) -> list[str]:
    """The prefixes in order, without those that begin with another: only one of these can begin a text."""
    shortest: list[str] = []
    for prefix in sorted(prefixes):
        if not shortest or not prefix.startswith(shortest[-1]):
            shortest.append(prefix)
    return shortest

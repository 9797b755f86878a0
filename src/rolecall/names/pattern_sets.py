"""Many wildcard patterns at once: does a text fit any of them?

A policy may list thousands of patterns and a request hundreds of values; trying each with each would cost their
product. Few patterns are tried one by one on a short text, which is fastest; all else is the affair of `pattern_tree`.
One pattern by itself is that of `wildcard`; what patterns mean, and where they come from, that of the callers.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence

from rolecall.names.pattern_tree import PatternTree, arn_texts, join_parts, plain_texts, split_arn
from rolecall.names.wildcard import Token, Wild, compile_tokens

FEW = 16
"""So many patterns are tried one by one on a short text."""

SHORT = 512
"""A text of so many characters is: to search it for what is not there costs no more than to lay it out."""

FEW_TEXTS = 4

Pattern = Sequence[Token]
"""A pattern, as `wildcard.compile_tokens` takes it."""

ArnPattern = Sequence[Pattern]
"""The six parts of an ARN pattern, the leading `arn` among them."""

TextTest = Callable[[str], bool]
"""Does a text fit?"""


def any_of(patterns: Iterable[Pattern], tree: PatternTree | None = None) -> TextTest:
    """The test whether the whole of a text fits any of the patterns, prepared to be used often.

    `tree` is that of the patterns, if there is one already; it may hold further ones with gaps.
    """
    literals: set[str] = set()
    prefixes: list[str] = []
    others: list[Pattern] = []
    for pattern in patterns:
        match tuple(pattern):
            case (str(text),):
                literals.add(text)
            case (str(text), Wild.ANY_RUN):
                prefixes.append(text)
            case _:
                others.append(pattern)
    tests: list[TextTest] = []
    if literals:
        tests.append(frozenset(literals).__contains__)
    if prefixes:
        tests.append(_begins_with(tuple(prefixes)))
    if others:
        tests.append(_fits_one_of(others, tree or PatternTree(others)))
    return any_test(tests)


def any_arn_of(patterns: Iterable[ArnPattern], tree: PatternTree | None = None) -> TextTest:
    """The test whether a text is an ARN that fits any of the patterns, each part by itself. `tree` as for `any_of`."""
    patterns = tuple(patterns)
    matcher = tree or PatternTree(map(join_parts, patterns))
    if len(patterns) > FEW:
        return lambda text: matcher.some_fit(arn_texts((text,)))
    tests = tuple(tuple(compile_tokens(part).matches for part in pattern) for pattern in patterns)

    def fits(text: str) -> bool:
        if len(text) > SHORT:
            return matcher.some_fit(arn_texts((text,)))
        parts = split_arn(text)
        return parts is not None and any(
            all(test(part) for test, part in zip(of_parts, parts, strict=True)) for of_parts in tests
        )

    return fits


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


def are_short(texts: Collection[str]) -> bool:
    """Is it little work to look at each of `texts` by itself?"""
    return len(texts) <= FEW_TEXTS and sum(map(len, texts)) <= SHORT


def _begins_with(prefixes: tuple[str, ...]) -> TextTest:
    return lambda text: text.startswith(prefixes)


def _fits_one_of(patterns: Sequence[Pattern], tree: PatternTree) -> TextTest:
    if len(patterns) > FEW:
        return lambda text: tree.some_fit(plain_texts((text,)))
    test = any_test([compile_tokens(pattern).matches for pattern in patterns])
    return lambda text: test(text) if len(text) <= SHORT else tree.some_fit(plain_texts((text,)))

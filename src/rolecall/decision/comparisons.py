"""What each comparison does with one value of the context and all values of the policy.

Only the plain, positive comparison: negation, `IfExists`, quantifiers and missing keys are in `conditions`.
Source: policy-language.md §4.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import eq, ge, gt, le, lt
from typing import TypeVar

from rolecall.decision.request import RequestContext
from rolecall.decision.templates import (
    Piece,
    TextTest,
    constant,
    literal_text,
    pieces_of,
    resolve,
    split_arn,
    text_test,
)
from rolecall.decision.values import (
    contains,
    parse_address,
    parse_binary,
    parse_instant,
    parse_network,
    parse_number,
    parse_truth,
)
from rolecall.language.document import Pattern
from rolecall.language.operators import Comparison

Found = TypeVar("Found")
Wanted = TypeVar("Wanted")
Prepare = Callable[[tuple[Pattern, ...]], TextTest]


def prepare(comparison: Comparison, values: tuple[Pattern, ...]) -> TextTest:
    """Make the test whether one context value matches any of the policy's `values`."""
    return _PREPARE[comparison](values)


def _equal_texts(fold: Callable[[str], str]) -> Prepare:
    def prepare_texts(values: tuple[Pattern, ...]) -> TextTest:
        templates = [pieces_of(value.template) for value in values]
        fixed = [literal_text(tokens) for pieces in templates if (tokens := constant(pieces)) is not None]
        texts = frozenset(fold(text) for text in fixed if text is not None)
        variable = tuple(pieces for pieces in templates if constant(pieces) is None)

        def test(value: str, context: RequestContext) -> bool:
            value = fold(value)
            return value in texts or any(_resolved_equals(pieces, context, value, fold) for pieces in variable)

        return test

    return prepare_texts


def _resolved_equals(
    pieces: tuple[Piece, ...], context: RequestContext, value: str, fold: Callable[[str], str]
) -> bool:
    tokens = resolve(pieces, context)
    text = None if tokens is None else literal_text(tokens)
    return text is not None and fold(text) == value


def _like_texts(values: tuple[Pattern, ...]) -> TextTest:
    return _any_of(tuple(text_test(pieces_of(value.template)) for value in values))


def _like_arns(values: tuple[Pattern, ...]) -> TextTest:
    return _any_of(tuple(_arn_test(pieces_of(value.template)) for value in values))


def _any_of(tests: tuple[TextTest, ...]) -> TextTest:
    return lambda value, context: any(test(value, context) for test in tests)


def _arn_test(pieces: tuple[Piece, ...]) -> TextTest:
    """Compare ARNs part by part.

    The pattern's own colons bound its parts, so that a colon in a variable's value cannot shift them. Only a pattern
    that has no six parts by itself (`${aws:SourceArn}`) is split after its variables are known.
    """
    parts = split_arn(pieces)
    if parts is not None:
        tests = tuple(text_test(part) for part in parts)
        return lambda value, context: _arn_fits(value, tests, context)

    def test(value: str, context: RequestContext) -> bool:
        tokens = resolve(pieces, context)
        parts = None if tokens is None else split_arn(tokens)
        return parts is not None and _arn_fits(value, tuple(text_test(part) for part in parts), context)

    return test


def _arn_fits(value: str, tests: tuple[TextTest, ...], context: RequestContext) -> bool:
    parts = value.split(":", 5)
    if len(parts) != 6 or parts[0] != "arn":
        return False
    return all(test(part, context) for test, part in zip(tests, parts, strict=True))


def _parsed(
    parse_found: Callable[[str], Found | None],
    parse_wanted: Callable[[str], Wanted | None],
    holds: Callable[[Found, Wanted], bool],
) -> Prepare:
    """Compare parsed values. What cannot be parsed, on either side, matches nothing."""

    def prepare_values(values: tuple[Pattern, ...]) -> TextTest:
        wanted = tuple(parsed for value in values if (parsed := parse_wanted(value.text)) is not None)

        def test(value: str, _context: RequestContext) -> bool:
            found = parse_found(value)
            return found is not None and any(holds(found, one) for one in wanted)

        return test

    return prepare_values


_PREPARE: dict[Comparison, Prepare] = {
    Comparison.STRING_EQUALS: _equal_texts(str),
    # Lower-casing, not case folding: `ß` and `ss` stay different, as they are for AWS.
    Comparison.STRING_EQUALS_IGNORE_CASE: _equal_texts(str.lower),
    Comparison.STRING_LIKE: _like_texts,
    Comparison.NUMERIC_EQUALS: _parsed(parse_number, parse_number, eq),
    Comparison.NUMERIC_LESS_THAN: _parsed(parse_number, parse_number, lt),
    Comparison.NUMERIC_LESS_THAN_EQUALS: _parsed(parse_number, parse_number, le),
    Comparison.NUMERIC_GREATER_THAN: _parsed(parse_number, parse_number, gt),
    Comparison.NUMERIC_GREATER_THAN_EQUALS: _parsed(parse_number, parse_number, ge),
    Comparison.DATE_EQUALS: _parsed(parse_instant, parse_instant, eq),
    Comparison.DATE_LESS_THAN: _parsed(parse_instant, parse_instant, lt),
    Comparison.DATE_LESS_THAN_EQUALS: _parsed(parse_instant, parse_instant, le),
    Comparison.DATE_GREATER_THAN: _parsed(parse_instant, parse_instant, gt),
    Comparison.DATE_GREATER_THAN_EQUALS: _parsed(parse_instant, parse_instant, ge),
    Comparison.BOOL: _parsed(parse_truth, parse_truth, eq),
    Comparison.BINARY_EQUALS: _parsed(parse_binary, parse_binary, eq),
    Comparison.IP_ADDRESS: _parsed(parse_address, parse_network, contains),
    Comparison.ARN_LIKE: _like_arns,
    # The value compared is not the key's but whether the key is absent: see `conditions`.
    Comparison.NULL: _parsed(parse_truth, parse_truth, eq),
}

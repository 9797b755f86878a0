"""What each comparison does with one value of the context and all values of the policy.

Only the plain, positive comparison: negation, `IfExists`, quantifiers and missing keys are in `conditions`.
Source: policy-language.md §4.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from decimal import Decimal
from functools import partial
from operator import ge, gt, le, lt
from typing import TypeVar

from rolecall.decision.request import RequestContext
from rolecall.decision.templates import (
    Bind,
    CompiledPatterns,
    Piece,
    compile_patterns,
    constant,
    fits_nothing,
    pieces_of,
    resolve,
    split_arn,
)
from rolecall.decision.values import (
    parse_address,
    parse_binary,
    parse_instant,
    parse_network,
    parse_number,
    parse_truth,
)
from rolecall.language.document import Pattern
from rolecall.language.operators import Comparison
from rolecall.names.pattern_sets import AnyArnOf, TextTest
from rolecall.names.wildcard import Token

Read = TypeVar("Read", Decimal, int)
"""What a text is read as."""

Prepare = Callable[[tuple[Pattern, ...]], CompiledPatterns]


def prepare(comparison: Comparison, values: tuple[Pattern, ...]) -> CompiledPatterns:
    """Make the test whether one context value matches any of the policy's `values`."""
    return _PREPARE[comparison](values)


# Texts


def _texts(values: tuple[Pattern, ...]) -> CompiledPatterns:
    return compile_patterns(pieces_of(value.template) for value in values)


def _texts_ignoring_case(values: tuple[Pattern, ...]) -> CompiledPatterns:
    """Lower-casing, not case folding: `ß` and `ss` stay different, as they are for AWS."""
    fixed: set[str] = set()
    variable: list[tuple[Piece, ...]] = []
    for pieces in (pieces_of(value.template) for value in values):
        tokens = constant(pieces)
        if tokens is None:
            variable.append(pieces)
        else:
            fixed.add("".join(map(str, tokens)).lower())
    return CompiledPatterns(lambda value: value.lower() in fixed, (_bind_ignoring_case(variable),) if variable else ())


def _bind_ignoring_case(patterns: list[tuple[Piece, ...]]) -> Bind:
    """All patterns resolved into one look-up."""

    def bind(context: RequestContext) -> TextTest:
        resolved = (resolve(pieces, context) for pieces in patterns)
        texts = {"".join(map(str, tokens)).lower() for tokens in resolved if tokens is not None}
        return lambda value: value.lower() in texts

    return bind


# ARNs


ArnParts = tuple[tuple[Piece, ...], ...]


def _arns(values: tuple[Pattern, ...]) -> CompiledPatterns:
    """Compare ARNs part by part.

    The pattern's own colons bound its parts, so that a colon in a variable's value cannot shift them. One that has not
    six parts by itself, which the parser refuses, matches nothing.
    """
    split = [parts for value in values if (parts := split_arn(pieces_of(value.template))) is not None]
    fixed: list[tuple[tuple[Token, ...], ...]] = []
    variable: list[ArnParts] = []
    for parts in split:
        tokens = tuple(found for part in parts if (found := constant(part)) is not None)
        if len(tokens) == len(parts):
            fixed.append(tokens)
        else:
            variable.append(parts)
    return CompiledPatterns(AnyArnOf(fixed, lasting=True).matches, (_bind_arns(tuple(variable)),) if variable else ())


def _bind_arns(patterns: tuple[ArnParts, ...]) -> Bind:
    prepared = tuple(tuple((constant(part), part) for part in parts) for parts in patterns)

    def bind(context: RequestContext) -> TextTest:
        resolved = (_resolved_arn(parts, context) for parts in prepared)
        return AnyArnOf(parts for parts in resolved if parts is not None).matches

    return bind


def _resolved_arn(
    parts: tuple[tuple[tuple[Token, ...] | None, tuple[Piece, ...]], ...], context: RequestContext
) -> list[tuple[Token, ...]] | None:
    """The parts with the values of their variables; None if one has no value, or a value that would shift the parts."""
    resolved = []
    for at, (tokens, pieces) in enumerate(parts):
        if tokens is None:
            tokens = resolve(pieces, context)
            if tokens is None or (at < len(parts) - 1 and any(":" in it for it in tokens if isinstance(it, str))):
                return None
        resolved.append(tokens)
    return resolved


# Parsed values: what cannot be read, on either side, matches nothing


def _one_of(parse: Callable[[str], Hashable | None], values: tuple[Pattern, ...]) -> CompiledPatterns:
    """Equality of parsed values."""
    wanted = frozenset(found for value in values if (found := parse(value.text)) is not None)
    return CompiledPatterns(lambda value: parse(value) in wanted)


def _beyond(
    parse: Callable[[str], Read | None],
    holds: Callable[[Read, Read], bool],
    loosest: Callable[[Iterable[Read]], Read],
    values: tuple[Pattern, ...],
) -> CompiledPatterns:
    """An order: what holds for any of the policy's values holds for the loosest."""
    wanted = [found for value in values if (found := parse(value.text)) is not None]
    if not wanted:
        return CompiledPatterns(fits_nothing)
    bound = loosest(wanted)

    def fits(value: str) -> bool:
        found = parse(value)
        return found is not None and holds(found, bound)

    return CompiledPatterns(fits)


def _networks(values: tuple[Pattern, ...]) -> CompiledPatterns:
    """Blocks of addresses, one look-up for each length of prefix."""
    blocks: defaultdict[tuple[int, int], set[int]] = defaultdict(set)
    for network in [found for value in values if (found := parse_network(value.text)) is not None]:
        blocks[network.version, network.shift].add(network.prefix)
    lengths = tuple((version, shift, frozenset(prefixes)) for (version, shift), prefixes in blocks.items())

    def fits(value: str) -> bool:
        address = parse_address(value)
        if address is None:
            return False
        found, number = address
        for version, shift, prefixes in lengths:  # noqa: SIM110 - a generator would cost as much as the tests
            if found == version and number >> shift in prefixes:
                return True
        return False

    return CompiledPatterns(fits)


_PREPARE: dict[Comparison, Prepare] = {
    Comparison.STRING_EQUALS: _texts,
    Comparison.STRING_EQUALS_IGNORE_CASE: _texts_ignoring_case,
    Comparison.STRING_LIKE: _texts,
    Comparison.NUMERIC_EQUALS: partial(_one_of, parse_number),
    Comparison.NUMERIC_LESS_THAN: partial(_beyond, parse_number, lt, max),
    Comparison.NUMERIC_LESS_THAN_EQUALS: partial(_beyond, parse_number, le, max),
    Comparison.NUMERIC_GREATER_THAN: partial(_beyond, parse_number, gt, min),
    Comparison.NUMERIC_GREATER_THAN_EQUALS: partial(_beyond, parse_number, ge, min),
    Comparison.DATE_EQUALS: partial(_one_of, parse_instant),
    Comparison.DATE_LESS_THAN: partial(_beyond, parse_instant, lt, max),
    Comparison.DATE_LESS_THAN_EQUALS: partial(_beyond, parse_instant, le, max),
    Comparison.DATE_GREATER_THAN: partial(_beyond, parse_instant, gt, min),
    Comparison.DATE_GREATER_THAN_EQUALS: partial(_beyond, parse_instant, ge, min),
    Comparison.BOOL: partial(_one_of, parse_truth),
    Comparison.BINARY_EQUALS: partial(_one_of, parse_binary),
    Comparison.IP_ADDRESS: _networks,
    Comparison.ARN_LIKE: _arns,
    # The value compared is not the key's but whether the key is absent: see `conditions`.
    Comparison.NULL: partial(_one_of, parse_truth),
}

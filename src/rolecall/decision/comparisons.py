"""What each comparison does with one value of the context and all values of the policy.

Only the plain, positive comparison: negation, `IfExists`, quantifiers and missing keys are in `conditions`.
Source: policy-language.md §4.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from decimal import Decimal
from functools import lru_cache, partial
from operator import ge, gt, le, lt
from typing import Any, TypeVar

import msgspec

from rolecall.decision.request import RequestContext
from rolecall.decision.templates import (
    CompiledPatterns,
    CrowdOfPatterns,
    Piece,
    compile_arns,
    compile_patterns,
    compile_readings,
    constant,
    pieces_of,
    split_arn,
    value_of,
)
from rolecall.decision.values import (
    parse_address,
    parse_binary,
    parse_instant,
    parse_network,
    parse_number,
    parse_truth,
)
from rolecall.language.document import Pattern, Variable
from rolecall.language.operators import Comparison
from rolecall.names.case import lower_text
from rolecall.names.pattern_tree import REMEMBERED_TEXTS, PatternTree, plain_texts
from rolecall.names.positions import Positions

Read = TypeVar("Read", Decimal, int)
"""What a text is read as."""

REMEMBERED_LENGTHS = 512
"""Of prefixes, each for some addresses."""

Prepare = Callable[[tuple[Pattern, ...]], CompiledPatterns]


def prepare(comparison: Comparison, values: tuple[Pattern, ...]) -> CompiledPatterns:
    """Make the test whether one context value matches any of the policy's `values`."""
    return _PREPARE[comparison](values)


# Texts


def _texts(values: tuple[Pattern, ...]) -> CompiledPatterns:
    return compile_patterns((pieces_of(value.template) for value in values), of_sets=True)


def _texts_ignoring_case(values: tuple[Pattern, ...]) -> CompiledPatterns:
    """Lower-casing, not case folding: `ß` and `ss` stay different, as they are for AWS."""
    patterns = tuple(tuple(map(_in_lower_case, pieces_of(value.template))) for value in values)
    fixed = frozenset("".join(map(str, tokens)) for pieces in patterns if (tokens := constant(pieces)) is not None)
    compiled = compile_readings(lower_text, fixed)
    if all(constant(pieces) is not None for pieces in patterns):
        return compiled
    crowd = CrowdOfPatterns(PatternTree(patterns), _lower_texts, _lower_value_of)
    return CompiledPatterns(compiled.fits, crowd, has_variables=True)


def _in_lower_case(piece: Piece) -> Piece:
    return lower_text(piece) if isinstance(piece, str) else piece


@lru_cache(maxsize=REMEMBERED_TEXTS)
def _lower_texts(texts: tuple[str, ...]) -> Positions:
    return plain_texts(tuple(map(lower_text, texts)))


def _lower_value_of(context: RequestContext, variable: Variable) -> str | None:
    value = value_of(context, variable)
    return None if value is None else lower_text(value)


# ARNs


def _arns(values: tuple[Pattern, ...]) -> CompiledPatterns:
    """Compare ARNs part by part.

    The pattern's own colons bound its parts, so that a colon in a variable's value cannot shift them. One that has not
    six parts by itself, which the parser refuses, matches nothing.
    """
    split = (split_arn(pieces_of(value.template)) for value in values)
    return compile_arns(parts for parts in split if parts is not None)


# Parsed values: what cannot be read, on either side, matches nothing


def _one_of(parse: Callable[[str], Hashable | None], values: tuple[Pattern, ...]) -> CompiledPatterns:
    """Equality of parsed values."""
    wanted = frozenset(found for value in values if (found := parse(value.text)) is not None)
    return compile_readings(parse, wanted)


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

    return CompiledPatterns(fits, _CrowdOfNetworks(lengths))


class _CrowdOfNetworks(msgspec.Struct, frozen=True):
    """Blocks of addresses, by version and shift."""

    lengths: tuple[tuple[int, int, frozenset[int]], ...]

    def some_fit(self, texts: tuple[str, ...], _context: RequestContext) -> bool:
        return self._fitting(texts) != 0

    def all_fit(self, texts: tuple[str, ...], _context: RequestContext) -> bool:
        return self._fitting(texts) == (1 << len(texts)) - 1

    def _fitting(self, texts: tuple[str, ...]) -> int:
        found = 0
        for version, shift, prefixes in self.lengths:
            addresses = _addresses_by_prefix(texts, version, shift)
            for prefix in prefixes.intersection(addresses):
                found |= addresses[prefix]
        return found


@lru_cache(maxsize=REMEMBERED_LENGTHS)
def _addresses_by_prefix(texts: tuple[str, ...], version: int, shift: int) -> dict[int, int]:
    """Which of `texts` are addresses with the same beginning, as bits of an integer: one for each text."""
    addresses: defaultdict[int, int] = defaultdict(int)
    for at, text in enumerate(texts):
        address = parse_address(text)
        if address is not None and address.version == version:
            addresses[address.number >> shift] |= 1 << at
    return addresses


# Parsed values in order


def _beyond(
    parse: Callable[[str], Read | None],
    holds: Callable[[Read, Read], bool],
    loosest: Callable[[Iterable[Read]], Read],
    values: tuple[Pattern, ...],
) -> CompiledPatterns:
    """An order: what `holds` between any of the policy's values and the request's does so for the loosest."""
    wanted = [found for value in values if (found := parse(value.text)) is not None]
    if not wanted:
        return compile_readings(parse, frozenset())
    is_beyond = partial(holds, loosest(wanted))

    def fits(text: str) -> bool:
        found = parse(text)
        return found is not None and is_beyond(found)

    return CompiledPatterns(fits, _CrowdInOrder(parse, is_beyond))


class _CrowdInOrder(msgspec.Struct, frozen=True):
    """A bound, as the test of what was parsed."""

    parse: Callable[[str], Any]
    is_beyond: Callable[[Any], bool]

    def some_fit(self, texts: tuple[str, ...], _context: RequestContext) -> bool:
        return any(map(self.is_beyond, _parsed(self.parse, texts)))

    def all_fit(self, texts: tuple[str, ...], _context: RequestContext) -> bool:
        found = _parsed(self.parse, texts)
        return len(found) == len(texts) and all(map(self.is_beyond, found))


@lru_cache(maxsize=REMEMBERED_TEXTS)
def _parsed(parse: Callable[[str], Read | None], texts: tuple[str, ...]) -> tuple[Read, ...]:
    """What can be read in some texts."""
    return tuple(found for text in texts if (found := parse(text)) is not None)


_PREPARE: dict[Comparison, Prepare] = {
    Comparison.STRING_EQUALS: _texts,
    Comparison.STRING_EQUALS_IGNORE_CASE: _texts_ignoring_case,
    Comparison.STRING_LIKE: _texts,
    Comparison.NUMERIC_EQUALS: partial(_one_of, parse_number),
    Comparison.NUMERIC_LESS_THAN: partial(_beyond, parse_number, gt, max),
    Comparison.NUMERIC_LESS_THAN_EQUALS: partial(_beyond, parse_number, ge, max),
    Comparison.NUMERIC_GREATER_THAN: partial(_beyond, parse_number, lt, min),
    Comparison.NUMERIC_GREATER_THAN_EQUALS: partial(_beyond, parse_number, le, min),
    Comparison.DATE_EQUALS: partial(_one_of, parse_instant),
    Comparison.DATE_LESS_THAN: partial(_beyond, parse_instant, gt, max),
    Comparison.DATE_LESS_THAN_EQUALS: partial(_beyond, parse_instant, ge, max),
    Comparison.DATE_GREATER_THAN: partial(_beyond, parse_instant, lt, min),
    Comparison.DATE_GREATER_THAN_EQUALS: partial(_beyond, parse_instant, le, min),
    Comparison.BOOL: partial(_one_of, parse_truth),
    Comparison.BINARY_EQUALS: partial(_one_of, parse_binary),
    Comparison.IP_ADDRESS: _networks,
    Comparison.ARN_LIKE: _arns,
    # The value compared is not the key's but whether the key is absent: see `conditions`.
    Comparison.NULL: partial(_one_of, parse_truth),
}

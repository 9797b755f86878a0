"""Patterns with policy variables: taken apart once, and bound to a request's context where they have variables.

Only texts and patterns. What a pattern is compared with is decided by `resources` and `comparisons`.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from functools import lru_cache, partial
from itertools import takewhile
from typing import Protocol, assert_never

import msgspec

from rolecall.decision.request import RequestContext
from rolecall.language.document import AnyOne, AnyRun, Template, Text, Variable
from rolecall.names.pattern_sets import SHORT, TextTest, any_arn_of, any_of, are_short
from rolecall.names.pattern_tree import REMEMBERED_TEXTS, PatternTree, arn_texts, join_parts, plain_texts
from rolecall.names.positions import Positions
from rolecall.names.wildcard import Token, Wild, compile_tokens

Piece = str | Wild | Variable
"""A part of a pattern: literal text, a wildcard, or a variable still to be resolved."""

FEW_VARIABLE = 4
"""So many patterns with variables are put together one by one for each text."""


def pieces_of(template: Template) -> tuple[Piece, ...]:
    """Take a parsed template apart."""
    return tuple(_piece(part) for part in template)


def _piece(part: Text | AnyRun | AnyOne | Variable) -> Piece:
    match part:
        case Text():
            return part.text
        case AnyRun():
            return Wild.ANY_RUN
        case AnyOne():
            return Wild.ANY_ONE
        case Variable():
            return part
        case _:  # pragma: no cover - mypy proves that nothing gets here
            assert_never(part)


def constant(pieces: Iterable[Piece]) -> tuple[Token, ...] | None:
    """The pieces, if no variable is among them; None otherwise."""
    tokens: list[Token] = []
    for piece in pieces:
        if isinstance(piece, Variable):
            return None
        tokens.append(piece)
    return tuple(tokens)


def value_of(context: RequestContext, variable: Variable) -> str | None:
    """The text that stands for a variable; None if it has no value.

    A value is data: `*` and `?` in it stand for themselves. A multivalued key has no single value and so cannot be
    used, not even by its default, which covers absence only (policy-language.md §5).
    """
    value = context.get(variable.key, variable.default)
    return value if isinstance(value, str) else None


def literal_text(tokens: Iterable[Token]) -> str | None:
    """The tokens as one text, if no wildcard is among them; None otherwise."""
    texts: list[str] = []
    for token in tokens:
        if isinstance(token, Wild):
            return None
        texts.append(token)
    return "".join(texts)


def literal_head(pieces: Iterable[Piece]) -> str:
    """The text with which everything that fits begins: what stands before the first wildcard or variable."""
    return "".join(str(piece) for piece in takewhile(lambda piece: isinstance(piece, str), pieces))


class Crowd(Protocol):
    """The values of a policy as a whole, for sets of texts that are many or long."""

    def some_fit(self, texts: tuple[str, ...], context: RequestContext) -> bool:
        """Does some text fit one of the values?"""
        ...

    def all_fit(self, texts: tuple[str, ...], context: RequestContext) -> bool:
        """Does each text fit one of the values?"""
        ...


class CompiledPatterns(msgspec.Struct, frozen=True):
    """The values of a policy, of which one has to fit.

    Parameters
    ----------
    fits: does a text fit one of those without variables?
    crowd: all of them as one. None if there are no variables and never a set of texts to compare with.
    has_variables: there are values with variables.
    variable: those, if they are few; each is put together for the text it is compared with.
    """

    fits: TextTest
    crowd: Crowd | None = None
    has_variables: bool = False
    variable: tuple[tuple[Piece, ...], ...] = ()

    def fit(self, text: str, context: RequestContext) -> bool:
        """Does `text` fit one of the patterns in this context?"""
        if self.fits(text):
            return True
        if self.variable and len(text) <= SHORT:
            return any(_fits_resolved(pieces, text, context) for pieces in self.variable)
        return self.has_variables and self.crowd is not None and self.crowd.some_fit((text,), context)

    def some_fit(self, texts: tuple[str, ...], context: RequestContext) -> bool:
        """Does some text fit one of the patterns?"""
        if self.crowd is not None and not are_short(texts):
            return self.crowd.some_fit(texts, context)
        return any(self.fit(text, context) for text in texts) if self.has_variables else any(map(self.fits, texts))

    def all_fit(self, texts: tuple[str, ...], context: RequestContext) -> bool:
        """Does each text fit one of the patterns?"""
        if self.crowd is not None and not are_short(texts):
            return self.crowd.all_fit(texts, context)
        return all(self.fit(text, context) for text in texts) if self.has_variables else all(map(self.fits, texts))


class CrowdOfPatterns(msgspec.Struct, frozen=True):
    """Patterns, matched on all texts at once.

    Parameters
    ----------
    tree: the patterns; variables are its gaps.
    lay_out: what makes of texts that which the tree takes.
    fill: the text for a variable.
    """

    tree: PatternTree
    lay_out: Callable[[tuple[str, ...]], Positions]
    fill: Callable[[RequestContext, Variable], str | None]

    def some_fit(self, texts: tuple[str, ...], context: RequestContext) -> bool:
        """As of `Crowd`."""
        return self.tree.some_fit(self.lay_out(texts), partial(self.fill, context))

    def all_fit(self, texts: tuple[str, ...], context: RequestContext) -> bool:
        """As of `Crowd`."""
        return self.tree.all_fit(self.lay_out(texts), partial(self.fill, context))


class _CrowdOfReadings(msgspec.Struct, frozen=True):
    """Values that are equal to a text if the same is read in it."""

    read: Callable[[str], Hashable | None]
    wanted: frozenset[Hashable]

    def some_fit(self, texts: tuple[str, ...], _context: RequestContext) -> bool:
        return not self.wanted.isdisjoint(_readings(self.read, texts))

    def all_fit(self, texts: tuple[str, ...], _context: RequestContext) -> bool:
        return self.wanted.issuperset(_readings(self.read, texts))


@lru_cache(maxsize=REMEMBERED_TEXTS)
def _readings(read: Callable[[str], Hashable | None], texts: tuple[str, ...]) -> frozenset[Hashable | None]:
    return frozenset(map(read, texts))


def compile_readings(read: Callable[[str], Hashable | None], wanted: frozenset[Hashable]) -> CompiledPatterns:
    """Prepare values for texts that are equal if what is read in them is. None is read in a text that fits nothing."""
    return CompiledPatterns(lambda text: read(text) in wanted, _CrowdOfReadings(read, wanted))


def _as_it_is(text: str) -> str:
    return text


def compile_patterns(patterns: Iterable[tuple[Piece, ...]], *, of_sets: bool) -> CompiledPatterns:
    """Prepare patterns; `of_sets` if they may be compared with several texts at once."""
    patterns = tuple(patterns)
    variable = tuple(pieces for pieces in patterns if constant(pieces) is None)
    fixed = [tokens for pieces in patterns if (tokens := constant(pieces)) is not None]
    if not variable and not of_sets:
        return CompiledPatterns(any_of(fixed))
    literals = frozenset(literal_text(tokens) for tokens in fixed)
    if not variable and None not in literals:
        return CompiledPatterns(literals.__contains__, _CrowdOfReadings(_as_it_is, literals))
    tree = PatternTree(patterns)
    return CompiledPatterns(
        any_of(fixed, tree),
        CrowdOfPatterns(tree, plain_texts, value_of),
        has_variables=bool(variable),
        variable=variable if len(variable) <= FEW_VARIABLE else (),
    )


def compile_arns(patterns: Iterable[tuple[tuple[Piece, ...], ...]]) -> CompiledPatterns:
    """Prepare patterns for ARNs, each in six parts. No wildcard and no variable's value reaches beyond its part."""
    patterns = tuple(patterns)
    fixed = [tokens for parts in patterns if len(tokens := _constant_parts(parts)) == len(parts)]
    tree = PatternTree(map(join_parts, patterns))
    return CompiledPatterns(
        any_arn_of(fixed, tree),
        CrowdOfPatterns(tree, arn_texts, value_of),
        has_variables=len(fixed) < len(patterns),
    )


def _constant_parts(parts: tuple[tuple[Piece, ...], ...]) -> tuple[tuple[Token, ...], ...]:
    return tuple(tokens for part in parts if (tokens := constant(part)) is not None)


def _fits_resolved(pieces: tuple[Piece, ...], text: str, context: RequestContext) -> bool:
    """Does `text` fit a pattern with variables? Not if one of them has no value."""
    tokens: list[Token] = []
    for piece in pieces:
        value = value_of(context, piece) if isinstance(piece, Variable) else piece
        if value is None:
            return False
        tokens.append(value)
    return compile_tokens(tokens).matches(text)


def split_arn(pieces: Iterable[Piece]) -> tuple[tuple[Piece, ...], ...] | None:
    """Split a pattern at the first five colons of its literal text; None if it has fewer."""
    parts: list[list[Piece]] = [[]]
    for piece in pieces:
        if not isinstance(piece, str):
            parts[-1].append(piece)
            continue
        first, *rest = piece.split(":", 6 - len(parts))
        parts[-1].append(first)
        parts.extend([text] for text in rest)
    return tuple(tuple(part) for part in parts) if len(parts) == 6 else None

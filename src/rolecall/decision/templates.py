"""Patterns with policy variables: taken apart once, and bound to a request's context where they have variables.

Only texts and patterns. What a pattern is compared with is decided by `resources` and `comparisons`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import takewhile
from typing import assert_never

import msgspec

from rolecall.decision.request import RequestContext
from rolecall.language.document import AnyOne, AnyRun, Template, Text, Variable
from rolecall.names.pattern_sets import FEW, AnyOf, TextTest, any_of, any_test
from rolecall.names.wildcard import Token, Wild

Piece = str | Wild | Variable
"""A part of a pattern: literal text, a wildcard, or a variable still to be resolved."""

Bind = Callable[[RequestContext], TextTest]
"""Put a request's values in the place of variables, and give the test that results."""


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


def resolve(pieces: Iterable[Piece], context: RequestContext) -> tuple[Token, ...] | None:
    """Put values in the place of variables; None if one has no value.

    A value is data: `*` and `?` in it stand for themselves. A multivalued key has no single value and so cannot be
    used, not even by its default, which covers absence only (policy-language.md §5).
    """
    tokens: list[Token] = []
    for piece in pieces:
        if isinstance(piece, Variable):
            value = context.get(piece.key, piece.default)
            if not isinstance(value, str):
                return None
            tokens.append(value)
        else:
            tokens.append(piece)
    return tuple(tokens)


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


def fits_nothing(_text: str) -> bool:
    """The test of a pattern whose variables have no value."""
    return False


class CompiledPatterns(msgspec.Struct, frozen=True):
    """Several patterns, of which one has to fit: those without variables as one test, the others to be bound."""

    fits: TextTest
    variable: tuple[Bind, ...] = ()

    def bound(self, context: RequestContext) -> TextTest:
        """The test of all patterns in this context."""
        return any_test((self.fits, *(bind(context) for bind in self.variable))) if self.variable else self.fits


def compile_patterns(patterns: Iterable[tuple[Piece, ...]]) -> CompiledPatterns:
    """Prepare patterns; many with variables are bound together, so that the work is not their number times values."""
    fixed: list[tuple[Token, ...]] = []
    variable: list[tuple[Piece, ...]] = []
    for pieces in patterns:
        tokens = constant(pieces)
        if tokens is None:
            variable.append(pieces)
        else:
            fixed.append(tokens)
    binds = tuple(map(_bind, variable)) if len(variable) <= FEW else (_bind_all(tuple(variable)),)
    return CompiledPatterns(any_of(fixed), binds)


def _bind(pieces: tuple[Piece, ...]) -> Bind:
    def bind(context: RequestContext) -> TextTest:
        tokens = resolve(pieces, context)
        return fits_nothing if tokens is None else any_of((tokens,))

    return bind


def _bind_all(patterns: tuple[tuple[Piece, ...], ...]) -> Bind:
    def bind(context: RequestContext) -> TextTest:
        resolved = (resolve(pieces, context) for pieces in patterns)
        return AnyOf(tokens for tokens in resolved if tokens is not None).matches

    return bind


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

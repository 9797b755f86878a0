"""Patterns with policy variables: turned into pieces once, resolved against a request's context when it is known.

Only texts and pieces. What a pattern is compared with is decided by `matching` and `comparisons`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import assert_never

from rolecall.decision.request import RequestContext
from rolecall.language.document import AnyOne, AnyRun, Template, Text, Variable
from rolecall.names.wildcard import Token, Wild, compile_tokens

Piece = str | Wild | Variable
"""A part of a pattern: literal text, a wildcard, or a variable still to be resolved."""

TextTest = Callable[[str, RequestContext], bool]
"""Does a text fit a prepared pattern, given the request's context?"""


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


def text_test(pieces: tuple[Piece, ...]) -> TextTest:
    """Prepare the test whether a whole text fits a pattern. A pattern whose variables have no value fits nothing."""
    fixed = constant(pieces)
    if fixed is not None:
        matches = compile_tokens(fixed).matches
        return lambda text, _context: matches(text)

    def test(text: str, context: RequestContext) -> bool:
        resolved = resolve(pieces, context)
        return resolved is not None and compile_tokens(resolved).matches(text)

    return test


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

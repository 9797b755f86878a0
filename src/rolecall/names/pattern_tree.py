"""Many patterns as one tree: what they begin with in common is matched once, on many texts at the same time.

The work is bounded by the patterns' characters times the size of an integer with a bit for each character of the texts.
When that is less than trying one pattern after the other is decided by the callers.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from enum import Enum
from functools import lru_cache
from typing import Any

from rolecall.names.positions import Places, Positions
from rolecall.names.wildcard import Wild

ARN_PARTS = 6

REMEMBERED_TEXTS = 256
"""A request has no more texts that are long enough to be laid out."""


class Part(Enum):
    """The end of a part, as of an ARN: no wildcard reaches beyond it."""

    END = ":"


Symbol = Hashable
"""Of a pattern: literal text, a `Wild`, the end of a part, a whole beginning, or anything else: a gap to be filled."""


class Beginning(tuple[Symbol, ...]):
    """Symbols without gaps with which a pattern begins, as many others may: the leading parts of ARNs."""

    __slots__ = ()


Fill = Callable[[Any], str | None]
"""The text that fills a gap; None if there is none: then the pattern fits nothing."""


def leave_open(_gap: Symbol) -> None:
    """Fill no gap."""


_ANY_RUN, _ANY_ONE = Wild.ANY_RUN, Wild.ANY_ONE
"""At hand, for an enumeration is slow to look into."""

_END = object()
"""What every pattern ends with."""

_Branches = dict[Any, Any]
"""How patterns go on that have begun alike: the symbols up to where they part, and from there on the same again."""


class PatternTree:
    """Patterns that begin alike are one branch as long as they do."""

    __slots__ = ("_root",)

    def __init__(self, patterns: Iterable[Iterable[Symbol]]) -> None:
        self._root: _Branches = {}
        for pattern in patterns:
            branches = self._root
            for symbol in (*pattern, _END):
                branches = branches.setdefault(symbol, {})
        _join_symbols(self._root)

    def some_fit(self, texts: Positions, fill: Fill = leave_open) -> bool:
        """Does one of the texts fit any of the patterns?"""
        return any(self._fitting(texts, fill))

    def all_fit(self, texts: Positions, fill: Fill = leave_open) -> bool:
        """Does each of the texts fit any of the patterns?"""
        left = texts.finals
        for fitting in self._fitting(texts, fill):
            left &= ~fitting
            if not left:
                return True
        return False

    def _fitting(self, texts: Positions, fill: Fill) -> Iterator[Places]:
        """For each pattern that some text fits, the ends of these texts."""
        to_follow = [(self._root, texts.starts)]
        while to_follow:
            branches, places = to_follow.pop()
            for symbols, further in branches.items():
                reached = _after(symbols, places, texts, fill)
                if reached and further:
                    to_follow.append((further, reached))
                elif reached:
                    yield reached


def _after(symbols: Iterable[Symbol], places: Places, texts: Positions, fill: Fill) -> Places:
    """Where one may be after `symbols`."""
    after_run, after_text = texts.after_run, texts.after_text
    for symbol in symbols:
        if symbol is _ANY_RUN:
            places = after_run(places)
        elif isinstance(symbol, str):
            places = after_text(places, symbol)
        elif symbol is _ANY_ONE:
            places = texts.after_one(places)
        elif symbol is Part.END:
            places = texts.after_part(places)
        elif isinstance(symbol, Beginning):
            places = _after_beginning(symbol, texts)
        elif symbol is _END:
            places &= texts.finals
        else:
            text = fill(symbol)
            places = 0 if text is None else after_text(places, text)
        if not places:
            break
    return places


def _after_beginning(beginning: Beginning, texts: Positions) -> Places:
    """Where one may be after the `beginning` of a pattern, found once for all patterns that have it."""
    places = texts.remembered.get(beginning)
    if places is None:
        places = _after(beginning, texts.starts, texts, leave_open)
        texts.remember(beginning, places)
    return places


def _join_symbols(root: _Branches) -> None:
    """Put the symbols of a branch together, up to where it parts: to follow them one by one is slow."""
    to_join = [root]
    while to_join:
        branches = to_join.pop()
        for symbol in list(branches):
            symbols, further = [symbol], branches.pop(symbol)
            while len(further) == 1:
                [(symbol, further)] = further.items()
                symbols.append(symbol)
            branches[tuple(symbols)] = further
            to_join.append(further)


@lru_cache(maxsize=REMEMBERED_TEXTS)
def plain_texts(texts: tuple[str, ...]) -> Positions:
    """The places in texts of one part."""
    return Positions((text,) for text in texts)


@lru_cache(maxsize=REMEMBERED_TEXTS)
def arn_texts(texts: tuple[str, ...]) -> Positions:
    """The places in the six parts of ARNs; a text that is none fits nothing."""
    return Positions(split_arn(text) or () for text in texts)


def split_arn(text: str) -> list[str] | None:
    """The six parts of an ARN, or None if `text` is none."""
    parts = text.split(":", ARN_PARTS - 1)
    return parts if len(parts) == ARN_PARTS and parts[0] == "arn" else None


def join_parts(parts: Iterable[Iterable[Symbol]]) -> list[Symbol]:
    """The patterns of a text's parts as one pattern."""
    *leading, last = parts
    beginning = [symbol for part in leading for symbol in (*part, Part.END)]
    has_gaps = not all(isinstance(symbol, str | Wild | Part) for symbol in beginning)
    return [*beginning, *last] if has_gaps else [Beginning(beginning), *last]

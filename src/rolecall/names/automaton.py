"""Many wildcard patterns as one automaton: a text is walked over once for all of them.

When that is less work than trying one pattern after the other is decided in `pattern_sets`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from enum import Enum

from rolecall.names.wildcard import Token, Wild

Pattern = Sequence[Token]
"""A pattern, as `wildcard.compile_tokens` takes it."""

ArnPattern = Sequence[Pattern]
"""The six parts of an ARN pattern, the leading `arn` among them."""


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


def join_parts(parts: ArnPattern) -> list[Symbol]:
    """The parts of an ARN pattern as one pattern for the whole ARN."""
    *qualifiers, resource = parts
    symbols: list[Symbol] = []
    for part in qualifiers:
        symbols += [token if isinstance(token, str) else _IN_PART[token] for token in part]
        symbols.append(":")
    symbols += resource
    return symbols


def _bits(states: Iterable[int], last: int) -> int:
    """The integer with the bits of `states` set, none of them above `last`."""
    bits = bytearray((last >> 3) + 1)
    for state in states:
        bits[state >> 3] |= 1 << (state & 7)
    return int.from_bytes(bits, "little")

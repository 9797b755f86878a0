"""Can one text fit two wildcard patterns at once? Asked of what policies could cover; no decision rests on it.

Matching a text against a pattern is the affair of `wildcard`.
"""

from __future__ import annotations

from collections.abc import Sequence

from rolecall.names.wildcard import Token, Wild


def overlap(one: Sequence[Token], other: Sequence[Token]) -> bool:
    """Is there a text that fits both patterns?

    The places of `one` that can be reached while `other` is read are bits of one integer, so hostile patterns cost the
    length of `other` in operations on such integers, and not the product of the lengths.
    """
    places, runs, width = _places(one)
    reached = _skip(1, runs)
    for token in other:
        if token is Wild.ANY_RUN:
            # A run can become whatever `one` still asks for: every later place can be reached.
            first = reached & -reached
            reached = (1 << width + 1) - first if first else 0
        elif token is Wild.ANY_ONE:
            reached = _skip((reached << 1 | reached & runs) & ((1 << width + 1) - 1), runs)
        else:
            for character in token:
                fitting = reached & (places.get(character, 0) | places[""])
                reached = _skip(fitting << 1 | reached & runs, runs)
        if not reached:
            return False
    return bool(reached >> width & 1)


def _places(tokens: Sequence[Token]) -> tuple[dict[str, int], int, int]:
    """Where each character stands (under `""`: where any may stand), where runs stand, and the length, as bits."""
    places: dict[str, int] = {"": 0}
    runs = at = 0
    for token in tokens:
        if token is Wild.ANY_RUN:
            if at and runs >> at - 1 & 1:
                continue  # two runs are one
            runs |= 1 << at
            at += 1
        elif token is Wild.ANY_ONE:
            places[""] |= 1 << at
            at += 1
        else:
            for character in token:
                places[character] = places.get(character, 0) | 1 << at
                at += 1
    return places, runs, at


def _skip(reached: int, runs: int) -> int:
    """A run may be empty: what stands behind it is reached with it."""
    return reached | (reached & runs) << 1

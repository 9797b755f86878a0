"""Texts laid out in a row, and sets of places in them: what many patterns are matched on at once.

A set of places is an integer with a bit for each place, so that one operation moves every partial match of a pattern,
however many there are. Which moves a pattern makes is told by `pattern_tree`.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence

Places = int
"""A set of places: bit *i* for the place before the character *i*."""

SHORT_READ = 16
"""So many characters are read one by one; where a longer text stands is found once for all who ask."""

_FEW_PLACES = 16

MOST_REMEMBERED = 1024
"""Texts outlive a request, for the next one often has the same; but not without bound what was found in them."""

_FILLER = "\0"
"""Stands where no character is. One of the same kind inside of a text is told from it by its place."""

_PLANES = [bytes(ord("0") + (code >> bit & 1) for code in range(256)) for bit in range(8)]
"""For each bit of a byte the table that translates a byte into that bit, as a binary digit."""

_BITS_OF_ASCII = 7
_BITS_OF_UNICODE = 21


class Positions:
    """The places in some texts, each of which is a sequence of parts (the one of a plain text, the six of an ARN).

    A text without parts is one that nothing fits: it has no beginning. Behind each part stand two places without a
    character: its end, and a guard at which a run of characters stops.

    Parameters
    ----------
    starts: the beginnings of the texts.
    finals: the ends of the texts.
    remembered: places that were found before, by literal text or by what else one looks for.
    """

    __slots__ = ("_ends", "_guards", "_inside", "_occurrences", "_text", "finals", "remembered", "starts")

    def __init__(self, texts: Iterable[Sequence[str]]) -> None:
        laid_out, starts, ends, finals = [], [], [], []
        at = 0
        for parts in texts:
            if parts:
                starts.append(at)
            for part in parts or ("",):
                laid_out.append(part)
                at += len(part)
                ends.append(at)
                at += 2
            finals.append(ends[-1])
        self.starts = _places(starts, at)
        self.finals = _places(finals, at)
        self._ends = _places(ends, at)
        self._guards = self._ends << 1
        self._inside = (1 << at) - 1 ^ self._ends ^ self._guards
        self._text = (_FILLER * 2).join(laid_out)
        self._occurrences = _Occurrences(self._text, self._inside)
        self.remembered: dict[Hashable, Places] = {}

    def after_text(self, places: Places, text: str) -> Places:
        """Where one is after reading `text`."""
        if len(text) == 1:
            return (places & self._occurrences[text]) << 1
        if len(text) > SHORT_READ:
            return (places & self._beginnings(text)) << len(text)
        occurrences = self._occurrences
        for character in text:
            places = (places & occurrences[character]) << 1
            if not places:
                break
        return places

    def _beginnings(self, text: str) -> Places:
        """Where `text` stands."""
        found = self.remembered.get(text)
        if found is None:
            found = self._find(text)
            self.remember(text, found)
        return found

    def remember(self, key: Hashable, places: Places) -> None:
        """Keep places that were found, for whoever looks them up in `remembered`."""
        if len(self.remembered) >= MOST_REMEMBERED:
            self.remembered.clear()
        self.remembered[key] = places

    def _find(self, text: str) -> Places:
        """Look for a text. If it stands in many places it repeats itself, and so its halves are known the sooner."""
        start = self.after_text(self._inside, text[:SHORT_READ]) >> min(len(text), SHORT_READ)
        if not start or len(text) <= SHORT_READ:
            return start
        if start.bit_count() <= _FEW_PLACES and _FILLER not in text:
            return self._where_it_stands(text, start)
        half = len(text) // 2
        return self._beginnings(text[:half]) & self._beginnings(text[half:]) >> half

    def _where_it_stands(self, text: str, places: Places) -> Places:
        found = 0
        while places:
            place = places & -places
            if self._text.startswith(text, place.bit_length() - 1):
                found |= place
            places ^= place
        return found

    def after_one(self, places: Places) -> Places:
        """Where one is after any one character."""
        return (places & self._inside) << 1

    def after_run(self, places: Places) -> Places:
        """Where one may be after any run of characters, which never leaves a part.

        Of each part that holds a place, those from its lowest on: subtracting that from the guard sets all above it
        but the other places held. Guards of the other parts stay set, and are left out by every other move.
        """
        return self._guards - places | places

    def after_part(self, places: Places) -> Places:
        """Where one is after the end of a part: at the beginning of the next. Not for the last part of a text."""
        return (places & self._ends) << 2


class _Occurrences(dict[str, Places]):
    """Where each character stands, found when it is asked for.

    The text is read once for each bit of its characters, not once for each character or place.
    """

    __slots__ = ("_inside", "_planes")

    def __init__(self, text: str, inside: Places) -> None:
        self._inside = inside
        self._planes = [(plane & inside, ~plane & inside) for plane in _planes(text)]

    def __missing__(self, character: str) -> Places:
        code = ord(character)
        found = self._inside if code >> len(self._planes) == 0 else 0
        for bit, (is_set, is_clear) in enumerate(self._planes):
            found &= is_set if code >> bit & 1 else is_clear
        if len(self) >= MOST_REMEMBERED:
            self.clear()
        self[character] = found
        return found


def _planes(text: str) -> Iterable[Places]:
    """For each bit of a character the places where it is set."""
    backwards = text[::-1]
    if text.isascii():
        encoded, width, bits = backwards.encode(), 1, _BITS_OF_ASCII
    else:
        encoded, width, bits = backwards.encode("utf-32-le", "surrogatepass"), 4, _BITS_OF_UNICODE
    for bit in range(bits):
        yield int(encoded[bit // 8 :: width].translate(_PLANES[bit % 8]) or b"0", 2)


def _places(places: Iterable[int], size: int) -> Places:
    bits = bytearray((size >> 3) + 1)
    for place in places:
        bits[place >> 3] |= 1 << (place & 7)
    return int.from_bytes(bits, "little")

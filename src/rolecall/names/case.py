"""Lower case, for names and texts that are compared without regard to case.

Never `casefold`: to AWS `ß` and `ss` are different.
"""

from __future__ import annotations

KELVIN_SIGN = "\u212a"
"""The one character beyond ASCII whose lower case is ASCII: a `k`."""


def lower_name(text: str) -> str:
    """The name of an action, a condition key or a tag in lower case.

    A Kelvin sign stays, so that no name passes for one of ASCII.
    """
    if KELVIN_SIGN not in text:
        return text.lower()
    return KELVIN_SIGN.join(part.lower() for part in text.split(KELVIN_SIGN))


def lower_text(text: str) -> str:
    """A text in lower case, each character by itself: at the end of a word a sigma is one like any other."""
    return text.lower() if text.isascii() else text.lower().replace("ς", "σ")

"""Text out of files, made fit to be shown: no character in it can steer a terminal or break an XML document."""

from __future__ import annotations

import re

_UNFIT = re.compile("[^\t\n\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Control characters, surrogates, and what else XML 1.0 cannot hold."""


def printable(text: str) -> str:
    """`text`, in which every unfit character is replaced by its escape, as in `\\x1b`."""
    return _UNFIT.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), text)

"""How large a policy is, as IAM's quotas count. The quotas themselves are not here."""

from __future__ import annotations

import re

# Possessive, so that a string which is not closed costs one pass like any other.
_STRING_OR_SPACE = re.compile(r'"(?:[^"\\]|\\.)*+"?|[ \t\n\r]+', re.DOTALL)


def policy_size(text: str) -> int:
    """The characters of a policy's text without the white space between its tokens.

    White space inside strings counts. Any text has a size, JSON or not. Source: policy-language.md §9.
    """
    spaces = sum(len(match.group()) for match in _STRING_OR_SPACE.finditer(text) if match.group()[0] != '"')
    return len(text) - spaces

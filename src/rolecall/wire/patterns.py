"""The models' patterns, which are Java regular expressions, as Python ones.

Only the syntax is translated. A construct that Java and Python read differently and that no known pattern uses is
refused when the pattern is compiled, not guessed. What a mismatch means is decided in `constraints`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

import regex

# Java's predefined classes are ASCII; Python's would let in any Unicode letter or digit.
_ASCII_CLASSES = {"w": "A-Za-z0-9_", "d": "0-9", "s": r" \t\n\x0B\f\r"}

# `\uXXXX` takes four digits, yet STS's pattern for ARNs says `\u10000-\u10FFFF`. It spells out the characters of XML
# 1.0, so these two are read as the code points they are meant to be. Java would read `\u1000`, the range `0-\u10FF` and
# `FF`, which lets control characters in and keeps the supplementary planes out.
_CODE_POINT = re.compile(r"\\u(10FFFF|10000|[0-9A-Fa-f]{4})")

_CATEGORY = re.compile(r"\\[pP]\{[A-Z][a-z]?\}")
_BYTE = re.compile(r"\\x[0-9A-Fa-f]{2}")
_TOKEN = re.compile(rf"{_CODE_POINT.pattern}|{_CATEGORY.pattern}|{_BYTE.pattern}|\\.|&&|.", re.DOTALL)


@cache
def compile_pattern(pattern: str) -> Callable[[str], object]:
    """Compile a pattern of the model; the result tells whether a whole text matches (`None` if it does not).

    None of the patterns of IAM and STS can backtrack more than linearly: at each point of a text at most one of their
    branches can go on.

    Errors: `ValueError` for syntax that is not known to mean the same in Java and Python.
    """
    # `regex` knows Unicode's categories, but needs quadratic time for `/[!-~]+/` where `re` needs linear time.
    translated = translate(pattern)
    has_category = _CATEGORY.search(translated) is not None
    matches: Callable[[str], object] = (regex if has_category else re).compile(translated).fullmatch
    return matches


def translate(pattern: str) -> str:
    """Return the Python regular expression that means what `pattern` means in Java.

    Errors: `ValueError` as for `compile_pattern`.
    """
    translated: list[str] = []
    in_class = False
    for match in _TOKEN.finditer(pattern):
        token = match[0]
        code_point = _CODE_POINT.fullmatch(token)
        if code_point:
            translated.append(re.escape(chr(int(code_point[1], 16))))
        elif token[0] == "\\" and token[1:] in _ASCII_CLASSES:
            characters = _ASCII_CLASSES[token[1:]]
            translated.append(characters if in_class else f"[{characters}]")
        elif _CATEGORY.fullmatch(token) or _BYTE.fullmatch(token) or (token[0] == "\\" and not token[1:].isalnum()):
            translated.append(token)
        elif token[0] == "\\" or token == "&&" or token == ("[" if in_class else "."):
            raise ValueError(f"`{token}` in the model's pattern `{pattern}` is not known to mean the same in Python")
        else:
            if token in "[]":
                in_class = token == "["
            translated.append(token)
    return "".join(translated)

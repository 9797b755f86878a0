"""The models' patterns, which are Java regular expressions, as Python ones.

Only the syntax is translated. A construct that Java and Python read differently and that no known pattern uses is
refused when the pattern is compiled, not guessed. What a mismatch means is decided in `constraints`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import regex

# Java's predefined classes are ASCII; Python's would let in any Unicode letter or digit.
_ASCII_CLASSES = {"w": "A-Za-z0-9_", "d": "0-9", "s": r" \t\n\x0B\f\r"}

# `\uXXXX` takes four digits, yet STS's pattern for ARNs says `\u10000-\u10FFFF`. It spells out the characters of XML
# 1.0, so these two are read as the code points they are meant to be. Java would read `\u1000`, the range `0-\u10FF` and
# `FF`, which lets control characters in and keeps the supplementary planes out.
_CODE_POINT = regex.compile(r"\\u(10FFFF|10000|[0-9A-Fa-f]{4})")

_CATEGORY_OR_BYTE = regex.compile(r"\\[pP]\{[A-Z][a-z]?\}|\\x[0-9A-Fa-f]{2}")
_TOKEN = regex.compile(rf"{_CODE_POINT.pattern}|{_CATEGORY_OR_BYTE.pattern}|\\.|&&|.", regex.DOTALL)


@cache
def compile_pattern(pattern: str) -> Callable[[str], object]:
    """Compile a pattern of the model; the result tells whether a whole text matches (`None` if it does not).

    None of the patterns of IAM and STS can backtrack more than linearly: at each point of a text at most one of their
    branches can go on.

    Errors: `ValueError` for syntax that is not known to mean the same in Java and Python.
    """
    return regex.compile(translate(pattern)).fullmatch


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
            translated.append(regex.escape(chr(int(code_point[1], 16)), special_only=False))
        elif token[0] == "\\" and token[1] in _ASCII_CLASSES:
            characters = _ASCII_CLASSES[token[1]]
            translated.append(characters if in_class else f"[{characters}]")
        elif _CATEGORY_OR_BYTE.fullmatch(token) or (token[0] == "\\" and not token[1:].isalnum()):
            translated.append(token)
        elif token[0] == "\\" or token == "&&" or token == ("[" if in_class else "."):
            raise ValueError(f"`{token}` in the model's pattern `{pattern}` is not known to mean the same in Python")
        else:
            if token in "[]":
                in_class = token == "["
            translated.append(token)
    return "".join(translated)

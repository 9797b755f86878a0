"""The text of a query-protocol request, as a mapping of parameter names to values.

One strict parser for bodies and query strings, in time linear in their size. What the parameters mean is not decided
here: see `decode` for an operation's input and `model.ServiceModel.find` for `Action` and `Version`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import unquote_to_bytes

from rolecall.errors import MalformedQueryString

MAX_PARAMETERS = 10_000

_BROKEN_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")


def parse_form(encoded: bytes) -> Mapping[str, str]:
    """Parse `application/x-www-form-urlencoded` bytes: a request's body, or its query string.

    To read both as one form, join them with `&`: then a name in both is refused like any repeated name. A pair without
    `=` has the empty value; empty pairs (`a=1&&b=2`) are skipped. Order is kept.

    Errors: `MalformedQueryString` for broken percent escapes, text that is not UTF-8, a pair without a name, more than
    `MAX_PARAMETERS` pairs, and a repeated name. Names that differ only in case count as repeated: AWS reads names
    exactly, so `action` beside `Action` can only be meant for a reader that does not (CVE-2022-2385).
    """
    if encoded.count(b"&") >= MAX_PARAMETERS:
        raise MalformedQueryString(f"too many parameters: send at most {MAX_PARAMETERS}")
    if _BROKEN_ESCAPE.search(encoded):
        raise MalformedQueryString("a percent sign is not followed by two hexadecimal digits: write it as `%25`")
    form: dict[str, str] = {}
    folded: set[str] = set()
    try:
        for pair in encoded.decode("utf-8").split("&"):
            if pair:
                name, _, value = pair.partition("=")
                _add(form, folded, _unescape(name), _unescape(value))
    except UnicodeDecodeError:
        raise MalformedQueryString("a parameter is not UTF-8 text") from None
    return form


def _add(form: dict[str, str], folded: set[str], name: str, value: str) -> None:
    if not name:
        raise MalformedQueryString("a parameter has no name")
    caseless = name.casefold()
    if caseless in folded:
        raise MalformedQueryString(
            f"the parameter `{name[:100]}` is given twice (letter case does not tell names apart)"
        )
    folded.add(caseless)
    form[name] = value


def _unescape(text: str) -> str:
    if "%" in text or "+" in text:
        return unquote_to_bytes(text.replace("+", " ")).decode("utf-8")
    return text

"""The HTTP request as it was signed: raw bytes of the wire, nothing decoded, nothing dropped.

Only the value and the grouping of its headers. What the headers mean is read elsewhere.
"""

from __future__ import annotations

import msgspec

from rolecall.errors import IncompleteSignature

Headers = dict[str, list[str]]
"""Header values by lower-case name, each list in the order of the wire."""

SINGLE_HEADERS = frozenset({"authorization", "date", "host", "x-amz-date", "x-amz-security-token"})
"""Headers that say who signed, when, and for whom: two of them could be read in two ways."""


class HttpRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A request as received. Every `str` holds one character for each byte of the wire (latin-1).

    `raw_path` and `raw_query` (without the `?`) are percent-encoded as sent; `headers` are pairs of lower-case name and
    value in the order of the wire; `body` is the whole body.
    """

    method: str
    raw_path: str
    raw_query: str
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def __repr__(self) -> str:
        # Headers, query and body carry session tokens, signatures and passwords: none may reach a log or a traceback.
        return f"HttpRequest({self.method} {self.raw_path})"


def group_headers(headers: tuple[tuple[str, str], ...]) -> Headers:
    """Header values by name. Raises `IncompleteSignature` if a header that must be single is repeated."""
    grouped: Headers = {}
    for name, value in headers:
        if name not in grouped:
            grouped[name] = [value]
        elif name in SINGLE_HEADERS:
            raise IncompleteSignature(f"header `{name}` is sent more than once; send it once")
        else:
            grouped[name].append(value)
    return grouped

"""The canonical request: the one text that signer and verifier build from the same request.

Everything is derived from the raw bytes of the wire. No two requests that the server could read differently may share a
canonical form; the few that do share one (`+` and `%20`, `%41` and `A`, `//` and `/`) must be read alike by the server.
Nothing here knows dates, credentials or errors of authentication, but for parts that have no canonical form.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from urllib.parse import quote, unquote_to_bytes

from rolecall.errors import MalformedInput, MalformedQueryString
from rolecall.wire.sigv4.request import Headers, HttpRequest

QueryPairs = tuple[tuple[str, str], ...]
"""Names and values of a query, percent-encoded in the canonical way, in the order of the wire."""

_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_SPACES = re.compile(r" {2,}")


def canonical_request(request: HttpRequest, query: Iterable[tuple[str, str]], headers: Headers, signed: str) -> bytes:
    """The canonical request of `request`.

    Parameters: `query`, the pairs that are signed; `headers`, the request's headers by name; `signed`, the signed
    header names as sent (each must be in `headers`). The body's hash is always that of the body: whatever an
    `x-amz-content-sha256` header says, it is but a header (wire.md §2).

    Raises `MalformedInput` if a part holds a line break or a character that is no byte: it could pass for another.
    """
    lines = [request.method, "", canonical_query(query)]
    lines += [f"{name}:{_header_value(headers[name])}" for name in signed.split(";")]
    lines += ["", signed, hashlib.sha256(request.body).hexdigest()]
    try:
        lines[1] = canonical_path(request.raw_path)
        text = "\n".join(lines).encode("latin-1")
    except UnicodeEncodeError:
        raise MalformedInput("the request holds a character that is no byte; give the text as latin-1") from None
    if text.count(b"\n") != len(lines) - 1:
        raise MalformedInput("the request holds a line break inside a header or the method; remove it")
    return text


def canonical_path(raw_path: str) -> str:
    """The path without dot segments and empty segments (RFC 3986 §5.2.4), percent-encoded once more.

    Services other than S3 encode twice: the client encoded the path it sent, and the sent form is encoded again.
    """
    if raw_path in {"/", ""}:
        return "/"
    kept: list[str] = []
    for segment in raw_path.split("/"):
        if segment == "..":
            del kept[-1:]
        elif segment not in {"", "."}:
            kept.append(segment)
    leading = "/" if raw_path[0] == "/" else ""
    trailing = "/" if raw_path[-1] == "/" and kept else ""
    return quote(leading + "/".join(kept) + trailing, safe="/", encoding="latin-1", errors="strict")


def query_pairs(raw_query: str) -> QueryPairs:
    """Split a raw query at `&` and the first `=`, and encode each side in the canonical way.

    A `+` is a space, as in every form. Empty pairs stay: they were signed.
    Raises `MalformedQueryString` for a `%` that is not followed by two hexadecimal digits.
    """
    if not raw_query:
        return ()
    bad = _BAD_ESCAPE.search(raw_query)
    if bad is not None:
        raise MalformedQueryString(f"Illegal hex character in escape % pattern: {raw_query[bad.start() :][:3]}")
    pairs = (pair.partition("=") for pair in raw_query.split("&"))
    return tuple((_encode(name), _encode(value)) for name, _, value in pairs)


def canonical_query(pairs: Iterable[tuple[str, str]]) -> str:
    """The pairs, sorted by name and then by value, as a query."""
    return "&".join(f"{name}={value}" for name, value in sorted(pairs))


def decode_query_value(value: str) -> str:
    """The plain text of a canonically encoded value, one character for each byte."""
    return unquote_to_bytes(value).decode("latin-1")


def _encode(text: str) -> str:
    try:
        plain = text.replace("+", " ").encode("latin-1")
    except UnicodeEncodeError:
        raise MalformedQueryString("the query holds a character that is no byte; give the text as latin-1") from None
    return quote(unquote_to_bytes(plain), safe="")


def _header_value(values: list[str]) -> str:
    return ",".join(_SPACES.sub(" ", value.strip(" \t")) for value in values)

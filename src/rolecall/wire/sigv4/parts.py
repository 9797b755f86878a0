"""The parts of a signature as they stand in a request, in its one form or the other: header or query (presigned).

Only finding them: that they are all there, each once, and that nothing is said twice. What they say is checked in
`reading`.
"""

from __future__ import annotations

import base64
import hashlib

import msgspec

from rolecall.errors import IncompleteSignature, MissingAuthenticationToken
from rolecall.wire.sigv4.canonical import QueryPairs, decode_query_value
from rolecall.wire.sigv4.request import Headers
from rolecall.wire.sigv4.timestamps import parse_expires, timestamp_of_date_header

REQUIRED_PARAMETERS = ("X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Signature", "X-Amz-SignedHeaders", "X-Amz-Date")
"""In the order in which AWS lists the missing ones. Without `X-Amz-Expires` the clock window alone applies."""

PARAMETERS = frozenset({*REQUIRED_PARAMETERS, "X-Amz-Expires", "X-Amz-Security-Token"})
"""Query parameters that make a presigned request."""

_PARAMETER_BY_FOLDED_NAME = {name.lower(): name for name in PARAMETERS}


class SignatureParts(msgspec.Struct, frozen=True, kw_only=True):
    """What the signer wrote. `timestamp` is meant to be in basic format, `expires` in seconds (presigned form only)."""

    algorithm: str
    credential: str
    signed_headers: str
    signature: str
    timestamp: str
    session_token: str | None
    expires: int | None
    query: QueryPairs


def find_parts(headers: Headers, query: QueryPairs) -> SignatureParts:
    """The signature's parts, from the `Authorization` header or from the query, never from both.

    Raises `MissingAuthenticationToken` if there is neither, `IncompleteSignature` if there are both, or one with parts
    that are missing, unknown or repeated.
    """
    parameters = _authentication_parameters(query) if query else {}
    authorization = headers.get("authorization")
    if authorization is None:
        if not parameters:
            raise MissingAuthenticationToken("Request is missing Authentication Token")
        return _query_form(parameters, headers, query)
    if parameters:
        raise IncompleteSignature("the request is signed both in its header and in its query; sign it once")
    return _header_form(authorization[0], headers, query)


def authorization_fields(authorization: str) -> tuple[str, dict[str, str]]:
    """The algorithm and the `key=value` fields of an `Authorization` header; no fields if the scheme is not AWS's.

    Raises `IncompleteSignature` if a field is no pair, is unknown, or is repeated.
    """
    algorithm, _, rest = authorization.partition(" ")
    fields: dict[str, str] = {}
    if not algorithm.startswith("AWS4"):
        return algorithm, fields
    for item in rest.replace(",", " ").split():
        name, equals, value = item.partition("=")
        if not equals:
            raise IncompleteSignature(
                "Invalid key=value pair (missing equal-sign) in Authorization header (hashed with SHA-256 and encoded"
                f" with Base64): '{_fingerprint(authorization)}'."
            )
        if name in fields or name not in {"Credential", "SignedHeaders", "Signature"}:
            raise IncompleteSignature(f"unexpected `{name}` in the Authorization header; remove it")
        fields[name] = value
    return algorithm, fields


def credential_of(headers: Headers, query: QueryPairs) -> str | None:
    """The `Credential` text alone, for finding the service before the full check; None if there is none to be read."""
    authorization = headers.get("authorization")
    if authorization is None:
        values = [value for name, value in query if name == "X-Amz-Credential"]
        return decode_query_value(values[0]) if len(values) == 1 else None
    try:
        return authorization_fields(authorization[0])[1].get("Credential")
    except IncompleteSignature:
        return None


def _header_form(authorization: str, headers: Headers, query: QueryPairs) -> SignatureParts:
    algorithm, fields = authorization_fields(authorization)
    missing = [
        f"Authorization header requires '{name}' parameter."
        for name in ("Credential", "Signature", "SignedHeaders")
        if not fields.get(name)
    ]
    if "x-amz-date" not in headers and "date" not in headers:
        missing.append("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.")
    if missing:
        # AWS repeats the header's hash, not the header: it may hold a token or a password meant for another server.
        fingerprint = _fingerprint(authorization)
        missing.append(f"(Hashed with SHA-256 and encoded with Base64) Authorization={fingerprint}")
        raise IncompleteSignature(" ".join(missing))
    return SignatureParts(
        algorithm=algorithm,
        credential=fields["Credential"],
        signed_headers=fields["SignedHeaders"],
        signature=fields["Signature"],
        timestamp=_timestamp(headers),
        session_token=headers["x-amz-security-token"][0] if "x-amz-security-token" in headers else None,
        expires=None,
        query=query,
    )


def _query_form(parameters: dict[str, str], headers: Headers, query: QueryPairs) -> SignatureParts:
    missing = [
        f"AWS query-string parameters must include '{name}'."
        for name in REQUIRED_PARAMETERS
        if not parameters.get(name)
    ]
    if missing:
        raise IncompleteSignature(" ".join([*missing, "Re-examine the query-string parameters."]))
    if "x-amz-security-token" in headers:
        raise IncompleteSignature(
            "a presigned request with an `X-Amz-Security-Token` header; give the token as a query parameter"
        )
    expires = parameters.get("X-Amz-Expires")
    return SignatureParts(
        algorithm=parameters["X-Amz-Algorithm"],
        credential=parameters["X-Amz-Credential"],
        signed_headers=parameters["X-Amz-SignedHeaders"],
        signature=parameters["X-Amz-Signature"],
        timestamp=parameters["X-Amz-Date"],
        session_token=parameters.get("X-Amz-Security-Token"),
        expires=None if expires is None else parse_expires(expires),
        query=tuple(pair for pair in query if pair[0] != "X-Amz-Signature"),
    )


def _authentication_parameters(query: QueryPairs) -> dict[str, str]:
    """The query's authentication parameters, decoded.

    Raises `IncompleteSignature` if one is repeated or spelled with other capitals: a reader that does not heed case
    could take another value than the signed one (CVE-2022-2385).
    """
    parameters: dict[str, str] = {}
    for name, value in query:
        proper = _PARAMETER_BY_FOLDED_NAME.get(name.lower())
        if proper is None:
            continue
        if proper != name:
            raise IncompleteSignature(f"query parameter `{name}` must be spelled `{proper}`")
        if name in parameters:
            raise IncompleteSignature(f"query parameter `{name}` is sent more than once; send it once")
        parameters[name] = decode_query_value(value)
    return parameters


def _timestamp(headers: Headers) -> str:
    if "x-amz-date" in headers:
        return headers["x-amz-date"][0]
    return timestamp_of_date_header(headers["date"][0])


def _fingerprint(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()).decode()

"""From a request to a `Signature`: every check that needs no secret, in AWS's order.

Whose key it is, and whether the signature is right, is not decided here: see `verification`.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache

import msgspec

from rolecall.errors import AuthenticationError, IncompleteSignature, MalformedQueryString, SignatureDoesNotMatch
from rolecall.wire.sigv4.canonical import canonical_request, query_pairs
from rolecall.wire.sigv4.parts import SignatureParts, credential_of, find_parts
from rolecall.wire.sigv4.request import Headers, HttpRequest, group_headers
from rolecall.wire.sigv4.scope import CredentialScope, ScopeRule, check_scope, parse_credential
from rolecall.wire.sigv4.timestamps import check_window, parse_timestamp

ALGORITHM = "AWS4-HMAC-SHA256"

SIGNATURE_MISMATCH = (
    "The request signature we calculated does not match the signature you provided."
    " Check your AWS Secret Access Key and signing method. Consult the service documentation for details."
)


class Signature(msgspec.Struct, frozen=True, kw_only=True):
    """A well-formed, timely signature that nobody has verified yet.

    `signed_at` is in seconds since 1970; `signed_headers` are lower-case names. `signature` is what the client claims.
    """

    access_key_id: str
    session_token: str | None
    scope: CredentialScope
    signed_at: int
    signed_headers: tuple[str, ...]
    signature: str
    canonical_request: bytes
    string_to_sign: bytes

    def __repr__(self) -> str:
        # The canonical request and the token are as good as the request itself to whoever reads the log.
        return f"Signature({self.access_key_id} {self.scope})"


def scope_of(request: HttpRequest) -> CredentialScope | None:
    """The scope that `request` claims, or None if it has none that can be read. Checks nothing.

    It only tells which service's rule to hand to `read_signature`, which refuses whatever is wrong.
    """
    try:
        text = credential_of(group_headers(request.headers), query_pairs(request.raw_query))
        return parse_credential(text)[1] if text is not None else None
    except (AuthenticationError, MalformedQueryString):
        return None


def read_signature(request: HttpRequest, *, now: float, rule: ScopeRule) -> Signature:
    """Find the request's signature and check all of it that needs no secret.

    Parameters: `now`, seconds since 1970; `rule`, the scope that the service accepts.
    Raises, in AWS's order (wire.md §2), `MissingAuthenticationToken`, `IncompleteSignature`, `SignatureDoesNotMatch`,
    `RequestExpired`; before them `MalformedQueryString`, and at last `MalformedInput` for parts that cannot be signed.
    """
    headers = group_headers(request.headers)
    parts = find_parts(headers, query_pairs(request.raw_query))
    signed_at = parse_timestamp(parts.timestamp)
    if parts.algorithm != ALGORITHM:
        raise IncompleteSignature(f"Unsupported AWS 'algorithm': '{parts.algorithm}'")
    access_key_id, scope = parse_credential(parts.credential)
    signed_headers = _signed_headers(parts, headers)
    check_window(parts.timestamp, parts.expires, now)
    check_scope(scope, rule, parts.timestamp)
    canonical = canonical_request(request, parts.query, headers, parts.signed_headers)
    digest = hashlib.sha256(canonical).hexdigest()
    return Signature(
        access_key_id=access_key_id,
        session_token=parts.session_token,
        scope=scope,
        signed_at=signed_at,
        signed_headers=signed_headers,
        signature=parts.signature,
        canonical_request=canonical,
        string_to_sign=f"{ALGORITHM}\n{parts.timestamp}\n{scope}\n{digest}".encode(),
    )


def _signed_headers(parts: SignatureParts, headers: Headers) -> tuple[str, ...]:
    """The names of the signed headers.

    Raises `SignatureDoesNotMatch` if `host` or an `x-amz-*` header of the request is not among them, if one of them is
    not in the request, or if the list is not in canonical form.
    """
    names = tuple(parts.signed_headers.split(";"))
    if "host" not in names:
        raise SignatureDoesNotMatch("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.")
    signed = frozenset(names)
    for name in headers:
        if name.startswith("x-amz-") and name not in signed:
            raise SignatureDoesNotMatch(f"'{name}' must be a 'SignedHeader' in the AWS Authorization.")
    if not _is_canonical(names) or not all(name in headers for name in names):
        raise SignatureDoesNotMatch(SIGNATURE_MISMATCH)
    return names


@lru_cache(maxsize=256)
def _is_canonical(names: tuple[str, ...]) -> bool:
    """Are the names sorted and each there once? (That they are lower-case follows: they are the request's own.)"""
    return list(names) == sorted(set(names))

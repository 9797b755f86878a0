"""X.509 as requests carry it: strict PEM in, `cryptography`'s values out, and whether a chain of certificates holds.

Which error a bad certificate is, and whose it becomes, the operations say. Nothing here knows of accounts.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509 import (
    BasicConstraints,
    Certificate,
    ExtensionNotFound,
    KeyUsage,
    UnsupportedGeneralNameType,
    load_pem_x509_certificate,
)

RSA_BITS = range(1024, 4097)
"""Moduli of certificates, in bits. Source: the IAM user guide of 2015, "Creating, Uploading, and Deleting Server
Certificates": 2048, and "AWS also supports 1024-bit and 4096-bit encryption"; 1024 was seen accepted in 2026."""

NO_ANCHOR = -1
"""What AWS calls the place in a chain whose last certificate has nothing to do with the one before it."""

_BLOCK = re.compile(
    r"\s*(-----BEGIN ([A-Z0-9 ]{1,64})-----\s[A-Za-z0-9+/=\s]+-----END \2-----)\s*",
    re.ASCII,
)
_MALFORMED = (ValueError, TypeError, UnsupportedAlgorithm, UnsupportedGeneralNameType)
"""What `cryptography` raises for input that is not what it should be."""


def pem_blocks(text: str) -> tuple[tuple[str, bytes], ...]:
    """The PEM blocks of `text`: label and the block itself, frame included.

    Raises `ValueError` if there is none, or anything but white space around them: `cryptography` would pass over it,
    AWS does not (aws/aws-cli issue 715).
    """
    blocks: list[tuple[str, bytes]] = []
    at = 0
    while at < len(text) or not blocks:
        match = _BLOCK.match(text, at)
        if match is None:
            raise ValueError("not PEM")
        blocks.append((match[2], match[1].encode()))
        at = match.end()
    return tuple(blocks)


def parse_certificate(text: str) -> Certificate:
    """The one certificate of a PEM text. Raises `ValueError` if it is not exactly one, or malformed."""
    certificates = parse_certificates(text, most=1)
    return certificates[0]


def parse_certificates(text: str, *, most: int) -> tuple[Certificate, ...]:
    """The certificates of a PEM text, at least one. Raises `ValueError` if it holds more than `most` or anything else.

    All that is asked of a certificate later is read once here, so that it cannot fail any more.
    """
    blocks = pem_blocks(text)
    if len(blocks) > most or any(label != "CERTIFICATE" for label, _ in blocks):
        raise ValueError("not certificates alone, or too many")
    return tuple(_certificate(block) for _, block in blocks)


def has_usable_key(certificate: Certificate) -> bool:
    """Is its key one that AWS takes: RSA of a usual size, or on one of the elliptic curves?"""
    key = certificate.public_key()
    return isinstance(key, EllipticCurvePublicKey) or (isinstance(key, RSAPublicKey) and key.key_size in RSA_BITS)


def expires_at(certificate: Certificate) -> int:
    """The last second of its validity, since the epoch."""
    return int(certificate.not_valid_after_utc.timestamp())


def is_not_yet_valid(certificate: Certificate, now: int) -> bool:
    """Does its validity begin after `now`, in seconds since the epoch?"""
    return datetime.fromtimestamp(now, UTC) < certificate.not_valid_before_utc


def has_expired(certificate: Certificate, now: int) -> bool:
    """Did its validity end before `now`, in seconds since the epoch?"""
    return datetime.fromtimestamp(now, UTC) > certificate.not_valid_after_utc


def first_invalid(certificate: Certificate, chain: Sequence[Certificate], now: int) -> int | None:
    """Where the path from `certificate` through `chain` breaks, or None if it is sound.

    The path is validated as by RFC 5280 §6.1, with the last certificate of the chain as trust anchor: names,
    signatures, validity at `now`, and for all but the first the right to issue certificates.
    `cryptography.x509.verification` is for the public web and refuses what AWS takes: certificates
    without subject alternative names, private roots without extensions.

    The number is the broken certificate's place, with 0 for `certificate` itself; `NO_ANCHOR` if the anchor did not
    issue the one before it. AWS counts so: a leaf repeated in its chain breaks at 1, an unrelated chain at -1 (recorded
    in radkawar/stackd, certificate_edges_aws.json and certificates_aws.json).
    """
    *intermediates, anchor = chain
    path = (certificate, *intermediates)
    if path[-1].issuer != anchor.subject:
        return NO_ANCHOR
    issuers = (*intermediates, anchor)
    for place in range(len(path) - 1, -1, -1):
        subject = path[place]
        is_valid = not is_not_yet_valid(subject, now) and not has_expired(subject, now)
        may_issue = place == 0 or _may_issue(subject, below=path[1:place])
        if not (is_valid and may_issue and _is_issued_by(subject, issuers[place])):
            return place
    return None


def _certificate(block: bytes) -> Certificate:
    try:
        certificate = load_pem_x509_certificate(block)
        certificate.public_key()
        certificate.extensions  # noqa: B018 - parsed on first use
        certificate.subject, certificate.issuer  # noqa: B018
        certificate.not_valid_before_utc, certificate.not_valid_after_utc  # noqa: B018
    except _MALFORMED as error:
        raise ValueError("malformed certificate") from error
    return certificate


def _is_issued_by(certificate: Certificate, issuer: Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (InvalidSignature, *_MALFORMED):
        return False
    return True


def _may_issue(certificate: Certificate, below: Sequence[Certificate]) -> bool:
    """May it issue certificates, with the intermediate ones `below` it?"""
    extensions = certificate.extensions
    try:
        constraints = extensions.get_extension_for_class(BasicConstraints).value
    except ExtensionNotFound:
        return False
    try:
        usage = extensions.get_extension_for_class(KeyUsage).value
    except ExtensionNotFound:
        usage = None
    depth = sum(one.subject != one.issuer for one in below)
    return (
        constraints.ca
        and (usage is None or usage.key_cert_sign)
        and (constraints.path_length is None or depth <= constraints.path_length)
    )

"""X.509 signing certificates of users and of the root user: only the public part, as the user sends it.

Whose certificates a call is about is told by `UserName`; without it they are the caller's own. Texts and rules without
another source were recorded at AWS (radkawar/stackd, certificates_aws.json and certificate_edges_aws.json).
"""

from __future__ import annotations

import base64
import hashlib

from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import Certificate
from msgspec.structs import replace

from rolecall.errors import DuplicateCertificate, InvalidCertificate, MalformedCertificate, NoSuchEntity
from rolecall.iam.access import on_user
from rolecall.iam.credential_status import CredentialStatus, means_active, shown_status
from rolecall.iam.find import find_owner
from rolecall.iam.paging import page
from rolecall.iam.quotas import SIGNING_CERTIFICATES_PER_USER
from rolecall.iam.registry import operation
from rolecall.iam.x509 import has_expired, has_usable_key, is_not_yet_valid, parse_certificate
from rolecall.operations.registry import Answer
from rolecall.operations.transaction import Transaction
from rolecall.state.credentials import SigningCertificate
from rolecall.state.entities import User


@operation("UploadSigningCertificate", access=on_user, writes=True)
def upload_signing_certificate(tx: Transaction, *, certificate_body: str, user_name: str | None = None) -> Answer:
    """Keep a certificate, active from now on.

    The owner's own certificate once more is no error: the answer shows it as active, but it stays as it is, even if
    that is inactive. Raises `DuplicateCertificate` if another user of the account has it.
    """
    owner = find_owner(tx, user_name)
    parsed = _parse(certificate_body, tx.now)
    new = _record(tx, owner, certificate_body, parsed)
    known = tx.world.get(SigningCertificate, new.key)
    if known is not None:
        # The id is a SHA-1 digest, and two certificates can be made to share one: only the fingerprint tells.
        if known.user_id != new.user_id or known.fingerprint != new.fingerprint:
            raise DuplicateCertificate("Duplicate certificate uploaded.")
        return {"Certificate": {**_shown(known, owner), "Status": CredentialStatus.ACTIVE}}
    SIGNING_CERTIFICATES_PER_USER.check(len(_certificates(tx, owner)) + 1)
    tx.put(new)
    return {"Certificate": _shown(new, owner)}


@operation("UpdateSigningCertificate", access=on_user, writes=True)
def update_signing_certificate(
    tx: Transaction, *, certificate_id: str, status: str, user_name: str | None = None
) -> Answer:
    """Switch a certificate on or off."""
    certificate = _find(tx, find_owner(tx, user_name), certificate_id)
    tx.put(replace(certificate, is_active=means_active(status)))
    return None


@operation("DeleteSigningCertificate", access=on_user, writes=True)
def delete_signing_certificate(tx: Transaction, *, certificate_id: str, user_name: str | None = None) -> Answer:
    """Delete a certificate. Uploaded again, it gets the same id again."""
    tx.delete(_find(tx, find_owner(tx, user_name), certificate_id))
    return None


@operation("ListSigningCertificates", access=on_user)
def list_signing_certificates(
    tx: Transaction, *, user_name: str | None = None, marker: str | None = None, max_items: int | None = None
) -> Answer:
    """List the certificates of a user or of root."""
    owner = find_owner(tx, user_name)
    return page(
        _certificates(tx, owner),
        order=lambda certificate: certificate.certificate_id,
        member="Certificates",
        render=lambda certificate: _shown(certificate, owner),
        marker=marker,
        max_items=max_items,
    )


def _certificates(tx: Transaction, owner: User | None) -> tuple[SigningCertificate, ...]:
    return tx.world.of_user(SigningCertificate, tx.account, owner.id if owner is not None else None)


def _find(tx: Transaction, owner: User | None, certificate_id: str) -> SigningCertificate:
    for certificate in _certificates(tx, owner):
        if certificate.certificate_id == certificate_id:
            return certificate
    raise NoSuchEntity(f"The Certificate with id {certificate_id} cannot be found.")


def _parse(body: str, now: int) -> Certificate:
    try:
        certificate = parse_certificate(body)
    except ValueError:
        raise _malformed(body) from None
    if not has_usable_key(certificate):
        # That AWS has this error is known; what it has it for, and its text, are guesses.
        raise InvalidCertificate(f"Certificate {body} is invalid.")
    if has_expired(certificate, now) or is_not_yet_valid(certificate, now):
        raise _malformed(body)
    return certificate


def _record(tx: Transaction, owner: User | None, body: str, certificate: Certificate) -> SigningCertificate:
    encoded = certificate.public_bytes(Encoding.DER)
    digest = hashlib.sha1(encoded, usedforsecurity=False).digest()
    return SigningCertificate(
        account=tx.account,
        user_id=owner.id if owner is not None else None,
        certificate_id=base64.b32encode(digest).decode(),
        body=body,
        fingerprint=hashlib.sha256(encoded).hexdigest(),
        uploaded_at=tx.now,
    )


def _shown(certificate: SigningCertificate, owner: User | None) -> dict[str, object]:
    """The model's `SigningCertificate`; root has no user name, as with its access keys."""
    return {
        "UserName": owner.name if owner is not None else None,
        "CertificateId": certificate.certificate_id,
        "CertificateBody": certificate.body,
        "Status": shown_status(certificate.is_active),
        "UploadDate": certificate.uploaded_at,
    }


def _malformed(body: str) -> MalformedCertificate:
    return MalformedCertificate(f"Certificate {body} is malformed.")

"""Evidence for signing certificates."""

from __future__ import annotations

import time
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from api.evidence.families import Caller, ErrorCase, Family, never
from certificates import Key, certificate

ID = "A" * 32


def new_body(key: Key | None = None) -> str:
    return certificate(now=int(time.time()), key=key).body


def upload(caller: Caller, body: str, user: str = "ann") -> str:
    """Upload a certificate for a user; its id."""
    answer = caller.iam.upload_signing_certificate(UserName=user, CertificateBody=body)
    return str(answer["Certificate"]["CertificateId"])


def tour(caller: Caller) -> None:
    iam = caller.iam
    iam.create_user(UserName="ann")
    made = {"UserName": "ann", "CertificateId": upload(caller, new_body())}
    iam.update_signing_certificate(**made, Status="Inactive")
    (listed,) = iam.list_signing_certificates(UserName="ann")["Certificates"]
    assert (listed["CertificateId"], listed["Status"]) == (made["CertificateId"], "Inactive")
    iam.delete_signing_certificate(**made)


def upload_a_third(caller: Caller) -> None:
    caller.iam.create_user(UserName="ann")
    for _ in range(3):
        upload(caller, new_body())


def upload_that_of_another_user(caller: Caller) -> None:
    body = new_body()
    for user in ("ann", "bob"):
        caller.iam.create_user(UserName=user)
        upload(caller, body, user)


def upload_for_ann(body: str) -> Any:
    def provoke(caller: Caller) -> None:
        caller.iam.create_user(UserName="ann")
        upload(caller, body)

    return provoke


def upload_one_with_a_key_of_another_kind(caller: Caller) -> None:
    upload_for_ann(new_body(Ed25519PrivateKey.generate()))(caller)


def let_one_expire(caller: Caller) -> None:
    caller.iam.create_user(UserName="ann")
    certificate_id = upload(caller, new_body())
    caller.iam.update_signing_certificate(UserName="ann", CertificateId=certificate_id, Status="Expired")


FAMILY = Family(
    operations=frozenset(
        {
            "UploadSigningCertificate",
            "UpdateSigningCertificate",
            "DeleteSigningCertificate",
            "ListSigningCertificates",
        }
    ),
    tour=tour,
    errors=(
        ErrorCase("UploadSigningCertificate", "LimitExceeded", upload_a_third),
        ErrorCase("UploadSigningCertificate", "DuplicateCertificate", upload_that_of_another_user),
        ErrorCase("UploadSigningCertificate", "MalformedCertificate", upload_for_ann("none")),
        ErrorCase("UploadSigningCertificate", "InvalidCertificate", upload_one_with_a_key_of_another_kind),
        ErrorCase("UploadSigningCertificate", "NoSuchEntity", lambda caller: upload(caller, new_body(), "nobody")),
        ErrorCase(
            "UpdateSigningCertificate",
            "NoSuchEntity",
            lambda caller: caller.iam.update_signing_certificate(CertificateId=ID, Status="Active"),
        ),
        ErrorCase("UpdateSigningCertificate", "InvalidInput", let_one_expire),
        ErrorCase(
            "DeleteSigningCertificate",
            "NoSuchEntity",
            lambda caller: caller.iam.delete_signing_certificate(CertificateId=ID),
        ),
        ErrorCase(
            "ListSigningCertificates",
            "NoSuchEntity",
            lambda caller: caller.iam.list_signing_certificates(UserName="nobody"),
        ),
    ),
    unreachable={
        **never("LimitExceeded", "it uses nothing up", "UpdateSigningCertificate", "DeleteSigningCertificate"),
        ("UploadSigningCertificate", "EntityAlreadyExists"): "one's own certificate once more is no error, another's "
        "is DuplicateCertificate",
    },
)

"""UploadSigningCertificate, UpdateSigningCertificate, DeleteSigningCertificate, ListSigningCertificates.

What AWS answers was recorded by radkawar/stackd (internal/services/iam/testdata, certificates_aws.json and
certificate_edges_aws.json) and localstack (test_iam_signing_certificates.snapshot.json).
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding
from msgspec.structs import replace

from certificates import certificate, rsa_key
from iam.harness import NOW, Iam, Server
from rolecall.errors import (
    DeleteConflict,
    DuplicateCertificate,
    InvalidCertificate,
    InvalidInput,
    LimitExceeded,
    MalformedCertificate,
    NoSuchEntity,
    ValidationError,
)
from rolecall.state.credentials import SigningCertificate


@pytest.fixture
def bob(iam: Iam) -> Iam:
    """IAM as the user bob calls it."""
    iam("CreateUser", user_name="bob")
    return iam.as_user("bob")


@pytest.fixture
def eve(iam: Iam) -> Iam:
    """IAM as the user eve calls it."""
    iam("CreateUser", user_name="eve")
    return iam.as_user("eve")


def body() -> str:
    return certificate(now=NOW).body


def upload(iam: Iam, text: str, **parameters: Any) -> Mapping[str, Any]:
    return iam("UploadSigningCertificate", certificate_body=text, **parameters)["Certificate"]


def listed(iam: Iam, **parameters: Any) -> list[Mapping[str, Any]]:
    return list(iam("ListSigningCertificates", **parameters)["Certificates"])


def test_a_certificate_is_shown_as_it_was_sent_under_an_id_of_its_own(iam: Iam, bob: Iam) -> None:
    one = certificate(now=NOW)
    digest = hashlib.sha1(one.parsed.public_bytes(Encoding.DER)).digest()
    made = upload(iam, one.body, user_name="bob")
    assert made == {
        "UserName": "bob",
        "CertificateId": base64.b32encode(digest).decode(),
        "CertificateBody": one.body,
        "Status": "Active",
        "UploadDate": NOW,
    }
    assert len(made["CertificateId"]) == 32
    assert listed(iam, user_name="bob") == listed(bob) == [made]


def test_rsa_with_1024_bits_is_taken(bob: Iam) -> None:
    upload(bob, certificate(now=NOW, key=rsa_key(1024)).body)
    assert len(listed(bob)) == 1


def test_a_certificate_out_of_its_time_is_malformed(bob: Iam) -> None:
    for off in ({"ends": timedelta(seconds=-1)}, {"begins": timedelta(seconds=1)}):
        text = certificate(now=NOW, **off).body
        with pytest.raises(MalformedCertificate) as caught:
            upload(bob, text)
        assert caught.value.message == f"Certificate {text} is malformed."


def test_one_certificate_at_a_time_is_taken(bob: Iam) -> None:
    with pytest.raises(MalformedCertificate):
        upload(bob, body() + body())


def test_a_certificate_with_a_key_of_another_kind_is_invalid(bob: Iam) -> None:
    with pytest.raises(InvalidCertificate):
        upload(bob, certificate(now=NOW, key=Ed25519PrivateKey.generate()).body)


def test_an_owner_may_send_a_certificate_again_and_nothing_changes(server: Server, bob: Iam) -> None:
    made = upload(bob, body())
    upload(bob, body())
    bob("UpdateSigningCertificate", certificate_id=made["CertificateId"], status="Inactive")
    server.now = NOW + 60
    before = server.world
    assert upload(bob, made["CertificateBody"]) == made
    assert server.world is before
    (again,) = [one for one in listed(bob) if one["CertificateId"] == made["CertificateId"]]
    assert again["Status"] == "Inactive"


def test_the_certificate_of_another_user_or_of_root_is_a_duplicate(iam: Iam, bob: Iam, eve: Iam) -> None:
    bobs, roots = upload(bob, body()), upload(iam, body())
    for text in (bobs["CertificateBody"], roots["CertificateBody"]):
        with pytest.raises(DuplicateCertificate) as caught:
            upload(eve, text)
        assert caught.value.message == "Duplicate certificate uploaded."


def test_a_certificate_that_only_shares_the_id_of_another_does_not_take_its_place(
    iam: Iam, server: Server, bob: Iam
) -> None:
    one = certificate(now=NOW)
    made = upload(bob, one.body)
    stored = server.world.get(SigningCertificate, f"{iam.principal.account}/{made['CertificateId']}")
    assert stored is not None
    iam.put(replace(stored, fingerprint="0" * 64))
    with pytest.raises(DuplicateCertificate):
        upload(bob, one.body)


def test_two_accounts_may_have_the_same_certificate(iam: Iam, server: Server) -> None:
    other = server.account("210987654321")
    text = body()
    mine, theirs = upload(iam, text), upload(other, text)
    assert mine["CertificateId"] == theirs["CertificateId"]
    iam("DeleteSigningCertificate", certificate_id=mine["CertificateId"])
    assert listed(iam) == []
    assert listed(other) == [theirs]


def test_a_third_certificate_is_refused(bob: Iam) -> None:
    upload(bob, body())
    made = upload(bob, body())
    bob("UpdateSigningCertificate", certificate_id=made["CertificateId"], status="Inactive")
    with pytest.raises(LimitExceeded) as caught:
        upload(bob, body())
    assert caught.value.message == "Cannot exceed quota for CertificatesPerUser: 2"


def test_a_certificate_is_switched_off_and_on_but_not_to_expired(bob: Iam) -> None:
    made = upload(bob, body())["CertificateId"]
    for word in ("Inactive", "Active"):
        bob("UpdateSigningCertificate", certificate_id=made, status=word)
        assert [one["Status"] for one in listed(bob)] == [word]
    with pytest.raises(InvalidInput) as caught:
        bob("UpdateSigningCertificate", certificate_id=made, status="Expired")
    assert caught.value.message == "Operation does not support status Expired"


def test_root_has_certificates_of_its_own(iam: Iam, bob: Iam) -> None:
    made = upload(iam, body())
    assert made["UserName"] is None
    assert listed(iam) == [made]
    assert listed(bob) == []
    assert iam("GetAccountSummary")["SummaryMap"]["AccountSigningCertificatesPresent"] == 1


def test_a_caller_who_is_neither_user_nor_root_must_give_a_name(iam: Iam, bob: Iam) -> None:
    visitor = iam.as_federated_user()
    with pytest.raises(ValidationError):
        listed(visitor)
    assert upload(visitor, body(), user_name="bob")["UserName"] == "bob"


def test_a_certificate_is_found_only_among_those_of_the_named_owner(
    iam: Iam, server: Server, bob: Iam, eve: Iam
) -> None:
    foreign = upload(server.account("210987654321"), body())["CertificateId"]
    made = [upload(iam, body())["CertificateId"], upload(bob, body())["CertificateId"], foreign]
    before = server.world
    for certificate_id in made:
        for name, more in (("DeleteSigningCertificate", {}), ("UpdateSigningCertificate", {"status": "Inactive"})):
            with pytest.raises(NoSuchEntity):
                eve(name, certificate_id=certificate_id, **more)
            with pytest.raises(NoSuchEntity):
                iam(name, user_name="eve", certificate_id=certificate_id, **more)
    assert server.world is before


def test_certificates_come_in_pages(bob: Iam) -> None:
    made = {upload(bob, body())["CertificateId"] for _ in range(2)}
    first = bob("ListSigningCertificates", max_items=1)
    rest = bob("ListSigningCertificates", marker=first["Marker"])
    assert {one["CertificateId"] for one in (*first["Certificates"], *rest["Certificates"])} == made


def test_a_user_with_a_certificate_cannot_be_deleted(iam: Iam, bob: Iam) -> None:
    made = upload(bob, body())["CertificateId"]
    with pytest.raises(DeleteConflict):
        iam("DeleteUser", user_name="bob")
    bob("DeleteSigningCertificate", certificate_id=made)
    iam("DeleteUser", user_name="bob")


def test_permission_is_asked_on_the_owner(iam: Iam, bob: Iam) -> None:
    own = ["arn:aws:iam::123456789012:user/bob"]
    for name in ("UploadSigningCertificate", "UpdateSigningCertificate", "DeleteSigningCertificate"):
        assert iam.resources(name, user_name="bob") == bob.resources(name) == own
    assert iam.resources("ListSigningCertificates") == ["arn:aws:iam::123456789012:root"]

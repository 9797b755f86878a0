"""UploadServerCertificate, GetServerCertificate, UpdateServerCertificate, Delete… and ListServerCertificates.

What AWS answers was recorded by radkawar/stackd (internal/services/iam/testdata, certificates_aws.json,
certificate_edges_aws.json and server_certificate_transitions_aws.json) and localstack
(test_iam_server_certificates.snapshot.json).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import PrivateFormat

from certificates import Certificate, certificate, ec_key, forged_rsa_pem, private_pem, rsa_key
from iam.harness import NOW, Iam, Server
from rolecall.errors import ApiError, EntityAlreadyExists, InvalidInput, KeyPairMismatch, LimitExceeded
from rolecall.iam.quotas import SERVER_CERTIFICATES
from rolecall.iam.server_certificates import LONGEST_CHAIN
from rolecall.state.providers import ServerCertificate
from rolecall.state.sealed_fields import purpose

UNPARSABLE = "Unable to parse certificate. Please ensure the certificate is in PEM format."
UNPARSABLE_KEY = "Unable to parse private key. Please ensure the private key is in PEM format."


def upload(iam: Iam, one: Certificate, name: str = "web", **parameters: Any) -> Mapping[str, Any]:
    material = {"certificate_body": one.body, "private_key": one.private_key}
    return iam("UploadServerCertificate", server_certificate_name=name, **material | parameters)


def refusal(iam: Iam, one: Certificate, **parameters: Any) -> tuple[str, str]:
    with pytest.raises(ApiError) as caught:
        upload(iam, one, **parameters)
    return caught.value.code, caught.value.message


def broken_at(place: int) -> tuple[str, str]:
    return (
        "MalformedCertificate",
        "Unable to validate certificate chain. The certificate chain must start with the immediate signing "
        "certificate, followed by any intermediaries in order. The index within the chain of the invalid certificate "
        f"is: {place}",
    )


def shown(iam: Iam, name: str = "web") -> Mapping[str, Any]:
    return iam("GetServerCertificate", server_certificate_name=name)["ServerCertificate"]


@pytest.fixture
def root() -> Certificate:
    return certificate("root", now=NOW, is_authority=True)


@pytest.fixture
def leaf(root: Certificate) -> Certificate:
    return certificate(now=NOW, issuer=root)


def test_a_new_certificate_is_told_by_its_metadata(iam: Iam) -> None:
    answer = upload(iam, certificate(now=NOW), path="/prod/")
    metadata = answer["ServerCertificateMetadata"]
    assert metadata["ServerCertificateId"].startswith("ASCA")
    assert len(metadata["ServerCertificateId"]) == 21
    assert metadata == {
        "Path": "/prod/",
        "ServerCertificateName": "web",
        "ServerCertificateId": metadata["ServerCertificateId"],
        "Arn": "arn:aws:iam::123456789012:server-certificate/prod/web",
        "UploadDate": NOW,
        "Expiration": NOW + timedelta(days=30).total_seconds(),
    }
    assert answer["Tags"] is None


def test_a_certificate_is_shown_with_its_chain_and_tags_but_never_its_key(
    iam: Iam, root: Certificate, leaf: Certificate
) -> None:
    tags = ({"key": "Team", "value": "one"}, {"key": "team", "value": "two"})
    told = [{"Key": "Team", "Value": "one"}, {"Key": "team", "Value": "two"}]
    answer = upload(iam, leaf, certificate_chain=root.body, tags=tags)
    assert answer["Tags"] == told
    assert shown(iam) == {
        "ServerCertificateMetadata": answer["ServerCertificateMetadata"],
        "CertificateBody": leaf.body.strip(),
        "CertificateChain": root.body.strip(),
        "Tags": told,
    }


def test_the_private_key_is_stored_sealed_for_its_certificate(iam: Iam, server: Server, leaf: Certificate) -> None:
    upload(iam, leaf)
    stored = server.world.named(ServerCertificate, iam.principal.account, "web")
    assert stored is not None
    opened = server.surroundings.sealer.open(stored.sealed_private_key, purpose(ServerCertificate, stored.id))
    assert opened.decode() == leaf.private_key
    assert opened not in stored.sealed_private_key


@pytest.mark.parametrize("bits", [1024, 2048, 4096])
def test_rsa_keys_of_the_usual_sizes_are_taken(iam: Iam, bits: int) -> None:
    one = certificate(now=NOW, key=rsa_key(bits))
    assert upload(iam, one)["ServerCertificateMetadata"]["ServerCertificateName"] == "web"


@pytest.mark.parametrize("form", [PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL])
def test_a_key_may_be_in_either_form_of_pem(iam: Iam, form: PrivateFormat) -> None:
    for name, key in (("ec", ec_key()), ("rsa", rsa_key())):
        upload(iam, certificate(now=NOW, key=key), name=name, private_key=private_pem(key, form))
    assert len(iam("ListServerCertificates")["ServerCertificateMetadataList"]) == 2


def test_a_key_of_another_certificate_is_a_mismatch(iam: Iam) -> None:
    for key, other in ((rsa_key(), rsa_key(number=1)), (ec_key(), ec_key()), (rsa_key(), ec_key())):
        with pytest.raises(KeyPairMismatch) as caught:
            upload(iam, certificate(now=NOW, key=key), private_key=private_pem(other))
        assert caught.value.message == (
            "The private key did not match the public key provided. Please verify the key material and try again."
        )


@pytest.mark.parametrize(
    "spoil",
    [
        lambda one: "no key",
        lambda one: one.body,
        lambda one: private_pem(one.key, password=b"secret"),
        lambda one: private_pem(one.key, PrivateFormat.TraditionalOpenSSL, password=b"secret"),
        lambda one: one.private_key + one.private_key,
        lambda one: "Bag Attributes\n" + one.private_key,
        lambda one: one.private_key.replace("MII", "MIJ"),
    ],
    ids=["text", "certificate", "encrypted", "encrypted-in-the-old-form", "two", "with-text", "altered"],
)
def test_what_is_no_private_key_is_refused_without_telling_it(iam: Iam, spoil: Any) -> None:
    one = certificate(now=NOW, key=rsa_key())
    assert refusal(iam, one, private_key=spoil(one)) == ("MalformedCertificate", UNPARSABLE_KEY)


@pytest.mark.parametrize(
    ("wrong", "code"),
    [({"d": 3}, "MalformedCertificate"), ({"p": 2**11213 - 1}, "KeyPairMismatch")],
    ids=["exponent", "prime-longer-than-the-modulus"],
)
def test_a_private_key_that_does_not_fit_its_own_modulus_is_refused(iam: Iam, wrong: Any, code: str) -> None:
    """The absurd prime is refused without testing it, which would take minutes and another code."""
    one = certificate(now=NOW, key=rsa_key(1024))
    assert refusal(iam, one, private_key=forged_rsa_pem(rsa_key(1024), **wrong))[0] == code


@pytest.mark.parametrize(
    "spoil",
    [
        lambda body: body + body,
        lambda body: "Certificate:\n    Data:\n" + body,
        lambda body: body + "end",
        lambda body: body.replace("CERTIFICATE", "X509 CRL"),
        lambda body: body.replace("MII", "MIJ").replace("BMI", "BMJ"),
        lambda body: body[: len(body) // 2],
        lambda body: body.replace("A", "é"),
        lambda body: " ",
    ],
    ids=["two", "text-before", "text-after", "other-label", "altered", "half", "latin", "blank"],
)
def test_a_body_that_is_not_exactly_one_certificate_is_refused(iam: Iam, spoil: Any) -> None:
    one = certificate(now=NOW)
    assert refusal(iam, one, certificate_body=spoil(one.body)) == ("MalformedCertificate", UNPARSABLE)


def test_keys_that_are_neither_rsa_nor_of_an_elliptic_curve_are_refused(iam: Iam) -> None:
    one = certificate(now=NOW, key=Ed25519PrivateKey.generate())
    assert refusal(iam, one) == ("MalformedCertificate", UNPARSABLE)


def test_a_certificate_is_taken_only_while_it_is_valid(iam: Iam) -> None:
    last_second = certificate(now=NOW, ends=timedelta(0))
    assert upload(iam, last_second)["ServerCertificateMetadata"]["Expiration"] == NOW
    expired = certificate(now=NOW, ends=timedelta(seconds=-1))
    assert refusal(iam, expired, name="b") == (
        "MalformedCertificate",
        "Certificate is no longer valid. The 'Not After' date restriction on the certificate has passed.",
    )
    early = certificate(now=NOW, begins=timedelta(seconds=1))
    code, message = refusal(iam, early, name="b")
    assert code == "MalformedCertificate"
    assert message.startswith("Certificate is not yet valid.")


def test_a_certificate_without_its_chain_is_taken(iam: Iam, leaf: Certificate) -> None:
    upload(iam, leaf)
    assert shown(iam)["CertificateChain"] is None


def test_a_chain_of_several_certificates_is_taken_in_order_only(iam: Iam, root: Certificate) -> None:
    upper = certificate("upper", now=NOW, issuer=root, is_authority=True, may_sign=True)
    lower = certificate("lower", now=NOW, issuer=upper, is_authority=True, path_length=0)
    leaf = certificate(now=NOW, issuer=lower)
    upload(iam, leaf, certificate_chain=lower.body + upper.body + root.body)
    upload(iam, leaf, name="without-root", certificate_chain=lower.body + upper.body)
    assert refusal(iam, leaf, name="x", certificate_chain=upper.body + lower.body + root.body) == broken_at(-1)
    assert refusal(iam, leaf, name="x", certificate_chain=lower.body + root.body) == broken_at(-1)
    namesake = certificate("upper", now=NOW, issuer=root, is_authority=True)
    assert refusal(iam, leaf, name="x", certificate_chain=lower.body + namesake.body + root.body) == broken_at(1)


def test_chains_that_aws_was_seen_to_take_and_refuse(iam: Iam, root: Certificate, leaf: Certificate) -> None:
    """certificates_aws.json and certificate_edges_aws.json of radkawar/stackd."""
    upload(iam, leaf, name="duplicate-chain", certificate_chain=root.body + root.body)
    assert refusal(iam, leaf, certificate_chain=leaf.body + root.body) == broken_at(1)
    assert refusal(iam, root, certificate_chain=certificate("other", now=NOW).body) == broken_at(-1)
    assert refusal(iam, leaf, certificate_chain="bad chain") == ("MalformedCertificate", "Unknown")


def test_an_issuer_of_the_right_name_but_with_another_key_breaks_the_chain(iam: Iam, leaf: Certificate) -> None:
    impostor = certificate("root", now=NOW, is_authority=True)
    assert refusal(iam, leaf, certificate_chain=impostor.body) == broken_at(0)


@pytest.mark.parametrize(
    "fault",
    [
        {"is_authority": False},
        {"is_authority": True, "may_sign": False},
        {"is_authority": True, "ends": timedelta(seconds=-1)},
        {"is_authority": True, "begins": timedelta(seconds=1)},
    ],
    ids=["no-authority", "may-not-sign", "expired", "not-yet-valid"],
)
def test_an_intermediate_that_may_not_issue_breaks_the_chain(iam: Iam, root: Certificate, fault: Any) -> None:
    middle = certificate("middle", now=NOW, issuer=root, **fault)
    leaf = certificate(now=NOW, issuer=middle)
    assert refusal(iam, leaf, certificate_chain=middle.body + root.body) == broken_at(1)


def test_an_intermediate_too_high_above_the_leaf_breaks_the_chain(iam: Iam, root: Certificate) -> None:
    upper = certificate("upper", now=NOW, issuer=root, is_authority=True, path_length=0)
    lower = certificate("lower", now=NOW, issuer=upper, is_authority=True)
    leaf = certificate(now=NOW, issuer=lower)
    assert refusal(iam, leaf, certificate_chain=lower.body + upper.body + root.body) == broken_at(2)


def test_an_endless_chain_is_refused(iam: Iam, root: Certificate, leaf: Certificate) -> None:
    upload(iam, leaf, certificate_chain=root.body * LONGEST_CHAIN)
    code, _ = refusal(iam, leaf, name="x", certificate_chain=root.body * (LONGEST_CHAIN + 1))
    assert code == "MalformedCertificate"


def test_names_are_unique_whatever_their_case(iam: Iam, leaf: Certificate) -> None:
    upload(iam, leaf)
    with pytest.raises(EntityAlreadyExists) as caught:
        upload(iam, leaf, name="WEB", path="/elsewhere/")
    assert caught.value.message == "The Server Certificate with name WEB already exists."
    assert shown(iam, "Web")["ServerCertificateMetadata"]["ServerCertificateName"] == "web"


def test_there_is_a_quota(iam: Iam, leaf: Certificate) -> None:
    for number in range(SERVER_CERTIFICATES.limit):
        upload(iam, leaf, name=f"c{number}")
    with pytest.raises(LimitExceeded) as caught:
        upload(iam, leaf)
    assert caught.value.message == "Cannot exceed quota for ServerCertificatesPerAccount: 20"


def test_tag_keys_are_checked(iam: Iam, leaf: Certificate) -> None:
    with pytest.raises(InvalidInput):
        upload(iam, leaf, tags=({"key": "a", "value": ""}, {"key": "a", "value": ""}))


def test_a_renamed_certificate_keeps_everything_else(iam: Iam, server: Server, leaf: Certificate) -> None:
    upload(iam, leaf, path="/before/", tags=({"key": "Team", "value": "one"},))
    before = shown(iam)
    iam("UpdateServerCertificate", server_certificate_name="web", new_server_certificate_name="site")
    iam("UpdateServerCertificate", server_certificate_name="SITE", new_path="/after/")
    after = shown(iam, "site")
    changed = {
        "ServerCertificateName": "site",
        "Path": "/after/",
        "Arn": "arn:aws:iam::123456789012:server-certificate/after/site",
    }
    assert after == {**before, "ServerCertificateMetadata": before["ServerCertificateMetadata"] | changed}
    stored = server.world.named(ServerCertificate, iam.principal.account, "site")
    assert stored is not None
    assert server.surroundings.sealer.open(stored.sealed_private_key, purpose(ServerCertificate, stored.id))
    iam("UpdateServerCertificate", server_certificate_name="site", new_server_certificate_name="Site")
    assert shown(iam, "site")["ServerCertificateMetadata"]["ServerCertificateName"] == "Site"


def test_an_update_of_nothing_changes_nothing(iam: Iam, leaf: Certificate) -> None:
    upload(iam, leaf, tags=({"key": "Team", "value": "one"},))
    before = shown(iam)
    iam("UpdateServerCertificate", server_certificate_name="web")
    assert shown(iam) == before


def test_a_name_that_is_taken_cannot_be_taken_again(iam: Iam, leaf: Certificate) -> None:
    upload(iam, leaf)
    upload(iam, leaf, name="other")
    with pytest.raises(EntityAlreadyExists) as caught:
        iam("UpdateServerCertificate", server_certificate_name="other", new_server_certificate_name="Web")
    assert caught.value.message == "The Server Certificate with name Web already exists."


def test_a_deleted_certificate_is_gone(iam: Iam, server: Server, leaf: Certificate) -> None:
    upload(iam, leaf)
    iam("DeleteServerCertificate", server_certificate_name="web")
    assert server.world.owned(ServerCertificate, iam.principal.account) == ()


def test_certificates_are_listed_by_path_in_pages_without_their_bodies(iam: Iam, leaf: Certificate) -> None:
    for name, path in (("a", "/"), ("b", "/prod/"), ("c", "/prod/eu/")):
        upload(iam, leaf, name=name, path=path)
    first = iam("ListServerCertificates", path_prefix="/prod", max_items=1)
    assert first["IsTruncated"]
    rest = iam("ListServerCertificates", path_prefix="/prod", marker=first["Marker"])
    (b,), (c,) = first["ServerCertificateMetadataList"], rest["ServerCertificateMetadataList"]
    assert (b["ServerCertificateName"], c["ServerCertificateName"]) == ("b", "c")
    assert set(b) == {"Path", "ServerCertificateName", "ServerCertificateId", "Arn", "UploadDate", "Expiration"}


def test_accounts_do_not_see_each_others_certificates(iam: Iam, server: Server, leaf: Certificate) -> None:
    upload(iam, leaf)
    other = server.account("210987654321")
    assert other("ListServerCertificates")["ServerCertificateMetadataList"] == []
    assert upload(other, leaf)["ServerCertificateMetadata"]["Arn"].startswith("arn:aws:iam::210987654321:")


def test_permissions_are_asked_on_the_certificate_as_it_is_and_as_it_will_be(iam: Iam, leaf: Certificate) -> None:
    arn = "arn:aws:iam::123456789012:server-certificate"
    made = {"server_certificate_name": "web", "path": "/prod/", "certificate_body": "", "private_key": ""}
    assert iam.resources("UploadServerCertificate", **made) == [f"{arn}/prod/web"]
    checks = iam.checks("UploadServerCertificate", **made, tags=({"key": "team", "value": "x"},))
    assert [check.action for check in checks] == ["iam:UploadServerCertificate", "iam:TagServerCertificate"]
    assert all(check.context["aws:requesttag/team"] == "x" for check in checks)
    upload(iam, leaf, path="/prod/")
    assert iam.resources("GetServerCertificate", server_certificate_name="web") == [f"{arn}/prod/web"]
    renamed = {"server_certificate_name": "web", "new_server_certificate_name": "site"}
    assert iam.resources("UpdateServerCertificate", **renamed) == [f"{arn}/prod/web", f"{arn}/prod/site"]

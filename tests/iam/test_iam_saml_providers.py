"""SAML providers and their metadata. Refusals: tests/cases/iam/refusals_saml_providers.json."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from certificates import certificate, ec_key, private_pem, public_pem, rsa_key
from iam.harness import ACCOUNT, NOW, Iam, Server
from rolecall.errors import InvalidInput, LimitExceeded
from rolecall.iam.identity_providers.saml_providers import valid_until
from rolecall.names.arn import AccountId
from rolecall.operations.saml_metadata import parse_saml_metadata
from rolecall.state.providers import SamlPrivateKey, SamlProvider
from rolecall.state.sealed_fields import purpose
from saml_documents import base64_of, metadata, signing_certificate

CASES = Path(__file__).parent.parent / "cases" / "iam"
METADATA_CASES = json.loads((CASES / "saml_metadata.json").read_text())
ARN = f"arn:aws:iam::{ACCOUNT}:saml-provider/idp"
CENTURY = int(datetime(2123, 11, 14, 22, 13, 20, tzinfo=UTC).timestamp())
KEY_ID = re.compile("SAMLPK[A-Z0-9]{16}")


def document_of(case: dict[str, Any]) -> str:
    """`⟦0⟧` is a certificate, `⟦text*3⟧` the text three times."""
    text = re.sub("⟦([0-9])⟧", lambda match: base64_of(signing_certificate(int(match[1]))), case["document"])
    return re.sub("⟦(.+?)\\*([0-9]+)⟧", lambda match: match[1] * int(match[2]), text)


def make(iam: Iam, name: str = "idp", **parameters: object) -> None:
    iam("CreateSAMLProvider", name=name, saml_metadata_document=metadata(), **parameters)


def update(iam: Iam, **parameters: object) -> None:
    assert iam("UpdateSAMLProvider", saml_provider_arn=ARN, **parameters) == {"SAMLProviderArn": ARN}


def shown(iam: Iam) -> dict[str, Any]:
    return dict(iam("GetSAMLProvider", saml_provider_arn=ARN))


def key_ids(iam: Iam) -> list[str]:
    return [key["KeyId"] for key in shown(iam)["PrivateKeyList"]]


@pytest.mark.parametrize("case", [case for case in METADATA_CASES if "issuers" in case], ids=lambda case: case["name"])
def test_metadata_names_its_issuers_and_their_certificates(case: dict[str, Any]) -> None:
    read = parse_saml_metadata(document_of(case))
    assert {issuer.entity_id: list(issuer.certificates) for issuer in read.issuers} == {
        entity_id: [signing_certificate(number).parsed for number in numbers]
        for entity_id, numbers in case["issuers"].items()
    }


@pytest.mark.parametrize("case", [case for case in METADATA_CASES if "message" in case], ids=lambda case: case["name"])
def test_other_metadata_is_refused(case: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_saml_metadata(document_of(case))
    assert caught.value.message == case["message"]


def test_a_certificate_may_have_an_rsa_key_of_1024_bits() -> None:
    weak = certificate("idp.example.com", now=NOW, key=rsa_key(1024))
    text = metadata().replace(base64_of(signing_certificate(0)), base64_of(weak))
    assert parse_saml_metadata(text).issuers[0].certificates == (weak.parsed,)


def test_an_issuer_is_found_by_its_whole_entity_id() -> None:
    read = parse_saml_metadata(metadata("urn:a"))
    assert read.issuer("urn:a") is read.issuers[0]
    assert read.issuer("urn:A") is None


def test_a_new_provider_is_shown_as_aws_shows_it(iam: Iam) -> None:
    # As recorded in radkawar/stackd, saml.json.
    tags = ({"key": "z", "value": "z"}, {"key": "A", "value": "a"})
    made = iam("CreateSAMLProvider", name="idp", saml_metadata_document=metadata(), tags=tags)
    told = [{"Key": "z", "Value": "z"}, {"Key": "A", "Value": "a"}]
    assert made == {"SAMLProviderArn": ARN, "Tags": told}
    provider = shown(iam)
    assert re.fullmatch("SAMLSP[A-Z0-9]{16}", provider.pop("SAMLProviderUUID"))
    assert provider == {
        "SAMLMetadataDocument": metadata(),
        "CreateDate": NOW,
        "ValidUntil": CENTURY,
        "Tags": told[::-1],
        "AssertionEncryptionMode": "Allowed",
        "PrivateKeyList": [],
    }
    assert iam("ListSAMLProviders") == {"SAMLProviderList": [{"Arn": ARN, "ValidUntil": CENTURY, "CreateDate": NOW}]}


def test_new_metadata_begins_another_century_and_changes_nothing_else(server: Server, iam: Iam) -> None:
    make(iam)
    before = shown(iam)
    server.now += 10
    update(iam, saml_metadata_document=metadata("urn:other"))
    assert shown(iam) == before | {"SAMLMetadataDocument": metadata("urn:other"), "ValidUntil": CENTURY + 10}


@pytest.mark.parametrize(
    ("begins", "ends"),
    [("2024-02-29T12:00:00Z", "2124-02-29T12:00:00Z"), ("2000-02-29T12:00:00Z", "2100-02-28T12:00:00Z")],
)
def test_a_century_ends_on_a_day_that_there_is(begins: str, ends: str) -> None:
    assert valid_until(int(datetime.fromisoformat(begins).timestamp())) == datetime.fromisoformat(ends).timestamp()


@pytest.mark.parametrize(
    "pem",
    [
        pytest.param(private_pem(rsa_key()), id="PKCS8"),
        pytest.param(private_pem(rsa_key(), PrivateFormat.TraditionalOpenSSL), id="PKCS1"),
        pytest.param(private_pem(rsa_key(1024)), id="RSA of 1024 bits"),
        pytest.param(private_pem(ec_key()), id="elliptic"),
        pytest.param(private_pem(ec_key(), PrivateFormat.TraditionalOpenSSL), id="elliptic, SEC 1"),
    ],
)
def test_a_private_key_is_kept_sealed(iam: Iam, pem: str) -> None:
    make(iam, add_private_key=pem, assertion_encryption_mode="Required")
    (listed,) = shown(iam)["PrivateKeyList"]
    assert KEY_ID.fullmatch(listed["KeyId"])
    assert listed["Timestamp"] == NOW
    key = iam.server.world.get(SamlPrivateKey, listed["KeyId"])
    assert key is not None
    opened = iam.server.surroundings.sealer.open(key.sealed_key, purpose(SamlPrivateKey, key.key_id))
    given = load_pem_private_key(pem.encode(), password=None)
    assert opened == given.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


@pytest.mark.parametrize(
    "pem",
    [
        pytest.param(private_pem(rsa_key(), password=b"secret"), id="encrypted"),
        pytest.param(public_pem(rsa_key()), id="public"),
        pytest.param(signing_certificate(0).body, id="a certificate"),
        pytest.param(private_pem(rsa_key()) + private_pem(rsa_key()), id="two"),
        pytest.param("passphrase\n" + private_pem(rsa_key()), id="text before"),
        pytest.param(private_pem(ed25519.Ed25519PrivateKey.generate()), id="Ed25519"),
        pytest.param("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", id="nonsense"),
    ],
)
def test_what_is_no_usable_private_key_is_refused(iam: Iam, pem: str) -> None:
    with pytest.raises(InvalidInput, match=r"^Invalid private key\.$"):
        make(iam, add_private_key=pem)
    assert iam("ListSAMLProviders") == {"SAMLProviderList": []}


def test_keys_are_rotated_one_at_a_time_and_the_last_one_stays_while_it_is_required(server: Server, iam: Iam) -> None:
    pem = private_pem(ec_key())
    make(iam)
    update(iam, add_private_key=pem, assertion_encryption_mode="Required")
    server.now += 1
    update(iam, add_private_key=pem)
    first, second = key_ids(iam)
    with pytest.raises(LimitExceeded, match=r"^Private key limit of 2 is reached\.$"):
        update(iam, add_private_key=pem)
    update(iam, remove_private_key=first)
    with pytest.raises(InvalidInput, match=r"^Failed to remove private key\.$"):
        update(iam, remove_private_key=second)
    assert key_ids(iam) == [second]
    update(iam, remove_private_key=second, assertion_encryption_mode="Allowed")
    assert shown(iam)["PrivateKeyList"] == []


def test_a_key_of_another_provider_cannot_be_removed(iam: Iam) -> None:
    make(iam)
    make(iam, "other", add_private_key=private_pem(ec_key()))
    other = iam("GetSAMLProvider", saml_provider_arn=ARN.replace("idp", "other"))
    with pytest.raises(InvalidInput, match="does not match"):
        update(iam, remove_private_key=other["PrivateKeyList"][0]["KeyId"])


def test_a_deleted_provider_takes_its_keys_with_it(iam: Iam) -> None:
    make(iam, add_private_key=private_pem(ec_key()))
    make(iam, "other", add_private_key=private_pem(ec_key()))
    iam("DeleteSAMLProvider", saml_provider_arn=ARN)
    left = iam.server.world.owned(SamlPrivateKey, AccountId(ACCOUNT))
    (other,) = iam.server.world.owned(SamlProvider, AccountId(ACCOUNT))
    assert [key.provider_id for key in left] == [other.id]


def test_there_are_a_hundred_providers_at_most(iam: Iam) -> None:
    for number in range(100):
        iam.put(
            SamlProvider(
                account=AccountId(ACCOUNT),
                id=f"SAMLSP{number}",
                name=f"idp{number}",
                created_at=NOW,
                metadata="",
                valid_until=CENTURY,
            )
        )
    with pytest.raises(LimitExceeded, match="Cannot exceed quota for SAMLProvidersPerAccount: 100"):
        make(iam)


def test_permissions_are_asked_for_the_provider(iam: Iam) -> None:
    tags = ({"key": "team", "value": "storage"},)
    assert iam.resources("CreateSAMLProvider", name="idp", saml_metadata_document=metadata(), tags=tags) == [ARN, ARN]
    make(iam, tags=tags)
    (check,) = iam.checks("UpdateSAMLProvider", saml_provider_arn=ARN, assertion_encryption_mode="Allowed")
    assert (str(check.resource), check.context) == (ARN, {"aws:resourcetag/team": "storage"})
    assert iam.resources("ListSAMLProviders") == ["*", f"arn:aws:iam::{ACCOUNT}:saml-provider/*"]

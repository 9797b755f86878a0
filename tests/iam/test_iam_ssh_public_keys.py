"""UploadSSHPublicKey, GetSSHPublicKey, UpdateSSHPublicKey, DeleteSSHPublicKey, ListSSHPublicKeys.

What AWS answers was recorded by radkawar/stackd (internal/services/iam/testdata, certificates_aws.json and
certificate_edges_aws.json) and localstack (test_iam_ssh_public_keys.snapshot.json).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import PublicFormat

from certificates import certificate, ec_key, openssh, public_pem, rsa_key
from iam.harness import NOW, Iam, Server
from rolecall.errors import (
    ApiError,
    DeleteConflict,
    DuplicateSshPublicKey,
    InvalidInput,
    LimitExceeded,
    NoSuchEntity,
    ValidationError,
)
from rolecall.iam.quotas import SSH_PUBLIC_KEYS_PER_USER

SMALL = 1024
UNRECOGNIZED = ("UnrecognizedPublicKeyEncoding", "Invalid public key uploaded.")
INVALID = ("InvalidPublicKey", "Invalid body for public key")

# The key and its fingerprint, as `ssh-keygen -E md5 -lf` of OpenSSH 9.2 tells it.
KNOWN_KEY = (
    "ssh-rsa "
    "AAAAB3NzaC1yc2EAAAADAQABAAABAQDMfqV64ik2FzFZrI3HMxRpvy70utsi85sIovK4ZeY2KOPukXSyqWaWyh9EAeg7uz67MeRE"
    "9yt+Yl2h+pwiM1ngqbw8uhPn90TzJtoM/Iyh7iyg/lcHx5QJAAO6h1vFpfRM/TEQZXEDJHJM560sHIALOydIFWYbHbf7S8RK1f2D"
    "rYdpUDm7djjWze1kO/TcaMxOsoLqMcT+fY6IAkPO2x8aX4tnZyTq+4dPqcb7McIi67XSPcLjbsaRilLtgc8TAoWkvAPyNddpFEqS"
    "eJza7e54D7zpcgLtHlti9iCeo/y8ddBBSAd6FSLUXUNu3w+jnzhLF8K11v7LEwngTilddUqr"
)
KNOWN_FINGERPRINT = "74:9f:e5:c2:21:bf:16:b3:85:63:a9:d3:50:e3:10:d4"


@pytest.fixture
def bob(iam: Iam) -> Iam:
    """IAM as the user bob calls it."""
    iam("CreateUser", user_name="bob")
    return iam.as_user("bob")


def upload(iam: Iam, body: str, user_name: str = "bob") -> Mapping[str, Any]:
    return iam("UploadSSHPublicKey", user_name=user_name, ssh_public_key_body=body)["SSHPublicKey"]


def shown(iam: Iam, key_id: str, encoding: str = "SSH") -> Mapping[str, Any]:
    return iam("GetSSHPublicKey", user_name="bob", ssh_public_key_id=key_id, encoding=encoding)["SSHPublicKey"]


def refusal(iam: Iam, body: str) -> tuple[str, str]:
    with pytest.raises(ApiError) as caught:
        upload(iam, body)
    return caught.value.code, caught.value.message


def test_a_new_key_is_shown_as_it_was_sent(iam: Iam, bob: Iam) -> None:
    made = upload(iam, f"{KNOWN_KEY} bob@example.com\n")
    assert made["SSHPublicKeyId"].startswith("APKA")
    assert len(made["SSHPublicKeyId"]) == 20
    assert made == {
        "UserName": "bob",
        "SSHPublicKeyId": made["SSHPublicKeyId"],
        "Fingerprint": KNOWN_FINGERPRINT,
        "SSHPublicKeyBody": f"{KNOWN_KEY} bob@example.com\n",
        "Status": "Active",
        "UploadDate": NOW,
    }


def test_a_key_is_told_in_either_encoding_whichever_it_came_in(iam: Iam, bob: Iam) -> None:
    for number, sent in enumerate((f"{openssh(rsa_key())} comment", public_pem(rsa_key(number=1)))):
        made = upload(iam, sent)
        ssh, pem = shown(iam, made["SSHPublicKeyId"]), shown(iam, made["SSHPublicKeyId"], "PEM")
        assert ssh == made | {"SSHPublicKeyBody": openssh(rsa_key(number=number))}
        assert pem == made | {"SSHPublicKeyBody": public_pem(rsa_key(number=number))}


def test_pem_of_pkcs1_is_taken(iam: Iam, bob: Iam) -> None:
    made = upload(iam, public_pem(rsa_key(), PublicFormat.PKCS1))
    assert shown(iam, made["SSHPublicKeyId"])["SSHPublicKeyBody"] == openssh(rsa_key())


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (lambda: certificate(now=NOW, key=rsa_key()).body, UNRECOGNIZED),
        (lambda: certificate(now=NOW, key=rsa_key()).private_key, UNRECOGNIZED),
        (lambda: public_pem(rsa_key()) + public_pem(rsa_key()), UNRECOGNIZED),
        (lambda: f"text\n{public_pem(rsa_key())}", UNRECOGNIZED),
        (lambda: f"{openssh(rsa_key())}\n{openssh(rsa_key(number=1))}", UNRECOGNIZED),
        (lambda: openssh(Ed25519PrivateKey.generate()), UNRECOGNIZED),
        (lambda: openssh(ec_key()), UNRECOGNIZED),
        (lambda: openssh(Ed25519PrivateKey.generate()).replace("ssh-ed25519", "ssh-rsa"), INVALID),
        (lambda: openssh(rsa_key(SMALL)), INVALID),
        (lambda: public_pem(rsa_key(SMALL)), INVALID),
        (lambda: public_pem(ec_key()), INVALID),
        (lambda: public_pem(rsa_key()).replace("MII", "MIJ"), INVALID),
        (lambda: "ssh-rsa é", INVALID),
    ],
    ids=[
        "certificate",
        "private-key",
        "two-pem",
        "text-before-pem",
        "two-lines",
        "ed25519",
        "ecdsa",
        "mislabelled",
        "small",
        "small-pem",
        "ec-pem",
        "altered-pem",
        "latin",
    ],
)
def test_other_bodies_are_refused(iam: Iam, bob: Iam, body: Any, told: tuple[str, str]) -> None:
    assert refusal(iam, body()) == told


def test_a_user_has_a_key_once_in_whatever_form(iam: Iam, bob: Iam) -> None:
    upload(iam, f"{openssh(rsa_key())} one")
    for again in (f"{openssh(rsa_key())} two", public_pem(rsa_key())):
        with pytest.raises(DuplicateSshPublicKey) as caught:
            upload(iam, again)
        assert caught.value.message == "Duplicate SSH public key uploaded."


def test_two_users_may_have_the_same_key(iam: Iam, bob: Iam) -> None:
    iam("CreateUser", user_name="eve")
    first, second = upload(iam, openssh(rsa_key())), upload(iam, openssh(rsa_key()), "eve")
    assert first["SSHPublicKeyId"] != second["SSHPublicKeyId"]
    assert first["Fingerprint"] == second["Fingerprint"]


def test_there_is_a_quota(iam: Iam, bob: Iam) -> None:
    for number in range(SSH_PUBLIC_KEYS_PER_USER.limit):
        upload(iam, openssh(rsa_key(number=number)))
    with pytest.raises(LimitExceeded) as caught:
        upload(iam, openssh(rsa_key(number=SSH_PUBLIC_KEYS_PER_USER.limit)))
    assert caught.value.message == "Cannot exceed quota for SSHPublicKeysPerUser: 5"


def test_a_key_is_switched_off_and_on_but_not_to_expired(iam: Iam, bob: Iam) -> None:
    key = {"user_name": "bob", "ssh_public_key_id": upload(iam, KNOWN_KEY)["SSHPublicKeyId"]}
    for word in ("Inactive", "Active"):
        iam("UpdateSSHPublicKey", **key, status=word)
        assert shown(iam, key["ssh_public_key_id"])["Status"] == word
    with pytest.raises(InvalidInput) as caught:
        iam("UpdateSSHPublicKey", **key, status="Expired")
    assert caught.value.message == "Operation does not support status Expired"


def test_a_list_shows_no_bodies_and_comes_in_pages(iam: Iam, bob: Iam) -> None:
    made = {upload(iam, openssh(rsa_key(number=number)))["SSHPublicKeyId"] for number in range(2)}
    first = iam("ListSSHPublicKeys", user_name="bob", max_items=1)
    rest = bob("ListSSHPublicKeys", marker=first["Marker"])
    shown_keys = [*first["SSHPublicKeys"], *rest["SSHPublicKeys"]]
    assert {key["SSHPublicKeyId"] for key in shown_keys} == made
    assert all(set(key) == {"UserName", "SSHPublicKeyId", "Status", "UploadDate"} for key in shown_keys)


def test_root_has_no_ssh_keys_to_list(iam: Iam) -> None:
    with pytest.raises(ValidationError):
        iam("ListSSHPublicKeys")


def test_the_key_of_another_user_and_of_another_account_is_out_of_reach(iam: Iam, server: Server, bob: Iam) -> None:
    iam("CreateUser", user_name="eve")
    other = server.account("210987654321")
    other("CreateUser", user_name="bob")
    eves, foreign = upload(iam, KNOWN_KEY, "eve")["SSHPublicKeyId"], upload(other, KNOWN_KEY)["SSHPublicKeyId"]
    before = server.world
    for name, more in (
        ("GetSSHPublicKey", {"encoding": "SSH"}),
        ("UpdateSSHPublicKey", {"status": "Inactive"}),
        ("DeleteSSHPublicKey", {}),
    ):
        for key_id, message in (
            (eves, f"User has no Public Key with id {eves}."),
            (foreign, f"The Public Key with id {foreign} cannot be found."),
        ):
            with pytest.raises(NoSuchEntity) as caught:
                iam(name, user_name="bob", ssh_public_key_id=key_id, **more)
            assert caught.value.message == message
    assert server.world is before


def test_a_user_with_a_key_cannot_be_deleted(iam: Iam, bob: Iam) -> None:
    made = upload(iam, KNOWN_KEY)["SSHPublicKeyId"]
    with pytest.raises(DeleteConflict):
        iam("DeleteUser", user_name="bob")
    iam("DeleteSSHPublicKey", user_name="bob", ssh_public_key_id=made)
    assert iam("ListSSHPublicKeys", user_name="bob")["SSHPublicKeys"] == []
    iam("DeleteUser", user_name="bob")


def test_permission_is_asked_on_the_owner(iam: Iam, bob: Iam) -> None:
    for name in ("UploadSSHPublicKey", "GetSSHPublicKey", "UpdateSSHPublicKey", "DeleteSSHPublicKey"):
        assert iam.resources(name, user_name="bob") == ["arn:aws:iam::123456789012:user/bob"]
    assert bob.resources("ListSSHPublicKeys") == ["arn:aws:iam::123456789012:user/bob"]

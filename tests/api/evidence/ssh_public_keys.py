"""Evidence for SSH public keys."""

from __future__ import annotations

from typing import Any

from api.evidence.families import Caller, ErrorCase, Family
from certificates import openssh, rsa_key

NO_KEY = {"UserName": "ann", "SSHPublicKeyId": "APKA0000000000000000"}
ON_A_KEY: dict[str, dict[str, Any]] = {
    "GetSSHPublicKey": {**NO_KEY, "Encoding": "SSH"},
    "UpdateSSHPublicKey": {**NO_KEY, "Status": "Inactive"},
    "DeleteSSHPublicKey": NO_KEY,
    "ListSSHPublicKeys": {"UserName": "ann"},
}


def upload(caller: Caller, body: str) -> str:
    """Upload a key for ann; its id."""
    answer = caller.iam.upload_ssh_public_key(UserName="ann", SSHPublicKeyBody=body)
    return str(answer["SSHPublicKey"]["SSHPublicKeyId"])


def tour(caller: Caller) -> None:
    iam = caller.iam
    iam.create_user(UserName="ann")
    key = {"UserName": "ann", "SSHPublicKeyId": upload(caller, openssh(rsa_key()))}
    iam.update_ssh_public_key(**key, Status="Inactive")
    assert iam.get_ssh_public_key(**key, Encoding="PEM")["SSHPublicKey"]["Status"] == "Inactive"
    (listed,) = iam.list_ssh_public_keys(UserName="ann")["SSHPublicKeys"]
    assert listed["SSHPublicKeyId"] == key["SSHPublicKeyId"]
    iam.delete_ssh_public_key(**key)


def upload_for_ann(*bodies: str) -> Any:
    def provoke(caller: Caller) -> None:
        caller.iam.create_user(UserName="ann")
        for body in bodies:
            upload(caller, body)

    return provoke


def upload_a_sixth(caller: Caller) -> None:
    upload_for_ann(*(openssh(rsa_key(number=number)) for number in range(6)))(caller)


def upload_one_twice(caller: Caller) -> None:
    upload_for_ann(openssh(rsa_key()), openssh(rsa_key()) + " again")(caller)


def let_one_expire(caller: Caller) -> None:
    caller.iam.create_user(UserName="ann")
    key_id = upload(caller, openssh(rsa_key()))
    caller.iam.update_ssh_public_key(UserName="ann", SSHPublicKeyId=key_id, Status="Expired")


def of_nobody(operation: str) -> ErrorCase:
    """There is neither the user nor the key."""
    return ErrorCase(operation, "NoSuchEntity", lambda caller: caller.call(operation, **ON_A_KEY[operation]))


FAMILY = Family(
    operations=frozenset({"UploadSSHPublicKey", *ON_A_KEY}),
    tour=tour,
    errors=(
        *map(of_nobody, ON_A_KEY),
        ErrorCase("UploadSSHPublicKey", "NoSuchEntity", lambda caller: upload(caller, openssh(rsa_key()))),
        ErrorCase("UploadSSHPublicKey", "LimitExceeded", upload_a_sixth),
        ErrorCase("UploadSSHPublicKey", "InvalidPublicKey", upload_for_ann("ssh-rsa AAAA")),
        ErrorCase("UploadSSHPublicKey", "UnrecognizedPublicKeyEncoding", upload_for_ann("what is no key")),
        ErrorCase("UploadSSHPublicKey", "DuplicateSSHPublicKey", upload_one_twice),
        ErrorCase("UpdateSSHPublicKey", "InvalidInput", let_one_expire),
    ),
    unreachable={
        ("GetSSHPublicKey", "UnrecognizedPublicKeyEncoding"): "the model lets `SSH` and `PEM` through and nothing else",
    },
)

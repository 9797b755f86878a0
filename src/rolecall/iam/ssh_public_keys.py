"""SSH public keys of users: RSA keys, in OpenSSH's form or PEM.

Texts and rules without another source were recorded at AWS (radkawar/stackd, certificates_aws.json and
certificate_edges_aws.json).
"""

from __future__ import annotations

import hashlib
import re
from base64 import b64decode
from collections.abc import Callable

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_public_key,
    load_ssh_public_key,
)
from msgspec.structs import replace

from rolecall.errors import DuplicateSshPublicKey, InvalidPublicKey, NoSuchEntity, UnrecognizedPublicKeyEncoding
from rolecall.iam.access import on_user
from rolecall.iam.credential_status import means_active, shown_status
from rolecall.iam.find import find_user, find_user_or_own
from rolecall.iam.paging import page
from rolecall.iam.quotas import SSH_PUBLIC_KEYS_PER_USER
from rolecall.iam.registry import operation
from rolecall.iam.x509 import pem_blocks
from rolecall.names.ids import IdPrefix, new_unique_id
from rolecall.operations.registry import Answer
from rolecall.operations.transaction import Transaction
from rolecall.state.credentials import SshPublicKey
from rolecall.state.entities import User

RSA_BITS = range(2048, 16385)
"""Moduli in bits. Source: API reference, UploadSSHPublicKey, for the least; OpenSSL's own bound for the most."""

ID_LETTERS = 16
"""After the prefix: an id has 20 characters, one less than those of users."""

PEM_LABELS = ("PUBLIC KEY", "RSA PUBLIC KEY")
_SSH_RSA = re.compile(r"ssh-rsa[ \t][^\r\n]+")


@operation("UploadSSHPublicKey", access=on_user, writes=True)
def upload_ssh_public_key(tx: Transaction, *, user_name: str, ssh_public_key_body: str) -> Answer:
    """Keep a key, active from now on. The answer shows it as it was sent.

    Raises `UnrecognizedPublicKeyEncoding`, `InvalidPublicKey`, and `DuplicateSSHPublicKey` if the user has it already,
    in whatever form; several users may have the same one.
    """
    user = find_user(tx, user_name)
    body = _openssh(_parse(ssh_public_key_body))
    owned = _keys(tx, user)
    if any(key.body == body for key in owned):
        raise DuplicateSshPublicKey("Duplicate SSH public key uploaded.")
    SSH_PUBLIC_KEYS_PER_USER.check(len(owned) + 1)
    key = SshPublicKey(
        account=tx.account,
        user_id=user.id,
        public_key_id=new_unique_id(IdPrefix.SSH_PUBLIC_KEY, tx.surroundings.randbits, letters=ID_LETTERS),
        body=body,
        fingerprint=_fingerprint(body),
        uploaded_at=tx.now,
    )
    tx.put(key)
    return {"SSHPublicKey": _whole(key, user, ssh_public_key_body)}


@operation("GetSSHPublicKey", access=on_user)
def get_ssh_public_key(tx: Transaction, *, user_name: str, ssh_public_key_id: str, encoding: str) -> Answer:
    """Show a key as OpenSSH writes it, without the comment that it came with, or as PEM."""
    user = find_user(tx, user_name)
    key = _find(tx, user, ssh_public_key_id)
    return {"SSHPublicKey": _whole(key, user, _pem(key.body) if encoding == "PEM" else key.body)}


@operation("UpdateSSHPublicKey", access=on_user, writes=True)
def update_ssh_public_key(tx: Transaction, *, user_name: str, ssh_public_key_id: str, status: str) -> Answer:
    """Switch a key on or off."""
    key = _find(tx, find_user(tx, user_name), ssh_public_key_id)
    tx.put(replace(key, is_active=means_active(status)))
    return None


@operation("DeleteSSHPublicKey", access=on_user, writes=True)
def delete_ssh_public_key(tx: Transaction, *, user_name: str, ssh_public_key_id: str) -> Answer:
    """Delete a key."""
    tx.delete(_find(tx, find_user(tx, user_name), ssh_public_key_id))
    return None


@operation("ListSSHPublicKeys", access=on_user)
def list_ssh_public_keys(
    tx: Transaction, *, user_name: str | None = None, marker: str | None = None, max_items: int | None = None
) -> Answer:
    """List the keys of a user, without the keys themselves."""
    user = find_user_or_own(tx, user_name)
    return page(
        _keys(tx, user),
        order=lambda key: key.public_key_id,
        member="SSHPublicKeys",
        render=lambda key: _metadata(key, user),
        marker=marker,
        max_items=max_items,
    )


def _keys(tx: Transaction, user: User) -> tuple[SshPublicKey, ...]:
    return tx.world.of_user(SshPublicKey, tx.account, user.id)


def _find(tx: Transaction, user: User, public_key_id: str) -> SshPublicKey:
    key = tx.world.get(SshPublicKey, public_key_id)
    if key is None or key.account != tx.account:
        raise NoSuchEntity(f"The Public Key with id {public_key_id} cannot be found.")
    if key.user_id != user.id:
        raise NoSuchEntity(f"User has no Public Key with id {public_key_id}.")
    return key


def _parse(text: str) -> RSAPublicKey:
    body = text.strip()
    if _SSH_RSA.fullmatch(body):
        load: Callable[[bytes], PublicKeyTypes] = load_ssh_public_key
    elif _is_pem_public_key(body):
        load = load_pem_public_key
    else:
        # AWS documents `ssh-rsa` and PEM. That SSH keys of other kinds count as unrecognized is a guess.
        raise UnrecognizedPublicKeyEncoding("Invalid public key uploaded.")
    try:
        key = load(body.encode())
    except (ValueError, UnsupportedAlgorithm):
        raise _invalid() from None
    if not isinstance(key, RSAPublicKey) or key.key_size not in RSA_BITS:
        raise _invalid()
    return key


def _is_pem_public_key(body: str) -> bool:
    try:
        blocks = pem_blocks(body)
    except ValueError:
        return False
    return len(blocks) == 1 and blocks[0][0] in PEM_LABELS


def _openssh(key: RSAPublicKey) -> str:
    return key.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()


def _pem(body: str) -> str:
    key = load_ssh_public_key(body.encode())
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def _fingerprint(body: str) -> str:
    """MD5 of the key as it goes over the wire, as `ssh-keygen -E md5 -l` tells it: nothing is decided by it."""
    digest = hashlib.md5(b64decode(body.split()[1]), usedforsecurity=False).digest()
    return digest.hex(":")


def _metadata(key: SshPublicKey, user: User) -> dict[str, object]:
    return {
        "UserName": user.name,
        "SSHPublicKeyId": key.public_key_id,
        "Status": shown_status(key.is_active),
        "UploadDate": key.uploaded_at,
    }


def _whole(key: SshPublicKey, user: User, body: str) -> dict[str, object]:
    return {**_metadata(key, user), "Fingerprint": key.fingerprint, "SSHPublicKeyBody": body}


def _invalid() -> InvalidPublicKey:
    return InvalidPublicKey("Invalid body for public key")

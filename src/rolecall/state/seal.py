"""Sealing: secrets as they lie on disk, AES-256-GCM under a master key. Pure bytes; who owns them is said elsewhere.

A sealed text is `version (1 byte) | key id (8) | nonce (12) | ciphertext and tag`. The head and the purpose are
authenticated with it, so a sealed text moved to another owner does not open. Nonces are 96 random bits: one master key
may seal 2^32 times before a repeat becomes likelier than 2^-32 (NIST SP 800-38D §8.3), and a rotation starts anew.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from rolecall.errors import StoreError
from rolecall.names.ids import RandBits

KEY_LENGTH = 32
"""Bytes of a master key."""

_VERSION = b"\x01"
_KEY_ID_LENGTH = 8
_NONCE_LENGTH = 12
_HEAD_LENGTH = len(_VERSION) + _KEY_ID_LENGTH
_BODY_AT = _HEAD_LENGTH + _NONCE_LENGTH


@dataclass(frozen=True, slots=True)
class MasterKey:
    """A master key: 32 random bytes, never shown. `id` tells it from others and tells nothing about it."""

    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.secret) != KEY_LENGTH:
            raise ValueError(f"a master key has {KEY_LENGTH} bytes")

    @property
    def id(self) -> bytes:
        return self._derived(b"rolecall key id")[:_KEY_ID_LENGTH]

    def cipher(self) -> AESGCM:
        """The cipher of this key. It runs under a derived key, so that the id is made with another one."""
        return AESGCM(self._derived(b"rolecall seal"))

    def _derived(self, label: bytes) -> bytes:
        return hmac.digest(self.secret, label, "sha256")


@dataclass(frozen=True, slots=True)
class Keyring:
    """The master keys that a server holds: the first seals, all of them open."""

    keys: tuple[MasterKey, ...]

    def __post_init__(self) -> None:
        if not self.keys:
            raise ValueError("a keyring needs a key")


def key_id(sealed: bytes) -> bytes:
    """The id of the master key that sealed a text; empty if it is not a sealed text of a known version."""
    return sealed[len(_VERSION) : _HEAD_LENGTH] if sealed[: len(_VERSION)] == _VERSION else b""


class Sealer:
    """Seals and opens secrets. Parameters: `keyring`; `randbits`, the source of nonces."""

    def __init__(self, keyring: Keyring, randbits: RandBits) -> None:
        first = keyring.keys[0]
        self._ciphers = {key.id: key.cipher() for key in keyring.keys}
        self._first = self._ciphers[first.id]
        self._head = _VERSION + first.id
        self._randbits = randbits

    def seal(self, plaintext: bytes, purpose: str) -> bytes:
        """Seal `plaintext` for `purpose`, which says what it is and whose; it opens for that purpose only."""
        nonce = self._randbits(8 * _NONCE_LENGTH).to_bytes(_NONCE_LENGTH, "big")
        return self._head + nonce + self._first.encrypt(nonce, plaintext, self._head + purpose.encode())

    def open(self, sealed: bytes, purpose: str) -> bytes:
        """The plaintext. Raises `StoreError` for another purpose, an altered text, or a master key that is not held."""
        cipher = self._ciphers.get(key_id(sealed))
        if cipher is None:
            raise StoreError(f"the secret of `{purpose}` is sealed under a master key that this server does not hold")
        head, nonce = sealed[:_HEAD_LENGTH], sealed[_HEAD_LENGTH:_BODY_AT]
        try:
            return cipher.decrypt(nonce, sealed[_BODY_AT:], head + purpose.encode())
        except (InvalidTag, ValueError) as error:
            raise StoreError(f"the sealed secret of `{purpose}` has been altered") from error

    def is_current(self, sealed: bytes) -> bool:
        """Was it sealed under the first key of the ring?"""
        return sealed[:_HEAD_LENGTH] == self._head

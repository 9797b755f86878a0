"""Session tokens: a session, sealed. Making one writes nothing, opening one looks nothing up.

A token is base64 of: format (1 byte), key id (8 bytes), nonce (12 bytes), AES-256-GCM ciphertext of the session. The
format, the key id and the access key id are bound to it as associated data, so a token opens only beside the access key
id with which it was issued. The expiry is inside; whether it has passed is for the caller to check.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from functools import lru_cache

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from rolecall.errors import InvalidClientTokenId
from rolecall.names.ids import RandBits
from rolecall.state.caller import INVALID_TOKEN
from rolecall.state.session import Session
from rolecall.state.token_keys import TokenKey

FORMAT = b"\x01"
KEY_ID_SIZE = 8
NONCE_SIZE = 12
TOKEN_SIZE_LIMIT = 16384
"""No longer token is issued or read: characters. Policies and tags have a tighter limit of their own."""

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Session)


def seal_token(session: Session, key: TokenKey, randbits: RandBits) -> str:
    """The session token of `session`."""
    header = FORMAT + bytes.fromhex(key.id)
    nonce = randbits(8 * NONCE_SIZE).to_bytes(NONCE_SIZE, "big")
    sealed = _cipher(key.secret).encrypt(nonce, _encoder.encode(session), header + session.access_key_id.encode())
    return base64.b64encode(header + nonce + sealed).decode()


def open_token(token: str, access_key_id: str, keys: Mapping[str, bytes]) -> Session:
    """The session that a token holds. `keys` are the token keys by id.

    Raises `InvalidClientTokenId` if it was not sealed by one of them for this access key id.
    """
    try:
        raw = base64.b64decode(token, validate=True) if len(token) <= TOKEN_SIZE_LIMIT else b""
    except (binascii.Error, ValueError):
        raise InvalidClientTokenId(INVALID_TOKEN) from None
    body = len(FORMAT) + KEY_ID_SIZE
    header, nonce, sealed = raw[:body], raw[body : body + NONCE_SIZE], raw[body + NONCE_SIZE :]
    key = keys.get(header[len(FORMAT) :].hex())
    if key is None or header[: len(FORMAT)] != FORMAT:
        raise InvalidClientTokenId(INVALID_TOKEN)
    try:
        return _decoder.decode(_cipher(key).decrypt(nonce, sealed, header + access_key_id.encode()))
    except (InvalidTag, ValueError, msgspec.DecodeError):
        raise InvalidClientTokenId(INVALID_TOKEN) from None


@lru_cache(maxsize=16)
def _cipher(key: bytes) -> AESGCM:
    return AESGCM(key)

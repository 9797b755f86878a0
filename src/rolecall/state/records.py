"""Entities as text and back: the bodies in the log. Nothing but the form; no rows, no world.

A body is the entity's JSON (binary fields in base64). Reading is strict: an unknown kind, an unknown field, a wrong
type or a body under a foreign key is refused, because an entity read in part could be one that denies less.
"""

from __future__ import annotations

import msgspec

from rolecall.errors import StoreError
from rolecall.state.entities import Entity
from rolecall.state.kinds import KINDS

_DECODERS: dict[str, msgspec.json.Decoder[Entity]] = {
    kind: msgspec.json.Decoder(record) for kind, record in KINDS.items()
}
_ENCODER = msgspec.json.Encoder()


def encode(entity: Entity) -> str:
    """The body of `entity`. Raises `ValueError` for text that UTF-8 cannot hold."""
    return _ENCODER.encode(entity).decode()


def decode(account: str, kind: str, key: str, body: str) -> Entity:
    """The entity of a row. Raises `StoreError` if the row is not exactly what `encode` writes for such an entity."""
    decoder = _DECODERS.get(kind)
    if decoder is None:
        raise StoreError(f"the log holds an entity of the unknown kind `{kind}`: it was written by a newer version")
    try:
        entity = decoder.decode(body)
    except (msgspec.DecodeError, UnicodeError) as error:
        raise StoreError(f"the log holds a {kind} `{key}` that cannot be read: {error}") from error
    if (entity.account, entity.key) != (account, key):
        raise StoreError(f"the log holds a {kind} `{entity.key}` of account `{entity.account}` in the row of `{key}`")
    return entity

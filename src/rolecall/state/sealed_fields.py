"""The sealed fields of entities: which they are, how they are opened, and how all are sealed anew.

Each is sealed for its own entity (kind and key), so it cannot be moved to another. What the secrets are used for is not
said here.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from rolecall.errors import StoreError
from rolecall.state.credentials import AccessKey
from rolecall.state.draft import Draft
from rolecall.state.entities import Entity
from rolecall.state.seal import Keyring, Sealer, key_id
from rolecall.state.world import World


def purpose(kind: type[Entity], key: str) -> str:
    """The purpose for which the field of that entity is sealed."""
    return f"{kind.kind}:{key}"


def seal_secret(sealer: Sealer, access_key_id: str, secret_access_key: str) -> bytes:
    """The `sealed_secret` of a long-term key."""
    return sealer.seal(secret_access_key.encode(), purpose(AccessKey, access_key_id))


def open_secret(sealer: Sealer, access_key: AccessKey) -> str:
    """The secret access key of a long-term key. Raises `StoreError` if it cannot be opened."""
    return sealer.open(access_key.sealed_secret, purpose(AccessKey, access_key.access_key_id)).decode()


def require_master_key(world: World, keyring: Keyring) -> None:
    """Raise `StoreError` if any secret of `world` is sealed under a master key that `keyring` does not hold.

    Each sealed text names its key, so each is a key check value; looking at all of them costs a comparison each and
    also finds what a rotation with a forgotten key left behind.
    """
    held = {key.id for key in keyring.keys}
    foreign = [entity.key for entity, sealed in _sealed(world) if key_id(sealed) not in held]
    if foreign:
        raise StoreError(
            f"wrong master key: {len(foreign)} secrets of this data directory (`{foreign[0]}` is one) are sealed under "
            "another one: give the key that it was made with, or restore its `master.key`"
        )


def has_sealed(world: World) -> bool:
    """Does `world` hold anything that only a master key can open?"""
    return next(_sealed(world), None) is not None


def reseal(draft: Draft, sealer: Sealer) -> int:
    """Seal everything anew that was not sealed under the first key of the ring. How many it was.

    A job for `Store.write`. Afterwards the other keys of the ring open nothing any more and can be thrown away.
    """
    count = 0
    for entity, sealed in tuple(_sealed(draft.world)):
        if sealer.is_current(sealed):
            continue
        name = purpose(type(entity), entity.key)
        anew = sealer.seal(sealer.open(sealed, name), name)
        draft.put(msgspec.structs.replace(entity, **{str(entity.sealed_field): anew}))
        count += 1
    return count


def _sealed(world: World) -> Iterator[tuple[Entity, bytes]]:
    for entity in world.entities.values():
        if entity.sealed_field is not None:
            yield entity, getattr(entity, entity.sealed_field)

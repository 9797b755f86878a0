"""Sealed fields of the world: opened for their owner only, checked at start, sealed anew in one write."""

from __future__ import annotations

import random

import msgspec
import pytest

from rolecall.errors import StoreError
from rolecall.state.credentials import AccessKey
from rolecall.state.draft import Draft
from rolecall.state.seal import Keyring, MasterKey, Sealer
from rolecall.state.sealed_fields import has_sealed, open_secret, require_master_key, reseal, seal_secret
from rolecall.state.store import Store
from rolecall.state.token_keys import TokenKey, make_token_key, token_keys
from rolecall.state.world import World
from store.samples import access_key, user

OLD, NEW = MasterKey(b"\x01" * 32), MasterKey(b"\x02" * 32)


def sealer_of(*keys: MasterKey) -> Sealer:
    return Sealer(Keyring(keys), random.Random(3).getrandbits)


def populated(sealer: Sealer) -> Draft:
    draft = Draft(World())
    draft.put(user(1))
    for number in range(3):
        key = access_key(number, b"")
        sealed = seal_secret(sealer, key.access_key_id, f"secret-{number}")
        draft.put(msgspec.structs.replace(key, sealed_secret=sealed))
    make_token_key(draft, sealer, now=1, randbits=random.Random(4).getrandbits)
    return draft


def secrets_of(world: World, sealer: Sealer) -> set[str]:
    return {open_secret(sealer, entity) for entity in world.entities.values() if isinstance(entity, AccessKey)}


def test_a_secret_opens_for_its_own_key_only() -> None:
    sealer = sealer_of(OLD)
    one, two = access_key(1, b""), access_key(2, b"")
    sealed = seal_secret(sealer, one.access_key_id, "secret")
    assert open_secret(sealer, msgspec.structs.replace(one, sealed_secret=sealed)) == "secret"
    with pytest.raises(StoreError):
        open_secret(sealer, msgspec.structs.replace(two, sealed_secret=sealed))


def test_resealing_moves_everything_to_the_first_key() -> None:
    draft = populated(sealer_of(OLD))
    tokens = token_keys(draft.world, sealer_of(OLD))
    assert reseal(draft, sealer_of(NEW, OLD)) == 4
    assert secrets_of(draft.world, sealer_of(NEW)) == {"secret-0", "secret-1", "secret-2"}
    assert token_keys(draft.world, sealer_of(NEW)) == tokens
    require_master_key(draft.world, Keyring((NEW,)))
    assert reseal(draft, sealer_of(NEW)) == 0


def test_resealing_without_the_old_key_changes_nothing(store: Store, sealer: Sealer) -> None:
    store.write(lambda draft: make_token_key(draft, sealer, now=1, randbits=random.getrandbits)).result()
    with pytest.raises(StoreError, match="does not hold"):
        store.write(lambda draft: reseal(draft, sealer_of(NEW))).result()
    assert store.revision == 1


def test_a_wrong_master_key_is_found_by_any_sealed_field() -> None:
    world = populated(sealer_of(OLD)).world
    require_master_key(world, Keyring((NEW, OLD)))
    with pytest.raises(StoreError, match="wrong master key: 4 secrets"):
        require_master_key(world, Keyring((NEW,)))
    stray = Draft(world)
    reseal(stray, sealer_of(NEW, OLD))
    stray.put(next(entity for entity in world.entities.values() if isinstance(entity, AccessKey)))
    with pytest.raises(StoreError, match="wrong master key: 1 secrets"):
        require_master_key(stray.world, Keyring((NEW,)))


def test_a_world_without_secrets_needs_no_key() -> None:
    assert not has_sealed(World().put(user(1)))
    assert has_sealed(populated(sealer_of(OLD)).world)
    require_master_key(World().put(user(1)), Keyring((NEW,)))


def test_the_newest_token_key_comes_first() -> None:
    draft, sealer, bits = Draft(World()), sealer_of(OLD), random.Random(4).getrandbits
    made = [make_token_key(draft, sealer, now=now, randbits=bits) for now in (10, 30, 20)]
    assert token_keys(draft.world, sealer) == (made[1], made[2], made[0])
    assert {len(key.secret) for key in made} == {32}


def test_a_token_key_is_never_shown() -> None:
    assert "hunter2" not in repr(TokenKey("id", b"hunter2"))

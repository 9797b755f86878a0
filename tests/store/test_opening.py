"""First start, later starts, and data directories that are refused."""

from __future__ import annotations

import base64
import random
import stat
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from rolecall.errors import SettingsError, StoreError
from rolecall.state.opening import DATABASE_FILE, open_store
from rolecall.state.sealed_fields import open_secret, reseal, seal_secret
from rolecall.state.store import Store
from rolecall.state.token_keys import token_keys
from store.samples import NOW, access_key

SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
ONE, TWO = (base64.b64encode(bytes([number]) * 32).decode() for number in (1, 2))


def opened(data_dir: Path, environment: Mapping[str, str] | None = None, seed: int = 1) -> Store:
    return open_store(
        data_dir, clock=lambda: NOW, randbits=random.Random(seed).getrandbits, environment=environment or {}
    )


def put_secret(store: Store) -> None:
    key = access_key(1, b"")
    sealed = seal_secret(store.sealer, key.access_key_id, SECRET)
    store.write(lambda draft: draft.put(msgspec.structs.replace(key, sealed_secret=sealed))).result()


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "data"


def test_the_first_start_makes_everything_for_its_owner_only(data_dir: Path) -> None:
    with closing(opened(data_dir)) as store:
        assert len(token_keys(store.view(), store.sealer)) == 1
        assert store.revision == 1
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (data_dir, *data_dir.iterdir())}
    assert modes == {"data": 0o700, "rolecall.db": 0o600, "rolecall.db.lock": 0o600, "master.key": 0o600}


def test_a_later_start_finds_what_was_there(data_dir: Path) -> None:
    with closing(opened(data_dir)) as store:
        put_secret(store)
        world, tokens = store.view(), token_keys(store.view(), store.sealer)
    with closing(opened(data_dir, seed=2)) as store:
        assert store.view() == world
        assert token_keys(store.view(), store.sealer) == tokens


def test_first_starts_at_once_agree_on_one_key(data_dir: Path) -> None:
    with ThreadPoolExecutor(6) as pool:
        stores = list(pool.map(lambda seed: opened(data_dir, seed=seed), range(6)))
    tokens = {token_keys(store.view(), store.sealer) for store in stores}
    assert len(tokens) == 1
    assert len(tokens.pop()) == 1
    for store in stores:
        store.close()


def test_the_files_hold_no_secret(data_dir: Path) -> None:
    with closing(opened(data_dir)) as store:
        put_secret(store)
        (token_key,) = token_keys(store.view(), store.sealer)
        raw = b"".join(path.read_bytes() for path in data_dir.iterdir() if path.name.startswith(DATABASE_FILE))
    raw += (data_dir / DATABASE_FILE).read_bytes()
    master_key = base64.b64decode((data_dir / "master.key").read_bytes())
    assert b"sealed_secret" in raw
    for secret in (SECRET.encode(), token_key.secret, master_key):
        for form in (secret, base64.b64encode(secret), secret.hex().encode(), secret[:12], secret[-12:]):
            assert form not in raw


def test_a_wrong_master_key_is_refused_at_start(data_dir: Path) -> None:
    opened(data_dir, {"ROLECALL_MASTER_KEY": ONE}).close()
    with pytest.raises(StoreError, match="wrong master key"):
        opened(data_dir, {"ROLECALL_MASTER_KEY": TWO})
    opened(data_dir, {"ROLECALL_MASTER_KEY": ONE}).close()


def test_a_missing_master_key_is_refused_and_not_made_anew(data_dir: Path) -> None:
    opened(data_dir).close()
    (data_dir / "master.key").unlink()
    with pytest.raises(StoreError, match=r"the master key is missing: put `master\.key` back"):
        opened(data_dir)
    assert not (data_dir / "master.key").exists()


def test_with_the_key_from_a_setting_no_key_file_is_made(data_dir: Path) -> None:
    opened(data_dir, {"ROLECALL_MASTER_KEY": ONE}).close()
    assert not (data_dir / "master.key").exists()


def test_a_wrong_setting_is_refused(data_dir: Path) -> None:
    with pytest.raises(SettingsError, match="ROLECALL_MASTER_KEY gives no master key"):
        opened(data_dir, {"ROLECALL_MASTER_KEY": "hunter2"})


def test_the_master_key_can_be_rotated(data_dir: Path) -> None:
    with closing(opened(data_dir, {"ROLECALL_MASTER_KEY": ONE})) as store:
        put_secret(store)
        tokens = token_keys(store.view(), store.sealer)
    with closing(opened(data_dir, {"ROLECALL_MASTER_KEY": f"{TWO},{ONE}"})) as store:
        assert store.write(lambda draft: reseal(draft, store.sealer)).result().value == 2
    with closing(opened(data_dir, {"ROLECALL_MASTER_KEY": TWO})) as store:
        (key,) = (entity for entity in store.view().entities.values() if entity.kind == "access-key")
        assert open_secret(store.sealer, key) == SECRET
        assert token_keys(store.view(), store.sealer) == tokens


def test_a_data_directory_that_cannot_be_made_is_a_store_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="cannot make the data directory"):
        opened(tmp_path / "file" / "data")

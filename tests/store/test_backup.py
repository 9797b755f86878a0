"""Backup while in use, restore into a new directory, and backups that are refused."""

from __future__ import annotations

import base64
import random
import shutil
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from rolecall.errors import StoreError
from rolecall.state.backup import backup, restore
from rolecall.state.credentials import AccessKey
from rolecall.state.opening import DATABASE_FILE, open_store
from rolecall.state.schema import MIGRATIONS
from rolecall.state.sealed_fields import open_secret, seal_secret
from rolecall.state.sqlite import SqliteLog
from rolecall.state.store import Store
from store.samples import ACCOUNT, NOW, access_key, entry, user

SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"


def opened(data_dir: Path) -> Store:
    return open_store(data_dir, clock=lambda: NOW, randbits=random.Random(1).getrandbits, environment={})


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def store(data_dir: Path) -> Iterator[Store]:
    with closing(opened(data_dir)) as store:
        key = access_key(1, seal_secret(store.sealer, access_key(1, b"").access_key_id, SECRET))
        store.write(lambda draft: draft.put(key)).result()
        store.write(lambda draft: draft.put(user(1))).result()
        store.uses.record(AccessKey, key.access_key_id, at=5, region="us-east-1", service="iam")
        store.uses.record_action(ACCOUNT, "AIDA1", "iam", "GetUser", at=5, region="us-east-1")
        store.uses.flush()
        yield store


@pytest.fixture
def saved(store: Store, data_dir: Path, tmp_path: Path) -> Path:
    backup(data_dir, tmp_path / "saved.db")
    return tmp_path / "saved.db"


def execute(database: Path, *statements: str) -> None:
    with closing(sqlite3.connect(database)) as connection, connection:
        for statement in statements:
            connection.execute(statement)


def test_a_backup_of_a_running_store_brings_everything_back(
    store: Store, saved: Path, data_dir: Path, tmp_path: Path
) -> None:
    world = store.view()
    store.write(lambda draft: draft.put(user(2))).result()
    new_dir = tmp_path / "new"
    assert restore(saved, new_dir, environment={}) == world.revision
    shutil.copy(data_dir / "master.key", new_dir)
    with closing(opened(new_dir)) as restored:
        assert restored.view() == world
        key = restored.view().get(AccessKey, access_key(1, b"").access_key_id)
        assert open_secret(restored.sealer, key) == SECRET
        assert restored.uses.last_use(AccessKey, key.access_key_id).at == 5
        assert [use.at for use in restored.uses.action_uses(ACCOUNT)] == [5]
        assert restored.write(lambda draft: draft.put(user(3))).result().revision == world.revision + 1


def test_a_backup_is_one_private_file_without_the_master_key(saved: Path, data_dir: Path) -> None:
    assert stat.S_IMODE(saved.stat().st_mode) == 0o600
    assert sorted(path.name for path in saved.parent.iterdir()) == ["data", "saved.db"]
    content, key_text = saved.read_bytes(), (data_dir / "master.key").read_bytes().strip()
    for secret in (SECRET.encode(), base64.b64encode(SECRET.encode()), key_text, base64.b64decode(key_text)):
        assert secret not in content


def test_a_stopped_data_directory_can_be_backed_up(tmp_path: Path) -> None:
    opened(tmp_path / "idle").close()
    backup(tmp_path / "idle", tmp_path / "saved.db")
    assert restore(tmp_path / "saved.db", tmp_path / "new", environment={}) == 1


def test_a_backup_never_replaces_a_file(saved: Path, data_dir: Path) -> None:
    with pytest.raises(StoreError, match="exists already"):
        backup(data_dir, saved)


def test_a_directory_without_a_database_has_no_backup(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="holds no database"):
        backup(tmp_path, tmp_path / "saved.db")
    assert list(tmp_path.iterdir()) == []


def test_a_backup_into_a_missing_directory_is_a_store_error(store: Store, data_dir: Path, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot write into"):
        backup(data_dir, tmp_path / "missing" / "saved.db")


def test_a_directory_in_use_is_never_restored_over(saved: Path, data_dir: Path) -> None:
    before = (data_dir / DATABASE_FILE).read_bytes()
    with pytest.raises(StoreError, match="is not empty"):
        restore(saved, data_dir, environment={})
    assert (data_dir / DATABASE_FILE).read_bytes() == before


def test_a_file_is_no_directory_to_restore_into(saved: Path) -> None:
    with pytest.raises(StoreError, match="cannot make the data directory"):
        restore(saved, saved, environment={})


def test_a_backup_that_is_not_there_is_a_store_error(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="there is no backup"):
        restore(tmp_path / "saved.db", tmp_path / "new", environment={})


def test_the_master_key_may_be_there_first_and_is_checked(saved: Path, data_dir: Path, tmp_path: Path) -> None:
    new_dir = tmp_path / "new"
    new_dir.mkdir()
    shutil.copy(data_dir / "master.key", new_dir)
    restore(saved, new_dir, environment={})
    other_key = base64.b64encode(b"\x09" * 32).decode()
    with pytest.raises(StoreError, match="wrong master key"):
        restore(saved, tmp_path / "other", environment={"ROLECALL_MASTER_KEY": other_key})
    assert list((tmp_path / "other").iterdir()) == []


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        ("DELETE FROM change WHERE seq = 2", "the log has a gap: change 2 is missing"),
        ("DELETE FROM change WHERE seq = 3", "do not agree with its log"),
        ("DELETE FROM entity WHERE kind = 'user'", "do not agree with its log"),
        ("UPDATE entity SET body = replace(body, 'user-1', 'user-2')", "do not agree with its log"),
        ("UPDATE entity SET body = replace(body, '{', '{\"colour\":1,') WHERE kind = 'user'", "unknown field"),
        ("UPDATE entity SET key = 'AIDAOTHER' WHERE kind = 'user'", "in the row of `AIDAOTHER`"),
        ("UPDATE entity SET kind = 'wizard' WHERE kind = 'user'", "unknown kind `wizard`"),
        ("UPDATE entity SET body = '{' WHERE kind = 'user'", "cannot be read"),
        (f"UPDATE schema_version SET version = {len(MIGRATIONS) + 1}", "newer than"),
        ("PRAGMA application_id = 7", "is not a Rolecall database"),
    ],
)
def test_a_damaged_backup_is_refused(saved: Path, tmp_path: Path, damage: str, message: str) -> None:
    execute(saved, damage)
    with pytest.raises(StoreError, match=message):
        restore(saved, tmp_path / "new", environment={})
    assert list((tmp_path / "new").iterdir()) == []


def test_a_truncated_backup_is_refused(saved: Path, tmp_path: Path) -> None:
    saved.write_bytes(saved.read_bytes()[: saved.stat().st_size // 2])
    with pytest.raises(StoreError, match=r"damaged|cannot copy"):
        restore(saved, tmp_path / "new", environment={})
    assert list((tmp_path / "new").iterdir()) == []


def test_a_backup_of_an_older_schema_is_migrated(tmp_path: Path) -> None:
    data_dir = tmp_path / "old"
    data_dir.mkdir()
    with closing(SqliteLog(data_dir / DATABASE_FILE, migrations=MIGRATIONS[:1])) as log, log.writer() as writer:
        writer.append((entry(1, user(1)),))
    backup(data_dir, tmp_path / "saved.db")
    assert restore(tmp_path / "saved.db", tmp_path / "new", environment={}) == 1
    with closing(SqliteLog(tmp_path / "new" / DATABASE_FILE)) as log:
        assert log.entries_after(0) == (entry(1, user(1)),)
        assert msgspec.structs.asdict(log.snapshot())["revision"] == 1

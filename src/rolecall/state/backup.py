"""Backup and restore of a data directory that lives on SQLite.

A backup is one file: the database as of one moment. Its secrets stay sealed, and the master key is not in it: who has a
backup alone has no credential, who has only the key has nothing. Keep them apart; both are needed to restore.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from rolecall.errors import StoreError
from rolecall.state.files import sync
from rolecall.state.keyring import MASTER_KEY_FILE, find_keyring
from rolecall.state.opening import DATABASE_FILE, make_data_dir
from rolecall.state.replica import advance, world_of
from rolecall.state.sealed_fields import require_master_key
from rolecall.state.sqlite import SqliteLog, copy_database, damage
from rolecall.state.world import World


def backup(data_dir: Path, target: Path) -> None:
    """Copy the database of `data_dir`, in use or not, to the new file `target`, readable for its owner only.

    The file appears under its name when it is complete and checked. Raises `StoreError` if `data_dir` holds no database
    or a damaged one, or if `target` exists or cannot be written.
    """
    source = data_dir / DATABASE_FILE
    if not source.is_file():
        raise StoreError(f"`{data_dir}` holds no database")
    if target.exists():
        raise StoreError(f"`{target}` exists already: choose another name")
    with _workplace(target.parent) as workplace:
        copy = workplace / DATABASE_FILE
        copy_database(source, copy)
        _require_sound(copy, source)
        copy.rename(target)
        sync(target.parent)


def restore(source: Path, data_dir: Path, *, environment: Mapping[str, str]) -> int:
    """Make `data_dir` from the backup `source`. The revision that it holds.

    `data_dir` must be new or empty; the `master.key` may be in it already. The database appears when it is complete and
    checked: sound for SQLite, of a schema version this one knows, no gap in the log, live rows that agree with the log,
    and, if a master key is at hand (in `data_dir` or in `environment`), secrets that it opens. Raises `StoreError`
    otherwise and puts nothing into `data_dir`.
    """
    if not source.is_file():
        raise StoreError(f"there is no backup `{source}`")
    make_data_dir(data_dir)
    others = sorted(entry.name for entry in data_dir.iterdir() if entry.name != MASTER_KEY_FILE)
    if others:
        raise StoreError(f"`{data_dir}` is not empty (`{others[0]}` is in it): restore into a new directory")
    keyring = find_keyring(data_dir, environment)
    with _workplace(data_dir) as workplace:
        copy = workplace / DATABASE_FILE
        copy_database(source, copy)
        _require_sound(copy, source)
        world = _checked_world(copy)
        if keyring is not None:
            require_master_key(world, keyring)
        copy.rename(data_dir / DATABASE_FILE)
        sync(data_dir)
    return world.revision


def _checked_world(database: Path) -> World:
    """The world in `database`, migrated if it is older. Raises `StoreError` if its log and its live rows disagree."""
    log = SqliteLog(database)
    try:
        standing, logged = world_of(log.snapshot()), advance(World(), log.entries_after(0))
    finally:
        log.close()
    if standing != logged:
        raise StoreError("the live rows of the backup do not agree with its log: it is damaged")
    return standing


def _require_sound(copy: Path, source: Path) -> None:
    findings = damage(copy)
    if findings:
        raise StoreError(f"`{source}` is damaged: {findings[0]}")


@contextmanager
def _workplace(directory: Path) -> Iterator[Path]:
    """A private directory inside `directory`, on the same disk, gone at the end."""
    try:
        with tempfile.TemporaryDirectory(prefix=".rolecall-", dir=directory) as workplace:
            yield Path(workplace)
    except OSError as error:
        raise StoreError(f"cannot write into `{directory}`: {error}") from error

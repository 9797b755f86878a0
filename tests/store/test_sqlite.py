"""What is particular to SQLite: files and their modes, migrations, foreign and broken files."""

from __future__ import annotations

import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from rolecall.errors import StoreError
from rolecall.state.log import LastUse
from rolecall.state.process_lock import ProcessLock
from rolecall.state.schema import MIGRATIONS
from rolecall.state.sqlite import SqliteLog, copy_database, damage
from store.samples import entry, user


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "log.db"


@pytest.fixture
def log(path: Path) -> Iterator[SqliteLog]:
    with closing(SqliteLog(path)) as log:
        yield log


def append_user(log: SqliteLog, number: int) -> None:
    with log.writer() as writer:
        writer.append((entry(number, user(number)),))


def test_all_files_are_readable_for_their_owner_only(log: SqliteLog, path: Path) -> None:
    append_user(log, 1)
    names = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    assert names == {"log.db": 0o600, "log.db-wal": 0o600, "log.db-shm": 0o600, "log.db.lock": 0o600}


def test_commits_wait_for_the_disk(log: SqliteLog) -> None:
    assert log._writer.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert log._writer.execute("PRAGMA synchronous").fetchone() == (2,)


def test_an_older_database_is_migrated_and_keeps_its_content(path: Path) -> None:
    with closing(SqliteLog(path, migrations=MIGRATIONS[:1])) as old:
        assert old.schema_version == 1
        append_user(old, 1)
    with closing(SqliteLog(path)) as new:
        assert new.schema_version == len(MIGRATIONS)
        assert new.entries_after(0) == (entry(1, user(1)),)
        new.record_uses((LastUse(kind="role", key="AROA", at=1, region="", service=""),))


def test_a_failed_migration_leaves_the_older_database(path: Path) -> None:
    broken = (*MIGRATIONS, ("CREATE TABLE extra (a TEXT)", "CREATE TABLE nonsense ("))
    with closing(SqliteLog(path)) as log:
        append_user(log, 1)
    with pytest.raises(StoreError, match="cannot open"):
        SqliteLog(path, migrations=broken)
    with closing(SqliteLog(path)) as log:
        assert log.entries_after(0) == (entry(1, user(1)),)


def test_a_newer_database_is_refused(path: Path) -> None:
    SqliteLog(path, migrations=(*MIGRATIONS, ())).close()
    with pytest.raises(StoreError, match="newer than 3, the newest that this version of Rolecall knows"):
        SqliteLog(path)


def test_a_running_process_stops_when_another_migrates(log: SqliteLog, path: Path) -> None:
    append_user(log, 1)
    SqliteLog(path, migrations=(*MIGRATIONS, ())).close()
    for use in (log.snapshot, lambda: log.entries_after(0), lambda: append_user(log, 2)):
        with pytest.raises(StoreError, match="another version"):
            use()


def test_a_database_of_another_program_is_refused_and_left_alone(path: Path) -> None:
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE mine (a TEXT)")
    before = path.read_bytes()
    with pytest.raises(StoreError, match="is not a Rolecall database"):
        SqliteLog(path)
    assert path.read_bytes() == before


def test_a_file_that_is_no_database_is_refused(path: Path) -> None:
    path.write_bytes(b"not a database, whatever its name says" * 100)
    with pytest.raises(StoreError, match="file is not a database"):
        SqliteLog(path)


def test_a_missing_folder_is_a_store_error(path: Path) -> None:
    with pytest.raises(StoreError, match="cannot open"):
        SqliteLog(path / "deeper" / "log.db")


def test_many_first_starts_at_once_make_one_database(path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        logs = list(pool.map(lambda _: SqliteLog(path), range(8)))
    for number, log in enumerate(logs, start=1):
        append_user(log, number)
    assert {log.snapshot().revision for log in logs} == {8}
    for log in logs:
        log.close()


def test_a_lock_held_elsewhere_runs_out_of_patience(tmp_path: Path) -> None:
    one, two = ProcessLock(tmp_path / "lock"), ProcessLock(tmp_path / "lock")
    with one.held(0), pytest.raises(TimeoutError, match="another process has held"), two.held(0.002):
        pass
    with two.held(0):
        pass
    one.close()
    two.close()


def test_a_read_of_a_closed_log_is_a_store_error(path: Path) -> None:
    log = SqliteLog(path)
    log.close()
    with pytest.raises(StoreError, match="cannot read"):
        log.change_token()


def test_an_unsound_file_is_found(path: Path) -> None:
    with closing(SqliteLog(path)) as log, log.writer() as writer:
        writer.append([entry(number, user(number, "/" + "x" * 2000 + "/")) for number in range(1, 200)])
    assert damage(path) == ()
    content = bytearray(path.read_bytes())
    content[len(content) // 2 : len(content) // 2 + 4096] = b"\x00" * 4096
    path.write_bytes(content)
    assert damage(path) != ()
    path.write_bytes(b"no database" * 100)
    assert damage(path) == ("file is not a database",)
    assert damage(path / "missing") == ("unable to open database file",)
    path.write_bytes(b"")
    assert damage(path) == ("it is not a Rolecall database",)


def test_a_copy_of_nothing_is_a_store_error(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot copy"):
        copy_database(tmp_path / "missing.db", tmp_path / "copy.db")


FILL_THE_DISK = """
import resource, sys
from pathlib import Path
from rolecall.errors import StoreError
from rolecall.state.sqlite import SqliteLog
from store.samples import entry, user

log = SqliteLog(Path(sys.argv[1]))
resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, resource.RLIM_INFINITY))
number = 0
try:
    while True:
        with log.writer() as writer:
            writer.append((entry(number + 1, user(number + 1, "/" + "x" * 500 + "/")),))
        number += 1
except StoreError:
    assert log.snapshot().revision == number, "a failed commit is not in the log"
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
with log.writer() as writer:
    writer.append((entry(number + 1, user(0)),))
log.close()
print(number)
"""


def test_a_full_disk_refuses_the_write_and_loses_nothing(path: Path) -> None:
    tests = Path(__file__).parents[1]
    done = subprocess.run(
        [sys.executable, "-c", FILL_THE_DISK, str(path)], env={"PYTHONPATH": str(tests)}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    with closing(SqliteLog(path)) as log:
        entries = log.entries_after(0)
    assert [change.seq for change in entries] == list(range(1, int(done.stdout) + 2))
    assert int(done.stdout) > 10

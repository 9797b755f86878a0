"""The log on SQLite: one file, several processes of one host. The embedded default.

WAL lets readers go on while one writes; `synchronous=FULL` makes each commit wait for the disk. Four connections keep
out of each other's transactions: one writes, one reads rows, one reads last uses, so that a report on many of them
never holds up a reader who catches up, and one only watches `PRAGMA data_version`, which tells in three microseconds
whether any other connection, in whatever process, has committed. The watcher has a lock of its own: asked within
another thread's unfinished read it would see that read's older snapshot.

Writers of several processes queue at a lock file, not in SQLite. Its busy handler would wait 100 ms between two tries;
and SQLite before 3.51.3 can lose commits if one connection checkpoints while another restarts the WAL (sqlite.org,
"The WAL-Reset Bug"). Checkpoints happen in a commit or in the last close, so with both under the lock they never meet.

Every `sqlite3.Error` leaves here as a `StoreError`.
"""

from __future__ import annotations

import itertools
import os
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from rolecall.errors import StoreError
from rolecall.state import schema
from rolecall.state.files import open_private, sync
from rolecall.state.log import ActionUse, LastUse, LiveRow, LogEntry, Snapshot
from rolecall.state.process_lock import ProcessLock

APPLICATION_ID = 0x526F6C65
"""Marks the file as ours in its header: "Role"."""

READ_PATIENCE = 0.1
"""Seconds that a read waits for a lock. Readers are blocked only while a crashed process's WAL is being recovered."""

WRITE_PATIENCE = 10.0
"""Seconds that a writer waits for the writers of other processes."""

MOST_PARAMETERS = 999
"""Of one statement. SQLite takes more since 3.32 only."""


class SqliteLog:
    """A `LogEngine` on the file `path`.

    Parameters: `migrations`, the steps that make the tables. The file is made if it is missing, readable and writable
    for its owner only, and migrated if it is older. Raises `StoreError` if it is newer, or not ours, or cannot be used.
    """

    def __init__(self, path: Path, *, migrations: Sequence[schema.Migration] = schema.MIGRATIONS) -> None:
        self._path = path
        self._schema_version = len(migrations)
        self._write_lock, self._read_lock, self._watch_lock = threading.Lock(), threading.Lock(), threading.Lock()
        self._uses_lock = threading.Lock()
        self._open: list[sqlite3.Connection] = []
        self._is_closed = False
        with _store_errors(f"cannot open `{path}`"):
            self._process_lock = ProcessLock(path.with_name(f"{path.name}.lock"))
            try:
                with self._process_lock.held(WRITE_PATIENCE):
                    _create_private(path)
                    self._writer = self._connect(WRITE_PATIENCE)
                    _prepare(self._writer, path, migrations)
                    self._reader = self._connect(READ_PATIENCE)
                    self._watcher = self._connect(READ_PATIENCE)
                    self._uses_reader = self._connect(READ_PATIENCE)
            except BaseException:
                self.close()
                raise

    @property
    def schema_version(self) -> int:
        return self._schema_version

    def change_token(self) -> int:
        try:
            with self._watch_lock:
                token: int = self._watcher.execute("PRAGMA data_version").fetchone()[0]
                return token
        except sqlite3.Error as error:
            raise StoreError(f"cannot read `{self._path}`: {error}") from error

    def snapshot(self) -> Snapshot:
        with self._reading() as reader, _transaction(reader, "DEFERRED"):
            revision = self._head(reader)
            rows = tuple(
                LiveRow(account=account, kind=kind, key=key, body=body, seq=seq)
                for account, kind, key, body, seq in reader.execute(schema.READ_ROWS)
            )
        return Snapshot(revision=revision, rows=rows)

    def entries_after(self, seq: int) -> tuple[LogEntry, ...]:
        with self._reading() as reader, _transaction(reader, "DEFERRED"):
            self._head(reader)
            return _entries_after(reader, seq)

    @contextmanager
    def writer(self) -> Iterator[_SqliteWriter]:
        with (
            self._write_lock,
            _store_errors(f"cannot write `{self._path}`"),
            self._process_lock.held(WRITE_PATIENCE),
            _transaction(self._writer, "IMMEDIATE"),
        ):
            yield _SqliteWriter(self._writer, self._head(self._writer))

    def record_uses(self, uses: Sequence[LastUse | ActionUse]) -> None:
        of_entities = [(use.kind, use.key, use.at, use.region, use.service) for use in uses if isinstance(use, LastUse)]
        of_actions = [
            (use.account, use.principal, use.service, use.action, use.at, use.region)
            for use in uses
            if isinstance(use, ActionUse)
        ]
        with self.writer():
            _run_on_rows(self._writer, schema.PUT_USES, of_entities)
            _run_on_rows(self._writer, schema.PUT_ACTION_USES, of_actions)

    def last_use(self, kind: str, key: str) -> LastUse | None:
        with self._reading_uses() as reader:
            row = reader.execute(schema.READ_USE, (kind, key)).fetchone()
        if row is None:
            return None
        kind, key, at, region, service = row
        return LastUse(kind=kind, key=key, at=at, region=region, service=service)

    def action_uses(self, account: str) -> tuple[ActionUse, ...]:
        with self._reading_uses() as reader:
            rows = reader.execute(schema.READ_ACTION_USES, (account,)).fetchall()
        return tuple(
            ActionUse(account=account, principal=principal, service=service, action=action, at=at, region=region)
            for account, principal, service, action, at, region in rows
        )

    def forget_action_uses(self, before: int) -> None:
        with self.writer():
            self._writer.execute(schema.FORGET_ACTION_USES, (before,))

    def backup(self, target: Path) -> None:
        copy_database(self._path, target)

    def close(self) -> None:
        if self._is_closed:
            return
        self._is_closed = True
        with _store_errors(f"cannot close `{self._path}`"), self._process_lock.held(WRITE_PATIENCE):
            while self._open:
                self._open.pop().close()
        self._process_lock.close()

    def _connect(self, patience: float) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, timeout=patience, isolation_level=None, check_same_thread=False)
        self._open.append(connection)
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA fullfsync = ON")  # macOS: fsync alone does not reach the disk there
        return connection

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with self._read_lock, _store_errors(f"cannot read `{self._path}`"):
            yield self._reader

    @contextmanager
    def _reading_uses(self) -> Iterator[sqlite3.Connection]:
        with self._uses_lock, _store_errors(f"cannot read `{self._path}`"):
            yield self._uses_reader

    def _head(self, connection: sqlite3.Connection) -> int:
        """The last `seq`. A newer process may migrate the tables at any time: then this one stops using them."""
        version, revision = connection.execute(schema.READ_HEAD).fetchone()
        if version != self._schema_version:
            raise StoreError(f"`{self._path}` has schema version {version}: this process is of another version")
        return int(revision)


class _SqliteWriter:
    """The `LogWriter` of one transaction."""

    def __init__(self, connection: sqlite3.Connection, revision: int) -> None:
        self._connection = connection
        self._revision = revision

    @property
    def revision(self) -> int:
        return self._revision

    def entries_after(self, seq: int) -> tuple[LogEntry, ...]:
        return _entries_after(self._connection, seq)

    def append(self, entries: Sequence[LogEntry]) -> None:
        if [entry.seq for entry in entries] != list(range(self._revision + 1, self._revision + 1 + len(entries))):
            raise StoreError(f"the changes to append do not follow change {self._revision}")
        _run_on_rows(
            self._connection,
            schema.APPEND_ENTRIES,
            [(entry.seq, entry.at, entry.account, entry.kind, entry.key, entry.body) for entry in entries],
        )
        last = {(entry.kind, entry.key): entry for entry in entries}.values()
        standing = [
            (entry.account, entry.kind, entry.key, entry.body, entry.seq) for entry in last if entry.body is not None
        ]
        _run_on_rows(self._connection, schema.PUT_ROWS, standing)
        gone = [(entry.kind, entry.key) for entry in last if entry.body is None]
        _run_on_rows(self._connection, schema.DELETE_ROWS, gone)
        self._revision += len(entries)


def copy_database(source: Path, target: Path) -> None:
    """Copy the database `source`, as of one moment and while others use it, to the new file `target`.

    The copy is one self-contained file. Raises `StoreError` if `source` is not a database.
    """
    with _store_errors(f"cannot copy `{source}` to `{target}`"):
        _create_private(target)
        origin = sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True, timeout=WRITE_PATIENCE)
        with closing(origin), closing(sqlite3.connect(target, isolation_level=None)) as copy:
            origin.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE").fetchone()
        sync(target)


def damage(path: Path) -> tuple[str, ...]:
    """What SQLite finds wrong with the file `path`; nothing if it is a sound database of ours."""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            if not _is_ours(connection):
                return ("it is not a Rolecall database",)
            findings = tuple(text for (text,) in connection.execute("PRAGMA integrity_check"))
    except sqlite3.Error as error:
        return (str(error),)
    return () if findings == ("ok",) else findings


def _create_private(path: Path) -> None:
    """Make the file if it is missing, before SQLite makes it with another mode; its WAL inherits this one.

    A file that exists is not opened here: see `process_lock`.
    """
    with suppress(FileExistsError):
        os.close(open_private(path, exclusively=True))


def _run_on_rows(connection: sqlite3.Connection, statement: str, rows: Sequence[tuple[object, ...]]) -> None:
    """Run `statement` on all `rows`, with as many in one go as SQLite takes.

    `executemany` would run it row by row and let go of the interpreter's lock each time; under load the writer then
    waits for milliseconds to get it back, for every row.
    """
    for chunk in _chunks(rows):
        marks = f"({', '.join('?' * len(chunk[0]))})"
        connection.execute(
            statement.format(rows=", ".join([marks] * len(chunk))), tuple(itertools.chain.from_iterable(chunk))
        )


def _chunks(rows: Sequence[tuple[object, ...]]) -> Iterator[Sequence[tuple[object, ...]]]:
    size = MOST_PARAMETERS // len(rows[0]) if rows else 1
    return (rows[start : start + size] for start in range(0, len(rows), size))


def _entries_after(connection: sqlite3.Connection, seq: int) -> tuple[LogEntry, ...]:
    rows: Iterable[tuple[int, int, str, str, str, str | None]] = connection.execute(schema.READ_ENTRIES, (seq,))
    return tuple(
        LogEntry(seq=number, at=at, account=account, kind=kind, key=key, body=body)
        for number, at, account, kind, key, body in rows
    )


def _prepare(connection: sqlite3.Connection, path: Path, migrations: Sequence[schema.Migration]) -> None:
    """Bring the tables to the version of `migrations`, all missing steps in one transaction."""
    if not _is_empty(connection) and not _is_ours(connection):
        raise StoreError(f"`{path}` is not a Rolecall database")
    (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
    if mode != "wal":
        raise StoreError(f"`{path}` cannot have a write-ahead log (mode `{mode}`): put it on a local file system")
    with _transaction(connection, "IMMEDIATE"):
        if _is_empty(connection):
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(schema.CREATE_VERSION)
            connection.execute(schema.INSERT_VERSION)
        (version,) = connection.execute(schema.READ_VERSION).fetchone()
        if version > len(migrations):
            raise StoreError(
                f"`{path}` has schema version {version}, newer than {len(migrations)}, the newest that this version of "
                "Rolecall knows: use the version that wrote it, or a later one"
            )
        for statements in migrations[version:]:
            for statement in statements:
                connection.execute(statement)
        if version < len(migrations):
            connection.execute(schema.WRITE_VERSION, (len(migrations),))


def _is_empty(connection: sqlite3.Connection) -> bool:
    return connection.execute("SELECT 1 FROM sqlite_master").fetchone() is None


def _is_ours(connection: sqlite3.Connection) -> bool:
    return bool(connection.execute("PRAGMA application_id").fetchone()[0] == APPLICATION_ID)


@contextmanager
def _transaction(connection: sqlite3.Connection, kind: str) -> Iterator[None]:
    """Run a block in a transaction: committed at its end if it changed anything, undone if it raises."""
    connection.execute(f"BEGIN {kind}")
    before = connection.total_changes
    try:
        yield
        # DDL does not count as a change; migrations end with an UPDATE, which does.
        connection.execute("COMMIT" if connection.total_changes != before else "ROLLBACK")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


@contextmanager
def _store_errors(doing: str) -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise StoreError(f"{doing}: {error}") from error

"""A wrapper of any engine that counts commits and fails on demand."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rolecall.errors import StoreError
from rolecall.state.log import ActionUse, LastUse, LogEngine, LogEntry, LogWriter, Snapshot
from rolecall.state.store import Store

OpenLog = Callable[[], LogEngine]
OpenStore = Callable[..., Store]
OpenFaultyStore = Callable[..., "tuple[Store, FaultyLog]"]


class CountingWriter:
    def __init__(self, writer: LogWriter) -> None:
        self._writer = writer
        self.appended = 0

    @property
    def revision(self) -> int:
        return self._writer.revision

    def entries_after(self, seq: int) -> tuple[LogEntry, ...]:
        return self._writer.entries_after(seq)

    def append(self, entries: Sequence[LogEntry]) -> None:
        self._writer.append(entries)
        self.appended += len(entries)


class FaultyLog:
    """Counts `commits`; `fails_to_read` and `fails_to_commit` make it fail as a full or broken disk would.

    `loses` makes readers miss the change of that number.
    """

    def __init__(self, log: LogEngine) -> None:
        self._log = log
        self.commits = 0
        self.fails_to_read = False
        self.fails_to_commit = False
        self.loses = 0

    @property
    def schema_version(self) -> int:
        return self._log.schema_version

    def change_token(self) -> int:
        if self.fails_to_read:
            raise StoreError("the disk is gone")
        return self._log.change_token()

    def snapshot(self) -> Snapshot:
        return self._log.snapshot()

    def entries_after(self, seq: int) -> tuple[LogEntry, ...]:
        return tuple(entry for entry in self._log.entries_after(seq) if entry.seq != self.loses)

    @contextmanager
    def writer(self) -> Iterator[CountingWriter]:
        with self._log.writer() as writer:
            counting = CountingWriter(writer)
            yield counting
            if counting.appended and self.fails_to_commit:
                raise StoreError("the disk is full")
        self.commits += bool(counting.appended)

    def record_uses(self, uses: Sequence[LastUse | ActionUse]) -> None:
        if self.fails_to_commit:
            raise StoreError("the disk is full")
        self._log.record_uses(uses)

    def last_use(self, kind: str, key: str) -> LastUse | None:
        return self._log.last_use(kind, key)

    def action_uses(self, account: str) -> tuple[ActionUse, ...]:
        return self._log.action_uses(account)

    def forget_action_uses(self, before: int) -> None:
        self._log.forget_action_uses(before)

    def backup(self, target: Path) -> None:
        self._log.backup(target)

    def close(self) -> None:
        self._log.close()

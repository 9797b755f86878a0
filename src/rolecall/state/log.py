"""The log: what every storage engine does, and the values that pass between an engine and the store.

An engine keeps numbered rows of text and gives them back; it knows accounts, kinds and keys as words only. What a body
means is `state.records`, the world made of it is `state.replica`, who writes when is `state.store`. Every function here
raises `StoreError` if the engine cannot do what is asked; nothing is done halfway.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

import msgspec


class LogEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One change: an entity as it stands after it, or a tombstone if `body` is None.

    `seq` numbers the changes from 1 without a gap; `at` is in seconds since the epoch.
    """

    seq: int
    at: int
    account: str
    kind: str
    key: str
    body: str | None


class LiveRow(msgspec.Struct, frozen=True, kw_only=True):
    """An entity that stands, and the `seq` of the change that made it what it is."""

    account: str
    kind: str
    key: str
    body: str
    seq: int


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """All entities that stand at `revision`, the `seq` of the last change (0: there was none yet)."""

    revision: int
    rows: tuple[LiveRow, ...]


class LastUse(msgspec.Struct, frozen=True, kw_only=True):
    """When and where something was used last. `kind` and `key` name the entity; `at` is in seconds since the epoch."""

    kind: str
    key: str
    at: int
    region: str
    service: str


class ActionUse(msgspec.Struct, frozen=True, kw_only=True):
    """When and where a principal last attempted an action, be it allowed or not.

    `principal` is the unique id of a user or role, or the account's own id for its root user; `service` and `action`
    are the two halves of the action's name, in the letters of whoever noted it; `at` is in seconds since the epoch.
    """

    account: str
    principal: str
    service: str
    action: str
    at: int
    region: str


class LogWriter(Protocol):
    """What the one writer of the moment may do. Nobody else writes until its block ends."""

    @property
    def revision(self) -> int:
        """The `seq` of the last change in the log."""
        ...

    def entries_after(self, seq: int) -> tuple[LogEntry, ...]:
        """The changes after `seq`, in order, those appended in this block included."""
        ...

    def append(self, entries: Sequence[LogEntry]) -> None:
        """Add changes, and make the live rows agree. Their numbers must follow `revision` without a gap."""
        ...


class LogEngine(Protocol):
    """A storage engine. All functions but `close` may be called from any thread, also at the same time."""

    @property
    def schema_version(self) -> int:
        """The version of the tables: how many migrations they have seen."""
        ...

    def change_token(self) -> int:
        """A number that differs from the one before whenever someone may have committed in between.

        Asked before every request, so it must cost microseconds. It never fails to differ after a commit that was
        finished before the call; it may differ without one. An engine that learns of commits by polling raises
        `StoreError` when its last answer is too old to vouch for.
        """
        ...

    def snapshot(self) -> Snapshot:
        """Everything that stands, as of one moment."""
        ...

    def entries_after(self, seq: int) -> tuple[LogEntry, ...]:
        """The committed changes after `seq`, in order, as of one moment that is not before the call."""
        ...

    def writer(self) -> AbstractContextManager[LogWriter]:
        """Take the writer's lock for a block; wait for whoever holds it, in this process or another.

        What was appended is durable when the block ends. If the block raises, or the commit fails, nothing of it is
        in the log. A block that appended nothing commits nothing.
        """
        ...

    def record_uses(self, uses: Sequence[LastUse | ActionUse]) -> None:
        """Store last uses, each unless a later one of the same thing is stored already. These are not changes."""
        ...

    def last_use(self, kind: str, key: str) -> LastUse | None:
        """The stored last use of an entity."""
        ...

    def action_uses(self, account: str) -> tuple[ActionUse, ...]:
        """What the principals of an account last attempted, in no particular order. There can be many of them."""
        ...

    def forget_action_uses(self, before: int) -> None:
        """Remove what was last attempted before that time."""
        ...

    def backup(self, target: Path) -> None:
        """Write a consistent copy of everything to the new file `target` while reading and writing go on."""
        ...

    def close(self) -> None:
        """Give everything back. Nothing else may be called afterwards, or meanwhile; closing twice is harmless."""
        ...

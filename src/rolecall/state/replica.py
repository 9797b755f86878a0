"""The world of this process, kept in step with the log. Readers ask here; nothing here writes.

Two threads bring the world forward: a reader that notices a commit, and the writer after its own. Both end at the same
world for the same revision, because a world is nothing but the log up to its revision. So whoever comes second finds
its revision reached and drops its work; the world never goes back. The token of a commit is stored only after the
world that holds the commit, so a reader that finds the token unchanged also finds the world up to date.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable

from rolecall.errors import ServiceUnavailable, StoreError
from rolecall.state.log import LogEngine, LogEntry, Snapshot
from rolecall.state.records import decode
from rolecall.state.world import World

STALE = "The service cannot confirm that its data is current. Please try again later."


def world_of(snapshot: Snapshot) -> World:
    """The world in which exactly the live rows stand. Raises `StoreError` for rows that cannot be read."""
    rows = ((row.kind, row.key, decode(row.account, row.kind, row.key, row.body)) for row in snapshot.rows)
    return World().apply(rows, snapshot.revision)


def advance(world: World, entries: Iterable[LogEntry]) -> World:
    """The world after `entries`. Raises `StoreError` if they do not follow its revision without a gap."""
    revision, changes = world.revision, []
    for entry in entries:
        revision += 1
        if entry.seq != revision:
            raise StoreError(f"the log has a gap: change {revision} is missing before change {entry.seq}")
        entity = None if entry.body is None else decode(entry.account, entry.kind, entry.key, entry.body)
        changes.append((entry.kind, entry.key, entity))
    return world.apply(changes, revision) if changes else world


class Replica:
    """The newest world this process knows.

    Parameters: `log`; `monotonic`, a clock in seconds that never goes back; `max_staleness`, for how many seconds a
    world may be shown after the log last confirmed it.
    """

    def __init__(self, log: LogEngine, *, monotonic: Callable[[], float], max_staleness: float) -> None:
        self._log = log
        self._monotonic = monotonic
        self._max_staleness = max_staleness
        self._lock = threading.Lock()
        self._token = log.change_token()
        self._confirmed_at = monotonic()
        self.world = world_of(log.snapshot())

    def view(self) -> World:
        """The world with everything that was committed, by any process, before the call.

        If the log cannot be asked, the last confirmed world is shown for `max_staleness` seconds; after that
        `ServiceUnavailable` is raised, since a revocation could have been missed.
        """
        now = self._monotonic()
        try:
            token = self._log.change_token()
            if token != self._token:
                self._catch_up(token)
        except StoreError as error:
            if now - self._confirmed_at > self._max_staleness:
                raise ServiceUnavailable(STALE) from error
        else:
            self._confirmed_at = now
        return self.world

    def move_to(self, world: World) -> None:
        """Show `world`, whose changes are committed, unless a later one is shown already."""
        with self._lock:
            if world.revision > self.world.revision:
                self.world = world

    def _catch_up(self, token: int) -> None:
        with self._lock:
            self.world = advance(self.world, self._log.entries_after(self.world.revision))
            self._token = token

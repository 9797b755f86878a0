"""When and where keys, roles and actions were used last: facts of a high rate, so not changes and not in the log.

A use is noted in memory and goes to its own table in batches. What is lost if the process dies is the last few seconds;
AWS's own answers are coarser (GetAccessKeyLastUsed, GetRole, GetServiceLastAccessedDetails). Nothing may be decided
from these facts.
"""

from __future__ import annotations

import threading

from rolecall.errors import StoreError
from rolecall.state.entities import Entity
from rolecall.state.log import ActionUse, LastUse, LogEngine

FLUSH_INTERVAL = 5.0
"""Seconds between a use and its way to the table."""

MOST_NOTED = 100_000
"""Uses that wait for the table at most. More are left out: while the disk is broken, memory must not fill up."""

TRACKING_PERIOD = 400 * 24 * 60 * 60
"""For how long a use counts, in seconds. Source: AWS's documentation of RoleLastUsed and of last accessed reports."""

FORGETTING_INTERVAL = 24 * 60 * 60
"""Seconds between two times that uses older than the tracking period are removed."""

_Reference = tuple[str, str]
_Attempt = tuple[str, str, str, str]
"""(account, principal, service, action)."""


class LastUses:
    """The last uses of entities, and of actions by principals.

    Parameters: `log`, where they are stored; `interval`, seconds between batches. The thread that stores them starts
    with the first use.
    """

    def __init__(self, log: LogEngine, *, interval: float = FLUSH_INTERVAL) -> None:
        self._log = log
        self._interval = interval
        self._lock = threading.Lock()
        self._flush_lock = threading.Lock()
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None
        self._noted: dict[_Reference, LastUse] = {}
        self._attempted: dict[_Attempt, tuple[int, str]] = {}
        self._forgot_at = 0

    def record(self, kind: type[Entity], key: str, *, at: int, region: str, service: str) -> None:
        """Note a use of an entity. Never waits for the disk. `at` is in seconds since the epoch."""
        use = LastUse(kind=kind.kind, key=key, at=at, region=region, service=service)
        with self._lock:
            self._note(use)
            self._start()

    def record_action(self, account: str, principal: str, service: str, action: str, *, at: int, region: str) -> None:
        """Note that a principal attempted an action. Never waits for the disk.

        Parameters: as the fields of `ActionUse`.
        """
        attempt = (account, principal, service, action)
        with self._lock:
            noted = self._attempted.get(attempt)
            if noted is None:
                if len(self._attempted) >= MOST_NOTED:
                    return
                self._start()
            elif noted[0] >= at:
                return
            self._attempted[attempt] = (at, region)

    def last_use(self, kind: type[Entity], key: str) -> LastUse | None:
        """The last use that any process has stored or this one has noted; None if there was none.

        Reads the table: not for the hot path. Raises `StoreError` if it cannot be read.
        """
        noted = self._noted.get((kind.kind, key))
        stored = self._log.last_use(kind.kind, key)
        if noted is None or stored is None:
            return noted or stored
        return noted if noted.at >= stored.at else stored

    def action_uses(self, account: str) -> tuple[ActionUse, ...]:
        """The last use of each action by each principal of an account that any process has stored or this one noted.

        Reads a table that can be long: only for operations that are slow. Raises `StoreError` if it cannot be read.
        """
        with self._lock:
            noted = [_action_use(attempt, use) for attempt, use in self._attempted.items() if attempt[0] == account]
        # Read after the look into memory: what is stored in between is then found twice, and not missed.
        newest = {(use.principal, use.service, use.action): use for use in self._log.action_uses(account)}
        for use in noted:
            stored = newest.get((use.principal, use.service, use.action))
            if stored is None or use.at >= stored.at:
                newest[use.principal, use.service, use.action] = use
        return tuple(newest.values())

    def flush(self) -> None:
        """Store what is noted. Raises `StoreError` if that fails; then it stays noted."""
        with self._flush_lock:
            with self._lock:
                batch = tuple(self._noted.values())
                attempts = tuple(self._attempted.items())
            if not batch and not attempts:
                return
            self._log.record_uses((*batch, *(_action_use(attempt, use) for attempt, use in attempts)))
            with self._lock:
                # Only now, so that a reader finds each use in memory until it can find it in the table.
                for use in batch:
                    if self._noted.get((use.kind, use.key)) is use:
                        del self._noted[use.kind, use.key]
                for attempt, noted in attempts:
                    if self._attempted.get(attempt) is noted:
                        del self._attempted[attempt]
            self._forget_old(max((at for _, (at, _) in attempts), default=0))

    def close(self) -> None:
        """Store what is noted, if that is possible, and end the thread."""
        self._closing.set()
        if self._thread is not None:
            self._thread.join()
        self._try_to_flush()

    def _note(self, use: LastUse) -> None:
        noted = self._noted.get((use.kind, use.key))
        if noted is None and len(self._noted) >= MOST_NOTED:
            return
        if noted is None or use.at >= noted.at:
            self._noted[use.kind, use.key] = use

    def _start(self) -> None:
        if self._thread is None and not self._closing.is_set():
            self._thread = threading.Thread(target=self._work, name="rolecall-last-uses", daemon=True)
            self._thread.start()

    def _forget_old(self, now: int) -> None:
        """Once a day: principals that are gone would otherwise leave their uses behind for ever."""
        if now - self._forgot_at >= FORGETTING_INTERVAL:
            self._log.forget_action_uses(now - TRACKING_PERIOD)
            self._forgot_at = now

    def _work(self) -> None:
        while not self._closing.wait(self._interval):
            self._try_to_flush()

    def _try_to_flush(self) -> None:
        try:
            self.flush()
        except StoreError:
            return  # it stays noted, and the next round tries again


def _action_use(attempt: _Attempt, use: tuple[int, str]) -> ActionUse:
    account, principal, service, action = attempt
    return ActionUse(account=account, principal=principal, service=service, action=action, at=use[0], region=use[1])

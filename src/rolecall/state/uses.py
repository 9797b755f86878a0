"""When and where keys and roles were used last: facts of a high rate, so not changes and not in the log.

A use is noted in memory and goes to its own table in batches. What is lost if the process dies is the last few seconds;
AWS's own answer is coarser (GetAccessKeyLastUsed, GetRole). Nothing may be decided from these facts.
"""

from __future__ import annotations

import threading

from rolecall.errors import StoreError
from rolecall.state.entities import Entity
from rolecall.state.log import LastUse, LogEngine

FLUSH_INTERVAL = 5.0
"""Seconds between a use and its way to the table."""

_Reference = tuple[str, str]


class LastUses:
    """The last uses of entities. Parameters: `log`, where they are stored; `interval`, seconds between batches.

    The thread that stores them starts with the first use.
    """

    def __init__(self, log: LogEngine, *, interval: float = FLUSH_INTERVAL) -> None:
        self._log = log
        self._interval = interval
        self._lock = threading.Lock()
        self._flush_lock = threading.Lock()
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None
        self._noted: dict[_Reference, LastUse] = {}

    def record(self, kind: type[Entity], key: str, *, at: int, region: str, service: str) -> None:
        """Note a use. Never waits for the disk. `at` is in seconds since the epoch."""
        use = LastUse(kind=kind.kind, key=key, at=at, region=region, service=service)
        with self._lock:
            self._note(use)
            if self._thread is None and not self._closing.is_set():
                self._thread = threading.Thread(target=self._work, name="rolecall-last-uses", daemon=True)
                self._thread.start()

    def last_use(self, kind: type[Entity], key: str) -> LastUse | None:
        """The last use that any process has stored or this one has noted; None if there was none.

        Reads the table: not for the hot path. Raises `StoreError` if it cannot be read.
        """
        noted = self._noted.get((kind.kind, key))
        stored = self._log.last_use(kind.kind, key)
        if noted is None or stored is None:
            return noted or stored
        return noted if noted.at >= stored.at else stored

    def flush(self) -> None:
        """Store what is noted. Raises `StoreError` if that fails; then it stays noted."""
        with self._flush_lock:
            with self._lock:
                batch = tuple(self._noted.values())
            if not batch:
                return
            self._log.record_uses(batch)
            with self._lock:
                # Only now, so that a reader finds each use in memory until it can find it in the table.
                for use in batch:
                    if self._noted.get((use.kind, use.key)) is use:
                        del self._noted[use.kind, use.key]

    def close(self) -> None:
        """Store what is noted, if that is possible, and end the thread."""
        self._closing.set()
        if self._thread is not None:
            self._thread.join()
        self._try_to_flush()

    def _note(self, use: LastUse) -> None:
        noted = self._noted.get((use.kind, use.key))
        if noted is None or use.at >= noted.at:
            self._noted[use.kind, use.key] = use

    def _work(self) -> None:
        while not self._closing.wait(self._interval):
            self._try_to_flush()

    def _try_to_flush(self) -> None:
        try:
            self.flush()
        except StoreError:
            return  # it stays noted, and the next round tries again

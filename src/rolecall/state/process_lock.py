"""A lock between processes of one host: an advisory lock on a file of its own. Threads are not its concern.

It is never taken on a file that SQLite opens: closing a second descriptor of such a file would drop SQLite's own locks.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rolecall.state.files import open_private

RETRY_AFTER = 0.001
"""Seconds between two tries for a lock that another process holds."""


class ProcessLock:
    """The lock on the file `path`, which is made if it is missing. The system frees it when its process ends."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor = open_private(path)

    @contextmanager
    def held(self, patience: float) -> Iterator[None]:
        """Hold the lock for a block. Raises `TimeoutError` if others have held it for `patience` seconds."""
        deadline = time.monotonic() + patience
        while not self._take():
            if time.monotonic() >= deadline:
                raise TimeoutError(f"another process has held `{self._path}` for {patience:g} seconds")
            time.sleep(RETRY_AFTER)
        try:
            yield
        finally:
            fcntl.flock(self._descriptor, fcntl.LOCK_UN)

    def close(self) -> None:
        """Give the file back."""
        os.close(self._descriptor)

    def _take(self) -> bool:
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

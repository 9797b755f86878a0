"""Files that only their owner may read and that survive a power loss. Knows nothing of what is in them."""

from __future__ import annotations

import os
from pathlib import Path

PRIVATE_FILE = 0o600
PRIVATE_DIRECTORY = 0o700


def open_private(path: Path, *, exclusively: bool = False) -> int:
    """Open `path` for reading and writing, made with mode 0600 if it is missing. The descriptor.

    Raises `OSError`; `FileExistsError` if it exists and is to be made `exclusively` by this call.
    """
    return os.open(path, os.O_RDWR | os.O_CREAT | (os.O_EXCL if exclusively else 0), PRIVATE_FILE)


def sync(path: Path) -> None:
    """Make the content of a file, or the names in a directory, survive a power loss. Raises `OSError`."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

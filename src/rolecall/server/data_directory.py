"""A data directory, as the programs on its machine find it: the store in it, and where it was served last.

Importing this does not load the server itself, so that small commands start fast.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from pathlib import Path

from rolecall.state.opening import open_store
from rolecall.state.store import Store

ENDPOINT_FILE = "endpoint"


def open_data(data_dir: Path, environment: Mapping[str, str]) -> Store:
    """The store of a data directory, with the real clock and real randomness."""
    return open_store(data_dir, clock=time.time, randbits=secrets.randbits, environment=environment)


def note_endpoint(data_dir: Path, endpoint: str) -> None:
    """Note where a server serves the directory, for `rolecall env`."""
    (data_dir / ENDPOINT_FILE).write_text(endpoint + "\n")


def noted_endpoint(data_dir: Path) -> str | None:
    """Where a server served the directory last; None if none did."""
    try:
        return (data_dir / ENDPOINT_FILE).read_text().strip()
    except OSError:
        return None

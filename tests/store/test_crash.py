"""`kill -9` during a stream of writes loses nothing that was acknowledged."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from store.crash import kill_writers_during_writes

ROUNDS = 20


@pytest.mark.slow
def test_no_acknowledged_write_is_lost_when_the_writers_are_killed(tmp_path: Path) -> None:
    assert kill_writers_during_writes(tmp_path / "data", ROUNDS, Random(2026)) >= ROUNDS

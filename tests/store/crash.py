"""Kill writers with SIGKILL again and again; nothing acknowledged may be missing. For the suite and for longer runs."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path
from random import Random

from rolecall.state.opening import DATABASE_FILE
from rolecall.state.replica import advance, world_of
from rolecall.state.sqlite import SqliteLog, damage
from rolecall.state.world import World

WRITER = Path(__file__).with_name("crash_writer.py")
MOST_LINES = 150


def kill_writers_during_writes(data_dir: Path, rounds: int, random: Random, writers: int = 2) -> int:
    """Run `rounds`: start `writers` processes on one data directory, kill them somewhere in the stream, check.

    Returns how many writes were acknowledged in all. Raises `AssertionError` if one is lost or half there.
    """
    acknowledged: dict[str, int] = {}
    for number in range(rounds):
        processes = [
            subprocess.Popen(
                [sys.executable, str(WRITER), str(data_dir), f"{number}.{writer}"],
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
            for writer in range(writers)
        ]
        watched = processes[number % writers]
        lines = [watched.stdout.readline() for _ in range(random.randint(1, MOST_LINES))]
        for process in processes:
            process.kill()
        for process in processes:
            rest, errors = process.communicate()
            assert process.returncode == -9, errors.decode()
            lines += rest.splitlines(keepends=True)
        acknowledged |= _read(lines)
        check_log(data_dir, acknowledged)
    return len(acknowledged)


def check_log(data_dir: Path, acknowledged: dict[str, int]) -> None:
    """The log has no gap, the live rows agree with it, and every acknowledged write is there, whole."""
    path = data_dir / DATABASE_FILE
    assert damage(path) == ()
    log = SqliteLog(path)
    try:
        entries, standing = log.entries_after(0), world_of(log.snapshot())
    finally:
        log.close()
    assert [entry.seq for entry in entries] == list(range(1, len(entries) + 1))
    assert advance(World(), entries) == standing
    keys = {entry.seq: entry.key for entry in entries}
    assert {name: keys.get(seq) for name, seq in acknowledged.items()} == {name: f"{name}-c" for name in acknowledged}
    parts = Counter(entry.key.rsplit("-", 1)[0] for entry in entries if entry.kind == "user")
    assert set(parts.values()) <= {3}


def _read(lines: list[bytes]) -> dict[str, int]:
    """Name and revision of each whole line; the kill may have cut the last one."""
    words = (line.split() for line in lines if line.endswith(b"\n"))
    return {name.decode(): int(revision) for name, revision in words}

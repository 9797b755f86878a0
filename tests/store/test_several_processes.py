"""Processes that share a data directory see each other's writes in their next view."""

from __future__ import annotations

import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from rolecall.state.entities import User
from rolecall.state.opening import open_store
from store.samples import user


class OtherProcess:
    def __init__(self, data_dir: Path) -> None:
        script = Path(__file__).with_name("other_process.py")
        self._process = subprocess.Popen(
            [sys.executable, str(script), str(data_dir)],
            env={"PYTHONPATH": str(script.parents[1])},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, line: str) -> str:
        print(line, file=self._process.stdin, flush=True)
        return self._process.stdout.readline().strip()

    def close(self) -> None:
        self._process.communicate()
        assert self._process.returncode == 0


@pytest.fixture
def other(tmp_path: Path) -> Iterator[OtherProcess]:
    with closing(OtherProcess(tmp_path / "data")) as other:
        yield other


def test_two_processes_see_each_other_s_writes_at_once(tmp_path: Path, other: OtherProcess) -> None:
    settings = {"clock": time.time, "randbits": secrets.randbits, "environment": {}}
    with closing(open_store(tmp_path / "data", **settings)) as store:
        first = int(other.ask("revision"))
        assert first == store.view().revision == 1
        for number in range(20):
            assert int(other.ask(f"put {2 * number}")) == store.view().revision
            assert store.view().get(User, user(2 * number).id) is not None
            put = user(2 * number + 1)
            revision = store.write(lambda draft, put=put: draft.put(put)).result().revision
            assert other.ask(f"has {2 * number + 1}") == "True"
            assert int(other.ask("revision")) == revision

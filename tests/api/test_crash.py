"""`kill -9` of a server while clients write: what was acknowledged over HTTP is there after the restart, every time."""

from __future__ import annotations

import http.client
import json
import os
import signal
import sqlite3
import threading
from contextlib import closing, suppress
from pathlib import Path
from random import Random

import pytest

from api.wire_calls import connect, form, send_on, signed
from serving import ROOT_KEY, ROOT_SECRET, Keys, Server, start_server

ROOT = Keys(access_key_id=ROOT_KEY, secret_access_key=ROOT_SECRET)
ROUNDS = 20
STREAMS = 4
MOST_WRITES = 15
MOST_IN_A_STREAM = 500
PATIENCE = 60


class Stream:
    """A client that creates users until the server is gone, and notes each that was acknowledged."""

    def __init__(self, server: Server, name: str, enough: threading.Event, target: int) -> None:
        self.acknowledged: list[str] = []
        self._server, self._name, self._enough, self._target = server, name, enough, target
        self._thread = threading.Thread(target=self._write)
        self._thread.start()

    def _write(self) -> None:
        with closing(connect(self._server)) as connection, suppress(OSError, http.client.HTTPException):
            for number in range(MOST_IN_A_STREAM):
                name = f"{self._name}-{number}"
                call = signed(self._server, ROOT, form("CreateUser", "iam", UserName=name), service="iam")
                if send_on(connection, call).status != 200:
                    return
                self.acknowledged.append(name)
                if len(self.acknowledged) == self._target:
                    self._enough.set()

    def join(self) -> None:
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive()


def start_streams(server: Server, name: str, target: int) -> list[Stream]:
    """Start clients, and wait until one of them has had `target` writes acknowledged."""
    enough = threading.Event()
    streams = [Stream(server, f"{name}-{number}", enough, target) for number in range(STREAMS)]
    assert enough.wait(PATIENCE)
    return streams


def acknowledged_by(streams: list[Stream]) -> set[str]:
    """What was acknowledged until the clients' connections broke."""
    for stream in streams:
        stream.join()
    return {name for stream in streams for name in stream.acknowledged}


def users(server: Server) -> set[str]:
    pages = server.client("iam", ROOT).get_paginator("list_users").paginate(PaginationConfig={"PageSize": 1000})
    return {user["UserName"] for page in pages for user in page["Users"]}


def check_log(data_dir: Path) -> None:
    """The database is whole and its log has every number from 1 to the last."""
    with closing(sqlite3.connect(f"file:{data_dir / 'rolecall.db'}?mode=ro", uri=True)) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        numbers = [seq for (seq,) in database.execute("SELECT seq FROM change ORDER BY seq")]
    assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.slow
def test_no_acknowledged_write_is_lost_when_the_server_is_killed(tmp_path: Path):
    random = Random(2026)
    acknowledged: set[str] = set()
    for number in range(ROUNDS):
        server = start_server(tmp_path / "data")
        assert acknowledged <= users(server)
        streams = start_streams(server, f"round-{number}", random.randint(1, MOST_WRITES))
        server.kill()
        acknowledged |= acknowledged_by(streams)
        check_log(tmp_path / "data")
    server = start_server(tmp_path / "data")
    there = users(server)
    assert server.stop() == 0
    assert acknowledged <= there
    assert len(acknowledged) >= ROUNDS
    # Beyond what was acknowledged, only the one write that each client was waiting for can be there.
    assert len(there - acknowledged) <= STREAMS * ROUNDS


@pytest.mark.slow
def test_no_acknowledged_write_is_lost_when_workers_are_killed_and_others_take_their_place(tmp_path: Path):
    server = start_server(tmp_path / "data", "--workers", "2")
    acknowledged: set[str] = set()
    killed: set[int] = set()
    for number in range(4):
        streams = start_streams(server, f"round-{number}", 20)
        calls = (json.loads(line) for line in tuple(server.log) if '"event":"call"' in line)
        workers = {call["process"] for call in calls} - killed
        for worker in workers:
            os.kill(worker, signal.SIGKILL)
        killed |= workers
        acknowledged |= acknowledged_by(streams)
        check_log(tmp_path / "data")
    there = users(server)
    assert server.stop() == 0
    assert acknowledged <= there
    assert len(killed) >= 2


def test_workers_end_with_the_server_that_started_them(tmp_path: Path):
    server = start_server(tmp_path / "data", "--workers", "2")
    assert users(server) == set()
    server.kill()  # it waits until nobody holds the pipe of the log any more
    assert not any(reader.is_alive() for reader in server.readers)
    again = start_server(tmp_path / "data", "--port", server.endpoint.rpartition(":")[2])
    assert users(again) == set()
    assert again.stop() == 0

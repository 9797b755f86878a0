"""The servers under load: each is started as its users start it, in a process of its own, on a new and empty state.

Only starting and ending. What they are asked is in `loads`, what stands in them before that in `stage`.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.signing import Keys

HOST = "127.0.0.1"
ACCOUNT = "123456789012"
"""The account on both servers: moto's default one, and the one that Rolecall is told to make."""

ROOT = Keys("AKIABENCHROOT0000000", "bench-only/root-secret-access-key-000000")
START_PATIENCE = 60.0
STOP_PATIENCE = 20.0


@dataclass(frozen=True)
class Server:
    """A server that listens on `port` of `HOST`."""

    name: str
    port: int

    @property
    def endpoint(self) -> str:
        return f"http://{HOST}:{self.port}"


class ServerDied(Exception):
    """A server ended, or never listened. The message ends with what it wrote last."""


@contextmanager
def running_rolecall(folder: Path) -> Iterator[Server]:
    """`rolecall serve` with its defaults: one worker, and a data directory in `folder` that is synced on each write."""
    port = _free_port()
    command = ["-m", "rolecall.cli", "serve", "--data-dir", str(folder / "data"), "--host", HOST, "--port", str(port)]
    first_account = {
        "ROLECALL_ACCOUNT_ID": ACCOUNT,
        "ROLECALL_ROOT_ACCESS_KEY_ID": ROOT.access_key_id,
        "ROLECALL_ROOT_SECRET_ACCESS_KEY": ROOT.secret_access_key,
    }
    with _running("Rolecall", command, port, folder, first_account) as server:
        yield server


@contextmanager
def running_moto(folder: Path) -> Iterator[Server]:
    """`moto_server` with its defaults: it keeps its state in memory and lets every call pass."""
    port = _free_port()
    with _running("moto", ["-m", "moto.server", "-H", HOST, "-p", str(port)], port, folder, {}) as server:
        yield server


@contextmanager
def _running(
    name: str, arguments: Sequence[str], port: int, folder: Path, settings: Mapping[str, str]
) -> Iterator[Server]:
    inherited = {key: value for key, value in os.environ.items() if not key.startswith(("AWS_", "ROLECALL_", "MOTO_"))}
    log = folder / f"{name}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, *arguments], env={**inherited, **settings}, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        _wait_until_it_listens(name, process, port, log)
        yield Server(name, port)
    finally:
        process.terminate()
        try:
            process.wait(STOP_PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_until_it_listens(name: str, process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + START_PATIENCE
    while process.poll() is None and time.monotonic() < deadline:
        try:
            socket.create_connection((HOST, port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise ServerDied(f"{name} does not listen on port {port}:\n{log.read_text(errors='replace')[-2000:]}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port

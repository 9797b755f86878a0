"""What the store's tests share. The suite runs once for each engine in `ENGINES`; a new engine adds itself there."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rolecall.state.log import LogEngine
from rolecall.state.seal import Keyring, MasterKey, Sealer
from rolecall.state.sqlite import SqliteLog
from rolecall.state.store import Store
from store.engines import FaultyLog, OpenFaultyStore, OpenLog, OpenStore

ENGINES: dict[str, Callable[[Path], LogEngine]] = {"sqlite": lambda folder: SqliteLog(folder / "log.db")}


@pytest.fixture(params=sorted(ENGINES))
def engine_factory(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[OpenLog]:
    """Opens the same log again at each call, as another process would. Closed at the end."""
    opened: list[LogEngine] = []

    def open_log() -> LogEngine:
        opened.append(ENGINES[request.param](tmp_path))
        return opened[-1]

    yield open_log
    for log in opened:
        log.close()


@pytest.fixture
def log(engine_factory: OpenLog) -> LogEngine:
    return engine_factory()


@pytest.fixture
def keyring() -> Keyring:
    return Keyring((MasterKey(bytes(range(32))),))


@pytest.fixture
def sealer(keyring: Keyring) -> Sealer:
    return Sealer(keyring, random.Random(7).getrandbits)


@pytest.fixture
def store_factory(engine_factory: OpenLog, sealer: Sealer) -> Iterator[OpenStore]:
    """Opens a store on the log, or on a wrapper of it. Closed at the end."""
    opened: list[Store] = []

    def open_store(wrap: Callable[[LogEngine], LogEngine] = lambda log: log, **settings: object) -> Store:
        settings.setdefault("clock", lambda: 1_700_000_000.5)
        opened.append(Store(wrap(engine_factory()), sealer=sealer, **settings))
        return opened[-1]

    yield open_store
    for store in opened:
        store.close()


@pytest.fixture
def faulty_store_factory(store_factory: OpenStore) -> OpenFaultyStore:
    """Opens a store whose log counts its commits and fails on demand."""

    def open_store(**settings: object) -> tuple[Store, FaultyLog]:
        wrapped: list[FaultyLog] = []

        def wrap(log: LogEngine) -> FaultyLog:
            wrapped.append(FaultyLog(log))
            return wrapped[0]

        return store_factory(wrap, **settings), wrapped[0]

    return open_store


@pytest.fixture
def store(store_factory: OpenStore) -> Store:
    return store_factory()

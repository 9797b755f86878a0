"""What each step of a request costs inside one process: the steps of the server's request path, in order.

Each is called as the server calls it, over and over on the same signed request, in a world like that of the loads.
"""

from __future__ import annotations

import itertools
import os
import secrets
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from bench.loads import LOADS, Load
from bench.process import Process, received
from bench.servers import ACCOUNT
from bench.signing import Keys, Signer
from bench.stage import CALLER
from rolecall.names.arn import AccountId
from rolecall.server.answers import success
from rolecall.server.authentication import RULES
from rolecall.server.enforcement import authorize_call, request_keys
from rolecall.server.request_path import REGISTRIES
from rolecall.state.draft import Draft
from rolecall.state.entities import User
from rolecall.state.opening import open_store
from rolecall.state.store import Store
from rolecall.wire.constraints import validate
from rolecall.wire.decode import decode
from rolecall.wire.form import parse_form
from rolecall.wire.model import load_service
from rolecall.wire.sigv4 import SigningKeyCache, read_signature, verify
from rolecall.wire.xml import render_response

MEASURED = ("GetUser", "AssumeRole", "GetCallerIdentity")
CALLS = 10
"""Calls in one sample, so that a sample is long against the clock's own cost."""

GROUP = 64
"""Writes that wait at the same time, so that they are committed together."""

SYNCED = bytes(4096)


@dataclass(frozen=True)
class Step:
    """The median time of one call, in seconds."""

    title: str
    seconds: float


def measure_steps(folder: Path, *, samples: int) -> Iterator[Step]:
    """Measure each step `samples` times, on a new data directory in `folder`."""
    store = open_store(folder / "steps", clock=time.time, randbits=secrets.randbits, environment={})
    try:
        process = Process(store)
        keys = process.prepare()
        for load in LOADS:
            if load.action in MEASURED:
                yield from _request_steps(process, load, keys, samples)
        yield Step("Store.view: the world, known to be current", _median(store.view, samples, CALLS))
        yield from _write_steps(store, samples)
    finally:
        store.close()
    yield Step(f"for comparison: fsync of {len(SYNCED)} bytes", _fsync(folder / "synced", samples))


def _request_steps(process: Process, load: Load, keys: Keys, samples: int) -> Iterator[Step]:
    """The steps of one request, then all of them as the request path runs them."""
    exchange = received(Signer("localhost", keys).sign(load.service, load.action, load.parameters(0), 0))
    request = exchange.request
    model = load_service(load.service).operations[load.action]
    registry = REGISTRIES[load.service]
    operation = registry.find(load.action)
    if operation is None:
        raise LookupError(f"there is no operation {load.action}")
    action = registry.action(operation)
    signing_keys = SigningKeyCache()
    world = process.store.view()
    caller, exchange.region = process.authenticator.authenticate(world, request, load.service, exchange.now)
    tx = process.transaction(Draft(world, writable=False), caller)

    def read_parameters() -> dict[str, Any]:
        parameters = decode(model, parse_form(request.body))
        validate(model, parameters)
        return parameters

    def check_signature() -> None:
        signature = read_signature(request, now=exchange.now, rule=RULES[load.service])
        verify(signature, keys.secret_access_key, signing_keys)

    parameters = read_parameters()
    answer = operation.run(tx, **parameters)

    def whole() -> None:
        # A read never waits, so its coroutine ends at the first step and needs no event loop.
        with suppress(StopIteration):
            respond().send(None)

    async def respond() -> None:
        success(exchange, *await process.request_path.answer(exchange))

    def permit() -> None:
        authorize_call(tx, operation, action, parameters, request_keys(exchange))

    steps: tuple[tuple[str, Callable[[], object]], ...] = (
        ("form, decode, validate", read_parameters),
        ("read signature, verify", check_signature),
        ("gather, authorize", permit),
        ("run", lambda: operation.run(tx, **parameters)),
        ("render", lambda: render_response(model, answer, exchange.request_id)),
        ("the whole request path", whole),
    )
    for title, call in steps:
        yield Step(f"{load.action}: {title}", _median(call, samples, CALLS))


def _write_steps(store: Store, samples: int) -> Iterator[Step]:
    """A durable write that waits alone, and one of many that wait together."""
    numbers = itertools.count()

    def job(draft: Draft) -> None:
        user = draft.world.named(User, AccountId(ACCOUNT), CALLER)
        if user is None:
            raise LookupError("the caller is gone")
        draft.put(replace(user, path=f"/{next(numbers)}/"))

    def group() -> None:
        for written in [store.write(job) for _ in range(GROUP)]:
            written.result()

    yield Step("Store.write: one write alone", _median(lambda: store.write(job).result(), samples, 1))
    yield Step(f"Store.write: one of {GROUP} that wait together", _median(group, samples, 1) / GROUP)


def _fsync(path: Path, samples: int) -> float:
    with path.open("wb", buffering=0) as file:

        def sync() -> None:
            file.write(SYNCED)
            os.fsync(file.fileno())

        return _median(sync, samples, 1)


def _median(call: Callable[[], object], samples: int, calls: int) -> float:
    """The median of `samples` samples, each the mean of `calls` calls, in seconds for one call."""
    call()
    times: list[float] = []
    for _ in range(samples):
        started = time.perf_counter()
        for _ in range(calls):
            call()
        times.append((time.perf_counter() - started) / calls)
    return statistics.median(times)

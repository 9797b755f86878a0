"""How long the server waits for a client: for a head and for a body, and then no longer. Time is a test's own here."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine

import pytest
import uvicorn
from uvicorn.server import ServerState

from rolecall.server.protocol import PATIENCE, BoundedHttpProtocol

HEAD = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
HEAD_OF_A_BODY = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n"


class Timer:
    """What `call_later` gives."""

    def __init__(self, seconds: float, action: Callable[[], None]) -> None:
        self.seconds, self._action, self.is_waiting = seconds, action, True

    def cancel(self) -> None:
        self.is_waiting = False

    def fire(self) -> None:
        assert self.is_waiting
        self.is_waiting = False
        self._action()


class Task:
    """A task that never ends."""

    def add_done_callback(self, action: Callable[[Task], None]) -> None:
        pass


class Loop:
    """An event loop in which time passes only when a test says so, and requests are not answered."""

    def __init__(self) -> None:
        self.timers: list[Timer] = []
        self.requests = 0

    def call_later(self, seconds: float, action: Callable[[], None]) -> Timer:
        self.timers.append(Timer(seconds, action))
        return self.timers[-1]

    def create_task(self, work: Coroutine[None, None, None]) -> Task:
        work.close()
        self.requests += 1
        return Task()


class Transport(asyncio.Transport):
    """Keeps what is written."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.closed = False

    def write(self, data: bytes) -> None:
        self.written += data

    def close(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed

    def pause_reading(self) -> None:
        """A second request waits for the answer to the first."""


async def answer_nothing(scope, receive, send) -> None:
    """An application that is never run."""


@pytest.fixture
def loop() -> Loop:
    return Loop()


@pytest.fixture
def transport() -> Transport:
    return Transport()


@pytest.fixture
def connection(loop: Loop, transport: Transport) -> BoundedHttpProtocol:
    """A connection that a client has just opened."""
    config = uvicorn.Config(answer_nothing, log_config=None, ws="none")
    made = BoundedHttpProtocol(config, ServerState(), {}, loop)
    made.connection_made(transport)
    return made


def test_a_connection_that_says_nothing_is_closed(connection, loop, transport):
    (timer,) = loop.timers
    assert timer.seconds == PATIENCE
    timer.fire()
    assert transport.closed
    assert transport.written.startswith(b"HTTP/1.1 400 ")
    assert b"the request did not arrive within 20 seconds" in transport.written


def test_a_head_that_comes_drop_by_drop_does_not_buy_time(connection, loop, transport):
    for at in range(10):
        connection.data_received(HEAD[at : at + 1])
    (timer,) = loop.timers
    timer.fire()
    assert transport.closed
    assert loop.requests == 0


def test_a_whole_request_ends_the_wait(connection, loop, transport):
    connection.data_received(HEAD)
    assert loop.requests == 1
    assert not any(timer.is_waiting for timer in loop.timers)
    assert not transport.closed


def test_each_further_request_is_waited_for_as_long(connection, loop, transport):
    connection.data_received(HEAD + HEAD[:5])
    (timer,) = (timer for timer in loop.timers if timer.is_waiting)
    connection.data_received(HEAD[5:])
    assert not timer.is_waiting
    connection.data_received(HEAD[:5])
    (timer,) = (timer for timer in loop.timers if timer.is_waiting)
    timer.fire()
    assert transport.closed


def test_nothing_waits_for_a_client_that_hung_up(connection, loop):
    connection.connection_lost(None)
    assert not any(timer.is_waiting for timer in loop.timers)


def test_a_body_that_comes_drop_by_drop_does_not_buy_time(connection, loop, transport):
    connection.data_received(HEAD_OF_A_BODY)
    (timer,) = (timer for timer in loop.timers if timer.is_waiting)
    for _ in range(5):
        connection.data_received(b"x")
    timer.fire()
    assert transport.closed
    assert transport.written.startswith(b"HTTP/1.1 400 ")


def test_a_whole_body_ends_the_wait(connection, loop, transport):
    connection.data_received(HEAD_OF_A_BODY)
    connection.data_received(b"0123456789")
    assert not any(timer.is_waiting for timer in loop.timers)
    assert not transport.closed

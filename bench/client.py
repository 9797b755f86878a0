"""The client: sends requests that are bytes already, one at a time on each of several connections.

Connections are kept, unless the server ends them: then each request pays for a new one. Of an answer it reads what it
must (status, length), so that it costs a small part of what a server does; how much processor time it took is measured
with the rest. What the requests say is none of its business.

Each connection has a lane of its own: tasks, one after the other, each of one or more calls. Lanes may share one
iterator of tasks.
"""

from __future__ import annotations

import itertools
import math
import selectors
import socket
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import NamedTuple

PATIENCE = 60.0
CHUNK = 1 << 16
END_OF_HEAD = b"\r\n\r\n"
CONTENT_LENGTH = b"content-length:"
CONNECTION_CLOSE = b"connection: close"


class BadAnswer(Exception):
    """A server did not answer a request of the load with success. Its numbers would mean nothing."""


class Call(NamedTuple):
    """A request as bytes; what its answer has to hold; and the title under which its latency is kept."""

    request: bytes
    expected: bytes
    title: str = ""


Task = Sequence[Call]
"""At least one call. A connection that has sent the first of them sends all, so that what they make is removed."""


@dataclass(frozen=True, kw_only=True)
class Run:
    """What sending a number of requests took, in seconds.

    Attributes: `elapsed`, from the first request to the last answer that counts; `client_time`, the processor time of
    this client in `elapsed`; `titled`, for each title the latencies of its calls, each from its sending (or from
    connecting, where it needs a new connection) to the end of its answer; `connects`, how many connections were opened.
    """

    elapsed: float
    client_time: float
    titled: Mapping[str, Sequence[float]]
    connects: int

    @property
    def latencies(self) -> tuple[float, ...]:
        """Those of all calls."""
        return tuple(itertools.chain.from_iterable(self.titled.values()))

    @property
    def rate(self) -> float:
        """Requests per second."""
        return len(self.latencies) / self.elapsed


def send_all(address: tuple[str, int], requests: Sequence[bytes], *, connections: int, expected: bytes) -> Run:
    """Send all `requests` over `connections` connections, each sending its next request when the last is answered.

    Raises `BadAnswer` for an answer that is not 200 or does not hold `expected`, and for a connection that ends early.
    """
    waiting: Iterator[Task] = iter([(Call(request, expected),) for request in requests])
    return send_lanes(address, [waiting] * connections)


def send_lanes(address: tuple[str, int], lanes: Sequence[Iterator[Task]], *, seconds: float = math.inf) -> Run:
    """Send each lane over a connection of its own, a call when the one before it is answered.

    Parameters: `seconds`, for which it is measured: then no lane begins another task, and what is answered later does
    not count. If a lane has no task left before that, the time is over for all, so that what counts had all lanes for
    company. Without `seconds` every task is sent and counts.

    Raises `BadAnswer` like `send_all`.
    """
    titled: defaultdict[str, list[float]] = defaultdict(list)
    with ExitStack() as resources:
        selector = resources.enter_context(selectors.DefaultSelector())
        lines = [_Line(address, selector, lane) for lane in lanes]
        for line in lines:
            resources.callback(line.close)
        started, cpu_started = time.perf_counter(), time.process_time()
        deadline, client_time = started + seconds, None
        under_way = sum(line.send_next(is_over=False) for line in lines)
        while under_way:
            ready = selector.select(PATIENCE)
            if not ready:
                raise BadAnswer(f"no answer within {PATIENCE:.0f} seconds")
            for key, _ in ready:
                line = key.data
                answer = line.receive()
                if answer is None:
                    continue
                now = time.perf_counter()
                if now <= deadline:
                    titled[line.call.title].append(now - line.sent_at)
                elif client_time is None:
                    client_time = time.process_time() - cpu_started
                _check(answer, line.call.expected)
                if not line.send_next(is_over=now > deadline):
                    under_way -= 1
                    if seconds < math.inf:
                        deadline = min(deadline, now)
        ended = min(deadline, time.perf_counter())
        if client_time is None:
            client_time = time.process_time() - cpu_started
        connects = sum(line.connects for line in lines)
    return Run(elapsed=ended - started, client_time=client_time, titled=titled, connects=connects)


class _Line:
    """The connection of a lane, with at most one request under way; opened anew when the server has ended it."""

    __slots__ = (
        "_address",
        "_received",
        "_rest",
        "_selector",
        "_socket",
        "_tasks",
        "_wanted",
        "call",
        "connects",
        "sent_at",
    )

    def __init__(self, address: tuple[str, int], selector: selectors.BaseSelector, tasks: Iterator[Task]) -> None:
        self.call = Call(b"", b"")
        self.connects = 0
        self.sent_at = 0.0
        self._tasks = tasks
        self._rest: Iterator[Call] = iter(())
        self._address = address
        self._selector = selector
        self._socket: socket.socket | None = None
        self._received = b""
        self._wanted = 0

    def send_next(self, *, is_over: bool) -> bool:
        """Send the next call, if there is one: of the task under way, or, unless the time is over, of the next one."""
        call = next(self._rest, None)
        if call is None and not is_over:
            self._rest = iter(next(self._tasks, ()))
            call = next(self._rest, None)
        if call is None:
            return False
        self.call = call
        self.sent_at = time.perf_counter()
        if self._socket is None:
            self._socket = self._connect()
        self._socket.sendall(call.request)
        return True

    def receive(self) -> bytes | None:
        """Read what has come; the answer, head and body, if that was its end."""
        chunk = b"" if self._socket is None else self._socket.recv(CHUNK)
        if not chunk:
            raise BadAnswer("the server ended a connection before it had answered")
        self._received += chunk
        if not self._wanted:
            self._wanted = _length(self._received)
        if not self._wanted or len(self._received) < self._wanted:
            return None
        answer, self._received, self._wanted = self._received, b"", 0
        if CONNECTION_CLOSE in answer[: answer.find(END_OF_HEAD)].lower():
            self.close()
        return answer

    def close(self) -> None:
        if self._socket is not None:
            self._selector.unregister(self._socket)
            self._socket.close()
            self._socket = None

    def _connect(self) -> socket.socket:
        connected = socket.create_connection(self._address, timeout=PATIENCE)
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._selector.register(connected, selectors.EVENT_READ, self)
        self.connects += 1
        return connected


def _length(received: bytes) -> int:
    """Bytes of the whole answer; 0 while its head is not there."""
    end = received.find(END_OF_HEAD)
    if end < 0:
        return 0
    head = received[:end].lower()
    at = head.find(CONTENT_LENGTH)
    if at < 0:
        raise BadAnswer(f"an answer without a length: {head!r}")
    return end + len(END_OF_HEAD) + int(head[at + len(CONTENT_LENGTH) :].split(b"\r\n", 1)[0])


def _check(answer: bytes, expected: bytes) -> None:
    if not answer.startswith(b"HTTP/1.1 200 ") or expected not in answer:
        raise BadAnswer(f"not the answer that was expected: {answer[:2000].decode('utf-8', 'replace')}")

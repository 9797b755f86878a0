"""The ASGI application: raw HTTP in, raw HTTP out. Bodies are capped, every request gets an id, no bug escapes.

Health and metrics have paths of their own; everything else is AWS's wire.
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import ipaddress
import random
import secrets
import sys
import time
import uuid
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import structlog
from msgspec.structs import replace

from rolecall.catalog.managed_policies import aws_managed_policies
from rolecall.errors import ApiError, InternalFailure, RequestEntityTooLarge, RequestHeaderSectionTooLarge
from rolecall.operations.transaction import Surroundings
from rolecall.server.answers import Response, as_api_error, failure, success
from rolecall.server.authentication import Authenticator
from rolecall.server.exchange import Exchange
from rolecall.server.logs import CallLog, configure_logs
from rolecall.server.metrics import Metrics, make_metrics
from rolecall.server.request_path import RequestPath
from rolecall.server.settings import Settings
from rolecall.state.store import Store
from rolecall.state.token_ring import TokenRing
from rolecall.wire.sigv4 import HttpRequest

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

MAX_BODY = 1 << 20
"""Bytes of a request body at most."""

MAX_HEAD = 1 << 16
"""Bytes of a request's target and headers at most. A session token has at most a quarter of it."""

LINGER = 1.0
"""Seconds for which the rest of a refused body is read and forgotten."""

MAPPED = "::ffff:"
"""How the text of an IPv4 address in IPv6 form begins (RFC 5952 §5)."""

TEXT = "text/plain; charset=utf-8"


class App:
    """The application of one server process.

    Parameters: `settings`; `open_store`, called when the server starts; `clock`, seconds since the epoch.
    """

    def __init__(
        self, settings: Settings, open_store: Callable[[], Store], clock: Callable[[], float] = time.time
    ) -> None:
        self._settings = settings
        self._open_store = open_store
        self._clock = clock
        self._log = structlog.get_logger()
        self._calls = CallLog(sys.stderr.buffer, settings.log_level)
        # They need to be unique, not secret: system randomness for each would cost more than all else about them.
        self._request_ids = random.Random(secrets.randbits(256))  # noqa: S311
        self._store: Store | None = None
        self._request_path: RequestPath | None = None
        self._metrics: Metrics = make_metrics()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._http(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        else:
            await send({"type": "websocket.close", "code": 1003})

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                self.start()
                await send({"type": "lifespan.startup.complete"})
            else:
                self.stop()
                await send({"type": "lifespan.shutdown.complete"})
                return

    def start(self) -> None:
        """Open the store. Raises what opening it raises."""
        configure_logs(self._settings.log_level)
        aws_managed_policies()  # read now, not while a call waits
        store = self._open_store()
        token_ring = TokenRing(store.sealer)
        surroundings = Surroundings(
            randbits=secrets.randbits,
            sealer=store.sealer,
            uses=store.uses,
            token_ring=token_ring,
            issuer_url=self._settings.issuer_url or "",
        )
        self._store = store
        self._request_path = RequestPath(store, surroundings, Authenticator(store.sealer, token_ring))

    def stop(self) -> None:
        """Finish writing and close the store."""
        if self._store is not None:
            self._store.close()
            self._store = None

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        match scope["method"], scope["path"]:
            case (("GET" | "HEAD"), "/healthz"):
                response = _text(200, "ok\n")
            case (("GET" | "HEAD"), "/readyz"):
                response = self._readiness()
            case "GET", "/metrics":
                response = self._counters(scope)
            case _:
                await self._aws(scope, receive, send)
                return
        await _send(send, response, request_id=None)

    async def _aws(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = time.perf_counter()
        exchange = self._exchange(scope)
        is_whole = False
        try:
            _check_head(exchange.request)
            await _read_body(exchange, receive)
            is_whole = True
            # A body may take its time to arrive; a session must not outlive its expiry by that.
            exchange.now = self._clock()
            response = await self._answer(exchange)
        except _ClientGone:
            return
        except Exception as error:
            refusal = as_api_error(error)
            if refusal.status >= 500:
                self._log.error("fault", request_id=exchange.request_id, error=refusal.code, exc_info=error)
            response = failure(exchange, refusal)
        await _send(send, response, request_id=exchange.request_id, rest=None if is_whole else receive)
        seconds = time.perf_counter() - started
        self._metrics.record(exchange, response, seconds)
        self._calls.write(exchange, response, seconds)

    async def _answer(self, exchange: Exchange) -> Response:
        if self._request_path is None:
            raise InternalFailure("the server has not started")
        answer, revision = await self._request_path.answer(exchange)
        return success(exchange, answer, revision)

    def _exchange(self, scope: Scope) -> Exchange:
        return Exchange(
            request_id=str(uuid.UUID(int=self._request_ids.getrandbits(128), version=4)),
            now=self._clock(),
            client_ip=_peer(scope),
            is_secure=scope["scheme"] == "https",
            request=HttpRequest(
                method=scope["method"],
                raw_path=scope["raw_path"].decode("latin-1"),
                raw_query=scope["query_string"].decode("latin-1"),
                headers=tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]),
                body=b"",
            ),
        )

    def _readiness(self) -> Response:
        """Ready when the newest world can be read."""
        try:
            if self._store is None:
                return _text(503, "starting\n")
            self._store.view()
        except ApiError:
            return _text(503, "the log cannot be read\n")
        return _text(200, "ready\n")

    def _counters(self, scope: Scope) -> Response:
        token = self._settings.metrics_token
        if token is not None:
            sent = dict(scope["headers"]).get(b"authorization", b"")
            is_allowed = hmac.compare_digest(sent, b"Bearer " + token.encode())
        else:
            is_allowed = _is_loopback(_peer(scope))
        if not is_allowed:
            return _text(403, "set ROLECALL_METRICS_TOKEN and send it as a bearer token\n")
        return Response(status=200, content_type=TEXT, body=self._metrics.render())


def _check_head(request: HttpRequest) -> None:
    """Raises `RequestHeaderSectionTooLarge` above `MAX_HEAD`. Its code is the one that S3 gives."""
    size = len(request.raw_path) + len(request.raw_query)
    size += sum(len(name) + len(value) for name, value in request.headers)
    if size > MAX_HEAD:
        raise RequestHeaderSectionTooLarge("Your request header section exceeds the maximum allowed size.")


class _ClientGone(Exception):
    """The client hung up before its request was whole: there is nobody to answer."""


async def _read_body(exchange: Exchange, receive: Receive) -> None:
    """Put the body into the exchange. Raises `RequestEntityTooLarge` above `MAX_BODY`; `protocol` bounds the time."""
    announced = exchange.header("content-length")
    if announced is not None and announced.isascii() and announced.isdigit() and int(announced[:20]) > MAX_BODY:
        raise _too_large()
    chunks: list[bytes] = []
    size = 0
    is_whole = False
    while not is_whole:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise _ClientGone
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > MAX_BODY:
            raise _too_large()
        chunks.append(chunk)
        is_whole = not message.get("more_body")
    exchange.request = replace(exchange.request, body=b"".join(chunks))


def _too_large() -> RequestEntityTooLarge:
    return RequestEntityTooLarge(f"Request must be smaller than {MAX_BODY} bytes.")


def _peer(scope: Scope) -> str:
    """The address of the connection's peer; empty if it has none.

    A socket for IPv6 shows the clients of IPv4 as mapped addresses, which no IPv4 block of a policy would match.
    """
    address: str = scope["client"][0] if scope.get("client") else ""
    if not address.lower().startswith(MAPPED):
        return address
    return str(ipaddress.IPv6Address(address).ipv4_mapped or address)


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def _text(status: int, text: str) -> Response:
    return Response(status=status, content_type=TEXT, body=text.encode())


async def _send(send: Send, response: Response, *, request_id: str | None, rest: Receive | None = None) -> None:
    """Send `response`. With `rest` the request was not read to its end, so the connection cannot be used again."""
    headers = [
        (b"content-type", response.content_type.encode()),
        (b"content-length", str(len(response.body)).encode()),
    ]
    if request_id is not None:
        headers.append((b"x-amzn-requestid", request_id.encode()))
    if response.revision is not None:
        headers.append((b"x-rolecall-revision", str(response.revision).encode()))
    if rest is not None:
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    await send({"type": "http.response.body", "body": response.body, "more_body": rest is not None})
    if rest is not None:
        await _forget(rest)
        await send({"type": "http.response.body"})


async def _forget(rest: Receive) -> None:
    """Read on for a moment: a connection that is closed on unread data is reset, and the answer is lost with it."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(LINGER):
            while (await rest()).get("more_body"):
                pass

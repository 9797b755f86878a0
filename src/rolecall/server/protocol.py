"""HTTP/1.1 as uvicorn reads it, within bounds that uvicorn leaves open: size and time of what is not body.

What is not even HTTP, or does not come to an end, is answered here. The size of bodies has its bound in `app`; nothing
here knows AWS's operations.
"""

from __future__ import annotations

import asyncio
import uuid

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from rolecall.errors import ApiError, MalformedInput
from rolecall.wire.xml import render_error

MOST_BESIDE_BODY = 1 << 18
"""Bytes of one request that are not its body: its head, the frames of chunks, trailers. `app` wants far less of a head;
this bounds what is held in memory of a head, or of a trailer, that never ends."""

PATIENCE = 20.0
"""Seconds in which a request that has begun, or the first one of a connection, must have arrived, its body included."""


class BoundedHttpProtocol(HttpToolsProtocol):
    """One connection."""

    _is_in_request = False
    _beside_body = 0
    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn has it
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._beside_body += len(data)
        super().data_received(data)
        if self.transport.is_closing():
            return
        if self._beside_body > MOST_BESIDE_BODY:
            self.refuse(MalformedInput(f"a request may have {MOST_BESIDE_BODY} bytes beside its body"))
        elif self._is_in_request and self._deadline is None:
            self._wait()

    def on_message_begin(self) -> None:
        self._is_in_request = True
        super().on_message_begin()

    def on_body(self, body: bytes) -> None:
        self._beside_body -= len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._beside_body = 0
        self._is_in_request = False
        self._stop_waiting()
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """uvicorn's answer to what is not HTTP, in AWS's form. `msg` is uvicorn's text."""
        self.refuse(MalformedInput(msg))

    def refuse(self, error: ApiError) -> None:
        """Answer with `error` and close the connection."""
        body = render_error(None, error, str(uuid.uuid4()))
        head = (
            f"HTTP/1.1 {error.status} Bad Request\r\n"
            f"content-type: text/xml\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n"
        )
        self.transport.write(head.encode() + body)
        self.transport.close()

    def _wait(self) -> None:
        self._deadline = self.loop.call_later(PATIENCE, self._give_up)

    def _stop_waiting(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _give_up(self) -> None:
        self._deadline = None
        self.refuse(MalformedInput(f"the request did not arrive within {PATIENCE:.0f} seconds"))

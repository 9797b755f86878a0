"""Structured logs: one JSON object a line, on standard error. What is secret never comes here in the first place.

A call is logged with its facts (operation, caller, outcome), never with its parameters, headers or answer.
"""

from __future__ import annotations

import logging
import os
import sys
from datetime import UTC, datetime
from typing import BinaryIO

import msgspec
import structlog
from structlog.stdlib import ProcessorFormatter

from rolecall.server.answers import Response
from rolecall.server.exchange import Exchange
from rolecall.server.settings import LOG_LEVELS

_PROCESSORS: tuple[structlog.types.Processor, ...] = (
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
)


def configure_logs(level: str) -> None:
    """Write logs from `level` up, for this process."""
    structlog.configure(
        processors=[*_PROCESSORS, structlog.processors.JSONRenderer(serializer=_encode)],
        wrapper_class=structlog.make_filtering_bound_logger(10 * (1 + LOG_LEVELS.index(level))),
        logger_factory=structlog.BytesLoggerFactory(file=sys.stderr.buffer),
        cache_logger_on_first_use=True,
    )
    _take_in_the_logs_of_others()


def _take_in_the_logs_of_others() -> None:
    """uvicorn and asyncio log through the standard library: their warnings get the same form."""
    handler = logging.StreamHandler()
    handler.setFormatter(
        ProcessorFormatter(
            foreign_pre_chain=_PROCESSORS,
            processors=[
                ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(serializer=lambda event, **_: _encode(event).decode()),
            ],
        )
    )
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """The line of one call: its facts, never its parameters, headers or answer. In the form of structlog's lines."""

    request_id: str
    service: str | None
    operation: str | None
    caller: str | None
    access_key_id: str | None
    source_ip: str
    status: int
    error: str | None
    milliseconds: float
    process: int
    event: str = "call"
    level: str = "info"
    timestamp: datetime


class CallLog:
    """Writes a line for each call: by itself, since structlog's chain would cost a tenth of a small call.

    Parameters: `stream`, where the lines go; `level`, from which on lines are wanted: calls are `info`.
    """

    def __init__(self, stream: BinaryIO, level: str) -> None:
        self._stream = stream
        self._is_wanted = LOG_LEVELS.index(level) <= LOG_LEVELS.index("info")
        self._encode = msgspec.json.Encoder().encode
        self._process = os.getpid()

    def write(self, exchange: Exchange, response: Response, seconds: float) -> None:
        """Write the line of one call that took `seconds`."""
        if not self._is_wanted:
            return
        caller = exchange.caller
        line = Call(
            request_id=exchange.request_id,
            service=exchange.service.name if exchange.service else None,
            operation=exchange.operation.name if exchange.operation else None,
            caller=str(caller.principal.arn) if caller else None,
            access_key_id=caller.access_key_id if caller else None,
            source_ip=exchange.client_ip,
            status=response.status,
            error=response.code,
            milliseconds=round(1000 * seconds, 2),
            process=self._process,
            timestamp=datetime.fromtimestamp(exchange.now, UTC),
        )
        self._stream.write(self._encode(line) + b"\n")
        self._stream.flush()


def _encode(event: object, **_: object) -> bytes:
    return msgspec.json.encode(event)

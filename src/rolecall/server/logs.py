"""Structured logs: one JSON object a line, on standard error. What is secret never comes here in the first place.

A call is logged with its facts (operation, caller, outcome), never with its parameters, headers or answer.
"""

from __future__ import annotations

import sys
from typing import Any

import msgspec
import structlog

from rolecall.server.answers import Response
from rolecall.server.exchange import Exchange
from rolecall.server.settings import LOG_LEVELS


def configure_logs(level: str) -> None:
    """Write logs from `level` up, for this process."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(serializer=_encode),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(10 * (1 + LOG_LEVELS.index(level))),
        logger_factory=structlog.BytesLoggerFactory(file=sys.stderr.buffer),
        cache_logger_on_first_use=True,
    )


def log_call(log: Any, exchange: Exchange, response: Response, seconds: float) -> None:
    """Log one call and how it went. `log` is a structlog logger."""
    caller = exchange.caller
    log.info(
        "call",
        request_id=exchange.request_id,
        service=exchange.service.name if exchange.service else None,
        operation=exchange.operation.name if exchange.operation else None,
        caller=str(caller.principal.arn) if caller else None,
        access_key_id=caller.access_key_id if caller else None,
        source_ip=exchange.client_ip,
        status=response.status,
        error=response.code,
        milliseconds=round(1000 * seconds, 2),
    )


def _encode(event: object, **_: object) -> bytes:
    return msgspec.json.encode(event)

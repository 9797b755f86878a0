"""From an answer or an exception to an HTTP response: the one place that does so."""

from __future__ import annotations

import msgspec

from rolecall.errors import ApiError, InternalFailure, ServiceUnavailable, StoreError
from rolecall.operations.registry import Answer
from rolecall.server.exchange import Exchange
from rolecall.wire.json_answer import render_json_error, render_json_response
from rolecall.wire.xml import render_error, render_response

XML = "text/xml"
JSON = "application/json"


class Response(msgspec.Struct, frozen=True, kw_only=True):
    """An HTTP response. `code` is AWS's error code, None on success; `revision` the world's, if it is known."""

    status: int
    content_type: str
    body: bytes
    code: str | None = None
    revision: int | None = None


def success(exchange: Exchange, answer: Answer, revision: int) -> Response:
    """The response to an operation that succeeded."""
    if exchange.operation is None:
        raise LookupError("an answer without an operation")
    render = render_json_response if exchange.wants_json else render_response
    return Response(
        status=200,
        content_type=JSON if exchange.wants_json else XML,
        body=render(exchange.operation, answer, exchange.request_id),
        revision=revision,
    )


def failure(exchange: Exchange, error: ApiError) -> Response:
    """The response to a refusal."""
    return Response(
        status=error.status,
        content_type=JSON if exchange.wants_json else XML,
        body=render_json_error(error, exchange.request_id)
        if exchange.wants_json
        else render_error(exchange.service, error, exchange.request_id),
        code=error.code,
    )


def as_api_error(error: Exception) -> ApiError:
    """What a caller is told of an exception: a refusal as it is, a fault of the store or a bug without its inside."""
    match error:
        case ApiError():
            return error
        case StoreError():
            return ServiceUnavailable("The service cannot write or read its data at the moment. Try again.")
        case _:
            return InternalFailure("The request processing has failed because of an unknown error.")

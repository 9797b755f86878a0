"""Answers as XML, written by walking the shape of an operation's output.

The hot path of every answer: for each shape a writer is prepared once, and joins texts. What an answer holds is the
operations' business; how it looks as JSON is in `json_answer`. XML that comes from others is never read here.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import Any, assert_never

from rolecall.errors import ApiError
from rolecall.wire.model import OperationModel, ServiceModel
from rolecall.wire.shapes import (
    BlobShape,
    BooleanShape,
    FloatShape,
    IntegerShape,
    ListShape,
    MapShape,
    Shape,
    StringShape,
    StructureShape,
    TimestampShape,
)

Writer = Callable[[Any], str]

# Where AWS cannot tell which service is meant (an unknown action, say), its errors are in this namespace.
FAULT_NAMESPACE = "http://webservices.amazon.com/AWSFault/2005-15-09"

# A carriage return must be a reference, or the reader's parser makes a line feed of it. What XML 1.0 cannot hold, not
# even as a reference, is written as U+FFFD: a value stays readable, and no value can break the document.
_SPECIAL = re.compile("[&<>\r\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_REPLACEMENTS = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#xD;"}


def render_response(operation: OperationModel, result: Mapping[str, object] | None, request_id: str) -> bytes:
    """Return the body of a successful answer.

    `result` holds the output's members by their wire names; an absent member or None is left out. Timestamps are
    seconds since the epoch, blobs bytes, lists tuples or lists, structures and maps mappings.

    Errors: `ValueError` for a member that the model does not know, `TypeError` for a value of the wrong type; both are
    bugs of the operation.
    """
    name, wrapper = operation.name, operation.result_wrapper
    if operation.output is not None:
        answer = f"<{wrapper}>{_writer(operation.output)(result or {})}</{wrapper}>"
    elif result:
        raise ValueError(f"{name} has no output, yet got {sorted(result)}")
    else:
        answer = ""
    return (
        f'<{name}Response xmlns="{operation.namespace}">{answer}'
        f"<ResponseMetadata><RequestId>{escape(request_id)}</RequestId></ResponseMetadata></{name}Response>"
    ).encode()


def render_error(service: ServiceModel | None, error: ApiError, request_id: str) -> bytes:
    """Return the body of an error answer of `service`; None if the request does not tell which service it means."""
    namespace = FAULT_NAMESPACE if service is None else service.namespace
    return (
        f'<ErrorResponse xmlns="{namespace}"><Error><Type>{error.fault}</Type><Code>{error.code}</Code>'
        f"<Message>{escape(error.message)}</Message></Error><RequestId>{escape(request_id)}</RequestId></ErrorResponse>"
    ).encode()


def escape(text: str) -> str:
    """Return `text` as the content of an element; what XML 1.0 cannot hold becomes U+FFFD."""
    return _SPECIAL.sub(_replacement, text) if _SPECIAL.search(text) else text


def _replacement(match: re.Match[str]) -> str:
    return _REPLACEMENTS.get(match[0], "\ufffd")


@cache
def _writer(shape: Shape) -> Writer:
    match shape:
        case StringShape():
            return escape
        case IntegerShape():
            return _integer
        case FloatShape():
            return _float
        case BooleanShape():
            return _boolean
        case TimestampShape():
            return _timestamp
        case BlobShape():
            return _blob
        case ListShape():
            return _list_writer(shape)
        case MapShape():
            return _map_writer(shape)
        case StructureShape():
            return _structure_writer(shape)
        case _:
            assert_never(shape)


def _structure_writer(shape: StructureShape) -> Writer:
    writers = {member.name: _writer(member.shape) for member in shape.members}

    def write(value: Mapping[str, object]) -> str:
        if not value.keys() <= writers.keys():
            raise ValueError(f"{shape.name} has no members {sorted(value.keys() - writers.keys())}")
        return "".join(
            [
                f"<{name}>{content}</{name}>" if (content := writers[name](member)) else f"<{name}/>"
                for name, member in value.items()
                if member is not None
            ]
        )

    return write


def _list_writer(shape: ListShape) -> Writer:
    write_member = _writer(shape.member)

    def write(value: tuple[object, ...] | list[object]) -> str:
        if not isinstance(value, tuple | list):
            raise TypeError(f"{shape.name} takes a tuple, not {type(value).__name__}")
        return "".join([f"<member>{write_member(member)}</member>" for member in value])

    return write


def _map_writer(shape: MapShape) -> Writer:
    write_key, write_value = _writer(shape.key), _writer(shape.value)

    def write(value: Mapping[str, object]) -> str:
        return "".join(
            [
                f"<entry><key>{write_key(key)}</key><value>{write_value(member)}</value></entry>"
                for key, member in value.items()
            ]
        )

    return write


def _integer(value: int) -> str:
    if type(value) is not int:
        raise TypeError(f"an integer member takes an int, not {type(value).__name__}")
    return str(value)


def _float(value: float) -> str:
    if type(value) is not float:
        raise TypeError(f"a decimal member takes a float, not {type(value).__name__}")
    return repr(value)


def _boolean(value: bool) -> str:
    if type(value) is not bool:
        raise TypeError(f"a boolean member takes a bool, not {type(value).__name__}")
    return "true" if value else "false"


# Entities of one world share few creation times; formatting costs more than the rest of a small answer.
@lru_cache(maxsize=4096, typed=True)
def _timestamp(value: int) -> str:
    if type(value) is not int:
        raise TypeError(f"a timestamp member takes an int, not {type(value).__name__}")
    return datetime.fromtimestamp(value, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _blob(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")

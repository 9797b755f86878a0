"""Answers as JSON, for clients that send `Accept: application/json`.

The same contents as the XML answers (`xml`), in the form that both services give them: wrapped in the operation's
response and result, timestamps as numbers of seconds.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any, assert_never

import msgspec

from rolecall.errors import ApiError
from rolecall.wire.model import OperationModel
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


def render_json_response(operation: OperationModel, result: Mapping[str, object] | None, request_id: str) -> bytes:
    """Return the body of a successful answer. `result` and errors: as for `xml.render_response`."""
    answer: dict[str, object] = {}
    if operation.output is not None and operation.result_wrapper is not None:
        answer[operation.result_wrapper] = _plain(operation.output, result or {})
    elif result:
        raise ValueError(f"{operation.name} has no output, yet got {sorted(result)}")
    answer["ResponseMetadata"] = {"RequestId": request_id}
    return msgspec.json.encode({f"{operation.name}Response": answer})


def render_json_error(error: ApiError, request_id: str) -> bytes:
    """Return the body of an error answer."""
    body = {"Code": error.code, "Message": _text(error.message), "Type": error.fault}
    return msgspec.json.encode({"Error": body, "RequestId": request_id})


def _plain(shape: Shape, value: Any) -> object:
    match shape:
        case StringShape():
            return _text(value)
        case IntegerShape() | TimestampShape():
            return _of_type(int, value)
        case FloatShape():
            return _of_type(float, value)
        case BooleanShape():
            return _of_type(bool, value)
        case BlobShape():
            return base64.b64encode(value).decode("ascii")
        case ListShape(member=member):
            if not isinstance(value, tuple | list):
                raise TypeError(f"{shape.name} takes a tuple, not {type(value).__name__}")
            return [_plain(member, item) for item in value]
        case MapShape(value=member):
            return {key: _plain(member, item) for key, item in value.items()}
        case StructureShape():
            return _structure(shape, value)
        case _:
            assert_never(shape)


def _structure(shape: StructureShape, value: Mapping[str, object]) -> dict[str, object]:
    shapes = {member.name: member.shape for member in shape.members}
    if not value.keys() <= shapes.keys():
        raise ValueError(f"{shape.name} has no members {sorted(value.keys() - shapes.keys())}")
    return {name: _plain(shapes[name], member) for name, member in value.items() if member is not None}


def _of_type(kind: type, value: object) -> object:
    if type(value) is not kind:
        raise TypeError(f"a member takes {kind.__name__}, not {type(value).__name__}")
    return value


def _text(value: str) -> str:
    # A lone surrogate has no place in UTF-8.
    return value.encode("utf-8", "replace").decode("utf-8")

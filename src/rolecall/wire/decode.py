"""From the parameters of a form to the parameters of an operation, by the shape of its input.

Only structure and types are decided here; lengths, patterns and the like are `constraints`. The cost is linear in the
size of the form, whatever numbers its names hold.
"""

from __future__ import annotations

import base64
import binascii
import math
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from typing import assert_never

from rolecall.errors import MalformedInput
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

# A form as a tree: `Tags.member.1.Key=k` is `{"Tags": {"member": {"1": {"Key": "k"}}}}`.
Node = str | dict[str, "Node"]
Converter = Callable[[Node, str], object]

# The deepest names of the models have 7 parts; what goes far below that was not made from a model.
_MAX_PARTS = 16
_NUMBER = re.compile(r"[0-9]{1,9}")
_WIDEST_GAP = 10
_INTEGER = re.compile(r"[+-]?[0-9]{1,20}")
_FLOAT = re.compile(r"[+-]?(?:[0-9]{1,30}(?:\.[0-9]{0,30})?|\.[0-9]{1,30})(?:[eE][+-]?[0-9]{1,4})?")


def decode(operation: OperationModel, form: Mapping[str, str]) -> dict[str, object]:
    """Return the operation's parameters by their Python names.

    Structures become dicts by Python names, lists tuples, maps dicts, blobs bytes, timestamps seconds since the epoch
    (UTC). Parameters that the model does not know are ignored, as AWS does. A member that is absent is absent here too.

    Errors: `MalformedInput` for a value of the wrong type, a value where a structure is expected or the reverse, and
    members of lists and maps whose numbers are none or leave wide gaps. A member that a narrow gap leaves out is None.
    The texts about numbers are recorded from AWS (radkawar/stackd, testdata/aws/iam/query_collections.json), the others
    are ours: AWS documents none.
    """
    if operation.input is None:
        return {}
    converters = _members(operation.input)
    parameters: dict[str, object] = {}
    for name, node in _tree(converters, form).items():
        python_name, convert = converters[name]
        parameters[python_name] = convert(node, name)
    return parameters


def _tree(known: Mapping[str, object], form: Mapping[str, str]) -> dict[str, Node]:
    tree: dict[str, Node] = {}
    for name, value in form.items():
        head, dot, _ = name.partition(".")
        if head not in known:
            continue
        branch = tree
        leaf = head
        if dot:
            *stems, leaf = name.split(".", _MAX_PARTS)
            if len(stems) == _MAX_PARTS:
                raise MalformedInput(f"the parameter `{_shown(name)}` nests deeper than any input")
            for stem in stems:
                child = branch.setdefault(stem, {})
                if isinstance(child, str):
                    raise _both(name)
                branch = child
        if leaf in branch:
            raise _both(name)
        branch[leaf] = value
    return tree


@cache
def _members(shape: StructureShape) -> Mapping[str, tuple[str, Converter]]:
    return {member.name: (member.python_name, _converter(member.shape)) for member in shape.members}


@cache
def _converter(shape: Shape) -> Converter:
    match shape:
        case StringShape():
            return _scalar(str)
        case IntegerShape(bits=bits):
            return _scalar(lambda text: _integer(text, bits))
        case FloatShape():
            return _scalar(_float)
        case BooleanShape():
            return _scalar(_boolean)
        case TimestampShape():
            return _scalar(_timestamp)
        case BlobShape():
            return _scalar(_blob)
        case ListShape():
            return _list(shape)
        case MapShape():
            return _map(shape)
        case StructureShape():
            return _structure(shape)
        case _:
            assert_never(shape)


def _scalar(parse: Callable[[str], object]) -> Converter:
    def convert(node: Node, path: str) -> object:
        if not isinstance(node, str):
            raise MalformedInput(f"the parameter `{_shown(path)}` takes one value, not members")
        try:
            return parse(node)
        except ValueError as error:
            raise MalformedInput(f"the parameter `{_shown(path)}` must be {error}: got `{_shown(node)}`") from None

    return convert


def _structure(shape: StructureShape) -> Converter:
    converters = _members(shape)

    def convert(node: Node, path: str) -> object:
        if isinstance(node, str):
            raise MalformedInput(f"the parameter `{_shown(path)}` takes members, not one value")
        values: dict[str, object] = {}
        for name, child in node.items():
            if name in converters:
                python_name, convert_member = converters[name]
                values[python_name] = convert_member(child, f"{path}.{name}")
        return values

    return convert


def _list(shape: ListShape) -> Converter:
    convert_member = _converter(shape.member)

    def convert(node: Node, path: str) -> object:
        stem = f"{path}.member"
        members = _numbered(node, path, "member")
        return tuple(
            None if member is None else convert_member(member, f"{stem}.{number}")
            for number, member in enumerate(members, 1)
        )

    return convert


def _map(shape: MapShape) -> Converter:
    convert_key, convert_value = _converter(shape.key), _converter(shape.value)

    def convert(node: Node, path: str) -> object:
        values: dict[object, object] = {}
        for number, entry in enumerate(_numbered(node, path, "entry"), 1):
            stem = f"{path}.entry.{number}"
            if not isinstance(entry, dict) or entry.keys() != {"key", "value"}:
                raise MalformedInput(f"the map entry `{_shown(stem)}` takes `key` and `value`, each once")
            key = convert_key(entry["key"], f"{stem}.key")
            if key in values:
                raise MalformedInput(f"the key of the map entry `{_shown(stem)}` is given twice")
            values[key] = convert_value(entry["value"], f"{stem}.value")
        return values

    return convert


def _numbered(node: Node, path: str, word: str) -> tuple[Node | None, ...]:
    """The children of `path.word` by their numbers, None where a number is left out; none for the empty value."""
    if node == "":
        return ()
    children = node.get(word) if isinstance(node, dict) and len(node) == 1 else None
    if not isinstance(children, dict):
        raise MalformedInput(
            f"the parameter `{_shown(path)}` takes `{_shown(path)}.{word}.1`, `.2`, … and nothing else"
        )
    by_number = {_number(key): child for key, child in children.items()}
    if len(by_number) != len(children):
        raise MalformedInput(f"two of the parameters `{_shown(path)}.{word}.N` have the same number")
    last = 1
    for number in sorted(by_number):
        if number - last > _WIDEST_GAP:
            raise MalformedInput(f"Excessively sparse input would skip {number - last} list elements")
        last = number
    return tuple(by_number.get(number) for number in range(1, last + 1))


def _number(key: str) -> int:
    if key.startswith("-"):
        raise MalformedInput(f"Key {_shown(key)} may not have a leading '-'")
    if not _NUMBER.fullmatch(key):
        raise MalformedInput("Start of list found where not expected")
    if int(key) == 0:
        raise MalformedInput(f"{key} is not a valid index")
    return int(key)


# The texts of these errors complete the sentence "the parameter must be …".


def _integer(text: str, bits: int) -> int:
    if not _INTEGER.fullmatch(text) or not -(1 << bits - 1) <= int(text) < 1 << bits - 1:
        raise ValueError(f"an integer of {bits} bits")
    return int(text)


def _float(text: str) -> float:
    if not _FLOAT.fullmatch(text) or not math.isfinite(float(text)):
        raise ValueError("a finite decimal number")
    return float(text)


def _boolean(text: str) -> bool:
    # AWS takes the digits too (recorded: radkawar/stackd, testdata/aws/iam/credential_inputs.json).
    if text not in ("true", "false", "1", "0"):
        raise ValueError("`true` or `false`")
    return text in ("true", "1")


def _timestamp(text: str) -> int:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError("an ISO 8601 date and time with a zone") from None
    if moment.tzinfo is None:
        raise ValueError("an ISO 8601 date and time with a zone")
    return math.floor(moment.timestamp())


def _blob(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("base64") from None


def _both(name: str) -> MalformedInput:
    return MalformedInput(f"the parameter `{_shown(name)}` is given both as one value and with members")


def _shown(text: str) -> str:
    return text if len(text) <= 100 else f"{text[:100]}…"

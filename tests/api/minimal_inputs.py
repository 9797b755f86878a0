"""For every operation of AWS's models, the smallest input that the model accepts."""

from __future__ import annotations

from typing import Any

from botocore_values import MODELS

# Shapes for which the general text will not do.
_TEXTS = {
    "authenticationCodeType": "111111",
    "organizationsEntityPathType": "o-0000000000/r-0000",
}


def minimal_input(service: str, operation: str, account: str) -> dict[str, Any]:
    """The input with the required members alone. ARNs name what does not exist in `account`."""
    shape = MODELS[service].operation_model(operation).input_shape
    given = {} if shape is None else {name: _value(shape.members[name], account) for name in shape.required_members}
    if operation == "AssumeRole":
        given["RoleArn"] = f"arn:aws:iam::{account}:role/missing"
    return given


def _value(shape: Any, account: str) -> Any:
    match shape.type_name:
        case "structure":
            # An empty structure leaves no trace in a form: one member stands for it.
            names = shape.required_members or list(shape.members)[:1]
            return {name: _value(shape.members[name], account) for name in names}
        case "list":
            return [_value(shape.member, account)]
        case "map":
            return {_value(shape.key, account): _value(shape.value, account)}
        case "string":
            return _text(shape, account)
        case "integer":
            return shape.metadata.get("min", 1)
        case "boolean":
            return False
        case unknown:
            raise ValueError(f"no value for a shape of type {unknown}")


def _text(shape: Any, account: str) -> str:
    if shape.name == "arnType":
        return f"arn:aws:iam::{account}:policy/missing"
    if shape.metadata.get("enum"):
        return shape.metadata["enum"][0]
    return _TEXTS.get(shape.name) or "v1".ljust(shape.metadata.get("min", 1), "1")

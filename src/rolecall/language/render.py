"""From a `PolicyDocument` back to a text, in one canonical form, and documents compared without their sources.

The texts that users see are the stored ones, not these.
"""

from __future__ import annotations

import json
from typing import TypeVar

import msgspec

from rolecall.language.document import (
    Actions,
    Pattern,
    PolicyDocument,
    Position,
    PrincipalEntry,
    Principals,
    ResourcePattern,
    Resources,
    SourceSpan,
    Statement,
)

_NOWHERE = SourceSpan(Position(1, 1, 0), Position(1, 1, 0))

Placed = TypeVar("Placed", PrincipalEntry, Pattern, ResourcePattern)
"""What stands somewhere in a text."""

_Element = str | list[str] | dict[str, list[str]] | dict[str, dict[str, list[str]]]


def render(document: PolicyDocument) -> str:
    """The canonical text of `document`.

    It means the same: for every document that was parsed, parsing the text as the same type gives a document with the
    same `without_source`. Elements stand in the order of AWS's grammar, every value of several is an array, numbers and
    booleans of conditions have become strings, and a missing `Version` is spelled out.
    """
    policy: dict[str, str | list[dict[str, _Element]]] = {"Version": document.version.value}
    if document.id is not None:
        policy["Id"] = document.id
    policy["Statement"] = [_statement(statement) for statement in document.statements]
    return json.dumps(policy, separators=(",", ":"))


def without_source(document: PolicyDocument) -> PolicyDocument:
    """`document` without its text and places: equal for documents that say the same in the same words."""
    statements = tuple(_statement_without_source(statement) for statement in document.statements)
    return msgspec.structs.replace(document, statements=statements, text="")


def _statement(statement: Statement) -> dict[str, _Element]:
    elements: dict[str, _Element] = {}
    if statement.sid:
        elements["Sid"] = statement.sid
    if statement.principals is not None:
        name = "NotPrincipal" if statement.principals.negated else "Principal"
        elements[name] = _principals(statement.principals.entries)
    elements["Effect"] = statement.effect.value
    elements["NotAction" if statement.actions.negated else "Action"] = _texts(statement.actions.patterns)
    if statement.resources is not None:
        name = "NotResource" if statement.resources.negated else "Resource"
        elements[name] = _texts(statement.resources.patterns)
    if statement.conditions:
        elements["Condition"] = _conditions(statement)
    return elements


def _texts(patterns: tuple[Pattern, ...] | tuple[ResourcePattern, ...]) -> list[str]:
    return [pattern.text for pattern in patterns]


def _principals(entries: tuple[PrincipalEntry, ...]) -> str | dict[str, list[str]]:
    if any(entry.kind == "*" for entry in entries):
        return "*"
    kinds: dict[str, list[str]] = {}
    for entry in entries:
        kinds.setdefault(entry.kind, []).append(entry.text)
    return kinds


def _conditions(statement: Statement) -> dict[str, dict[str, list[str]]]:
    operators: dict[str, dict[str, list[str]]] = {}
    for condition in statement.conditions:
        operators.setdefault(condition.operator.name, {})[condition.key_text] = _texts(condition.values)
    return operators


def _statement_without_source(statement: Statement) -> Statement:
    principals, actions, resources = statement.principals, statement.actions, statement.resources
    return msgspec.structs.replace(
        statement,
        span=_NOWHERE,
        principals=principals and Principals(tuple(map(_unplaced, principals.entries)), principals.negated),
        actions=Actions(tuple(map(_unplaced, actions.patterns)), actions.negated),
        resources=resources and Resources(tuple(map(_unplaced, resources.patterns)), resources.negated),
        conditions=tuple(
            msgspec.structs.replace(condition, span=_NOWHERE, values=tuple(map(_unplaced, condition.values)))
            for condition in statement.conditions
        ),
    )


def _unplaced(value: Placed) -> Placed:
    return msgspec.structs.replace(value, span=_NOWHERE)

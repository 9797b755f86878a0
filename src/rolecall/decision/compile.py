"""Statements prepared for decisions: their matchers, made once for each document.

Which statements are looked at for a request is in `index`; nothing here looks at one.
"""

from __future__ import annotations

from threading import Lock

import msgspec

from rolecall.decision.conditions import CompiledCondition, compile_condition
from rolecall.decision.matching import CompiledActions, CompiledPrincipals, compile_actions, compile_principals
from rolecall.decision.resources import CompiledResources, compile_resources
from rolecall.language.document import PolicyDocument, Statement

REMEMBERED_DOCUMENTS = 8192


class CompiledStatement(msgspec.Struct, frozen=True):
    """A statement with its matchers.

    `index` is its place in the policy, from 0; `principals` is None for "whom the policy is attached to".
    """

    index: int
    source: Statement
    actions: CompiledActions
    resources: CompiledResources
    principals: CompiledPrincipals | None
    conditions: tuple[CompiledCondition, ...]


def compile_statement(index: int, statement: Statement) -> CompiledStatement:
    """Prepare one statement."""
    return CompiledStatement(
        index=index,
        source=statement,
        actions=compile_actions(statement.actions),
        resources=compile_resources(statement.resources),
        principals=None if statement.principals is None else compile_principals(statement.principals),
        conditions=tuple(compile_condition(condition) for condition in statement.conditions),
    )


_compiled: dict[int, tuple[PolicyDocument, tuple[CompiledStatement, ...]]] = {}
_lock = Lock()


def compiled(document: PolicyDocument) -> tuple[CompiledStatement, ...]:
    """Compile the statements of `document`, or find what was compiled for the same object before.

    The memory is keyed by identity: two documents never share an entry, whatever their texts. It holds each document
    it knows, so that no other can take the same identity, and forgets the oldest beyond `REMEMBERED_DOCUMENTS`.
    """
    known = _compiled.get(id(document))
    if known is not None:
        return known[1]
    fresh = tuple(compile_statement(index, statement) for index, statement in enumerate(document.statements))
    with _lock:
        if len(_compiled) >= REMEMBERED_DOCUMENTS:
            del _compiled[next(iter(_compiled))]
        _compiled[id(document)] = (document, fresh)
    return fresh

"""Policy documents prepared for decisions: matchers, and an index from action to the few statements that concern it.

A document is compiled once and remembered, so callers simply pass documents. Nothing here looks at a request beyond its
action.
"""

from __future__ import annotations

from collections import defaultdict
from threading import Lock

import msgspec

from rolecall.decision.conditions import CompiledCondition, compile_condition
from rolecall.decision.matching import (
    CompiledActions,
    CompiledPrincipals,
    CompiledResources,
    compile_actions,
    compile_principals,
    compile_resources,
)
from rolecall.language.document import Effect, PolicyDocument, SourceSpan, Statement

REMEMBERED_DOCUMENTS = 8192


class CompiledStatement(msgspec.Struct, frozen=True):
    """A statement with its matchers. `index` is its place in the policy, from 0; `resources` is None for "the resource
    that the policy is attached to", `principals` for "whom the policy is attached to"."""

    index: int
    sid: str
    span: SourceSpan
    effect: Effect
    actions: CompiledActions
    resources: CompiledResources | None
    principals: CompiledPrincipals | None
    conditions: tuple[CompiledCondition, ...]


class CompiledPolicy(msgspec.Struct, frozen=True):
    """The statements of a document by the actions they can concern.

    For one action a statement is found in one way only: by its plain name in `by_name`, by a pattern of its service in
    `by_service`, or in `for_all` if it may concern any service.
    """

    document: PolicyDocument
    by_name: dict[str, tuple[CompiledStatement, ...]]
    by_service: dict[str, tuple[CompiledStatement, ...]]
    for_all: tuple[CompiledStatement, ...]

    def statements_for(self, action: str) -> list[CompiledStatement]:
        """The statements that cover `action`, given in lower case, in the order of the document."""
        found = list(self.by_name.get(action, ()))
        of_service = self.by_service.get(action.partition(":")[0], ())
        found += [statement for statement in of_service if statement.actions.match_by_pattern_only(action)]
        found += [statement for statement in self.for_all if statement.actions.match(action)]
        if len(found) > 1:
            found.sort(key=_index)
        return found


_compiled: dict[int, CompiledPolicy] = {}
_lock = Lock()


def compiled(document: PolicyDocument) -> CompiledPolicy:
    """Compile `document`, or find what was compiled for the same object before.

    The memory is keyed by identity: two documents never share an entry, whatever their texts. It holds each document
    it knows, so that no other can take the same identity, and forgets the oldest beyond `REMEMBERED_DOCUMENTS`.
    """
    known = _compiled.get(id(document))
    if known is not None:
        return known
    fresh = compile_policy(document)
    with _lock:
        if len(_compiled) >= REMEMBERED_DOCUMENTS:
            del _compiled[next(iter(_compiled))]
        _compiled[id(document)] = fresh
    return fresh


def compile_policy(document: PolicyDocument) -> CompiledPolicy:
    """Prepare all statements of `document` and index them by action."""
    by_name: defaultdict[str, list[CompiledStatement]] = defaultdict(list)
    by_service: defaultdict[str, list[CompiledStatement]] = defaultdict(list)
    for_all: list[CompiledStatement] = []
    for index, source in enumerate(document.statements):
        statement = _compile_statement(index, source)
        services = {_service_of(text) for text, _matcher in statement.actions.patterns}
        if statement.actions.negated or None in services:
            for_all.append(statement)
            continue
        for service in services:
            by_service[str(service)].append(statement)
        for name in statement.actions.names:
            by_name[name].append(statement)
    return CompiledPolicy(document, _frozen(by_name), _frozen(by_service), tuple(for_all))


def _compile_statement(index: int, statement: Statement) -> CompiledStatement:
    return CompiledStatement(
        index=index,
        sid=statement.sid,
        span=statement.span,
        effect=statement.effect,
        actions=compile_actions(statement.actions),
        resources=None if statement.resources is None else compile_resources(statement.resources),
        principals=None if statement.principals is None else compile_principals(statement.principals),
        conditions=tuple(compile_condition(condition) for condition in statement.conditions),
    )


def _service_of(pattern: str) -> str | None:
    """The service to whose actions a pattern is limited; None if it is not limited to one."""
    service, colon, _name = pattern.partition(":")
    return service if colon and "*" not in service and "?" not in service else None


def _frozen(lists: dict[str, list[CompiledStatement]]) -> dict[str, tuple[CompiledStatement, ...]]:
    return {key: tuple(statements) for key, statements in lists.items()}


def _index(statement: CompiledStatement) -> int:
    return statement.index

"""Statements that nearly applied, and the one element in which each failed: for explanations only.

Nothing is decided here. A statement in which no element fails is one that applied, and `layers` found it by the index.
"""

from __future__ import annotations

from collections.abc import Iterator

from rolecall.decision.index import AppliedStatement
from rolecall.decision.matching import PrincipalMatch, names_of
from rolecall.decision.policies import PolicySet
from rolecall.decision.request import AuthorizationRequest, RequestContext
from rolecall.decision.result import Element, FailedCondition, NearMiss
from rolecall.language.document import Statement
from rolecall.names.case import lower_name


def near_misses(policies: PolicySet, request: AuthorizationRequest, *, is_bounded: bool) -> Iterator[NearMiss]:
    """The statements of `policies` in which exactly one element fails.

    A statement about the actions of another service is no near miss: policies are full of those.
    """
    for statement in policies.statements:
        failed = failed_elements(statement, request, is_bounded=is_bounded)
        if len(failed) == 1 and not (failed[0] is Element.ACTION and _is_of_other_service(statement, request.action)):
            yield _near_miss(statement, failed[0], request.context)


def failed_elements(
    statement: AppliedStatement, request: AuthorizationRequest, *, is_bounded: bool
) -> tuple[Element, ...]:
    """The elements that keep a statement from applying; none if it applies."""
    compiled, context = statement.compiled, request.context
    source, principals = compiled.source, compiled.principals
    failed: list[Element] = []
    if principals is not None:
        named = principals.match(names_of(request.principal), source.effect, is_bounded)
        if named is PrincipalMatch.NONE:
            failed.append(Element.NOT_PRINCIPAL if principals.negated else Element.PRINCIPAL)
    if not compiled.actions.match(lower_name(request.action)):
        failed.append(Element.NOT_ACTION if source.actions.negated else Element.ACTION)
    if not compiled.resources.covers(request.resource, context):
        failed.append(Element.NOT_RESOURCE if source.resources and source.resources.negated else Element.RESOURCE)
    if not all(condition.holds(context) for condition in compiled.conditions):
        failed.append(Element.CONDITION)
    return tuple(failed)


def _is_of_other_service(statement: AppliedStatement, action: str) -> bool:
    service = action.lower().partition(":")[0]
    patterns = statement.compiled.source.actions.patterns
    return all(pattern.text.lower().partition(":")[0] != service for pattern in patterns)


def _near_miss(statement: AppliedStatement, failed: Element, context: RequestContext) -> NearMiss:
    conditions = tuple(
        FailedCondition(
            operator=condition.source.operator.name,
            key=condition.source.key_text,
            wanted=tuple(value.text for value in condition.source.values),
            found=context.get(condition.key),
        )
        for condition in statement.compiled.conditions
        if not condition.holds(context)
    )
    wanted = _texts_of(statement.compiled.source, failed)
    return NearMiss(statement=statement.reported, failed=failed, wanted=wanted, conditions=conditions)


def _texts_of(statement: Statement, element: Element) -> tuple[str, ...]:
    """What an element lists, in the words of the policy."""
    if element in (Element.ACTION, Element.NOT_ACTION):
        return tuple(pattern.text for pattern in statement.actions.patterns)
    if element in (Element.RESOURCE, Element.NOT_RESOURCE) and statement.resources is not None:
        return tuple(pattern.text for pattern in statement.resources.patterns)
    if element in (Element.PRINCIPAL, Element.NOT_PRINCIPAL) and statement.principals is not None:
        return tuple(entry.text for entry in statement.principals.entries)
    return ()

"""Would who asks have the permissions that a delegation request asks for? An approximate answer, as at AWS.

The engine is asked about each action and resource of the requested policy, by the policies that the caller has now.
Delegated credentials never reach further than their approver's, so this informs and protects nothing.
Source: the model's documentation of `DelegationPermissionCheck`.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from itertools import islice

import msgspec

from rolecall.catalog.actions import takes_resources
from rolecall.catalog.services import action_names
from rolecall.decision.evaluate import evaluate
from rolecall.decision.policies import ApplicablePolicies, PolicySet
from rolecall.decision.request import AuthorizationRequest
from rolecall.decision.result import Decision
from rolecall.errors import InvalidArn
from rolecall.language.document import Effect, PolicyDocument, Statement
from rolecall.names.arn import Arn, parse_arn
from rolecall.names.wildcard import matches
from rolecall.operations.transaction import Transaction
from rolecall.state.gather import applicable_policies, principal_keys

MOST_QUESTIONS = 500
"""So many pairs of an action and a resource are asked about. A policy of 2048 characters can name more with `*`."""

EVERYTHING = "*"


class PermissionCheck(StrEnum):
    """AWS's words for the result."""

    ALLOWED = "ALLOWED"
    DENIED = "DENIED"
    UNSURE = "UNSURE"


class _Question(msgspec.Struct, frozen=True):
    """An action, or a pattern of actions that is to be allowed as a whole, on a resource or pattern of resources."""

    action: str
    resource: str


def check_permissions(tx: Transaction, document: PolicyDocument) -> PermissionCheck:
    """Has the caller all permissions that `document` allows? Its Deny statements are not counted in its favour."""
    policies = applicable_policies(tx.world, tx.caller)
    questions = tuple(islice(_questions(document), MOST_QUESTIONS + 1))
    answers = {_answer(tx, policies, question) for question in questions[:MOST_QUESTIONS]}
    if PermissionCheck.DENIED in answers:
        return PermissionCheck.DENIED
    if PermissionCheck.UNSURE in answers or len(questions) > MOST_QUESTIONS:
        return PermissionCheck.UNSURE
    return PermissionCheck.ALLOWED


def _questions(document: PolicyDocument) -> Iterator[_Question]:
    for statement in document.statements:
        if statement.effect is Effect.ALLOW:
            for action in _actions(statement):
                for resource in _resources(statement):
                    yield _Question(action, resource)


def _actions(statement: Statement) -> Iterator[str]:
    """What the statement's actions are, one by one where that is known; all that `NotAction` leaves is everything."""
    if statement.actions.negated:
        yield EVERYTHING
        return
    for pattern in statement.actions.patterns:
        service, _, name = pattern.text.partition(":")
        known = () if name in {"", EVERYTHING} or not _has_wildcard(name) else action_names(service.lower())
        found = [each for each in known if matches(name.lower(), each.lower())]
        yield from (f"{service}:{each}" for each in found) if found else (pattern.text,)


def _resources(statement: Statement) -> Iterator[str]:
    if statement.resources is None or statement.resources.negated:
        yield EVERYTHING
        return
    for pattern in statement.resources.patterns:
        yield pattern.text


def _answer(tx: Transaction, policies: ApplicablePolicies, question: _Question) -> PermissionCheck:
    try:
        resource = _resource(question)
    except InvalidArn:
        return PermissionCheck.UNSURE
    # Patterns are asked about as if their wildcards were letters: only a pattern that is as wide covers those.
    request = AuthorizationRequest(
        principal=tx.principal,
        action=question.action,
        resource=resource,
        resource_account=tx.account,
        context={**principal_keys(tx.world, tx.caller, tx.now), "aws:resourceaccount": tx.account},
    )
    result = evaluate(request, msgspec.structs.replace(policies, requires_resource_policy=False))
    if result.decision is Decision.EXPLICIT_DENY:
        return PermissionCheck.DENIED
    is_certain = not result.missing_context_keys and not _depends(policies, question.action)
    if not is_certain:
        return PermissionCheck.UNSURE
    return PermissionCheck.ALLOWED if result.is_allowed else PermissionCheck.DENIED


def _resource(question: _Question) -> Arn | None:
    if question.resource == EVERYTHING or not takes_resources(question.action):
        return None
    return parse_arn(question.resource)


def _depends(policies: ApplicablePolicies, action: str) -> bool:
    """Does a statement about the action hold only at times, or deny a part of what was asked?"""
    sets = (policies.identity, policies.permissions_boundary, policies.session)
    return any(_depends_on(each, action.lower()) for each in sets if each is not None)


def _depends_on(policies: PolicySet, action: str) -> bool:
    return any(
        (statement.conditions or statement.is_deny) and statement.compiled.actions.match(action)
        for statement in policies.statements
    )


def _has_wildcard(text: str) -> bool:
    return "*" in text or "?" in text

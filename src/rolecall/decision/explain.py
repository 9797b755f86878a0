"""A decision in words: AWS's own suffix of an error message, and a longer text for people.

Nothing is evaluated here: what is told is what evaluation kept.

Source of the suffixes: sts.md, "AccessDenied message forms".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from rolecall.decision.principal import (
    Anonymous,
    AssumedRole,
    FederatedUser,
    IamUser,
    Principal,
    RootUser,
    ServicePrincipal,
    WebIdentity,
)
from rolecall.decision.request import AuthorizationRequest
from rolecall.decision.result import (
    Block,
    Element,
    EvaluationResult,
    FailedCondition,
    MatchedStatement,
    NearMiss,
)
from rolecall.language.document import PolicyType

TOLD_NEAR_MISSES = 10
TOLD_VALUES = 3
"""So much of a list goes into a text; the result holds all of it."""

_WITH_ARTICLE = {
    PolicyType.IDENTITY: "an identity-based policy",
    PolicyType.RESOURCE: "a resource-based policy",
    PolicyType.TRUST: "the role trust policy",
    PolicyType.PERMISSIONS_BOUNDARY: "a permissions boundary",
    PolicyType.SESSION: "a session policy",
    PolicyType.SERVICE_CONTROL: "a service control policy",
    PolicyType.RESOURCE_CONTROL: "a resource control policy",
    PolicyType.VPC_ENDPOINT: "a VPC endpoint policy",
}


def denial_suffix(result: EvaluationResult, action: str) -> str:
    """The end of AWS's `AccessDenied` message, e.g. `with an explicit deny in an identity-based policy`.

    Only the first block is told, as AWS does. Empty if `result` allows.
    """
    return _reason(result.blocks[0], action) if result.blocks else ""


def explain(request: AuthorizationRequest, result: EvaluationResult) -> str:
    """Tell why a request was decided as it was, in a few lines that can be pasted into a ticket.

    Statements that nearly applied are told if the result was traced.
    """
    return "\n".join(_lines(request, result))


def _lines(request: AuthorizationRequest, result: EvaluationResult) -> Iterator[str]:
    outcome = "allowed" if result.is_allowed else "denied"
    resource = "*" if request.resource is None else str(request.resource)
    yield f"{outcome}: {_name_of(request.principal)} performs {request.action} on {resource}"
    for block in result.blocks:
        yield f"blocked {_reason(block, request.action)}"
    for statement in result.matched_statements:
        yield f"matched {_statement(statement)}"
    if not result.layers:
        yield "asked: nothing, no policy has a say in this"
    else:
        yield f"asked: {', '.join(f'{policy_type} {decision}' for policy_type, decision in result.layers)}"
    if result.missing_context_keys:
        yield f"not in the request: {', '.join(result.missing_context_keys)}"
    for near_miss in result.near_misses[:TOLD_NEAR_MISSES]:
        yield f"nearly matched {_statement(near_miss.statement)}: {_failure(near_miss)}"
    if len(result.near_misses) > TOLD_NEAR_MISSES:
        yield f"nearly matched {len(result.near_misses) - TOLD_NEAR_MISSES} statements more"


def _reason(block: Block, action: str) -> str:
    if block.explicit:
        return f"with an explicit deny in {_WITH_ARTICLE[block.policy_type]}"
    return f"because no {block.policy_type} allows the {action} action"


def _statement(statement: MatchedStatement) -> str:
    sid = f" `{statement.sid}`" if statement.sid else ""
    line = statement.span.start.line
    policy = f"{statement.policy_type} `{statement.policy}`"
    return f"{statement.effect} in statement {statement.index + 1}{sid} of {policy}, line {line}"


def _failure(near_miss: NearMiss) -> str:
    if near_miss.failed is Element.CONDITION:
        return "; ".join(map(_failed_condition, near_miss.conditions))
    return f"{near_miss.failed} is {_listed(near_miss.wanted)}"


def _failed_condition(condition: FailedCondition) -> str:
    found = condition.found
    has = "nothing" if found is None else _listed((found,) if isinstance(found, str) else found)
    return f"{condition.operator} of {condition.key} is {_listed(condition.wanted)}, the request has {has}"


def _listed(texts: tuple[str, ...]) -> str:
    told = " or ".join(f"`{text}`" for text in texts[:TOLD_VALUES]) or "nothing"
    return told if len(texts) <= TOLD_VALUES else f"{told} or {len(texts) - TOLD_VALUES} others"


def _name_of(principal: Principal) -> str:
    match principal:
        case RootUser() | IamUser() | AssumedRole() | FederatedUser():
            return str(principal.arn)
        case ServicePrincipal():
            return principal.name
        case WebIdentity():
            return f"a token of {principal.provider}"
        case Anonymous():
            return "an anonymous caller"
        case _:  # pragma: no cover - mypy proves that nothing gets here
            assert_never(principal)

"""What the engine decided about one action on each resource, as the members of a simulation's answer.

Nothing is decided here. Source: the model's documentation of `EvaluationResult` and `ResourceSpecificResult`; AWS's
answers recorded in September 2026 (radkawar/stackd, testdata/aws/iam/simulation.json) where the model says less.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import reduce
from typing import TypeVar

import msgspec

from rolecall.catalog.resource_types import arn_format
from rolecall.decision.result import Decision, EvaluationResult, MatchedStatement
from rolecall.iam.simulation.sources import SourcePolicy
from rolecall.language.document import PolicyDocument, PolicyType, Position
from rolecall.language.json_text import LineIndex
from rolecall.names.arn import Arn

Found = TypeVar("Found")

SOURCE_TYPES: dict[PolicyType, str] = {
    PolicyType.PERMISSIONS_BOUNDARY: "Permissions Boundary Policy",
    PolicyType.IDENTITY: "IAM Policy",
    PolicyType.RESOURCE: "Resource Policy",
    PolicyType.TRUST: "Resource Policy",
}
"""AWS's words for types of policies. They are not those of the model's enum. SCPs are never shown."""

_STRICTEST_FIRST = (Decision.EXPLICIT_DENY, Decision.IMPLICIT_DENY, Decision.ALLOWED)


StatementKey = tuple[PolicyType, str, int]
"""The type of a policy, the name under which the engine knows it, and a statement's place in it."""

ShownStatement = Mapping[str, object]


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """The result for one resource, or the aggregate of several, as far as the answer shows it.

    Parameters
    ----------
    statements: the matched statements as the answer shows them, by what tells each from the others.
    missing: condition keys that the policies name and the request did not supply.
    allowed_by_boundary, allowed_by_organizations: None if there is no boundary, or no SCP.
    details: what each type of policy says by itself; None within one account.
    """

    decision: Decision
    statements: Mapping[StatementKey, ShownStatement]
    missing: tuple[str, ...]
    allowed_by_boundary: bool | None
    allowed_by_organizations: bool | None
    details: Mapping[str, Decision] | None


def outcome(
    result: EvaluationResult,
    show: Callable[[MatchedStatement], ShownStatement],
    *,
    is_across_accounts: bool,
    unsupplied_keys: tuple[str, ...],
) -> Outcome:
    """What the answer shows of one result of the engine.

    Parameters: `show`, see `statement_shower`; `unsupplied_keys`, all keys that the policies name and the request did
    not supply.

    Where SCPs forbid, the other policies are not reported. AWS reports missing keys for implicit denies only, and then
    all that the policies name.
    """
    layers = dict(result.layers)
    organizations = _is_allowed(layers.get(PolicyType.SERVICE_CONTROL))
    is_reported = organizations is not False
    matched = _reported_statements(result) if is_reported else ()
    details = {SOURCE_TYPES[kind]: decision for kind, decision in layers.items() if kind in SOURCE_TYPES}
    return Outcome(
        decision=result.decision,
        statements={_key(one): show(one) for one in matched},
        missing=unsupplied_keys if is_reported and result.decision is Decision.IMPLICIT_DENY else (),
        allowed_by_boundary=_is_allowed(layers.get(PolicyType.PERMISSIONS_BOUNDARY)),
        allowed_by_organizations=organizations,
        details=details if is_across_accounts and is_reported else None,
    )


def _is_allowed(decision: Decision | None) -> bool | None:
    return None if decision is None else decision is Decision.ALLOWED


def _reported_statements(result: EvaluationResult) -> Iterable[MatchedStatement]:
    """Those that decided: no implicit deny has any, and what a boundary allows grants nothing."""
    if result.decision is Decision.IMPLICIT_DENY:
        return ()
    hidden = {PolicyType.PERMISSIONS_BOUNDARY} if result.is_allowed else set()
    types = SOURCE_TYPES.keys() - hidden
    return (one for one in result.matched_statements if one.policy_type in types)


def evaluation_result(action: str, resources: Sequence[Arn], outcomes: Sequence[Outcome]) -> dict[str, object]:
    """The answer for one action: the aggregate and, if resources were named, what holds for each.

    Parameters: `outcomes`, one for each of `resources`; a single one if there are none, for `*`.
    """
    total = reduce(_both, outcomes)
    answer: dict[str, object] = {
        "EvalActionName": action,
        "EvalResourceName": _aggregate_name(action, resources),
        "EvalDecision": total.decision,
        "MatchedStatements": list(total.statements.values()),
        "MissingContextValues": total.missing,
        "OrganizationsDecisionDetail": _detail("AllowedByOrganizations", total.allowed_by_organizations),
        "PermissionsBoundaryDecisionDetail": _detail("AllowedByPermissionsBoundary", total.allowed_by_boundary),
    }
    if resources:
        answer["EvalDecisionDetails"] = total.details or {}
        answer["ResourceSpecificResults"] = [
            _resource_result(arn, one) for arn, one in zip(resources, outcomes, strict=True)
        ]
    return answer


def _resource_result(resource: Arn, one: Outcome) -> dict[str, object]:
    return {
        "EvalResourceName": str(resource),
        "EvalResourceDecision": one.decision,
        "MatchedStatements": list(one.statements.values()) or None,
        "MissingContextValues": one.missing or None,
        "EvalDecisionDetails": one.details,
        "PermissionsBoundaryDecisionDetail": _detail("AllowedByPermissionsBoundary", one.allowed_by_boundary),
    }


def _detail(name: str, is_allowed: bool | None) -> dict[str, bool] | None:
    return None if is_allowed is None else {name: is_allowed}


def _aggregate_name(action: str, resources: Sequence[Arn]) -> str:
    """A single resource by its ARN, as AWS answers; several by the ARN format of their type, as it documents."""
    texts = [str(resource) for resource in resources]
    return texts[0] if len(texts) == 1 else (arn_format(action, texts) if texts else None) or "*"


def _both(first: Outcome, second: Outcome) -> Outcome:
    """The aggregate of two: the stricter decision, and the statements and keys of both."""
    return Outcome(
        decision=_stricter(first.decision, second.decision),
        statements={**first.statements, **second.statements},
        missing=tuple(dict.fromkeys((*first.missing, *second.missing))),
        allowed_by_boundary=_merged(first.allowed_by_boundary, second.allowed_by_boundary, bool.__and__),
        allowed_by_organizations=_merged(first.allowed_by_organizations, second.allowed_by_organizations, bool.__and__),
        details=_merged(first.details, second.details, _stricter_details),
    )


def _stricter(first: Decision, second: Decision) -> Decision:
    return min(first, second, key=_STRICTEST_FIRST.index)


def _stricter_details(first: Mapping[str, Decision], second: Mapping[str, Decision]) -> Mapping[str, Decision]:
    return {
        label: _stricter(first.get(label, Decision.ALLOWED), second.get(label, Decision.ALLOWED))
        for label in {**first, **second}
    }


def _merged(first: Found | None, second: Found | None, merge: Callable[[Found, Found], Found]) -> Found | None:
    if first is None or second is None:
        return second if first is None else first
    return merge(first, second)


# Statements and their places


def statement_shower(
    policies: Mapping[tuple[PolicyType, str], SourcePolicy],
) -> Callable[[MatchedStatement], ShownStatement]:
    """What shows matched statements as the answer does. The same statement is worked out once.

    Parameters: `policies`, by type and by the name under which the engine knows them.
    """
    known: dict[StatementKey, ShownStatement] = {}

    def show(one: MatchedStatement) -> ShownStatement:
        key = _key(one)
        if key not in known:
            known[key] = _shown(one, policies[one.policy_type, one.policy])
        return known[key]

    return show


def _key(one: MatchedStatement) -> StatementKey:
    return one.policy_type, one.policy, one.index


def _shown(one: MatchedStatement, policy: SourcePolicy) -> ShownStatement:
    return {
        "SourcePolicyId": policy.source_id,
        "SourcePolicyType": SOURCE_TYPES[one.policy_type],
        "StartPosition": _position(_start(policy.document, one.index)),
        "EndPosition": _position(one.span.end),
    }


def _start(document: PolicyDocument, index: int) -> Position:
    """Where AWS says that a statement begins: where its reader stood before it.

    That is behind the `[` or behind the statement before, white space and comma not yet read; for a `Statement` that is
    no list, behind its `{`.
    """
    if index:
        return document.statements[index - 1].span.end
    text, brace = document.text, document.statements[0].span.start.offset
    before = len(text[:brace].rstrip())
    return LineIndex(text).position(before if text[before - 1] == "[" else brace + 1)


def _position(position: Position) -> dict[str, int]:
    return {"Line": position.line, "Column": position.column}

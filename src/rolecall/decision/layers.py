"""What the policies of one type say by themselves about a request: the layers of a decision.

Which layers are asked, and how their answers combine, is in `evaluate`.
"""

from __future__ import annotations

import msgspec

from rolecall.decision.conditions import absent_keys, keys_that_would_do
from rolecall.decision.matching import PrincipalMatch, names_of
from rolecall.decision.policies import PolicySet
from rolecall.decision.request import AuthorizationRequest
from rolecall.decision.result import ALLOWED, EXPLICIT_DENY, IMPLICIT_DENY, Decision, MatchedStatement
from rolecall.language.document import PolicyType

_UNNAMED = PrincipalMatch.NONE


class Layer(msgspec.Struct, frozen=True):
    """The answer of one layer.

    Parameters
    ----------
    decision: what it says by itself.
    allows, denies: the statements that applied.
    grant: the strongest form in which its Allow statements name the caller.
    missing_keys: condition keys asked for by statements that otherwise applied; some may stand twice.
    asked: the sets of policies that were asked.
    """

    type: PolicyType
    decision: Decision
    allows: tuple[MatchedStatement, ...]
    denies: tuple[MatchedStatement, ...]
    grant: PrincipalMatch
    missing_keys: tuple[str, ...]
    asked: tuple[PolicySet, ...]


def ask(policies: PolicySet, request: AuthorizationRequest, *, is_bounded: bool) -> Layer:
    """Ask one set of policies: any Deny denies, else any Allow allows (evaluation.md §1).

    `is_bounded` tells whether the caller has a permissions boundary.
    """
    context, resource = request.context, request.resource
    allows: list[MatchedStatement] = []
    denies: list[MatchedStatement] = []
    missing: list[str] = []
    grant = _UNNAMED
    for statement in policies.candidates(request.action, resource):
        if not statement.covers(resource, context):
            continue
        named = _UNNAMED
        if statement.principals is not None:
            named = statement.principals.match(names_of(request.principal), statement.reported.effect, is_bounded)
            if named is _UNNAMED:
                continue
        for condition in statement.conditions:
            if not condition.holds(context):
                missing += keys_that_would_do(condition, statement.conditions, context)
                break
        else:
            if statement.has_optional_keys:
                missing += absent_keys(statement.conditions, context)
            if statement.is_deny:
                denies.append(statement.reported)
            else:
                allows.append(statement.reported)
                if named > grant:
                    grant = named
    return Layer(
        policies.type,
        EXPLICIT_DENY if denies else ALLOWED if allows else IMPLICIT_DENY,
        tuple(allows),
        tuple(denies) if denies else (),
        grant,
        tuple(missing) if missing else (),
        (policies,),
    )


def ask_levels(
    policy_type: PolicyType, levels: tuple[PolicySet, ...], request: AuthorizationRequest, *, is_bounded: bool
) -> Layer:
    """Ask each level of an organization: every one has to allow (evaluation.md §9)."""
    answers = [ask(level, request, is_bounded=is_bounded) for level in levels]
    decisions = {answer.decision for answer in answers}
    order = (EXPLICIT_DENY, IMPLICIT_DENY)
    return Layer(
        type=policy_type,
        decision=next((decision for decision in order if decision in decisions), ALLOWED),
        allows=tuple(statement for answer in answers for statement in answer.allows),
        denies=tuple(statement for answer in answers for statement in answer.denies),
        grant=PrincipalMatch.NONE,
        missing_keys=tuple(key for answer in answers for key in answer.missing_keys),
        asked=levels,
    )

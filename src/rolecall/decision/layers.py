"""What the policies of one type say by themselves about a request: the layers of a decision.

Which layers are asked, and how their answers combine, is in `evaluate`.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from rolecall.decision.compile import CompiledStatement, compiled
from rolecall.decision.conditions import are_satisfied
from rolecall.decision.matching import CallerNames, PrincipalMatch, names_of
from rolecall.decision.policies import ApplicablePolicies, AppliedPolicy, PolicySet
from rolecall.decision.request import AuthorizationRequest, RequestContext
from rolecall.decision.result import Decision, MatchedStatement
from rolecall.language.document import Effect, PolicyType
from rolecall.names.arn import Arn


class Question(msgspec.Struct, frozen=True):
    """A request in the form in which statements look at it: `action` is in lower case."""

    caller: CallerNames
    is_bounded: bool
    action: str
    resource: Arn | None
    context: RequestContext


def question_of(request: AuthorizationRequest, policies: ApplicablePolicies) -> Question:
    """Prepare a request for all layers."""
    return Question(
        caller=names_of(request.principal),
        is_bounded=policies.permissions_boundary is not None,
        action=request.action.lower(),
        resource=request.resource,
        context=request.context,
    )


class Layer(msgspec.Struct, frozen=True):
    """The answer of one layer.

    Parameters
    ----------
    decision: what it says by itself.
    allows, denies: the statements that applied.
    grant: the strongest form in which its Allow statements name the caller.
    missing_keys: condition keys asked for by statements that otherwise applied.
    """

    type: PolicyType
    decision: Decision
    allows: tuple[MatchedStatement, ...]
    denies: tuple[MatchedStatement, ...]
    grant: PrincipalMatch
    missing_keys: frozenset[str]


def ask(policy_type: PolicyType, policies: PolicySet, question: Question) -> Layer:
    """Ask one set of policies: any Deny denies, else any Allow allows (evaluation.md §1)."""
    allows: list[MatchedStatement] = []
    denies: list[MatchedStatement] = []
    grant = PrincipalMatch.NONE
    missing: set[str] = set()
    for policy in policies:
        for statement in compiled(policy.document).statements_for(question.action):
            named = _match(statement, question, missing)
            if named is None:
                continue
            (denies if statement.effect is Effect.DENY else allows).append(_matched(policy, policy_type, statement))
            if statement.effect is Effect.ALLOW:
                grant = max(grant, named)
    decision = Decision.EXPLICIT_DENY if denies else Decision.ALLOWED if allows else Decision.IMPLICIT_DENY
    return Layer(policy_type, decision, tuple(allows), tuple(denies), grant, frozenset(missing))


def ask_levels(policy_type: PolicyType, levels: Iterable[PolicySet], question: Question) -> Layer:
    """Ask each level of an organization: every one has to allow (evaluation.md §9)."""
    answers = [ask(policy_type, level, question) for level in levels]
    decisions = {answer.decision for answer in answers}
    order = (Decision.EXPLICIT_DENY, Decision.IMPLICIT_DENY)
    return Layer(
        type=policy_type,
        decision=next((decision for decision in order if decision in decisions), Decision.ALLOWED),
        allows=tuple(statement for answer in answers for statement in answer.allows),
        denies=tuple(statement for answer in answers for statement in answer.denies),
        grant=PrincipalMatch.NONE,
        missing_keys=frozenset(key for answer in answers for key in answer.missing_keys),
    )


def _match(statement: CompiledStatement, question: Question, missing: set[str]) -> PrincipalMatch | None:
    """How a statement that covers the action names the caller; None if it does not apply."""
    named = PrincipalMatch.NONE
    if statement.principals is not None:
        named = statement.principals.match(question.caller, statement.effect, question.is_bounded)
        if named is PrincipalMatch.NONE:
            return None
    if statement.resources is not None and not statement.resources.match(question.resource, question.context):
        return None
    if statement.conditions and not are_satisfied(statement.conditions, question.context, missing):
        return None
    return named


def _matched(policy: AppliedPolicy, policy_type: PolicyType, statement: CompiledStatement) -> MatchedStatement:
    return MatchedStatement(
        policy=policy.name,
        policy_type=policy_type,
        index=statement.index,
        sid=statement.sid,
        effect=statement.effect,
        span=statement.span,
    )

"""What the engine answers, and why. Values only; rendered by `rolecall.decision.explain`."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from rolecall.decision.request import ContextValues
from rolecall.language.document import Effect, PolicyType, SourceSpan


class Decision(StrEnum):
    """AWS's words for the three outcomes."""

    ALLOWED = "allowed"
    EXPLICIT_DENY = "explicitDeny"
    IMPLICIT_DENY = "implicitDeny"


# Looking a member up in an enumeration costs as much as comparing texts, and evaluation does it for each request.
ALLOWED, EXPLICIT_DENY, IMPLICIT_DENY = Decision.ALLOWED, Decision.EXPLICIT_DENY, Decision.IMPLICIT_DENY


class MatchedStatement(msgspec.Struct, frozen=True, kw_only=True):
    """A statement, as results name it. `policy` is the name of its policy, `index` its place in it from 0."""

    policy: str
    policy_type: PolicyType
    index: int
    sid: str
    effect: Effect
    span: SourceSpan


class Block(msgspec.Struct, frozen=True, kw_only=True):
    """One layer that keeps the request from being allowed.

    `explicit` tells a Deny statement from a missing Allow. `statements` are the denying ones.
    """

    policy_type: PolicyType
    explicit: bool
    statements: tuple[MatchedStatement, ...] = ()


class Element(StrEnum):
    """The elements of a statement that a request can fail."""

    PRINCIPAL = "Principal"
    NOT_PRINCIPAL = "NotPrincipal"
    ACTION = "Action"
    NOT_ACTION = "NotAction"
    RESOURCE = "Resource"
    NOT_RESOURCE = "NotResource"
    CONDITION = "Condition"


class FailedCondition(msgspec.Struct, frozen=True, kw_only=True):
    """A condition that did not hold: operator, key and values as the policy writes them, and what the request has.

    `found` is None if the request does not have the key.
    """

    operator: str
    key: str
    wanted: tuple[str, ...]
    found: ContextValues | None


class NearMiss(msgspec.Struct, frozen=True, kw_only=True):
    """A statement in which one element alone failed.

    `wanted` is what that element lists, in the policy's words; of a `Condition` the failed ones are in `conditions`.
    """

    statement: MatchedStatement
    failed: Element
    wanted: tuple[str, ...] = ()
    conditions: tuple[FailedCondition, ...] = ()


class EvaluationResult(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to one request.

    Parameters
    ----------
    decision: the outcome.
    matched_statements: those that decided: the denying ones on an explicit deny, else every Allow that applied.
    blocks: every layer that blocks, explicit denies first, then in AWS's order; empty exactly when allowed. The first
        one is reported.
    layers: for each policy type that was consulted, what it said by itself.
    missing_context_keys: condition keys that a statement otherwise applying asked for and the request did not have.
    near_misses: the statements in which one element alone failed; kept only if evaluation was asked to trace.
    """

    decision: Decision
    matched_statements: tuple[MatchedStatement, ...] = ()
    blocks: tuple[Block, ...] = ()
    layers: tuple[tuple[PolicyType, Decision], ...] = ()
    missing_context_keys: tuple[str, ...] = ()
    near_misses: tuple[NearMiss, ...] = ()

    @property
    def is_allowed(self) -> bool:
        return self.decision is Decision.ALLOWED

"""What the engine answers, and why. Values only; rendered by `rolecall.decision.explain`."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from rolecall.language.document import Effect, PolicyType, SourceSpan


class Decision(StrEnum):
    """AWS's words for the three outcomes."""

    ALLOWED = "allowed"
    EXPLICIT_DENY = "explicitDeny"
    IMPLICIT_DENY = "implicitDeny"


class MatchedStatement(msgspec.Struct, frozen=True, kw_only=True):
    """A statement that applied. `policy` is the name of its policy, `index` its place in it from 0."""

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
    """

    decision: Decision
    matched_statements: tuple[MatchedStatement, ...] = ()
    blocks: tuple[Block, ...] = ()
    layers: tuple[tuple[PolicyType, Decision], ...] = ()
    missing_context_keys: tuple[str, ...] = ()

    @property
    def is_allowed(self) -> bool:
        return self.decision is Decision.ALLOWED

"""Everything that applies to one request, by type. Gathered by `rolecall.state`, or made by hand.

`None` says that a kind of policy does not apply; a set without policies says that it applies and grants nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import msgspec

from rolecall.decision.compile import compiled
from rolecall.decision.index import ActionIndex, AppliedStatement, Statements
from rolecall.decision.result import MatchedStatement
from rolecall.language.document import Effect, PolicyDocument, PolicyType
from rolecall.names.arn import Arn


class AppliedPolicy(msgspec.Struct, frozen=True):
    """A policy and the name under which results report it (an ARN, or the name of an inline policy)."""

    name: str
    document: PolicyDocument


class PolicySet:
    """Policies of one type, compiled and indexed once: a union of Allows, any Deny denies.

    Two sets are equal if their types and policies are. Make a set once and ask it often: its index is what costs.
    """

    __slots__ = ("candidates", "policies", "statements", "type")

    type: PolicyType
    policies: tuple[AppliedPolicy, ...]
    statements: Statements
    candidates: Callable[[str, Arn | None], Statements]
    """The statements that cover an action (in any case) and may cover a resource, in their order."""

    def __init__(self, type: PolicyType, policies: Iterable[AppliedPolicy] = ()) -> None:
        self.type = type
        self.policies = tuple(policies)
        self.statements = tuple(_applied(type, self.policies))
        self.candidates = ActionIndex(self.statements).candidates

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PolicySet) and (self.type, self.policies) == (other.type, other.policies)

    __hash__ = None  # type: ignore[assignment]  # as of any value that would be hashed at the cost of all its texts

    def __repr__(self) -> str:
        return f"PolicySet({self.type!r}, {self.policies!r})"


def _applied(policy_type: PolicyType, policies: tuple[AppliedPolicy, ...]) -> Iterator[AppliedStatement]:
    place = 0
    for policy in policies:
        for statement in compiled(policy.document):
            source = statement.source
            reported = MatchedStatement(
                policy=policy.name,
                policy_type=policy_type,
                index=statement.index,
                sid=source.sid,
                effect=source.effect,
                span=source.span,
            )
            yield AppliedStatement(
                place=place,
                compiled=statement,
                covers=statement.resources.covers,
                principals=statement.principals,
                conditions=statement.conditions,
                is_deny=source.effect is Effect.DENY,
                has_optional_keys=not all(condition.needs_key for condition in statement.conditions),
                reported=reported,
            )
            place += 1


class ApplicablePolicies(msgspec.Struct, frozen=True, kw_only=True):
    """The policies of one request.

    Parameters
    ----------
    identity: identity-based policies of the user or role, those of the user's groups included.
    resource: the resource's own policy, a set of one; None if it has none.
    requires_resource_policy: the resource grants nothing without its own policy. None: roles that are to be assumed
        and KMS keys, as at AWS.
    permissions_boundary: the boundary of the user or role.
    session: the session's policies, inline and managed together; None if none were passed.
    service_control: SCPs, one set for each level from the organization's root down to the account.
    resource_control: RCPs of the resource's account, by level. `RCPFullAWSAccess` is implied.
    vpc_endpoint: the policy of the VPC endpoint through which the request came.
    """

    identity: PolicySet = PolicySet(PolicyType.IDENTITY)
    resource: PolicySet | None = None
    requires_resource_policy: bool | None = None
    permissions_boundary: PolicySet | None = None
    session: PolicySet | None = None
    service_control: tuple[PolicySet, ...] | None = None
    resource_control: tuple[PolicySet, ...] | None = None
    vpc_endpoint: PolicySet | None = None

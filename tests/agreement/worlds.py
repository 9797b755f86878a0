"""Golden cases as worlds: the caller of a case with its policies, and the role that it is to assume, as they would be
stored.

What a world cannot hold is told by `GoldenCase.why_unstored`. The ways to ask are in `ways`; nothing is asked here.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import msgspec
from msgspec.structs import replace

from decision.decision_worlds import policies_of, principal_of, request_of
from rolecall.decision.policies import ApplicablePolicies, PolicySet
from rolecall.decision.principal import AssumedRole, FederatedUser, IamUser, Principal, RootUser
from rolecall.decision.request import AuthorizationRequest, ContextValues, RequestContext
from rolecall.decision.values import parse_instant
from rolecall.language.document import PolicyType
from rolecall.language.principals import rewrite_principals
from rolecall.names.arn import AccountId, Arn
from rolecall.state.caller import Caller, caller_of_session
from rolecall.state.entities import Account, InlinePolicy, ManagedPolicy, PolicyVersion, Role, Tag, User
from rolecall.state.session import Session, SessionKind
from rolecall.state.world import World

Json = dict[str, Any]

NOW = 1_700_000_000
_SESSION_DURATION = 3600

_NOBODY_MAY_ASSUME = '{"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Principal": "*", "Action": "sts:*"}}'
"""For callers' roles, of which no case asks who may assume them."""

_PRINCIPAL_TAG = "aws:principaltag/"
_SESSION_KEYS = frozenset(
    {
        "aws:tokenissuetime",
        "aws:multifactorauthpresent",
        "aws:multifactorauthage",
        "aws:sourceidentity",
        "aws:federatedprovider",
    }
)
"""Keys that only temporary credentials have."""

_CALLERS_KEYS = _SESSION_KEYS | {
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalisawsservice",
    "aws:principaltype",
    "aws:userid",
    "aws:username",
    "aws:viaawsservice",
}
"""Keys that follow from who calls, beside its tags. No call may bring them along."""


class CaseWorld(msgspec.Struct, frozen=True, kw_only=True):
    """A case as it is stored.

    Parameters
    ----------
    caller: who has exactly the policies, tags and session of the case.
    trusting: the role of the case's `trust`; None if it has none.
    given: the condition keys that do not follow from the caller.
    """

    world: World
    caller: Caller
    trusting: Role | None
    given: dict[str, ContextValues]


@dataclass(frozen=True, eq=False)
class GoldenCase:
    """A golden case, read once however often it is asked. `said` is its JSON."""

    said: Json

    @cached_property
    def request(self) -> AuthorizationRequest:
        return request_of(self.said)

    @cached_property
    def policies(self) -> ApplicablePolicies:
        return policies_of(self.said)

    @property
    def resource_account(self) -> AccountId:
        """Whose the resource is: the caller's, unless the case says otherwise. Only for callers of an account."""
        account = self.request.resource_account or self.request.principal.account
        assert account is not None
        return AccountId(account)

    @property
    def why_unstored(self) -> str | None:
        """Why no world can hold the caller and the role of the case; None if one can."""
        principal, boundary = self.request.principal, self.policies.permissions_boundary
        if principal.account is None:
            return "only principals of an account sign requests"
        if principal.arn.partition != "aws":
            return "every account is in the partition `aws`"
        if boundary is not None and len(boundary.policies) != 1:
            return "a boundary is one policy"
        if _holder_of(principal) is None and (self.policies.identity.policies or boundary is not None):
            return "root has no policies"
        return None

    @cached_property
    def stored(self) -> CaseWorld:
        """The world of a case that can be stored. Policies of organizations and of other resources are not in it."""
        principal, policies, context = self.request.principal, self.policies, self.request.context
        tags, given = _tags(context), {key: value for key, value in context.items() if not _is_callers(key)}
        world = World()
        for account in {principal.account, self.resource_account}:
            world = world.put(Account(account=AccountId(account), created_at=NOW))
        holder = _holder(principal, policies.identity, tags)
        if policies.permissions_boundary is not None:
            boundary = _managed_policy(holder.account, policies.permissions_boundary)
            world, holder = world.put(boundary), replace(holder, permissions_boundary=str(boundary.arn))
        trusting = None
        if policies.resource is not None and policies.resource.type is PolicyType.TRUST:
            trusting = _trusting(self.request.resource, policies.resource, holder)
            if holder is not None and holder.id == trusting.id:
                holder = trusting = replace(holder, trust_policy=trusting.trust_policy)
            world = world.put(trusting)
        if holder is not None:
            world = world.put(holder)
        session = _session(principal, policies.session, context, tags if holder is None else ())
        return CaseWorld(world=world, caller=_caller(world, principal, session), trusting=trusting, given=given)


def _is_callers(key: str) -> bool:
    return key in _CALLERS_KEYS or key.startswith(_PRINCIPAL_TAG)


def _tags(context: RequestContext) -> tuple[Tag, ...]:
    """The caller's tags: those of its user or role, or else of its session."""
    return tuple(
        Tag(key.removeprefix(_PRINCIPAL_TAG), value)
        for key, value in context.items()
        if key.startswith(_PRINCIPAL_TAG) and isinstance(value, str)
    )


# Who has the policies


def _holder_of(principal: Principal) -> IamUser | AssumedRole | None:
    """Whose identity-based policies and boundary count: a federated user has those of the user who issued it."""
    match principal:
        case IamUser() | AssumedRole():
            return principal
        case FederatedUser(issuer=IamUser() as issuer):
            return issuer
        case _:
            return None


def _holder(principal: Principal, identity: PolicySet, tags: tuple[Tag, ...]) -> User | Role | None:
    inline = tuple(InlinePolicy(policy.name, policy.document.text) for policy in identity.policies)
    match _holder_of(principal):
        case IamUser(account=account, user_id=user_id, arn=arn):
            user = User(account=account, id=user_id, name=arn.resource_name, path=arn.resource_path, created_at=NOW)
            return replace(user, inline_policies=inline, tags=tags)
        case AssumedRole(role_id=role_id, role_arn=arn):
            role = _role(arn, role_id, _NOBODY_MAY_ASSUME)
            return replace(role, inline_policies=inline, tags=tags)
        case _:
            return None


def _managed_policy(account: AccountId, boundary: PolicySet) -> ManagedPolicy:
    (policy,) = boundary.policies
    return ManagedPolicy(
        account=account,
        id="ANPABOUNDARYXXXXXXXXX",
        name="boundary",
        created_at=NOW,
        updated_at=NOW,
        versions=(PolicyVersion("v1", policy.document.text, NOW),),
        default_version_id="v1",
    )


# The role that is to be assumed


def _trusting(arn: Arn, trust: PolicySet, holder: User | Role | None) -> Role:
    """The role with its trust policy, in which the caller's user or role is named by its id, as in every stored one."""
    in_session = principal_of({"role": str(arn), "session": "any"})
    assert isinstance(in_session, AssumedRole)
    (policy,) = trust.policies
    ids = {} if holder is None else {str(holder.arn): holder.id}
    return _role(arn, in_session.role_id, rewrite_principals(policy.document.text, ids.get))


def _role(arn: Arn, role_id: str, trust_policy: str) -> Role:
    return Role(
        account=AccountId(arn.account),
        id=role_id,
        name=arn.resource_name,
        path=arn.resource_path,
        created_at=NOW,
        trust_policy=trust_policy,
    )


# The credentials


def _caller(world: World, principal: Principal, session: Session | None) -> Caller:
    if session is not None:
        return caller_of_session(world, session)
    assert isinstance(principal, IamUser | RootUser)
    return Caller(principal=principal, access_key_id="AKIAIOSFODNN7EXAMPLE")


def _session(
    principal: Principal, policies: PolicySet | None, context: RequestContext, tags: tuple[Tag, ...]
) -> Session | None:
    """The session of a case; None for long-term keys, which users and root have unless something speaks of a session.

    A session with policies of which none is left, which allows nothing, is one whose managed policy was deleted.
    """
    match principal:
        case AssumedRole(role_id=role_id, session_name=name):
            kind, principal_id = SessionKind.ROLE, role_id
        case FederatedUser(issuer=IamUser(user_id=user_id), name=name):
            kind, principal_id = SessionKind.FEDERATED_USER, user_id
        case FederatedUser(name=name):
            kind, principal_id = SessionKind.FEDERATED_USER, ""
        case _ if policies is None and not _SESSION_KEYS & context.keys():
            return None
        case IamUser(user_id=user_id):
            kind, principal_id, name = SessionKind.USER, user_id, ""
        case _:
            kind, principal_id, name = SessionKind.ROOT, "", ""
    passed = () if policies is None else policies.policies
    deleted = f"arn:aws:iam::{principal.account}:policy/deleted"
    return Session(
        kind=kind,
        account=AccountId(principal.account),
        principal_id=principal_id,
        name=name,
        policies=tuple(policy.document.text for policy in passed),
        policy_arns=(deleted,) if policies is not None and not passed else (),
        tags=tags,
        source_identity=_text(context, "aws:sourceidentity"),
        mfa_at=_mfa_at(context),
        federated_provider=_text(context, "aws:federatedprovider"),
        access_key_id="ASIAIOSFODNN7EXAMPLE",
        secret_access_key="secret",
        issued_at=_issued_at(context),
        expires_at=NOW + _SESSION_DURATION,
    )


def _mfa_at(context: RequestContext) -> int | None:
    """When the device was used: as long ago as the case says, or just now."""
    age = _text(context, "aws:multifactorauthage")
    if age is None and context.get("aws:multifactorauthpresent") != "true":
        return None
    return NOW - int(age) if age is not None and age.isdecimal() else NOW


def _issued_at(context: RequestContext) -> int:
    said = parse_instant(_text(context, "aws:tokenissuetime") or "")
    return NOW if said is None else said // 10**9


def _text(context: RequestContext, key: str) -> str | None:
    value = context.get(key)
    return value if isinstance(value, str) else None

"""What applies to a caller: its policies, and the condition keys that tell who it is (the policy information point).

Always from the world as it is now: a session carries frozen session policies and tags, but its role's own policies are
read anew for each request (evaluation.md §11). Nothing is decided here.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache

from rolecall.catalog.managed_policies import find_aws_managed_policy
from rolecall.decision.policies import ApplicablePolicies, AppliedPolicy
from rolecall.decision.principal import AccountPrincipal, AssumedRole, FederatedUser, IamUser, RootUser
from rolecall.decision.request import ContextValues
from rolecall.language.document import PolicyDocument, PolicyType
from rolecall.language.parser import parse_policy
from rolecall.names.arn import AWS_ACCOUNT, AccountId, parse_arn
from rolecall.state.caller import Caller, caller_id
from rolecall.state.entities import Group, ManagedPolicy, PolicyHolder, Role, Tag, User
from rolecall.state.session import Session
from rolecall.state.world import World


@lru_cache(maxsize=8192)
def parsed(text: str, policy_type: PolicyType, *, published_by_aws: bool = False) -> PolicyDocument:
    """The document of a stored text, remembered.

    It was checked when it was written, so only reading it as another type of policy can fail. Raises `PolicyError`.
    """
    return parse_policy(text, policy_type, published_by_aws=published_by_aws)


def applicable_policies(world: World, caller: Caller) -> ApplicablePolicies:
    """The caller's own policies: identity-based, permissions boundary, session. Root has none."""
    holder = _holder(world, caller.principal)
    session = caller.session
    session_policies = None
    if session is not None and session.is_scoped:
        session_policies = tuple(_session_policies(world, session))
    if holder is None:
        return ApplicablePolicies(session=session_policies)
    boundary = holder.permissions_boundary
    return ApplicablePolicies(
        identity=tuple(_identity_policies(world, holder)),
        permissions_boundary=None
        if boundary is None
        else (_attached(world, holder.account, boundary, PolicyType.PERMISSIONS_BOUNDARY),),
        session=session_policies,
    )


def principal_keys(world: World, caller: Caller, now: int) -> dict[str, ContextValues]:
    """The condition keys that tell who calls. Source: policy-language.md §6, evaluation.md §12."""
    principal, session = caller.principal, caller.session
    keys: dict[str, ContextValues] = {
        "aws:principalaccount": principal.account,
        "aws:principalarn": str(principal.role_arn if isinstance(principal, AssumedRole) else principal.arn),
        "aws:principalisawsservice": "false",
        "aws:userid": caller_id(principal),
        "aws:viaawsservice": "false",
    }
    match principal:
        case RootUser():
            keys["aws:principaltype"] = "Account"
        case IamUser():
            keys["aws:principaltype"] = "User"
            keys["aws:username"] = principal.name
        case AssumedRole():
            keys["aws:principaltype"] = "AssumedRole"
        case FederatedUser():
            keys["aws:principaltype"] = "FederatedUser"
    for tag in principal_tags(world, caller):
        keys[f"aws:principaltag/{tag.key.lower()}"] = tag.value
    if session is not None:
        keys.update(_session_keys(session, now))
    return keys


def principal_tags(world: World, caller: Caller) -> tuple[Tag, ...]:
    """The principal's tags: those of its user or role, overridden by session tags of the same key, case ignored."""
    holder = _holder(world, caller.principal)
    tags = {tag.key.lower(): tag for tag in holder.tags} if holder is not None else {}
    if caller.session is not None:
        tags.update((tag.key.lower(), tag) for tag in caller.session.tags)
    return tuple(tags.values())


@lru_cache(maxsize=1024)
def iso_time(at: int) -> str:
    """A time (whole seconds since the epoch) as policies and answers write it: `2024-01-02T03:04:05Z`."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _session_keys(session: Session, now: int) -> Iterator[tuple[str, ContextValues]]:
    yield "aws:tokenissuetime", iso_time(session.issued_at)
    yield "aws:multifactorauthpresent", "false" if session.mfa_at is None else "true"
    if session.mfa_at is not None:
        yield "aws:multifactorauthage", str(now - session.mfa_at)
    if session.source_identity is not None:
        yield "aws:sourceidentity", session.source_identity
    if session.federated_provider is not None:
        yield "aws:federatedprovider", session.federated_provider


def _holder(world: World, principal: AccountPrincipal) -> User | Role | None:
    """The user or role whose policies the principal has. It exists: a caller is made only of what exists."""
    match principal:
        case IamUser(user_id=user_id):
            return _existing(world.get(User, user_id))
        case AssumedRole(role_id=role_id):
            return _existing(world.get(Role, role_id))
        case FederatedUser(issuer=IamUser(user_id=user_id)):
            return _existing(world.get(User, user_id))
        case _:
            return None


def _existing(holder: User | Role | None) -> User | Role:
    if holder is None:
        raise LookupError("a caller without its user or role")
    return holder


def _identity_policies(world: World, holder: User | Role) -> Iterator[AppliedPolicy]:
    yield from _policies_of(world, holder)
    if isinstance(holder, User):
        for group_id in holder.groups:
            group = world.get(Group, group_id)
            if group is not None:
                yield from _policies_of(world, group)


def _policies_of(world: World, holder: PolicyHolder) -> Iterator[AppliedPolicy]:
    for inline in holder.inline_policies:
        yield AppliedPolicy(inline.name, parsed(inline.document, PolicyType.IDENTITY))
    for arn in holder.attached_policies:
        yield _attached(world, holder.account, arn, PolicyType.IDENTITY)


def _session_policies(world: World, session: Session) -> Iterator[AppliedPolicy]:
    """The session's policies. None at all if a managed one is gone: it may have been the one that denied."""
    managed = [_managed(world, session.account, arn, PolicyType.SESSION) for arn in session.policy_arns]
    found = [policy for policy in managed if policy is not None]
    if len(found) < len(managed):
        return
    for text in session.policies:
        yield AppliedPolicy("session policy", parsed(text, PolicyType.SESSION))
    yield from found


def _attached(world: World, account: AccountId, arn: str, policy_type: PolicyType) -> AppliedPolicy:
    policy = _managed(world, account, arn, policy_type)
    if policy is None:
        raise LookupError(f"`{arn}` is attached but does not exist")
    return policy


def _managed(world: World, account: AccountId, arn: str, policy_type: PolicyType) -> AppliedPolicy | None:
    text = managed_policy_text(world, account, arn)
    if text is None:
        return None
    is_aws = parse_arn(arn).account == AWS_ACCOUNT
    return AppliedPolicy(arn, parsed(text, policy_type, published_by_aws=is_aws))


def managed_policy_text(world: World, account: AccountId, arn: str) -> str | None:
    """The default version's text of a managed policy of `account` or of AWS; None if there is no such policy."""
    parts = parse_arn(arn)
    if parts.account == AWS_ACCOUNT:
        aws = find_aws_managed_policy(arn)
        return aws.document if aws is not None else None
    policy = world.named(ManagedPolicy, account, parts.resource_name)
    return policy.default_version.document if policy is not None and str(policy.arn) == arn else None


def applied_trust_policy(role: Role) -> AppliedPolicy:
    """A role's trust policy, as the resource policy of the role."""
    return AppliedPolicy(str(role.arn), parsed(role.trust_policy, PolicyType.TRUST))

"""What applies to a caller: its policies, and the condition keys that tell who it is (the policy information point).

Always from the world as it is now: a session carries frozen session policies and tags, but its role's own policies are
read anew for each request (evaluation.md §11). Nothing is decided here.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache

from rolecall.decision.policies import ApplicablePolicies
from rolecall.decision.principal import AccountPrincipal, AssumedRole, FederatedUser, IamUser, RootUser
from rolecall.decision.request import ContextValues
from rolecall.names.case import lower_name
from rolecall.state.caller import Caller, caller_id
from rolecall.state.entities import Role, Tag, User
from rolecall.state.policy_sets import holder_policies, session_policy_set
from rolecall.state.session import Session
from rolecall.state.world import World


def applicable_policies(world: World, caller: Caller) -> ApplicablePolicies:
    """The caller's own policies: identity-based, permissions boundary, session. Root has none."""
    holder, session = _holder(world, caller.principal), caller.session
    session_policies = session_policy_set(world, session) if session is not None and session.is_scoped else None
    if holder is None:
        return ApplicablePolicies(session=session_policies)
    policies = holder_policies(world, holder)
    return ApplicablePolicies(
        identity=policies.identity, permissions_boundary=policies.permissions_boundary, session=session_policies
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
        keys[f"aws:principaltag/{lower_name(tag.key)}"] = tag.value
    if session is not None:
        keys.update(_session_keys(session, now))
    return keys


def principal_tags(world: World, caller: Caller) -> tuple[Tag, ...]:
    """The principal's tags: those of its user or role, overridden by session tags of the same key, case ignored."""
    holder = _holder(world, caller.principal)
    tags = {lower_name(tag.key): tag for tag in holder.tags} if holder is not None else {}
    if caller.session is not None:
        tags.update((lower_name(tag.key), tag) for tag in caller.session.tags)
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

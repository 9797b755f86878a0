"""The policies of users, roles and sessions as sets for the decision engine, made once and remembered.

A set is remembered together with the entities it was made of, and used only as long as the world holds those very
entities: an entity is never changed, only replaced. So a change drops just the sets that it touches, at once, and
nobody has to announce it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from operator import is_
from threading import Lock

import msgspec

from rolecall.catalog.managed_policies import AwsManagedPolicy, find_aws_managed_policy
from rolecall.decision.policies import AppliedPolicy, PolicySet
from rolecall.language.document import PolicyDocument, PolicyType
from rolecall.language.parser import parse_policy
from rolecall.names.arn import AWS_ACCOUNT, AccountId, parse_arn
from rolecall.state.entities import Group, ManagedPolicy, PolicyHolder, Role, User
from rolecall.state.session import Session
from rolecall.state.world import World

REMEMBERED_HOLDERS = 4096

Sources = tuple[object, ...]
"""The entities of which something was made, in a fixed order; None for one that was not there."""


class HolderPolicies(msgspec.Struct, frozen=True, kw_only=True):
    """The policies of a user or role: identity-based ones, those of groups included, and the permissions boundary."""

    sources: Sources
    identity: PolicySet
    permissions_boundary: PolicySet | None


_remembered: dict[str, HolderPolicies] = {}
_lock = Lock()


def holder_policies(world: World, holder: User | Role) -> HolderPolicies:
    """The policies of a user or role as they are in `world`."""
    sources = tuple(_sources(world, holder))
    known = _remembered.get(holder.id)
    if known is not None and len(known.sources) == len(sources) and all(map(is_, known.sources, sources)):
        return known
    boundary = holder.permissions_boundary
    kind = PolicyType.PERMISSIONS_BOUNDARY
    fresh = HolderPolicies(
        sources=sources,
        identity=PolicySet(PolicyType.IDENTITY, _identity_policies(world, holder)),
        permissions_boundary=None
        if boundary is None
        else PolicySet(kind, [_attached(world, holder.account, boundary, kind)]),
    )
    with _lock:
        if holder.id not in _remembered and len(_remembered) >= REMEMBERED_HOLDERS:
            del _remembered[next(iter(_remembered))]
        _remembered[holder.id] = fresh
    return fresh


def session_policy_set(world: World, session: Session) -> PolicySet:
    """The policies of a session, inline and managed ones together.

    Empty if a managed one is gone: it may have been the one that denied.
    """
    managed = [find_managed_policy(world, session.account, arn) for arn in session.policy_arns]
    if None in managed:
        return PolicySet(PolicyType.SESSION)
    texts = (("session policy", text, False) for text in session.policies)
    attached = (
        (str(policy.arn), _text_of(policy), isinstance(policy, AwsManagedPolicy))
        for policy in managed
        if policy is not None
    )
    return _session_set((*texts, *attached))


@lru_cache(maxsize=4096)
def _session_set(policies: tuple[tuple[str, str, bool], ...]) -> PolicySet:
    """Parameters: for each policy its name, its text, and whether AWS publishes it."""
    kind = PolicyType.SESSION
    applied = (AppliedPolicy(name, parsed(text, kind, published_by_aws=is_aws)) for name, text, is_aws in policies)
    return PolicySet(kind, applied)


def trust_policy_set(role: Role) -> PolicySet:
    """A role's trust policy, as the resource policy of the role."""
    return _trust_set(str(role.arn), role.trust_policy)


@lru_cache(maxsize=4096)
def _trust_set(name: str, text: str) -> PolicySet:
    return PolicySet(PolicyType.TRUST, [AppliedPolicy(name, parsed(text, PolicyType.TRUST))])


@lru_cache(maxsize=8192)
def parsed(text: str, policy_type: PolicyType, *, published_by_aws: bool = False) -> PolicyDocument:
    """The document of a stored text, remembered.

    It was checked when it was written, so only reading it as another type of policy can fail. Raises `PolicyError`.
    """
    return parse_policy(text, policy_type, published_by_aws=published_by_aws)


def find_managed_policy(world: World, account: AccountId, arn: str) -> AwsManagedPolicy | ManagedPolicy | None:
    """The managed policy of that ARN, one of `account` or of AWS; None if there is no such policy.

    Raises `InvalidArn` if `arn` is none.
    """
    parts = parse_arn(arn)
    if parts.account == AWS_ACCOUNT:
        return find_aws_managed_policy(arn)
    policy = world.named(ManagedPolicy, account, parts.resource_name)
    return policy if policy is not None and policy.arn == parts else None


def managed_policy_text(world: World, account: AccountId, arn: str) -> str | None:
    """The default version's text of a managed policy of `account` or of AWS; None if there is no such policy."""
    policy = find_managed_policy(world, account, arn)
    return None if policy is None else _text_of(policy)


def _text_of(policy: AwsManagedPolicy | ManagedPolicy) -> str:
    return policy.document if isinstance(policy, AwsManagedPolicy) else policy.default_version.document


def _sources(world: World, holder: User | Role) -> Iterator[object]:
    if holder.permissions_boundary is not None:
        yield find_managed_policy(world, holder.account, holder.permissions_boundary)
    for each in (holder, *_groups(world, holder)):
        yield each
        for arn in each.attached_policies:
            yield find_managed_policy(world, holder.account, arn)


def _identity_policies(world: World, holder: User | Role) -> Iterator[AppliedPolicy]:
    for each in (holder, *_groups(world, holder)):
        for inline in each.inline_policies:
            yield AppliedPolicy(inline.name, parsed(inline.document, PolicyType.IDENTITY))
        for arn in each.attached_policies:
            yield _attached(world, holder.account, arn, PolicyType.IDENTITY)


def _groups(world: World, holder: User | Role) -> Iterable[PolicyHolder]:
    groups = (world.get(Group, group_id) for group_id in holder.groups) if isinstance(holder, User) else ()
    return (group for group in groups if group is not None)


def _attached(world: World, account: AccountId, arn: str, policy_type: PolicyType) -> AppliedPolicy:
    policy = find_managed_policy(world, account, arn)
    if policy is None:
        raise LookupError(f"`{arn}` is attached but does not exist")
    is_aws = isinstance(policy, AwsManagedPolicy)
    return AppliedPolicy(arn, parsed(_text_of(policy), policy_type, published_by_aws=is_aws))

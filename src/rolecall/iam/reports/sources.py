"""What last-accessed reports are about: a user, group, role or managed policy by its ARN, and the policies behind it.

Also the permission that asking takes. Source of the errors: AWS's answers recorded in September 2026 (radkawar/stackd,
testdata/aws/iam/last_access.json).
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from rolecall.catalog.managed_policies import AwsManagedPolicy
from rolecall.errors import AccessDenied, InvalidArn, InvalidInput, NoSuchEntity, ValidationError
from rolecall.iam.access import entity_keys, supported
from rolecall.language.document import PolicyDocument, PolicyType
from rolecall.names.arn import AWS_ACCOUNT, Arn, parse_arn
from rolecall.operations.access import AccessCheck
from rolecall.operations.registry import Parameters
from rolecall.operations.transaction import Transaction
from rolecall.state.entities import Group, ManagedPolicy, PolicyHolder, Role, User
from rolecall.state.policy_sets import find_managed_policy, parsed
from rolecall.state.world import World

HOLDERS: dict[str, type[PolicyHolder]] = {kind.arn_kind: kind for kind in (User, Group, Role)}

NOT_SUPPORTED = "Invalid Entity Arn: {arn} is not supported."
NO_ENTITY = "Could not extract entity from ARN : {arn}"

Policy = ManagedPolicy | AwsManagedPolicy


class PermissionsPolicy(msgspec.Struct, frozen=True):
    """A policy that gives permissions. `arn` is None for an inline policy; `holder` has it, or has it attached."""

    name: str
    arn: str | None
    holder: PolicyHolder
    document: PolicyDocument


def on_report_source(tx: Transaction, action: str, parameters: Parameters) -> Iterator[AccessCheck]:
    """On the user, group, role or policy named by `Arn`, under its real ARN: AWS takes one with another path.

    Whoever may not ask learns neither that nor whether it exists: the denial shows the ARN as the caller wrote it.
    """
    text = parameters["arn"]
    resource: Arn | None = None
    entity: PolicyHolder | Policy | None = None
    try:
        resource = parse_arn(text)
        entity = _find(tx, resource)
    except InvalidArn:
        pass  # the operation refuses it in its own words; nothing but `*` covers it
    keys = {} if isinstance(entity, AwsManagedPolicy) else entity_keys(entity)
    yield AccessCheck(
        action=action,
        resource=resource if entity is None else entity.arn,
        shown_resource=text,
        # Another account's entities are refused by the operation, not for want of a permission that none could give.
        resource_account=tx.account,
        context=supported(action, keys),
    )


def find_reported(tx: Transaction, arn: str) -> PolicyHolder | Policy:
    """The user, group, role or managed policy of an ARN; the path of the first three may be another.

    Raises `ValidationError` for what is no ARN of IAM's, `InvalidInput` for that of something else, `AccessDenied` for
    one of another account, `NoSuchEntity` if there is none.
    """
    parts = _own_arn(tx, arn)
    if parts.resource_type not in {*HOLDERS, ManagedPolicy.arn_kind} or "/" not in parts.resource:
        raise InvalidInput(NOT_SUPPORTED.format(arn=arn))
    return _found(_find(tx, parts), arn)


def find_holder(tx: Transaction, arn: str) -> PolicyHolder:
    """The user, group or role of an ARN. Raises as `find_reported`."""
    parts = _own_arn(tx, arn)
    if "/" not in parts.resource:
        raise InvalidInput(NO_ENTITY.format(arn=arn))
    if parts.resource_type not in HOLDERS:
        raise InvalidInput(NOT_SUPPORTED.format(arn=arn))
    found = _found(_find(tx, parts), arn)
    assert isinstance(found, PolicyHolder)  # of that type there is nothing else
    return found


def policies_of(world: World, holder: PolicyHolder) -> Iterator[PermissionsPolicy]:
    """The policies that give a user (its groups' included), a group or a role its permissions."""
    groups = (world.get(Group, group_id) for group_id in holder.groups) if isinstance(holder, User) else ()
    for each in (holder, *(group for group in groups if group is not None)):
        for inline in each.inline_policies:
            yield PermissionsPolicy(inline.name, None, each, parsed(inline.document, PolicyType.IDENTITY))
        for arn in each.attached_policies:
            policy = find_managed_policy(world, holder.account, arn)
            if policy is not None:
                yield PermissionsPolicy(policy.name, arn, each, document_of(policy))


def document_of(policy: Policy) -> PolicyDocument:
    """The document of a managed policy's default version."""
    if isinstance(policy, AwsManagedPolicy):
        return parsed(policy.document, PolicyType.IDENTITY, published_by_aws=True)
    return parsed(policy.default_version.document, PolicyType.IDENTITY)


def users_and_roles(tx: Transaction, reported: PolicyHolder | Policy) -> tuple[str, ...]:
    """The ids of the users and roles whose attempts count: itself, a group's members, or who has a policy."""
    match reported:
        case Group():
            found = {user.id for user in tx.world.members(reported.id)}
        case PolicyHolder():
            found = {reported.id}
        case _:
            found = set(_attached(tx, str(reported.arn)))
    return tuple(sorted(found))


def _attached(tx: Transaction, policy_arn: str) -> Iterator[str]:
    for kind in (User, Role):
        yield from (holder.id for holder in tx.world.attached_to(kind, tx.account, policy_arn))
    for group in tx.world.attached_to(Group, tx.account, policy_arn):
        yield from (user.id for user in tx.world.members(group.id))


def _own_arn(tx: Transaction, arn: str) -> Arn:
    try:
        parts = parse_arn(arn)
    except InvalidArn:
        raise ValidationError("Invalid ARN:  Could not be parsed!") from None
    if parts.service != "iam":
        raise ValidationError("Invalid service in ARN")
    if parts.partition != tx.principal.arn.partition:
        raise ValidationError("Invalid ARN partition")
    if parts.account not in {tx.account, AWS_ACCOUNT}:
        raise AccessDenied(f"User: {tx.principal.arn} is not authorized to perform the operation on {arn}")
    return parts


def _find(tx: Transaction, arn: Arn) -> PolicyHolder | Policy | None:
    if (arn.service, arn.region) != ("iam", ""):
        return None
    if arn.resource_type == ManagedPolicy.arn_kind:
        return find_managed_policy(tx.world, tx.account, str(arn)) if arn.account in {tx.account, AWS_ACCOUNT} else None
    kind = HOLDERS.get(arn.resource_type)
    return None if kind is None or arn.account != tx.account else tx.world.named(kind, tx.account, arn.resource_name)


def _found(entity: PolicyHolder | Policy | None, arn: str) -> PolicyHolder | Policy:
    if entity is None:
        raise NoSuchEntity(f"ARN {arn} does not exist.")
    return entity

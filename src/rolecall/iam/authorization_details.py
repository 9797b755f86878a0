"""GetAccountAuthorizationDetails: every user, group, role and policy of the account, with all that they are granted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from functools import partial
from typing import assert_never

from rolecall.catalog.managed_policies import AwsManagedPolicy, find_aws_managed_policy
from rolecall.iam.answers import attached_boundary, attached_policies, inline_policies, tag_list
from rolecall.iam.answers_of_instance_profiles import listed_instance_profile
from rolecall.iam.answers_of_policies import listed_policy, versions_of, whole_version
from rolecall.iam.answers_of_roles import role_in_profile, role_last_used
from rolecall.iam.answers_of_users import group_shape
from rolecall.iam.groups import groups_of
from rolecall.iam.paging import cut
from rolecall.iam.registry import operation
from rolecall.operations.registry import Answer, on_account
from rolecall.operations.transaction import Transaction
from rolecall.state.entities import Group, ManagedPolicy, PolicyHolder, Role, User

Item = User | Group | Role | ManagedPolicy | AwsManagedPolicy


class EntityType(StrEnum):
    """What the answer can be limited to: the model's `EntityType`."""

    USER = "User"
    ROLE = "Role"
    GROUP = "Group"
    LOCAL_MANAGED_POLICY = "LocalManagedPolicy"
    AWS_MANAGED_POLICY = "AWSManagedPolicy"


@operation("GetAccountAuthorizationDetails", access=on_account)
def get_account_authorization_details(
    tx: Transaction,
    *,
    filter: Sequence[str] | None = None,
    marker: str | None = None,
    max_items: int | None = None,
) -> Answer:
    """List what the account has, one page over all kinds together. `filter` names the kinds wanted; none means all."""
    wanted = set(filter or EntityType)
    items = (item for kind in EntityType if kind in wanted for item in _ITEMS[kind](tx))
    shown, truncation = cut(
        items, order=lambda item: str(item.arn), weigh=partial(_weight, tx), marker=marker, max_items=max_items
    )
    details: dict[str, list[dict[str, object]]] = {
        "UserDetailList": [],
        "GroupDetailList": [],
        "RoleDetailList": [],
        "Policies": [],
    }
    for item in shown:
        match item:
            case User():
                details["UserDetailList"].append(_user_detail(tx, item))
            case Group():
                details["GroupDetailList"].append(_group_detail(item))
            case Role():
                details["RoleDetailList"].append(_role_detail(tx, item))
            case ManagedPolicy() | AwsManagedPolicy():
                details["Policies"].append(_policy_detail(tx, item))
            case _:
                assert_never(item)
    return {**details, **truncation}


def _used_aws_policies(tx: Transaction) -> Iterator[AwsManagedPolicy]:
    """Those of AWS's policies that the account uses, attached or as boundaries."""
    kinds: tuple[type[PolicyHolder], ...] = (User, Group, Role)
    holders = [holder for kind in kinds for holder in tx.world.owned(kind, tx.account)]
    used = {arn for holder in holders for arn in holder.attached_policies}
    used |= {arn for holder in holders if isinstance(holder, User | Role) and (arn := holder.permissions_boundary)}
    found = (find_aws_managed_policy(arn) for arn in used)
    return (policy for policy in found if policy is not None)


_ITEMS: dict[EntityType, Callable[[Transaction], Iterator[Item]]] = {
    EntityType.USER: lambda tx: iter(tx.world.owned(User, tx.account)),
    EntityType.GROUP: lambda tx: iter(tx.world.owned(Group, tx.account)),
    EntityType.ROLE: lambda tx: iter(tx.world.owned(Role, tx.account)),
    EntityType.LOCAL_MANAGED_POLICY: lambda tx: iter(tx.world.owned(ManagedPolicy, tx.account)),
    EntityType.AWS_MANAGED_POLICY: _used_aws_policies,
}


def _weight(tx: Transaction, item: Item) -> int:
    """How many characters of policy text an item shows."""
    if isinstance(item, ManagedPolicy | AwsManagedPolicy):
        return sum(len(version.document) for version in versions_of(item))
    weight = sum(len(policy.document) for policy in item.inline_policies)
    if isinstance(item, Role):
        # Each of its instance profiles shows the role once more.
        weight += len(item.trust_policy) * (1 + len(tx.world.profiles_of_role(item.id)))
    return weight


def _user_detail(tx: Transaction, user: User) -> dict[str, object]:
    return {
        "Path": user.path,
        "UserName": user.name,
        "UserId": user.id,
        "Arn": str(user.arn),
        "CreateDate": user.created_at,
        "UserPolicyList": inline_policies(user),
        "GroupList": sorted(group.name for group in groups_of(tx, user)),
        "AttachedManagedPolicies": attached_policies(user),
        "PermissionsBoundary": attached_boundary(user.permissions_boundary),
        "Tags": tag_list(user.tags),
    }


def _group_detail(group: Group) -> dict[str, object]:
    return {
        **group_shape(group),
        "GroupPolicyList": inline_policies(group),
        "AttachedManagedPolicies": attached_policies(group),
    }


def _role_detail(tx: Transaction, role: Role) -> dict[str, object]:
    profiles = sorted(tx.world.profiles_of_role(role.id), key=lambda profile: profile.name)
    return {
        **role_in_profile(tx, role),
        "InstanceProfileList": [listed_instance_profile(tx, profile) for profile in profiles],
        "RolePolicyList": inline_policies(role),
        "AttachedManagedPolicies": attached_policies(role),
        "PermissionsBoundary": attached_boundary(role.permissions_boundary),
        "Tags": tag_list(role.tags),
        "RoleLastUsed": role_last_used(tx, role),
    }


def _policy_detail(tx: Transaction, policy: ManagedPolicy | AwsManagedPolicy) -> dict[str, object]:
    description = policy.description if isinstance(policy, ManagedPolicy) else ""
    return {
        **listed_policy(tx, policy),
        "Description": description or None,
        "PolicyVersionList": [whole_version(policy, version) for version in reversed(versions_of(policy))],
    }

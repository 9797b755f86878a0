"""GetAccountAuthorizationDetails: every user, group, role and policy of the account, with all that they are granted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import assert_never

from rolecall.catalog.managed_policies import AwsManagedPolicy, find_aws_managed_policy
from rolecall.errors import ValidationError
from rolecall.iam.answers import attached_boundary, attached_policies, inline_policies, tag_list
from rolecall.iam.answers_of_instance_profiles import listed_instance_profile
from rolecall.iam.answers_of_policies import listed_policy, versions_of, whole_version
from rolecall.iam.answers_of_roles import role_in_profile, role_last_used
from rolecall.iam.answers_of_users import group_shape
from rolecall.iam.groups import groups_of
from rolecall.iam.paging import cut, read_marker
from rolecall.iam.policy_lookup import used_policy_arns
from rolecall.iam.registry import operation
from rolecall.operations.registry import Answer, on_account
from rolecall.operations.transaction import Transaction
from rolecall.state.entities import Group, ManagedPolicy, Role, User

Item = User | Group | Role | ManagedPolicy | AwsManagedPolicy


class EntityType(StrEnum):
    """What the answer can be limited to: the model's `EntityType`, in the order in which AWS lists them."""

    USER = "User"
    ROLE = "Role"
    GROUP = "Group"
    LOCAL_MANAGED_POLICY = "LocalManagedPolicy"
    AWS_MANAGED_POLICY = "AWSManagedPolicy"


@operation("GetAccountAuthorizationDetails", access=on_account, is_slow=True)
def get_account_authorization_details(
    tx: Transaction,
    *,
    filter: Sequence[str] | None = None,
    marker: str | None = None,
    max_items: int | None = None,
) -> Answer:
    """List what the account has, one page over all kinds together. `filter` names the kinds wanted; none means all.

    Users come first, then roles, groups and policies; a marker goes on with the kinds that it was given out for. Both
    are recorded from AWS: radkawar/stackd, account_reporting.json.
    """
    wanted = [kind for kind in EntityType if kind in set(filter or EntityType)]
    places = {kind: _section(wanted, kind) for kind in wanted}
    if marker is not None:
        _check_marker(marker, places)
    shown, truncation = cut(
        ((places[kind], item) for kind in wanted for item in _ITEMS[kind](tx)),
        order=lambda entry: f"{entry[0]}{entry[1].arn}",
        weigh=lambda entry: _weight(tx, entry[1]),
        marker=marker,
        max_items=max_items,
    )
    details: dict[str, list[dict[str, object]]] = {
        "UserDetailList": [],
        "GroupDetailList": [],
        "RoleDetailList": [],
        "Policies": [],
    }
    for _, item in shown:
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


def _section(wanted: Sequence[EntityType], kind: EntityType) -> str:
    """Where a kind stands in a list of the wanted ones: which these are, and its place among all."""
    places = {each: place for place, each in enumerate(EntityType)}
    return f"{''.join(str(places[each]) for each in wanted)}.{places[kind]} "


def _check_marker(marker: str, places: Mapping[EntityType, str]) -> None:
    """Raise `ValidationError` if the marker was given out for other kinds."""
    try:
        section = read_marker(marker).partition(" ")[0]
    except ValidationError:
        section = ""
    if f"{section} " in places.values():
        return
    if section[-1:] in {place[-2] for place in places.values()}:
        raise ValidationError("Invalid Marker.")
    raise ValidationError("Marker and Filter do not match")


def _used_aws_policies(tx: Transaction) -> Iterator[AwsManagedPolicy]:
    """Those of AWS's policies that the account uses, attached or as boundaries."""
    found = (find_aws_managed_policy(arn) for arn in used_policy_arns(tx))
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
        # Alone of its like, this one is left out if it is empty.
        "UserPolicyList": inline_policies(user) or None,
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
    return {
        **listed_policy(tx, policy),
        "PolicyVersionList": [whole_version(policy, version) for version in reversed(versions_of(policy))],
    }

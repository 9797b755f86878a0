"""Instance profiles: what carries a role to an EC2 instance. Each holds one role at most (identities.md §9)."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from operator import attrgetter

from msgspec.structs import replace

from rolecall.errors import DeleteConflict, EntityAlreadyExists, NoSuchEntity
from rolecall.iam.access import all_of, on_instance_profile, on_list, on_new, on_role, pass_role
from rolecall.iam.answers_of_instance_profiles import (
    created_instance_profile,
    listed_instance_profile,
    whole_instance_profile,
)
from rolecall.iam.find import find_instance_profile, find_role
from rolecall.iam.paging import page
from rolecall.iam.protected import modifiable
from rolecall.iam.quotas import INSTANCE_PROFILES, ROLES_PER_INSTANCE_PROFILE
from rolecall.iam.registry import operation
from rolecall.iam.tags import TagParameters, new_tags
from rolecall.names.ids import IdPrefix
from rolecall.operations.registry import Answer
from rolecall.operations.transaction import Transaction
from rolecall.state.entities import InstanceProfile, Role


@operation("CreateInstanceProfile", access=on_new(InstanceProfile, name="instance_profile_name"), writes=True)
def create_instance_profile(
    tx: Transaction, *, instance_profile_name: str, path: str = "/", tags: TagParameters | None = None
) -> Answer:
    """Make an instance profile without a role."""
    profile_tags = new_tags(InstanceProfile, tags)
    if tx.world.named(InstanceProfile, tx.account, instance_profile_name) is not None:
        raise EntityAlreadyExists(f"Instance Profile {instance_profile_name} already exists.")
    INSTANCE_PROFILES.check(tx.world.count(InstanceProfile, tx.account) + 1)
    profile = InstanceProfile(
        account=tx.account,
        id=tx.new_id(IdPrefix.INSTANCE_PROFILE),
        name=instance_profile_name,
        path=path,
        created_at=tx.now,
        tags=profile_tags,
    )
    tx.put(profile)
    return {"InstanceProfile": created_instance_profile(tx, profile)}


@operation("GetInstanceProfile", access=on_instance_profile)
def get_instance_profile(tx: Transaction, *, instance_profile_name: str) -> Answer:
    """Show an instance profile."""
    return {"InstanceProfile": whole_instance_profile(tx, find_instance_profile(tx, instance_profile_name))}


@operation("ListInstanceProfiles", access=on_list(InstanceProfile))
def list_instance_profiles(
    tx: Transaction, *, path_prefix: str = "/", marker: str | None = None, max_items: int | None = None
) -> Answer:
    """List the account's instance profiles below a path."""
    owned = tx.world.owned(InstanceProfile, tx.account)
    return _page(tx, (profile for profile in owned if profile.path.startswith(path_prefix)), marker, max_items)


@operation("ListInstanceProfilesForRole", access=on_role)
def list_instance_profiles_for_role(
    tx: Transaction, *, role_name: str, marker: str | None = None, max_items: int | None = None
) -> Answer:
    """List the instance profiles that hold a role."""
    return _page(tx, tx.world.profiles_of_role(find_role(tx, role_name).id), marker, max_items)


@operation("AddRoleToInstanceProfile", access=all_of(on_instance_profile, pass_role), writes=True)
def add_role_to_instance_profile(tx: Transaction, *, instance_profile_name: str, role_name: str) -> Answer:
    """Put a role into an instance profile that holds none. The caller passes the role to EC2, hence `iam:PassRole`."""
    profile = find_instance_profile(tx, instance_profile_name)
    role = modifiable(find_role(tx, role_name))
    ROLES_PER_INSTANCE_PROFILE.check(1 if profile.role_id is None else 2)
    tx.put(replace(profile, role_id=role.id))
    return None


@operation("RemoveRoleFromInstanceProfile", access=on_instance_profile, writes=True)
def remove_role_from_instance_profile(tx: Transaction, *, instance_profile_name: str, role_name: str) -> Answer:
    """Take the role out of an instance profile."""
    profile = find_instance_profile(tx, instance_profile_name)
    role = modifiable(find_role(tx, role_name))
    if profile.role_id != role.id:
        raise NoSuchEntity(f"Role {role.name} in Instance Profile {profile.name} cannot be found.")
    tx.put(replace(profile, role_id=None))
    return None


@operation("DeleteInstanceProfile", access=on_instance_profile, writes=True)
def delete_instance_profile(tx: Transaction, *, instance_profile_name: str) -> Answer:
    """Delete an instance profile that holds no role."""
    profile = find_instance_profile(tx, instance_profile_name)
    if profile.role_id is not None:
        raise DeleteConflict("Cannot delete entity, must remove roles from instance profile first.")
    tx.delete(profile)
    return None


def _page(
    tx: Transaction, profiles: Iterable[InstanceProfile], marker: str | None, max_items: int | None
) -> dict[str, object]:
    return page(
        profiles,
        order=attrgetter("name"),
        member="InstanceProfiles",
        render=lambda profile: listed_instance_profile(tx, profile),
        weigh=partial(_weight, tx),
        marker=marker,
        max_items=max_items,
    )


def _weight(tx: Transaction, profile: InstanceProfile) -> int:
    role = tx.world.get(Role, profile.role_id) if profile.role_id is not None else None
    return len(role.trust_policy) if role is not None else 0

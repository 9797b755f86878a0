"""Groups and who is in them. A group is no principal: it only hands its policies to its users."""

from __future__ import annotations

from msgspec.structs import replace

from rolecall.errors import DeleteConflict
from rolecall.iam.access import on_group, on_list, on_new, on_renamed, on_user
from rolecall.iam.answers_of_users import group_shape, listed_user
from rolecall.iam.deletion import check_without_policies
from rolecall.iam.find import check_name_is_free, find_group, find_user
from rolecall.iam.paging import page
from rolecall.iam.protected import check_path
from rolecall.iam.quotas import GROUPS, GROUPS_PER_USER
from rolecall.iam.registry import operation
from rolecall.names.ids import IdPrefix
from rolecall.operations.registry import Answer
from rolecall.operations.transaction import Transaction
from rolecall.state.entities import Group, User


@operation("CreateGroup", access=on_new(Group, name="group_name"), writes=True)
def create_group(tx: Transaction, *, group_name: str, path: str = "/") -> Answer:
    """Make a group, without users and policies."""
    check_path(path)
    check_name_is_free(tx, Group, group_name)
    GROUPS.check(tx.world.count(Group, tx.account) + 1)
    group = Group(account=tx.account, id=tx.new_id(IdPrefix.GROUP), name=group_name, path=path, created_at=tx.now)
    tx.put(group)
    return {"Group": group_shape(group)}


@operation("GetGroup", access=on_group)
def get_group(tx: Transaction, *, group_name: str, marker: str | None = None, max_items: int | None = None) -> Answer:
    """Tell about a group and list its users, by name."""
    group = find_group(tx, group_name)
    users = page(
        tx.world.members(group.id),
        order=lambda user: user.name,
        member="Users",
        render=listed_user,
        marker=marker,
        max_items=max_items,
    )
    return {"Group": group_shape(group), **users}


@operation("UpdateGroup", access=on_renamed(Group, name="group_name", new_name="new_group_name"), writes=True)
def update_group(
    tx: Transaction, *, group_name: str, new_path: str | None = None, new_group_name: str | None = None
) -> Answer:
    """Give a group another name or path. Its users and policies stay."""
    group = find_group(tx, group_name)
    if new_path is not None:
        check_path(new_path)
    if new_group_name is not None:
        check_name_is_free(tx, Group, new_group_name, but_for=group)
    tx.put(replace(group, name=new_group_name or group.name, path=new_path or group.path))
    return None


@operation("DeleteGroup", access=on_group, writes=True)
def delete_group(tx: Transaction, *, group_name: str) -> Answer:
    """Delete a group that has neither users nor policies. Order and messages: identities.md §6."""
    group = find_group(tx, group_name)
    if tx.world.members(group.id):
        raise DeleteConflict("Cannot delete entity, must remove users from group first.")
    check_without_policies(group)
    tx.delete(group)
    return None


@operation("ListGroups", access=on_list(Group))
def list_groups(
    tx: Transaction, *, path_prefix: str = "/", marker: str | None = None, max_items: int | None = None
) -> Answer:
    """List the account's groups under a path, by name."""
    return page(
        (group for group in tx.world.owned(Group, tx.account) if group.path.startswith(path_prefix)),
        order=lambda group: group.name,
        member="Groups",
        render=group_shape,
        marker=marker,
        max_items=max_items,
    )


@operation("AddUserToGroup", access=on_group, writes=True)
def add_user_to_group(tx: Transaction, *, group_name: str, user_name: str) -> Answer:
    """Put a user into a group. Nothing happens if it is in it already."""
    user = find_user(tx, user_name)
    group = find_group(tx, group_name)
    if group.id in user.groups:
        return None
    GROUPS_PER_USER.check(len(user.groups) + 1)
    tx.put(replace(user, groups=(*user.groups, group.id)))
    return None


@operation("RemoveUserFromGroup", access=on_group, writes=True)
def remove_user_from_group(tx: Transaction, *, group_name: str, user_name: str) -> Answer:
    """Take a user out of a group. Nothing happens if it is not in it.

    If neither is there, it is the user that is missed (recorded: localstack/localstack, test_iam_groups.snapshot.json).
    """
    user = find_user(tx, user_name)
    group = find_group(tx, group_name)
    if group.id in user.groups:
        remaining = tuple(group_id for group_id in user.groups if group_id != group.id)
        tx.put(replace(user, groups=remaining))
    return None


@operation("ListGroupsForUser", access=on_user)
def list_groups_for_user(
    tx: Transaction, *, user_name: str, marker: str | None = None, max_items: int | None = None
) -> Answer:
    """List the groups that a user is in, by name."""
    user = find_user(tx, user_name)
    return page(
        groups_of(tx, user),
        order=lambda group: group.name,
        member="Groups",
        render=group_shape,
        marker=marker,
        max_items=max_items,
    )


def groups_of(tx: Transaction, user: User) -> tuple[Group, ...]:
    """The groups that a user is in."""
    found = (tx.world.get(Group, group_id) for group_id in user.groups)
    return tuple(group for group in found if group is not None)

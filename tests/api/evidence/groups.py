"""Evidence for groups and their members."""

from __future__ import annotations

from api.evidence.families import Caller, ErrorCase, Family, never
from rolecall.iam.quotas import GROUPS, GROUPS_PER_USER
from rolecall.names.arn import AccountId
from rolecall.state.entities import Group


def tour(caller: Caller) -> None:
    iam = caller.iam
    iam.create_user(UserName="ann")
    iam.create_group(GroupName="staff")
    iam.add_user_to_group(GroupName="staff", UserName="ann")
    assert [user["UserName"] for user in iam.get_group(GroupName="staff")["Users"]] == ["ann"]
    iam.update_group(GroupName="staff", NewGroupName="people")
    assert [group["GroupName"] for group in iam.list_groups_for_user(UserName="ann")["Groups"]] == ["people"]
    iam.remove_user_from_group(GroupName="people", UserName="ann")
    assert [group["GroupName"] for group in iam.list_groups()["Groups"]] == ["people"]
    iam.delete_group(GroupName="people")


def make_one_group_too_many(caller: Caller) -> None:
    caller.put(*groups(caller, GROUPS.limit))
    caller.iam.create_group(GroupName="one-more")


def groups(caller: Caller, number: int) -> list[Group]:
    return [
        Group(account=AccountId(caller.account_id), id=f"AGPA{caller.account_id}{n:05}", name=f"group{n}", created_at=0)
        for n in range(number)
    ]


def make_a_group_twice(caller: Caller) -> None:
    caller.iam.create_group(GroupName="staff")
    caller.iam.create_group(GroupName="Staff")


def take_the_name_of_another_group(caller: Caller) -> None:
    for name in ("staff", "people"):
        caller.iam.create_group(GroupName=name)
    caller.iam.update_group(GroupName="staff", NewGroupName="People")


def delete_a_group_that_has_a_member(caller: Caller) -> None:
    caller.iam.create_user(UserName="ann")
    caller.iam.create_group(GroupName="staff")
    caller.iam.add_user_to_group(GroupName="staff", UserName="ann")
    caller.iam.delete_group(GroupName="staff")


def join_one_group_too_many(caller: Caller) -> None:
    caller.iam.create_user(UserName="ann")
    for group in groups(caller, GROUPS_PER_USER.limit + 1):
        caller.put(group)
        caller.iam.add_user_to_group(GroupName=group.name, UserName="ann")


FAMILY = Family(
    operations=frozenset(
        {
            "CreateGroup",
            "GetGroup",
            "UpdateGroup",
            "DeleteGroup",
            "ListGroups",
            "AddUserToGroup",
            "RemoveUserFromGroup",
            "ListGroupsForUser",
        }
    ),
    tour=tour,
    errors=(
        ErrorCase("CreateGroup", "LimitExceeded", make_one_group_too_many),
        ErrorCase("CreateGroup", "EntityAlreadyExists", make_a_group_twice),
        ErrorCase("GetGroup", "NoSuchEntity", lambda caller: caller.iam.get_group(GroupName="none")),
        ErrorCase("UpdateGroup", "NoSuchEntity", lambda caller: caller.iam.update_group(GroupName="none")),
        ErrorCase("UpdateGroup", "EntityAlreadyExists", take_the_name_of_another_group),
        ErrorCase("DeleteGroup", "NoSuchEntity", lambda caller: caller.iam.delete_group(GroupName="none")),
        ErrorCase("DeleteGroup", "DeleteConflict", delete_a_group_that_has_a_member),
        ErrorCase(
            "AddUserToGroup",
            "NoSuchEntity",
            lambda caller: caller.iam.add_user_to_group(GroupName="none", UserName="nobody"),
        ),
        ErrorCase("AddUserToGroup", "LimitExceeded", join_one_group_too_many),
        ErrorCase(
            "RemoveUserFromGroup",
            "NoSuchEntity",
            lambda caller: caller.iam.remove_user_from_group(GroupName="none", UserName="nobody"),
        ),
        ErrorCase(
            "ListGroupsForUser", "NoSuchEntity", lambda caller: caller.iam.list_groups_for_user(UserName="nobody")
        ),
    ),
    unreachable={
        ("CreateGroup", "NoSuchEntity"): "a new group refers to nothing",
        **never("LimitExceeded", "it uses nothing up", "UpdateGroup", "DeleteGroup", "RemoveUserFromGroup"),
    },
)

"""Groups and membership: CreateGroup to ListGroups, AddUserToGroup, RemoveUserFromGroup, ListGroupsForUser."""

from __future__ import annotations

import pytest

from iam.harness import NOW, Iam
from rolecall.errors import InvalidInput, LimitExceeded, NoSuchEntity
from rolecall.iam import groups
from rolecall.iam.quotas import Quota


def members(iam: Iam, group: str) -> list[str]:
    return [user["UserName"] for user in iam("GetGroup", group_name=group)["Users"]]


def test_a_new_group_is_told_and_has_no_users(iam: Iam) -> None:
    made = iam("CreateGroup", group_name="devs", path="/staff/")["Group"]
    assert made["GroupId"].startswith("AGPA")
    assert made | {"GroupId": None} == {
        "Path": "/staff/",
        "GroupName": "devs",
        "GroupId": None,
        "Arn": "arn:aws:iam::123456789012:group/staff/devs",
        "CreateDate": NOW,
    }
    assert iam("GetGroup", group_name="DEVS") == {"Group": made, "Users": [], "IsTruncated": False}


def test_a_user_joins_and_leaves_a_group(iam: Iam) -> None:
    iam("CreateGroup", group_name="devs")
    iam("CreateUser", user_name="bob")
    iam("AddUserToGroup", group_name="devs", user_name="bob")
    assert members(iam, "devs") == ["bob"]
    assert [group["GroupName"] for group in iam("ListGroupsForUser", user_name="bob")["Groups"]] == ["devs"]
    iam("RemoveUserFromGroup", group_name="devs", user_name="bob")
    assert members(iam, "devs") == []
    assert iam("ListGroupsForUser", user_name="bob")["Groups"] == []


def test_joining_twice_and_leaving_twice_are_no_errors(iam: Iam) -> None:
    iam("CreateGroup", group_name="devs")
    iam("CreateUser", user_name="bob")
    for _ in range(2):
        iam("AddUserToGroup", group_name="devs", user_name="bob")
    assert members(iam, "devs") == ["bob"]
    for _ in range(2):
        iam("RemoveUserFromGroup", group_name="devs", user_name="bob")
    assert members(iam, "devs") == []


def test_the_users_of_a_group_come_in_pages(iam: Iam) -> None:
    iam("CreateGroup", group_name="devs")
    for name in ("c", "a", "b"):
        iam("CreateUser", user_name=name)
        iam("AddUserToGroup", group_name="devs", user_name=name)
    first = iam("GetGroup", group_name="devs", max_items=2)
    rest = iam("GetGroup", group_name="devs", marker=first["Marker"])
    assert [user["UserName"] for user in [*first["Users"], *rest["Users"]]] == ["a", "b", "c"]
    assert first["Group"] == rest["Group"]


def test_a_renamed_group_keeps_its_id_and_its_users(iam: Iam) -> None:
    made = iam("CreateGroup", group_name="devs", path="/staff/")["Group"]
    iam("CreateUser", user_name="bob")
    iam("AddUserToGroup", group_name="devs", user_name="bob")
    iam("UpdateGroup", group_name="devs", new_group_name="ops")
    renamed = iam("GetGroup", group_name="ops")
    assert renamed["Group"]["GroupId"] == made["GroupId"]
    assert renamed["Group"]["Arn"].endswith(":group/staff/ops")
    assert [user["UserName"] for user in renamed["Users"]] == ["bob"]
    with pytest.raises(NoSuchEntity):
        iam("GetGroup", group_name="devs")


def test_a_moved_group_keeps_its_name(iam: Iam) -> None:
    iam("CreateGroup", group_name="devs")
    iam("UpdateGroup", group_name="devs", new_path="/staff/")
    assert iam("GetGroup", group_name="devs")["Group"]["Path"] == "/staff/"
    with pytest.raises(InvalidInput):
        iam("UpdateGroup", group_name="devs", new_path="/aws-reserved/")


def test_groups_are_listed_by_name_and_by_path(iam: Iam) -> None:
    for name, path in [("ops", "/"), ("devs", "/staff/")]:
        iam("CreateGroup", group_name=name, path=path)
    assert [group["GroupName"] for group in iam("ListGroups")["Groups"]] == ["devs", "ops"]
    assert [group["GroupName"] for group in iam("ListGroups", path_prefix="/staff/")["Groups"]] == ["devs"]


def test_a_group_made_anew_has_none_of_the_old_users(iam: Iam) -> None:
    iam("CreateGroup", group_name="devs")
    iam("DeleteGroup", group_name="devs")
    assert iam("ListGroups")["Groups"] == []
    iam("CreateGroup", group_name="devs")
    assert members(iam, "devs") == []


def test_a_user_and_a_group_may_have_the_same_name(iam: Iam) -> None:
    iam("CreateUser", user_name="ops")
    iam("CreateGroup", group_name="ops")
    assert members(iam, "ops") == []


def test_the_number_of_groups_is_limited(iam: Iam, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(groups, "GROUPS", Quota("GroupsPerAccount", 1))
    iam("CreateGroup", group_name="devs")
    with pytest.raises(LimitExceeded, match=r"^Cannot exceed quota for GroupsPerAccount: 1$"):
        iam("CreateGroup", group_name="ops")

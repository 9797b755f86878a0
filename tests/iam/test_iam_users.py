"""CreateUser, GetUser, UpdateUser, DeleteUser, ListUsers."""

from __future__ import annotations

import pytest

from iam.harness import NOW, Iam, Server
from rolecall.errors import InvalidInput, LimitExceeded, NoSuchEntity, ValidationError
from rolecall.iam import users
from rolecall.iam.quotas import Quota
from rolecall.state.entities import User

ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"


def names(answer: dict) -> list[str]:
    return [user["UserName"] for user in answer["Users"]]


def test_a_new_user_is_told_with_all_it_was_given(iam: Iam) -> None:
    made = iam(
        "CreateUser",
        user_name="bob",
        path="/staff/",
        permissions_boundary=ADMINISTRATOR,
        tags=({"key": "Team", "value": "red"},),
    )["User"]
    assert made["UserId"].startswith("AIDA")
    assert made | {"UserId": None} == {
        "Path": "/staff/",
        "UserName": "bob",
        "UserId": None,
        "Arn": "arn:aws:iam::123456789012:user/staff/bob",
        "CreateDate": NOW,
        "PasswordLastUsed": None,
        "PermissionsBoundary": {
            "PermissionsBoundaryType": "Policy",
            "PermissionsBoundaryArn": ADMINISTRATOR,
        },
        "Tags": [{"Key": "Team", "Value": "red"}],
    }
    assert iam("GetUser", user_name="bob")["User"] == made


def test_a_user_without_tags_and_boundary_shows_neither(iam: Iam) -> None:
    made = iam("CreateUser", user_name="bob")["User"]
    assert made["Tags"] is None
    assert made["PermissionsBoundary"] is None


def test_a_list_shows_neither_tags_nor_boundaries(iam: Iam) -> None:
    iam("CreateUser", user_name="bob", permissions_boundary=ADMINISTRATOR, tags=({"key": "a", "value": "b"},))
    (listed,) = iam("ListUsers")["Users"]
    assert {"Tags", "PermissionsBoundary"}.isdisjoint(listed)


def test_without_a_name_a_user_is_told_about_itself(iam: Iam) -> None:
    iam("CreateUser", user_name="bob")
    assert iam.as_user("bob")("GetUser")["User"]["UserName"] == "bob"


def test_without_a_name_root_is_told_about_itself(iam: Iam) -> None:
    assert iam("GetUser")["User"] == {
        "UserName": None,
        "UserId": "123456789012",
        "Arn": "arn:aws:iam::123456789012:root",
        "CreateDate": NOW,
    }


def test_the_root_user_goes_by_the_account_alias(iam: Iam) -> None:
    iam("CreateAccountAlias", account_alias="acme")
    assert iam("GetUser")["User"]["UserName"] == "acme"


def test_a_caller_who_is_no_user_must_give_a_name(iam: Iam) -> None:
    with pytest.raises(ValidationError) as caught:
        iam.as_federated_user()("GetUser")
    assert caught.value.message == "Must specify userName when calling with non-User credentials"


def test_a_user_who_was_renamed_meanwhile_is_still_itself(iam: Iam) -> None:
    iam("CreateUser", user_name="bob")
    bob = iam.as_user("bob")
    iam("UpdateUser", user_name="bob", new_user_name="robert")
    iam("CreateUser", user_name="bob")
    assert bob("GetUser")["User"]["UserName"] == "robert"


def test_users_of_other_accounts_are_not_found(iam: Iam, server: Server) -> None:
    iam("CreateUser", user_name="bob")
    other = server.account("210987654321")
    with pytest.raises(NoSuchEntity):
        other("GetUser", user_name="bob")
    assert other("ListUsers")["Users"] == []
    other("CreateUser", user_name="bob")


def test_a_rename_keeps_the_path_and_a_move_keeps_the_name(iam: Iam) -> None:
    made = iam("CreateUser", user_name="bob", path="/staff/")["User"]
    iam("UpdateUser", user_name="bob", new_user_name="robert")
    renamed = iam("GetUser", user_name="robert")["User"]
    assert renamed["Arn"] == "arn:aws:iam::123456789012:user/staff/robert"
    iam("UpdateUser", user_name="ROBERT", new_path="/boss/")
    moved = iam("GetUser", user_name="robert")["User"]
    assert moved["Arn"] == "arn:aws:iam::123456789012:user/boss/robert"
    assert made["UserId"] == renamed["UserId"] == moved["UserId"]
    with pytest.raises(NoSuchEntity):
        iam("GetUser", user_name="bob")


def test_a_renamed_user_keeps_its_groups_keys_and_policies(iam: Iam) -> None:
    iam("CreateUser", user_name="bob")
    iam("CreateGroup", group_name="devs")
    iam("AddUserToGroup", group_name="devs", user_name="bob")
    key = iam("CreateAccessKey", user_name="bob")["AccessKey"]["AccessKeyId"]
    iam("AttachUserPolicy", user_name="bob", policy_arn=ADMINISTRATOR)
    iam("UpdateUser", user_name="bob", new_user_name="robert")
    assert names(iam("GetGroup", group_name="devs")) == ["robert"]
    assert [one["AccessKeyId"] for one in iam("ListAccessKeys", user_name="robert")["AccessKeyMetadata"]] == [key]
    assert len(iam("ListAttachedUserPolicies", user_name="robert")["AttachedPolicies"]) == 1


def test_a_user_can_be_given_its_own_name_again(iam: Iam) -> None:
    """The AWS provider of Terraform sends the old name along when only the path changes."""
    iam("CreateUser", user_name="bob")
    iam("UpdateUser", user_name="bob", new_user_name="bob", new_path="/staff/")
    iam("UpdateUser", user_name="bob", new_user_name="Bob")
    assert iam("GetUser", user_name="bob")["User"]["Arn"].endswith(":user/staff/Bob")


@pytest.mark.parametrize("path", ["/aws-service-role/x/", "/aws-reserved/"])
def test_nobody_makes_or_moves_a_user_to_a_path_of_aws(iam: Iam, path: str) -> None:
    iam("CreateUser", user_name="bob")
    with pytest.raises(InvalidInput):
        iam("CreateUser", user_name="eve", path=path)
    with pytest.raises(InvalidInput):
        iam("UpdateUser", user_name="bob", new_path=path)


def test_a_user_made_anew_is_another_one(iam: Iam) -> None:
    first = iam("CreateUser", user_name="bob")["User"]["UserId"]
    iam("DeleteUser", user_name="bob")
    with pytest.raises(NoSuchEntity):
        iam("GetUser", user_name="bob")
    assert iam("CreateUser", user_name="bob")["User"]["UserId"] != first


def test_users_are_listed_by_name_and_by_path(iam: Iam) -> None:
    for name, path in [("carol", "/a/"), ("alice", "/a/b/"), ("bob", "/ab/")]:
        iam("CreateUser", user_name=name, path=path)
    assert names(iam("ListUsers")) == ["alice", "bob", "carol"]
    assert names(iam("ListUsers", path_prefix="/a/")) == ["alice", "carol"]
    assert names(iam("ListUsers", path_prefix="/a")) == ["alice", "bob", "carol"]
    assert names(iam("ListUsers", path_prefix="/c/")) == []


def test_pages_join_to_the_whole_list(iam: Iam) -> None:
    for number in range(7):
        iam("CreateUser", user_name=f"user{number}")
    found, marker = [], {}
    for is_last in (False, False, True):
        answer = iam("ListUsers", max_items=3, **marker)
        found += names(answer)
        assert answer["IsTruncated"] is not is_last
        assert ("Marker" in answer) is not is_last
        marker = {"marker": answer.get("Marker")}
    assert found == [f"user{number}" for number in range(7)]


def test_a_marker_holds_though_its_user_is_gone(iam: Iam) -> None:
    for name in ("a", "b", "c"):
        iam("CreateUser", user_name=name)
    marker = iam("ListUsers", max_items=2)["Marker"]
    iam("DeleteUser", user_name="b")
    assert names(iam("ListUsers", marker=marker)) == ["c"]


def test_the_number_of_users_is_limited(iam: Iam, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(users, "USERS", Quota("UsersPerAccount", 1))
    iam("CreateUser", user_name="bob")
    with pytest.raises(LimitExceeded, match=r"^Cannot exceed quota for UsersPerAccount: 1$"):
        iam("CreateUser", user_name="eve")


def test_a_refused_user_is_not_made(iam: Iam, server: Server) -> None:
    with pytest.raises(NoSuchEntity):
        iam("CreateUser", user_name="bob", permissions_boundary="arn:aws:iam::123456789012:policy/none")
    assert server.world.count(User, iam.principal.account) == 0

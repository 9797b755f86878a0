"""Which permission an operation needs: the resource it is asked for, and the condition keys that come along."""

from __future__ import annotations

import msgspec
import pytest

from iam.harness import Iam, Server

USER = "arn:aws:iam::123456789012:user"
GROUP = "arn:aws:iam::123456789012:group"
TAGS = ({"key": "Team", "value": "red"},)
BOUNDARY = "arn:aws:iam::aws:policy/ReadOnlyAccess"


@pytest.fixture
def account(iam: Iam) -> Iam:
    iam("CreateUser", user_name="bob", path="/staff/", tags=TAGS, permissions_boundary=BOUNDARY)
    iam("CreateGroup", group_name="devs", path="/staff/")
    return iam


def test_an_entity_is_named_as_it_is_stored_whatever_the_caller_wrote(account: Iam) -> None:
    assert account.resources("GetUser", user_name="BOB") == [f"{USER}/staff/bob"]
    assert account.resources("AddUserToGroup", group_name="Devs", user_name="bob") == [f"{GROUP}/staff/devs"]


def test_an_entity_that_is_not_there_is_asked_for_without_a_path(account: Iam) -> None:
    assert account.resources("DeleteUser", user_name="eve") == [f"{USER}/eve"]


def test_without_a_name_the_caller_is_asked_for(account: Iam) -> None:
    assert account.as_user("bob").resources("GetUser") == [f"{USER}/staff/bob"]
    assert account.resources("ListAccessKeys") == ["arn:aws:iam::123456789012:root"]


def test_a_new_entity_is_asked_for_under_its_future_arn(account: Iam) -> None:
    assert account.resources("CreateUser", user_name="eve", path="/new/") == [f"{USER}/new/eve"]
    assert account.resources("CreateGroup", group_name="ops") == [f"{GROUP}/ops"]


def test_a_new_name_that_is_taken_tells_nothing_about_who_has_it(account: Iam) -> None:
    (check,) = account.checks("CreateUser", user_name="bob")
    assert str(check.resource) == f"{USER}/bob"
    assert check.context == {}


def test_a_rename_asks_for_the_old_and_the_new_name_on_the_stored_path(account: Iam) -> None:
    assert account.resources("UpdateUser", user_name="bob", new_user_name="robert") == [
        f"{USER}/staff/bob",
        f"{USER}/staff/robert",
    ]
    assert account.resources("UpdateGroup", group_name="devs", new_group_name="ops") == [
        f"{GROUP}/staff/devs",
        f"{GROUP}/staff/ops",
    ]


def test_a_move_asks_for_the_stored_name_on_the_old_and_the_new_path(account: Iam) -> None:
    assert account.resources("UpdateUser", user_name="BOB", new_path="/boss/") == [
        f"{USER}/staff/bob",
        f"{USER}/boss/bob",
    ]


def test_a_renamed_user_keeps_its_tags_in_both_questions(account: Iam) -> None:
    for check in account.checks("UpdateUser", user_name="bob", new_user_name="robert"):
        assert check.context["aws:resourcetag/team"] == "red"


def test_an_update_that_changes_nothing_asks_once(account: Iam) -> None:
    assert account.resources("UpdateUser", user_name="bob") == [f"{USER}/staff/bob"]


def test_an_update_of_nobody_asks_once(account: Iam) -> None:
    assert account.resources("UpdateUser", user_name="eve", new_path="/boss/") == [f"{USER}/eve"]


def test_the_last_use_of_a_key_is_asked_for_on_its_user(account: Iam) -> None:
    key = account("CreateAccessKey", user_name="bob")["AccessKey"]["AccessKeyId"]
    assert account.resources("GetAccessKeyLastUsed", access_key_id=key) == [f"{USER}/staff/bob"]


def test_keys_of_root_and_of_other_accounts_look_like_keys_that_are_not_there(account: Iam, server: Server) -> None:
    root = account("CreateAccessKey")["AccessKey"]["AccessKeyId"]
    foreign = server.account("210987654321")("CreateAccessKey")["AccessKey"]["AccessKeyId"]
    unknown = "AKIAIOSFODNN7EXAMPLE"
    checks = [
        msgspec.structs.replace(check, shown_resource=(check.shown_resource or "").replace(key, "KEY"))
        for key in (root, foreign, unknown)
        for check in account.checks("GetAccessKeyLastUsed", access_key_id=key)
    ]
    assert checks[0] == checks[1] == checks[2]
    assert (len(checks), checks[0].resource, checks[0].shown_resource) == (3, None, "access key KEY")


def test_what_is_asked_of_the_whole_account_has_no_resource(account: Iam) -> None:
    for name in ("GetAccountSummary", "ListAccountAliases", "GetAccountAuthorizationDetails"):
        assert account.resources(name) == ["*"]


def test_a_list_is_asked_for_as_a_whole_and_on_its_path(account: Iam) -> None:
    for name, kind in (
        ("ListUsers", "user"),
        ("ListGroups", "group"),
        ("ListRoles", "role"),
        ("ListPolicies", "policy"),
        ("ListInstanceProfiles", "instance-profile"),
    ):
        assert account.resources(name) == ["*", f"arn:aws:iam::123456789012:{kind}/"]
        assert account.resources(name, path_prefix="/a/") == ["*", f"arn:aws:iam::123456789012:{kind}/a/"]


def test_attaching_tells_the_policy_and_the_boundary_of_the_target(account: Iam) -> None:
    (check,) = account.checks("AttachUserPolicy", user_name="bob", policy_arn="arn:aws:iam::aws:policy/X")
    assert check.context["iam:policyarn"] == "arn:aws:iam::aws:policy/X"
    assert check.context["iam:permissionsboundary"] == BOUNDARY
    assert check.context["iam:resourcetag/team"] == "red"


def test_creating_tells_the_tags_and_the_boundary_of_the_request(account: Iam) -> None:
    creation, tagging = account.checks("CreateUser", user_name="eve", tags=TAGS, permissions_boundary=BOUNDARY)
    tags = {"aws:requesttag/team": "red", "aws:tagkeys": ("Team",)}
    assert (creation.action, creation.context) == ("iam:CreateUser", {**tags, "iam:permissionsboundary": BOUNDARY})
    assert (tagging.action, tagging.context) == ("iam:TagUser", tags)
    assert tagging.resource == creation.resource

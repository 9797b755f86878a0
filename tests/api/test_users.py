"""Users through boto3 against a running server, with and without permission."""

from __future__ import annotations

from api.refusals import refused


def allow(action: str, resource: str) -> dict[str, str]:
    return {"Effect": "Allow", "Action": action, "Resource": resource}


def test_a_user_lives_from_creation_to_deletion(account):
    iam = account.iam
    made = iam.create_user(UserName="bob", Path="/staff/", Tags=[{"Key": "Team", "Value": "red"}])["User"]
    assert made["Arn"] == f"arn:aws:iam::{account.id}:user/staff/bob"
    assert iam.get_user(UserName="bob")["User"] == made
    iam.update_user(UserName="bob", NewUserName="robert", NewPath="/")
    assert [user["UserName"] for user in iam.list_users()["Users"]] == ["robert"]
    iam.delete_user(UserName="robert")
    with refused("NoSuchEntity", 404, "The user with name robert cannot be found."):
        iam.get_user(UserName="robert")


def test_root_and_users_are_told_about_themselves(account):
    root = account.iam.get_user()["User"]
    assert (root["UserId"], root["Arn"]) == (account.id, f"arn:aws:iam::{account.id}:root")
    bob = account.user("bob", allow("iam:GetUser", f"arn:aws:iam::{account.id}:user/${{aws:username}}"))
    assert bob.iam.get_user()["User"]["UserName"] == "bob"


def test_the_paginator_of_boto3_walks_all_users(account):
    for number in range(5):
        account.iam.create_user(UserName=f"user{number}")
    pages = account.iam.get_paginator("list_users").paginate(PaginationConfig={"PageSize": 2})
    assert [[user["UserName"] for user in page["Users"]] for page in pages] == [
        ["user0", "user1"],
        ["user2", "user3"],
        ["user4"],
    ]


def test_a_user_without_permission_can_do_nothing_with_users(account):
    bob = account.user("bob")
    for call, parameters in (
        ("create_user", {"UserName": "eve"}),
        ("get_user", {}),
        ("update_user", {"UserName": "bob", "NewUserName": "rob"}),
        ("delete_user", {"UserName": "bob"}),
        ("list_users", {}),
    ):
        with refused("AccessDenied", 403):
            getattr(bob.iam, call)(**parameters)
    assert [user["UserName"] for user in account.iam.list_users()["Users"]] == ["bob"]


def test_a_permission_reaches_no_further_than_its_path(account):
    bob = account.user("bob", allow("iam:*", f"arn:aws:iam::{account.id}:user/staff/*"))
    bob.iam.create_user(UserName="eve", Path="/staff/")
    bob.iam.update_user(UserName="eve", NewUserName="eva")
    with refused("AccessDenied", 403):
        bob.iam.create_user(UserName="mallory")
    message = (
        f"User: {bob.arn} is not authorized to perform: iam:UpdateUser on resource: "
        "user eva because no identity-based policy allows the iam:UpdateUser action"
    )
    with refused("AccessDenied", 403, message):
        bob.iam.update_user(UserName="eva", NewPath="/boss/")
    with refused("AccessDenied", 403, message.replace("user eva", "user EVA")):
        bob.iam.update_user(UserName="EVA", NewPath="/boss/")
    assert account.iam.get_user(UserName="eva")["User"]["Path"] == "/staff/"


def test_a_user_with_a_key_is_not_deleted(account):
    account.user("bob")
    with refused("DeleteConflict", 409):
        account.iam.delete_user(UserName="bob")


def test_parameters_are_checked_as_aws_checks_them(account):
    with refused("ValidationError", 400):
        account.iam.create_user(UserName="not a name")

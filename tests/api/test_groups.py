"""Groups and membership through boto3 against a running server."""

from __future__ import annotations

import json

from api.refusals import refused

LIST_USERS = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "iam:ListUsers", "Resource": "*"}]}
)


def test_a_group_lives_from_creation_to_deletion(account):
    iam = account.iam
    made = iam.create_group(GroupName="devs", Path="/staff/")["Group"]
    assert made["Arn"] == f"arn:aws:iam::{account.id}:group/staff/devs"
    iam.update_group(GroupName="devs", NewGroupName="ops")
    assert [group["GroupId"] for group in iam.list_groups()["Groups"]] == [made["GroupId"]]
    iam.delete_group(GroupName="ops")
    with refused("NoSuchEntity", 404):
        iam.get_group(GroupName="ops")


def test_a_user_has_the_permissions_of_its_group_while_it_is_in_it(account):
    bob = account.user("bob")
    account.iam.create_group(GroupName="devs")
    account.iam.put_group_policy(GroupName="devs", PolicyName="list", PolicyDocument=LIST_USERS)
    account.iam.add_user_to_group(GroupName="devs", UserName="bob")
    assert [user["UserName"] for user in account.iam.get_group(GroupName="devs")["Users"]] == ["bob"]
    assert [group["GroupName"] for group in account.iam.list_groups_for_user(UserName="bob")["Groups"]] == ["devs"]
    assert [user["UserName"] for user in bob.iam.list_users()["Users"]] == ["bob"]
    account.iam.remove_user_from_group(GroupName="devs", UserName="bob")
    with refused("AccessDenied", 403):
        bob.iam.list_users()


def test_the_right_to_change_one_group_is_not_the_right_to_change_another(account):
    account.iam.create_group(GroupName="admins")
    account.iam.create_group(GroupName="devs")
    bob = account.user(
        "bob", {"Effect": "Allow", "Action": "iam:*", "Resource": f"arn:aws:iam::{account.id}:group/devs"}
    )
    bob.iam.add_user_to_group(GroupName="devs", UserName="bob")
    for call, parameters in (
        ("add_user_to_group", {"GroupName": "admins", "UserName": "bob"}),
        ("update_group", {"GroupName": "devs", "NewGroupName": "admins2"}),
        ("delete_group", {"GroupName": "admins"}),
        ("put_group_policy", {"GroupName": "admins", "PolicyName": "p", "PolicyDocument": LIST_USERS}),
        ("list_groups", {}),
    ):
        with refused("AccessDenied", 403):
            getattr(bob.iam, call)(**parameters)


def test_a_group_with_members_is_not_deleted(account):
    account.user("bob")
    account.iam.create_group(GroupName="devs")
    account.iam.add_user_to_group(GroupName="devs", UserName="bob")
    with refused("DeleteConflict", 409, "Cannot delete entity, must remove users from group first."):
        account.iam.delete_group(GroupName="devs")

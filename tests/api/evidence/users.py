"""Evidence for users and their tags."""

from __future__ import annotations

from api.evidence.families import Caller, ErrorCase, Family, never
from rolecall.iam.quotas import USERS
from rolecall.names.arn import AccountId
from rolecall.state.entities import User


def tour(caller: Caller) -> None:
    iam = caller.iam
    iam.create_user(UserName="ann", Path="/staff/", Tags=[{"Key": "team", "Value": "storage"}])
    assert iam.get_user(UserName="ann")["User"]["Path"] == "/staff/"
    iam.tag_user(UserName="ann", Tags=[{"Key": "Team", "Value": "network"}])
    assert iam.list_user_tags(UserName="ann")["Tags"] == [{"Key": "Team", "Value": "network"}]
    iam.untag_user(UserName="ann", TagKeys=["team"])
    assert iam.list_user_tags(UserName="ann")["Tags"] == []
    iam.update_user(UserName="ann", NewUserName="anna")
    assert [user["UserName"] for user in iam.list_users()["Users"]] == ["anna"]
    iam.delete_user(UserName="anna")
    assert iam.list_users()["Users"] == []


def make_one_user_too_many(caller: Caller) -> None:
    caller.put(
        *(
            User(account=AccountId(caller.account_id), id=f"AIDA{caller.account_id}{n:05}", name=f"u{n}", created_at=0)
            for n in range(USERS.limit)
        )
    )
    caller.iam.create_user(UserName="one-more")


def make_a_user_twice(caller: Caller) -> None:
    caller.iam.create_user(UserName="ann")
    caller.iam.create_user(UserName="ANN")


def bound_by_a_policy_that_is_not_there(caller: Caller) -> None:
    boundary = f"arn:aws:iam::{caller.account_id}:policy/missing"
    caller.iam.create_user(UserName="ann", PermissionsBoundary=boundary)


def make_a_user_on_a_path_of_aws(caller: Caller) -> None:
    caller.iam.create_user(UserName="ann", Path="/aws-service-role/ec2.amazonaws.com/")


def take_the_name_of_another_user(caller: Caller) -> None:
    for name in ("ann", "bob"):
        caller.iam.create_user(UserName=name)
    caller.iam.update_user(UserName="ann", NewUserName="Bob")


def delete_a_user_that_has_a_key(caller: Caller) -> None:
    caller.iam.create_user(UserName="ann")
    caller.iam.create_access_key(UserName="ann")
    caller.iam.delete_user(UserName="ann")


def give_a_user_too_many_tags(caller: Caller) -> None:
    caller.iam.create_user(UserName="ann", Tags=[{"Key": f"key{n}", "Value": ""} for n in range(50)])
    caller.iam.tag_user(UserName="ann", Tags=[{"Key": "one-more", "Value": ""}])


def give_a_user_one_tag_twice(caller: Caller) -> None:
    caller.iam.create_user(UserName="ann")
    caller.iam.tag_user(UserName="ann", Tags=[{"Key": "team", "Value": "a"}, {"Key": "TEAM", "Value": "b"}])


FAMILY = Family(
    operations=frozenset(
        {
            "CreateUser",
            "GetUser",
            "UpdateUser",
            "DeleteUser",
            "ListUsers",
            "TagUser",
            "UntagUser",
            "ListUserTags",
        }
    ),
    tour=tour,
    errors=(
        ErrorCase("CreateUser", "LimitExceeded", make_one_user_too_many),
        ErrorCase("CreateUser", "EntityAlreadyExists", make_a_user_twice),
        ErrorCase("CreateUser", "NoSuchEntity", bound_by_a_policy_that_is_not_there),
        ErrorCase("CreateUser", "InvalidInput", make_a_user_on_a_path_of_aws),
        ErrorCase("GetUser", "NoSuchEntity", lambda caller: caller.iam.get_user(UserName="nobody")),
        ErrorCase("UpdateUser", "NoSuchEntity", lambda caller: caller.iam.update_user(UserName="nobody")),
        ErrorCase("UpdateUser", "EntityAlreadyExists", take_the_name_of_another_user),
        ErrorCase("DeleteUser", "NoSuchEntity", lambda caller: caller.iam.delete_user(UserName="nobody")),
        ErrorCase("DeleteUser", "DeleteConflict", delete_a_user_that_has_a_key),
        ErrorCase(
            "TagUser",
            "NoSuchEntity",
            lambda caller: caller.iam.tag_user(UserName="nobody", Tags=[{"Key": "team", "Value": "a"}]),
        ),
        ErrorCase("TagUser", "LimitExceeded", give_a_user_too_many_tags),
        ErrorCase("TagUser", "InvalidInput", give_a_user_one_tag_twice),
        ErrorCase(
            "UntagUser", "NoSuchEntity", lambda caller: caller.iam.untag_user(UserName="nobody", TagKeys=["team"])
        ),
        ErrorCase("ListUserTags", "NoSuchEntity", lambda caller: caller.iam.list_user_tags(UserName="nobody")),
    ),
    unreachable={
        **never("LimitExceeded", "it uses nothing up", "UpdateUser", "DeleteUser"),
        **never("EntityTemporarilyUnmodifiable", "a change is whole when it is acknowledged", "UpdateUser"),
    },
)

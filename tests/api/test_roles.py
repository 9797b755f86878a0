"""Roles through boto3: documents, permissions, the life of a role."""

from __future__ import annotations

import json

import pytest

from api.refusals import denied, refused


def trust(principal: object) -> dict[str, object]:
    return {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}],
    }


EC2 = trust({"Service": "ec2.amazonaws.com"})


def make(iam, name: str, document: object = EC2, **parameters):
    return iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(document), **parameters)["Role"]


def test_a_role_goes_through_its_life(account):
    iam = account.iam
    made = make(iam, "ops", Path="/team/", Description="d", Tags=[{"Key": "k", "Value": "v"}])
    assert made["Arn"] == f"arn:aws:iam::{account.id}:role/team/ops"
    assert made["AssumeRolePolicyDocument"] == EC2
    iam.update_role(RoleName="ops", MaxSessionDuration=7200)
    iam.update_role_description(RoleName="ops", Description="e")
    role = iam.get_role(RoleName="ops")["Role"]
    assert (role["MaxSessionDuration"], role["Description"], role["RoleLastUsed"]) == (7200, "e", {})
    assert role["CreateDate"] == made["CreateDate"]
    iam.delete_role(RoleName="ops")
    with refused("NoSuchEntity", 404, "The role with name ops cannot be found."):
        iam.get_role(RoleName="ops")


def test_roles_come_in_pages(account):
    for name in "abcde":
        make(account.iam, name)
    pages = account.iam.get_paginator("list_roles").paginate(PaginationConfig={"PageSize": 2})
    assert [[role["RoleName"] for role in page["Roles"]] for page in pages] == [["a", "b"], ["c", "d"], ["e"]]


def test_a_call_of_a_session_is_remembered_as_the_last_use_of_its_role(account):
    caller = account.user("ann", {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"})
    arn = make(account.iam, "ops", trust({"AWS": caller.arn}))["Arn"]
    credentials = caller.sts.assume_role(RoleArn=arn, RoleSessionName="session")["Credentials"]
    assert account.iam.get_role(RoleName="ops")["Role"]["RoleLastUsed"] == {}
    keys = credentials["AccessKeyId"], credentials["SecretAccessKey"], credentials["SessionToken"]
    account.client("sts", *keys).get_caller_identity()
    last_used = account.iam.get_role(RoleName="ops")["Role"]["RoleLastUsed"]
    assert last_used["Region"] == "us-east-1"
    assert last_used["LastUsedDate"].tzinfo is not None


def test_trust_in_a_user_does_not_pass_to_a_namesake(account):
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    first = account.user("ann", everything)
    role = make(account.iam, "ops", trust({"AWS": first.arn}))
    first.sts.assume_role(RoleArn=role["Arn"], RoleSessionName="session")
    user_id = account.iam.get_user(UserName="ann")["User"]["UserId"]
    account.iam.delete_access_key(UserName="ann", AccessKeyId=first.keys.access_key_id)
    account.iam.delete_user_policy(UserName="ann", PolicyName="test")
    account.iam.delete_user(UserName="ann")
    second = account.user("ann", everything)
    with refused("AccessDenied", 403):
        second.sts.assume_role(RoleArn=role["Arn"], RoleSessionName="session")
    shown = account.iam.get_role(RoleName="ops")["Role"]["AssumeRolePolicyDocument"]
    assert shown == trust({"AWS": user_id})
    with refused("MalformedPolicyDocument", 400, f'Invalid principal in policy: "AWS":"{user_id}"'):
        account.iam.update_assume_role_policy(RoleName="ops", PolicyDocument=json.dumps(shown))


def test_a_new_trust_policy_lets_in_another_account(new_account):
    owner, guest = new_account(), new_account()
    role = make(owner.iam, "shared")
    caller = guest.user("ann", {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": role["Arn"]})
    with refused("AccessDenied", 403):
        caller.sts.assume_role(RoleArn=role["Arn"], RoleSessionName="session")
    owner.iam.update_assume_role_policy(RoleName="shared", PolicyDocument=json.dumps(trust({"AWS": caller.arn})))
    session = caller.sts.assume_role(RoleArn=role["Arn"], RoleSessionName="session")
    assert session["AssumedRoleUser"]["Arn"] == f"arn:aws:sts::{owner.id}:assumed-role/shared/session"


@pytest.mark.parametrize(
    ("operation", "parameters"),
    [
        ("create_role", {"AssumeRolePolicyDocument": json.dumps(EC2)}),
        ("get_role", {}),
        ("update_role", {}),
        ("update_role_description", {"Description": "d"}),
        ("update_assume_role_policy", {"PolicyDocument": json.dumps(EC2)}),
        ("delete_role", {}),
        ("list_instance_profiles_for_role", {}),
    ],
)
def test_permission_for_one_role_is_none_for_another(account, operation, parameters):
    if operation != "create_role":
        for name in ("mine", "other"):
            make(account.iam, name)
    mine = {"Effect": "Allow", "Action": "iam:*", "Resource": f"arn:aws:iam::{account.id}:role/mine"}
    call = getattr(account.user("ann", mine).iam, operation)
    call(RoleName="mine", **parameters)
    other = f"arn:aws:iam::{account.id}:role/other" if operation == "create_role" else "role other"
    action = operation.title().replace("_", "")
    with denied(f"on resource: {other} because no identity-based policy allows the iam:{action} action"):
        call(RoleName="other", **parameters)


def test_a_user_without_permission_does_not_learn_which_roles_are_there(account):
    make(account.iam, "ops")
    iam = account.user("ann").iam
    for name in ("ops", "none"):
        with denied(f"on resource: role {name} because"):
            iam.get_role(RoleName=name)
    with denied("iam:ListRoles"):
        iam.list_roles()

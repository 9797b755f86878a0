"""Permissions boundaries through boto3: what they forbid, and who may set them."""

from __future__ import annotations

import json

from api.refusals import denied, refused

VIEW_ONLY = "arn:aws:iam::aws:policy/IAMReadOnlyAccess"
EVERYTHING = {"Effect": "Allow", "Action": "*", "Resource": "*"}


def test_a_boundary_narrows_what_a_user_may_do(account):
    caller = account.user("ann", EVERYTHING)
    account.iam.put_user_permissions_boundary(UserName="ann", PermissionsBoundary=VIEW_ONLY)
    boundary = account.iam.get_user(UserName="ann")["User"]["PermissionsBoundary"]
    assert boundary == {
        "PermissionsBoundaryType": "Policy",
        "PermissionsBoundaryArn": VIEW_ONLY,
    }
    caller.iam.list_users()
    with denied("because no permissions boundary allows the iam:CreateUser action"):
        caller.iam.create_user(UserName="bob")
    account.iam.delete_user_permissions_boundary(UserName="ann")
    caller.iam.create_user(UserName="bob")


def test_a_boundary_narrows_the_sessions_of_a_role(account):
    caller = account.user("ann", EVERYTHING)
    trust = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"AWS": caller.arn}, "Action": "sts:AssumeRole"}],
    }
    role = account.iam.create_role(RoleName="ops", AssumeRolePolicyDocument=json.dumps(trust))["Role"]
    account.iam.attach_role_policy(RoleName="ops", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    credentials = caller.sts.assume_role(RoleArn=role["Arn"], RoleSessionName="session")["Credentials"]
    session = account.client(
        "iam", credentials["AccessKeyId"], credentials["SecretAccessKey"], credentials["SessionToken"]
    )
    session.create_user(UserName="bob")
    account.iam.put_role_permissions_boundary(RoleName="ops", PermissionsBoundary=VIEW_ONLY)
    session.list_users()
    with denied("because no permissions boundary allows the iam:DeleteUser action"):
        session.delete_user(UserName="bob")
    account.iam.delete_role_permissions_boundary(RoleName="ops")
    session.delete_user(UserName="bob")


def test_entities_may_be_made_only_with_the_boundary_that_a_policy_demands(account):
    bounded = {"StringEquals": {"iam:PermissionsBoundary": VIEW_ONLY}}
    caller = account.user("ann", {"Effect": "Allow", "Action": "iam:*", "Resource": "*", "Condition": bounded})
    caller.iam.create_user(UserName="bob", PermissionsBoundary=VIEW_ONLY)
    with denied("iam:CreateUser"):
        caller.iam.create_user(UserName="cat")
    other = "arn:aws:iam::aws:policy/AdministratorAccess"
    with denied("iam:PutUserPermissionsBoundary"):
        caller.iam.put_user_permissions_boundary(UserName="bob", PermissionsBoundary=other)


def test_a_boundary_must_be_there_and_stays_while_it_is_used(account):
    missing = f"arn:aws:iam::{account.id}:policy/none"
    with refused("NoSuchEntity", 404, f"Scope ARN: {missing} does not exist or is not attachable."):
        account.iam.create_user(UserName="ann", PermissionsBoundary=missing)
    document = json.dumps({"Version": "2012-10-17", "Statement": [EVERYTHING]})
    arn = account.iam.create_policy(PolicyName="own", PolicyDocument=document)["Policy"]["Arn"]
    account.iam.create_user(UserName="ann", PermissionsBoundary=arn)
    assert account.iam.get_policy(PolicyArn=arn)["Policy"]["PermissionsBoundaryUsageCount"] == 1
    with refused("DeleteConflict", 409, "Cannot delete a policy attached to entities."):
        account.iam.delete_policy(PolicyArn=arn)

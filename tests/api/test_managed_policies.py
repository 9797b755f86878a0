"""Managed policies through boto3: versions that take effect, policies of AWS, permissions."""

from __future__ import annotations

import json

import pytest

from api.refusals import denied, refused

READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"


def allow(*actions: str) -> dict[str, object]:
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": list(actions), "Resource": "*"}]}


def make(iam, name: str = "read", document: object = None, **parameters):
    text = json.dumps(document or allow("iam:ListUsers"))
    return iam.create_policy(PolicyName=name, PolicyDocument=text, **parameters)["Policy"]


def test_a_policy_goes_through_its_life(account):
    iam = account.iam
    arn = make(iam, Path="/team/", Description="d", Tags=[{"Key": "k", "Value": "v"}])["Arn"]
    assert arn == f"arn:aws:iam::{account.id}:policy/team/read"
    policy = iam.get_policy(PolicyArn=arn)["Policy"]
    assert (policy["Description"], policy["Tags"]) == ("d", [{"Key": "k", "Value": "v"}])
    assert (policy["AttachmentCount"], policy["IsAttachable"], policy["DefaultVersionId"]) == (0, True, "v1")
    version = iam.get_policy_version(PolicyArn=arn, VersionId="v1")["PolicyVersion"]
    assert version["Document"] == allow("iam:ListUsers")
    iam.delete_policy(PolicyArn=arn)
    with refused("NoSuchEntity", 404, f"Policy {arn} was not found."):
        iam.get_policy(PolicyArn=arn)


def test_only_the_default_version_has_an_effect(account):
    arn = make(account.iam)["Arn"]
    caller = account.user("ann")
    account.iam.attach_user_policy(UserName="ann", PolicyArn=arn)
    caller.iam.list_users()
    document = json.dumps(allow("iam:ListRoles"))
    account.iam.create_policy_version(PolicyArn=arn, PolicyDocument=document)
    caller.iam.list_users()
    account.iam.set_default_policy_version(PolicyArn=arn, VersionId="v2")
    caller.iam.list_roles()
    with denied("iam:ListUsers"):
        caller.iam.list_users()
    with refused("DeleteConflict", 409, "Cannot delete the default version of a policy."):
        account.iam.delete_policy_version(PolicyArn=arn, VersionId="v2")
    account.iam.delete_policy_version(PolicyArn=arn, VersionId="v1")
    versions = account.iam.list_policy_versions(PolicyArn=arn)["Versions"]
    assert [(version["VersionId"], version["IsDefaultVersion"]) for version in versions] == [("v2", True)]


def test_all_policies_of_aws_can_be_listed_and_read(account):
    pages = account.iam.get_paginator("list_policies").paginate(Scope="AWS")
    arns = [policy["Arn"] for page in pages for policy in page["Policies"]]
    assert len(arns) == len(set(arns)) > 1000
    assert READ_ONLY in arns
    version_id = account.iam.get_policy(PolicyArn=READ_ONLY)["Policy"]["DefaultVersionId"]
    version = account.iam.get_policy_version(PolicyArn=READ_ONLY, VersionId=version_id)["PolicyVersion"]
    assert version["Document"]["Version"] == "2012-10-17"


def test_not_even_root_changes_a_policy_of_aws(account):
    with denied("iam:DeletePolicy"):
        account.iam.delete_policy(PolicyArn=READ_ONLY)
    with denied("iam:CreatePolicyVersion"):
        account.iam.create_policy_version(PolicyArn=READ_ONLY, PolicyDocument=json.dumps(allow("*")))


def test_the_users_of_a_policy_are_listed(account):
    account.user("ann")
    account.iam.attach_user_policy(UserName="ann", PolicyArn=READ_ONLY)
    answer = account.iam.list_entities_for_policy(PolicyArn=READ_ONLY)
    assert [user["UserName"] for user in answer["PolicyUsers"]] == ["ann"]
    assert answer["PolicyGroups"] == answer["PolicyRoles"] == []
    with refused("DeleteConflict", 409, "Cannot delete a policy attached to entities."):
        arn = make(account.iam)["Arn"]
        account.iam.attach_user_policy(UserName="ann", PolicyArn=arn)
        account.iam.delete_policy(PolicyArn=arn)


def test_a_policy_of_another_account_is_out_of_reach(new_account):
    owner, guest = new_account(), new_account()
    arn = make(owner.iam)["Arn"]
    with refused("AccessDenied", 403):
        guest.iam.get_policy(PolicyArn=arn)
    guest.user("ann")
    with refused("NoSuchEntity", 404, f"Policy {arn} does not exist or is not attachable."):
        guest.iam.attach_user_policy(UserName="ann", PolicyArn=arn)


@pytest.mark.parametrize(
    ("operation", "parameters"),
    [
        ("get_policy", {}),
        ("list_policy_versions", {}),
        ("get_policy_version", {"VersionId": "v1"}),
        ("set_default_policy_version", {"VersionId": "v1"}),
        ("create_policy_version", {"PolicyDocument": json.dumps(allow("iam:*"))}),
        ("list_entities_for_policy", {}),
        ("delete_policy", {}),
    ],
)
def test_permission_for_one_policy_is_none_for_another(account, operation, parameters):
    mine, other = (make(account.iam, name)["Arn"] for name in ("mine", "other"))
    caller = account.user("ann", {"Effect": "Allow", "Action": "iam:*", "Resource": mine})
    getattr(caller.iam, operation)(PolicyArn=mine, **parameters)
    with denied(other):
        getattr(caller.iam, operation)(PolicyArn=other, **parameters)


def test_a_policy_may_only_be_made_with_the_tags_that_are_allowed(account):
    tagged = {"StringEquals": {"aws:RequestTag/team": "a"}}
    caller = account.user("ann", {"Effect": "Allow", "Action": "iam:*", "Resource": "*", "Condition": tagged})
    make(caller.iam, Tags=[{"Key": "team", "Value": "a"}])
    with denied("iam:CreatePolicy"):
        make(caller.iam, "other", Tags=[{"Key": "team", "Value": "b"}])

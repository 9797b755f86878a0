"""Instance profiles through boto3, and the permission to pass a role."""

from __future__ import annotations

import json

import pytest

from api.refusals import denied, refused

EC2 = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}],
    }
)


@pytest.fixture
def iam(account):
    """Root's client of an account with the role `ops` and the instance profile `web`."""
    account.iam.create_role(RoleName="ops", AssumeRolePolicyDocument=EC2)
    account.iam.create_instance_profile(InstanceProfileName="web")
    return account.iam


def add(client):
    return client.add_role_to_instance_profile(InstanceProfileName="web", RoleName="ops")


def test_a_profile_goes_through_its_life(account, iam):
    add(iam)
    profile = iam.get_instance_profile(InstanceProfileName="web")["InstanceProfile"]
    assert profile["Arn"] == f"arn:aws:iam::{account.id}:instance-profile/web"
    assert profile["Roles"][0]["AssumeRolePolicyDocument"] == json.loads(EC2)
    assert [found["InstanceProfileName"] for found in iam.list_instance_profiles()["InstanceProfiles"]] == ["web"]
    of_role = iam.list_instance_profiles_for_role(RoleName="ops")["InstanceProfiles"]
    assert [found["InstanceProfileName"] for found in of_role] == ["web"]
    with refused("DeleteConflict", 409):
        iam.delete_instance_profile(InstanceProfileName="web")
    with refused("DeleteConflict", 409):
        iam.delete_role(RoleName="ops")
    with refused("LimitExceeded", 409, "Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1"):
        add(iam)
    iam.remove_role_from_instance_profile(InstanceProfileName="web", RoleName="ops")
    iam.delete_instance_profile(InstanceProfileName="web")
    with refused("NoSuchEntity", 404, "Instance Profile web cannot be found."):
        iam.get_instance_profile(InstanceProfileName="web")


def test_a_role_cannot_be_passed_without_permission_to_pass_it(account, iam):
    add_role = {"Effect": "Allow", "Action": "iam:AddRoleToInstanceProfile", "Resource": "*"}
    ann = account.user("ann", add_role)
    message = (
        f"User: {ann.arn} is not authorized to perform: iam:PassRole on resource: arn:aws:iam::{account.id}:role/ops "
        "because no identity-based policy allows the iam:PassRole action"
    )
    with refused("AccessDenied", 403, message):
        add(ann.iam)
    pass_other = {"Effect": "Allow", "Action": "iam:PassRole", "Resource": f"arn:aws:iam::{account.id}:role/other"}
    with denied("iam:PassRole"):
        add(account.user("bob", add_role, pass_other).iam)
    pass_role = {"Effect": "Allow", "Action": "iam:PassRole", "Resource": f"arn:aws:iam::{account.id}:role/ops"}
    add(account.user("cat", add_role, pass_role).iam)


def test_a_denial_does_not_tell_where_the_role_stands(account, iam):
    account.iam.create_role(RoleName="Hidden", Path="/secret/", AssumeRolePolicyDocument=EC2)
    ann = account.user("ann", {"Effect": "Allow", "Action": "iam:AddRoleToInstanceProfile", "Resource": "*"})
    for name in ("HIDDEN", "missing"):
        with refused(
            "AccessDenied",
            403,
            f"User: {ann.arn} is not authorized to perform: iam:PassRole on resource: "
            f"arn:aws:iam::{account.id}:role/{name} because no identity-based policy allows the iam:PassRole action",
        ):
            ann.iam.add_role_to_instance_profile(InstanceProfileName="web", RoleName=name)


@pytest.mark.parametrize(("service", "permitted"), [("ec2.amazonaws.com", True), ("lambda.amazonaws.com", False)])
def test_the_role_is_passed_to_ec2(account, iam, service, permitted):
    caller = account.user(
        "ann",
        {"Effect": "Allow", "Action": "iam:AddRoleToInstanceProfile", "Resource": "*"},
        {
            "Effect": "Allow",
            "Action": "iam:PassRole",
            "Resource": "*",
            "Condition": {"StringEquals": {"iam:PassedToService": service}},
        },
    )
    if permitted:
        add(caller.iam)
    else:
        with denied("iam:PassRole"):
            add(caller.iam)

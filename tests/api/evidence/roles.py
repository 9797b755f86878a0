"""Evidence for roles, their trust policies and their tags."""

from __future__ import annotations

import json

from api.evidence.families import Caller, ErrorCase, Family, never
from rolecall.iam.quotas import ROLES
from rolecall.names.arn import AccountId
from rolecall.state.entities import Role

TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"},
        ],
    }
)
LONG_TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "ec2.amazonaws.com"},
                "Action": "sts:AssumeRole",
                "Condition": {"StringEquals": {"sts:ExternalId": "x" * 2048}},
            },
        ],
    }
)
TEAM = [{"Key": "team", "Value": "storage"}]


def make_role(caller: Caller, name: str = "deployer", **more: object) -> None:
    """A role that EC2 may assume."""
    caller.iam.create_role(RoleName=name, AssumeRolePolicyDocument=TRUST, **more)


def make_protected_role(caller: Caller) -> None:
    """The role `protected`, which belongs to AWS."""
    caller.put(
        Role(
            account=AccountId(caller.account_id),
            id=f"AROA{caller.account_id}PROTE",
            name="protected",
            path="/aws-reserved/sso.amazonaws.com/",
            created_at=0,
            trust_policy=TRUST,
        )
    )


def tour(caller: Caller) -> None:
    iam = caller.iam
    make_role(caller, Tags=TEAM)
    iam.update_assume_role_policy(RoleName="deployer", PolicyDocument=TRUST)
    iam.update_role(RoleName="deployer", MaxSessionDuration=7200)
    shown = iam.update_role_description(RoleName="deployer", Description="deploys")["Role"]
    assert shown["Description"] == "deploys"
    role = iam.get_role(RoleName="deployer")["Role"]
    assert (role["MaxSessionDuration"], role["RoleLastUsed"]) == (7200, {})
    iam.untag_role(RoleName="deployer", TagKeys=["team"])
    iam.tag_role(RoleName="deployer", Tags=[{"Key": "stage", "Value": "test"}])
    assert iam.list_role_tags(RoleName="deployer")["Tags"] == [{"Key": "stage", "Value": "test"}]
    assert [role["RoleName"] for role in iam.list_roles()["Roles"]] == ["deployer"]
    iam.delete_role(RoleName="deployer")


def make_one_role_too_many(caller: Caller) -> None:
    caller.put(
        *(
            Role(
                account=AccountId(caller.account_id),
                id=f"AROA{caller.account_id}{n:05}",
                name=f"role{n}",
                created_at=0,
                trust_policy=TRUST,
            )
            for n in range(ROLES.limit)
        )
    )
    make_role(caller, "one-more")


def make_a_role_twice(caller: Caller) -> None:
    make_role(caller, "deployer")
    make_role(caller, "Deployer")


def give_a_role_too_many_tags(caller: Caller) -> None:
    make_role(caller, Tags=[{"Key": f"key{n}", "Value": ""} for n in range(50)])
    caller.iam.tag_role(RoleName="deployer", Tags=TEAM)


def give_a_role_one_tag_twice(caller: Caller) -> None:
    make_role(caller)
    caller.iam.tag_role(RoleName="deployer", Tags=[*TEAM, {"Key": "Team", "Value": ""}])


def delete_a_role_in_an_instance_profile(caller: Caller) -> None:
    make_role(caller)
    caller.iam.create_instance_profile(InstanceProfileName="machine")
    caller.iam.add_role_to_instance_profile(InstanceProfileName="machine", RoleName="deployer")
    caller.iam.delete_role(RoleName="deployer")


def trust_nobody_understands(caller: Caller) -> None:
    make_role(caller)
    caller.iam.update_assume_role_policy(RoleName="deployer", PolicyDocument="{}")


def trust_too_long(caller: Caller) -> None:
    make_role(caller)
    caller.iam.update_assume_role_policy(RoleName="deployer", PolicyDocument=LONG_TRUST)


def change_the_trust_of_a_protected_role(caller: Caller) -> None:
    make_protected_role(caller)
    caller.iam.update_assume_role_policy(RoleName="protected", PolicyDocument=TRUST)


def change_a_protected_role(caller: Caller) -> None:
    make_protected_role(caller)
    caller.iam.update_role(RoleName="protected", MaxSessionDuration=7200)


def describe_a_protected_role(caller: Caller) -> None:
    make_protected_role(caller)
    caller.iam.update_role_description(RoleName="protected", Description="mine")


def delete_a_protected_role(caller: Caller) -> None:
    make_protected_role(caller)
    caller.iam.delete_role(RoleName="protected")


FAMILY = Family(
    operations=frozenset(
        {
            "CreateRole",
            "GetRole",
            "UpdateRole",
            "UpdateRoleDescription",
            "UpdateAssumeRolePolicy",
            "DeleteRole",
            "ListRoles",
            "TagRole",
            "UntagRole",
            "ListRoleTags",
        }
    ),
    tour=tour,
    errors=(
        ErrorCase("CreateRole", "LimitExceeded", make_one_role_too_many),
        ErrorCase("CreateRole", "EntityAlreadyExists", make_a_role_twice),
        ErrorCase(
            "CreateRole", "InvalidInput", lambda caller: make_role(caller, Path="/aws-service-role/ec2.amazonaws.com/")
        ),
        ErrorCase(
            "CreateRole",
            "MalformedPolicyDocument",
            lambda caller: caller.iam.create_role(RoleName="deployer", AssumeRolePolicyDocument="{}"),
        ),
        ErrorCase("GetRole", "NoSuchEntity", lambda caller: caller.iam.get_role(RoleName="none")),
        ErrorCase("UpdateRole", "NoSuchEntity", lambda caller: caller.iam.update_role(RoleName="none")),
        ErrorCase("UpdateRole", "UnmodifiableEntity", change_a_protected_role),
        ErrorCase(
            "UpdateRoleDescription",
            "NoSuchEntity",
            lambda caller: caller.iam.update_role_description(RoleName="none", Description=""),
        ),
        ErrorCase("UpdateRoleDescription", "UnmodifiableEntity", describe_a_protected_role),
        ErrorCase(
            "UpdateAssumeRolePolicy",
            "NoSuchEntity",
            lambda caller: caller.iam.update_assume_role_policy(RoleName="none", PolicyDocument=TRUST),
        ),
        ErrorCase("UpdateAssumeRolePolicy", "MalformedPolicyDocument", trust_nobody_understands),
        ErrorCase("UpdateAssumeRolePolicy", "LimitExceeded", trust_too_long),
        ErrorCase("UpdateAssumeRolePolicy", "UnmodifiableEntity", change_the_trust_of_a_protected_role),
        ErrorCase("DeleteRole", "NoSuchEntity", lambda caller: caller.iam.delete_role(RoleName="none")),
        ErrorCase("DeleteRole", "DeleteConflict", delete_a_role_in_an_instance_profile),
        ErrorCase("DeleteRole", "UnmodifiableEntity", delete_a_protected_role),
        ErrorCase("TagRole", "NoSuchEntity", lambda caller: caller.iam.tag_role(RoleName="none", Tags=TEAM)),
        ErrorCase("TagRole", "LimitExceeded", give_a_role_too_many_tags),
        ErrorCase("TagRole", "InvalidInput", give_a_role_one_tag_twice),
        ErrorCase("UntagRole", "NoSuchEntity", lambda caller: caller.iam.untag_role(RoleName="none", TagKeys=["team"])),
        ErrorCase("ListRoleTags", "NoSuchEntity", lambda caller: caller.iam.list_role_tags(RoleName="none")),
    ),
    unreachable=never("LimitExceeded", "it uses nothing up", "DeleteRole"),
)

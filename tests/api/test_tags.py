"""Tags through boto3, and permissions that hang on them."""

from __future__ import annotations

import json

import pytest

from api.refusals import denied, refused


def document(**statement: object) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]})


def make(account, kind: str, name: str, **tags: str) -> dict[str, str]:
    """Make a tagged entity; gives the parameter that names it."""
    pairs = [{"Key": key, "Value": value} for key, value in tags.items()]
    match kind:
        case "user":
            account.iam.create_user(UserName=name, Tags=pairs)
            return {"UserName": name}
        case "role":
            trust = document(Principal={"Service": "ec2.amazonaws.com"}, Action="sts:AssumeRole")
            account.iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust, Tags=pairs)
            return {"RoleName": name}
        case "instance_profile":
            account.iam.create_instance_profile(InstanceProfileName=name, Tags=pairs)
            return {"InstanceProfileName": name}
        case _:
            policy = document(Action="s3:*", Resource="*")
            made = account.iam.create_policy(PolicyName=name, PolicyDocument=policy, Tags=pairs)
            return {"PolicyArn": made["Policy"]["Arn"]}


every_kind = pytest.mark.parametrize("kind", ["user", "role", "policy", "instance_profile"])


def tags_of(account, kind: str, name: dict[str, str]) -> dict[str, str]:
    answer = getattr(account.iam, f"list_{kind}_tags")(**name)
    return {tag["Key"]: tag["Value"] for tag in answer["Tags"]}


@every_kind
def test_tags_are_set_listed_and_removed(account, kind):
    name = make(account, kind, "it", dept="it", team="a")
    getattr(account.iam, f"tag_{kind}")(**name, Tags=[{"Key": "dept", "Value": "hr"}, {"Key": "empty", "Value": ""}])
    assert tags_of(account, kind, name) == {"dept": "hr", "team": "a", "empty": ""}
    getattr(account.iam, f"untag_{kind}")(**name, TagKeys=["team", "nothing"])
    assert tags_of(account, kind, name) == {"dept": "hr", "empty": ""}


@every_kind
def test_a_tag_of_the_entity_can_be_the_condition_of_a_permission(account, kind):
    mine, other = (make(account, kind, name, team=team) for name, team in (("a1", "a"), ("b1", "b")))
    of_team = {"StringEquals": {"aws:ResourceTag/team": "a"}}
    caller = account.user("ann", {"Effect": "Allow", "Action": "iam:*", "Resource": "*", "Condition": of_team})
    getattr(caller.iam, f"list_{kind}_tags")(**mine)
    with denied("because no identity-based policy allows"):
        getattr(caller.iam, f"list_{kind}_tags")(**other)


@every_kind
def test_permission_to_tag_can_be_limited_to_keys_and_values(account, kind):
    name = make(account, kind, "it")
    limits = {"StringEquals": {"aws:RequestTag/team": "a"}, "ForAllValues:StringEquals": {"aws:TagKeys": ["team"]}}
    caller = account.user("ann", {"Effect": "Allow", "Action": "iam:*", "Resource": "*", "Condition": limits})
    tag = getattr(caller.iam, f"tag_{kind}")
    tag(**name, Tags=[{"Key": "team", "Value": "a"}])
    for pairs in ({"team": "b"}, {"team": "a", "dept": "it"}, {"dept": "it"}):
        with denied():
            tag(**name, Tags=[{"Key": key, "Value": value} for key, value in pairs.items()])


def test_keys_of_users_are_told_apart_without_regard_to_case(account):
    name = make(account, "user", "it", Dept="it")
    with refused("InvalidInput", 400, "Duplicate tag keys found. Please note that Tag keys are case insensitive."):
        account.iam.tag_user(**name, Tags=[{"Key": "a", "Value": ""}, {"Key": "A", "Value": ""}])
    account.iam.tag_user(**name, Tags=[{"Key": "dept", "Value": "hr"}])
    assert tags_of(account, "user", name) == {"dept": "hr"}
    assert account.iam.get_user(**name)["User"]["Tags"] == [{"Key": "dept", "Value": "hr"}]

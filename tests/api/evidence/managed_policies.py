"""Evidence for managed policies, their versions and their tags."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from api.evidence.families import Caller, ErrorCase, Family, never
from rolecall.iam.quotas import POLICIES
from rolecall.names.arn import AccountId
from rolecall.state.entities import ManagedPolicy, PolicyVersion

DOCUMENT = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}
)
TEAM = [{"Key": "team", "Value": "storage"}]


def make_policy(caller: Caller, name: str = "reader") -> str:
    """A customer managed policy; its ARN."""
    return str(caller.iam.create_policy(PolicyName=name, PolicyDocument=DOCUMENT)["Policy"]["Arn"])


def missing(caller: Caller) -> str:
    """The ARN of a policy that is not there."""
    return f"arn:aws:iam::{caller.account_id}:policy/missing"


def not_a_policy(caller: Caller) -> str:
    """The ARN of something else."""
    return f"arn:aws:iam::{caller.account_id}:user/reader"


def tour(caller: Caller) -> None:
    iam = caller.iam
    iam.create_user(UserName="ann")
    arn = iam.create_policy(PolicyName="reader", PolicyDocument=DOCUMENT, Tags=TEAM)["Policy"]["Arn"]
    iam.attach_user_policy(UserName="ann", PolicyArn=arn)
    assert iam.get_policy(PolicyArn=arn)["Policy"]["AttachmentCount"] == 1
    assert [policy["Arn"] for policy in iam.list_policies(Scope="Local")["Policies"]] == [arn]
    assert [user["UserName"] for user in iam.list_entities_for_policy(PolicyArn=arn)["PolicyUsers"]] == ["ann"]
    version = iam.create_policy_version(PolicyArn=arn, PolicyDocument=DOCUMENT)["PolicyVersion"]["VersionId"]
    iam.set_default_policy_version(PolicyArn=arn, VersionId=version)
    assert iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["IsDefaultVersion"]
    assert [each["VersionId"] for each in iam.list_policy_versions(PolicyArn=arn)["Versions"]] == ["v2", "v1"]
    iam.delete_policy_version(PolicyArn=arn, VersionId="v1")
    iam.untag_policy(PolicyArn=arn, TagKeys=["team"])
    iam.tag_policy(PolicyArn=arn, Tags=[{"Key": "Team", "Value": ""}])
    assert iam.list_policy_tags(PolicyArn=arn)["Tags"] == [{"Key": "Team", "Value": ""}]
    iam.detach_user_policy(UserName="ann", PolicyArn=arn)
    iam.delete_policy(PolicyArn=arn)


def make_one_policy_too_many(caller: Caller) -> None:
    caller.put(
        *(
            ManagedPolicy(
                account=AccountId(caller.account_id),
                id=f"ANPA{caller.account_id}{n:05}",
                name=f"policy{n}",
                created_at=0,
                updated_at=0,
                versions=(PolicyVersion("v1", DOCUMENT, 0),),
                default_version_id="v1",
            )
            for n in range(POLICIES.limit)
        )
    )
    make_policy(caller)


def make_a_policy_twice(caller: Caller) -> None:
    make_policy(caller, "reader")
    make_policy(caller, "Reader")


def make_a_sixth_version(caller: Caller) -> None:
    arn = make_policy(caller)
    for _ in range(5):
        caller.iam.create_policy_version(PolicyArn=arn, PolicyDocument=DOCUMENT)


def make_a_version_nobody_understands(caller: Caller) -> None:
    caller.iam.create_policy_version(PolicyArn=make_policy(caller), PolicyDocument="{}")


def delete_an_attached_policy(caller: Caller) -> None:
    arn = make_policy(caller)
    caller.iam.create_user(UserName="ann")
    caller.iam.attach_user_policy(UserName="ann", PolicyArn=arn)
    caller.iam.delete_policy(PolicyArn=arn)


def delete_the_default_version(caller: Caller) -> None:
    caller.iam.delete_policy_version(PolicyArn=make_policy(caller), VersionId="v1")


def give_a_policy_too_many_tags(caller: Caller) -> None:
    arn = make_policy(caller)
    caller.iam.tag_policy(PolicyArn=arn, Tags=[{"Key": f"key{n}", "Value": ""} for n in range(50)])
    caller.iam.tag_policy(PolicyArn=arn, Tags=TEAM)


ON_A_POLICY: dict[str, dict[str, Any]] = {
    "GetPolicy": {},
    "DeletePolicy": {},
    "ListEntitiesForPolicy": {},
    "ListPolicyVersions": {},
    "CreatePolicyVersion": {"PolicyDocument": DOCUMENT},
    "GetPolicyVersion": {"VersionId": "v1"},
    "SetDefaultPolicyVersion": {"VersionId": "v1"},
    "DeletePolicyVersion": {"VersionId": "v1"},
    "TagPolicy": {"Tags": TEAM},
    "UntagPolicy": {"TagKeys": ["team"]},
    "ListPolicyTags": {},
}
"""What else these operations need besides `PolicyArn`."""


def with_arn(operation: str, code: str, arn: Callable[[Caller], str]) -> ErrorCase:
    """The operation on what `arn` names."""
    more = ON_A_POLICY[operation]
    return ErrorCase(operation, code, lambda caller: caller.call(operation, PolicyArn=arn(caller), **more))


FAMILY = Family(
    operations=frozenset({"CreatePolicy", "ListPolicies", *ON_A_POLICY}),
    tour=tour,
    errors=(
        ErrorCase("CreatePolicy", "LimitExceeded", make_one_policy_too_many),
        ErrorCase("CreatePolicy", "EntityAlreadyExists", make_a_policy_twice),
        ErrorCase(
            "CreatePolicy",
            "InvalidInput",
            lambda caller: caller.iam.create_policy(PolicyName="reader", PolicyDocument=DOCUMENT, Tags=[*TEAM, *TEAM]),
        ),
        ErrorCase(
            "CreatePolicy",
            "MalformedPolicyDocument",
            lambda caller: caller.iam.create_policy(PolicyName="reader", PolicyDocument="{}"),
        ),
        ErrorCase("CreatePolicyVersion", "LimitExceeded", make_a_sixth_version),
        ErrorCase("CreatePolicyVersion", "MalformedPolicyDocument", make_a_version_nobody_understands),
        ErrorCase("DeletePolicy", "DeleteConflict", delete_an_attached_policy),
        ErrorCase("DeletePolicyVersion", "DeleteConflict", delete_the_default_version),
        ErrorCase("TagPolicy", "LimitExceeded", give_a_policy_too_many_tags),
        *(with_arn(operation, "NoSuchEntity", missing) for operation in ON_A_POLICY),
        *(with_arn(operation, "InvalidInput", not_a_policy) for operation in ON_A_POLICY),
    ),
    unreachable=never(
        "LimitExceeded", "it uses nothing up", "DeletePolicy", "DeletePolicyVersion", "SetDefaultPolicyVersion"
    ),
)

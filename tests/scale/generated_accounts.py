"""A generated account as a dump, in the form that `aws iam get-account-authorization-details` prints.

The same size gives the same dump. What it holds is spread so that each kind of part occurs: tags, inline and attached
policies of the account and of AWS, several versions, boundaries, memberships, instance profiles, roles that trust
services, users and each other.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

ACCOUNT = "111122223333"
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
WORDS = ("orders", "billing", "search", "media", "audit", "mail", "ledger", "stock")


@dataclass(frozen=True, kw_only=True)
class Size:
    """How many entities of each kind. The quotas of AWS allow no more than these."""

    users: int = 5000
    groups: int = 300
    roles: int = 1000
    policies: int = 1500
    instance_profiles: int = 500


def dump(size: Size, account: str = ACCOUNT) -> dict[str, Any]:
    """The dump, as what `json.dumps` takes."""
    return {
        "UserDetailList": [_user(number, size, account) for number in range(size.users)],
        "GroupDetailList": [_group(number, size, account) for number in range(size.groups)],
        "RoleDetailList": [_role(number, size, account) for number in range(size.roles)],
        "Policies": [_policy(number, account) for number in range(size.policies)],
    }


def write_dump(size: Size, account: str = ACCOUNT) -> bytes:
    """The dump as a file."""
    return json.dumps(dump(size, account), indent=4).encode()


def document(number: int, version: int = 1) -> dict[str, Any]:
    """A policy of three statements, another one for each number."""
    word = WORDS[number % len(WORDS)]
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "Read",
                "Effect": "Allow",
                "Action": ["s3:GetObject", "s3:ListBucket", f"{('sqs', 'sns', 'kms')[number % 3]}:List*"],
                "Resource": [f"arn:aws:s3:::{word}-{number}", f"arn:aws:s3:::{word}-{number}/v{version}/*"],
            },
            {
                "Sid": "Write",
                "Effect": "Allow",
                "Action": "dynamodb:PutItem",
                "Resource": f"arn:aws:dynamodb:eu-west-1:{ACCOUNT}:table/{word}-{number}",
                "Condition": {"StringEquals": {"aws:PrincipalTag/team": f"team-{number % 40}"}},
            },
            {
                "Sid": "Guard",
                "Effect": "Deny",
                "Action": "*",
                "Resource": "*",
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            },
        ],
    }


def policy_name(number: int) -> str:
    return f"{WORDS[number % len(WORDS)]}-policy-{number:04d}"


def user_name(number: int) -> str:
    return f"user-{number:04d}"


def role_name(number: int) -> str:
    return f"role-{number:04d}"


def group_name(number: int) -> str:
    return f"group-{number:03d}"


def policy_arn(number: int, account: str) -> str:
    return f"arn:aws:iam::{account}:policy/generated/{policy_name(number)}"


def _attached(count: int, number: int, size: Size, account: str) -> list[dict[str, str]]:
    own = {(number * 7 + step * 13) % size.policies for step in range(count)} if size.policies else set()
    shown = [{"PolicyName": policy_name(each), "PolicyArn": policy_arn(each, account)} for each in sorted(own)]
    return shown + ([{"PolicyName": "ReadOnlyAccess", "PolicyArn": READ_ONLY}] if number % 5 == 0 else [])


def _inline(number: int, *, every: int) -> list[dict[str, Any]]:
    return [{"PolicyName": "own", "PolicyDocument": document(number)}] if number % every == 0 else []


def _boundary(number: int, size: Size, account: str) -> dict[str, Any]:
    if number % 10 or not size.policies:
        return {}
    arn = policy_arn(number % size.policies, account)
    return {"PermissionsBoundary": {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": arn}}


def _tags(number: int) -> list[dict[str, str]]:
    return [{"Key": "team", "Value": f"team-{number % 40}"}, {"Key": "stage", "Value": ("dev", "prod")[number % 2]}]


def _user(number: int, size: Size, account: str) -> dict[str, Any]:
    groups = sorted({(number + step * 97) % size.groups for step in range(number % 4)}) if size.groups else []
    return {
        "Path": f"/team-{number % 40}/",
        "UserName": user_name(number),
        "UserId": f"AIDA{number:017d}",
        "Arn": f"arn:aws:iam::{account}:user/team-{number % 40}/{user_name(number)}",
        "CreateDate": "2021-03-04T05:06:07+00:00",
        **({"UserPolicyList": _inline(number, every=3)} if number % 3 == 0 else {}),
        "GroupList": [group_name(each) for each in groups],
        "AttachedManagedPolicies": _attached(number % 3, number, size, account),
        **_boundary(number, size, account),
        "Tags": _tags(number),
    }


def _group(number: int, size: Size, account: str) -> dict[str, Any]:
    return {
        "Path": "/",
        "GroupName": group_name(number),
        "GroupId": f"AGPA{number:017d}",
        "Arn": f"arn:aws:iam::{account}:group/{group_name(number)}",
        "CreateDate": "2021-03-04T05:06:07+00:00",
        "GroupPolicyList": _inline(number, every=2),
        "AttachedManagedPolicies": _attached(3, number, size, account),
    }


def _trust(number: int, size: Size, account: str) -> dict[str, Any]:
    trusted: dict[str, Any] = {"Service": "ec2.amazonaws.com"}
    if number % 4 == 1:
        trusted = {"AWS": f"arn:aws:iam::{account}:root"}
    elif number % 4 == 2 and size.users:
        user = number % size.users
        trusted = {"AWS": f"arn:aws:iam::{account}:user/team-{user % 40}/{user_name(user)}"}
    elif number % 4 == 3:
        # In a ring, so that no order of creation would do.
        nexts = (number, (number + 4) % size.roles)
        trusted = {"AWS": [f"arn:aws:iam::{account}:role/{role_name(each)}" for each in dict.fromkeys(nexts)]}
    return {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": trusted, "Action": "sts:AssumeRole"}],
    }


def _role(number: int, size: Size, account: str) -> dict[str, Any]:
    shown = {
        "Path": "/",
        "RoleName": role_name(number),
        "RoleId": f"AROA{number:017d}",
        "Arn": f"arn:aws:iam::{account}:role/{role_name(number)}",
        "CreateDate": "2021-03-04T05:06:07+00:00",
        "AssumeRolePolicyDocument": _trust(number, size, account),
    }
    profile = {
        "Path": "/",
        "InstanceProfileName": f"profile-{number:04d}",
        "InstanceProfileId": f"AIPA{number:017d}",
        "Arn": f"arn:aws:iam::{account}:instance-profile/profile-{number:04d}",
        "CreateDate": "2021-03-04T05:06:07+00:00",
        "Roles": [shown],
    }
    return {
        **shown,
        "InstanceProfileList": [profile] if number < size.instance_profiles else [],
        "RolePolicyList": _inline(number, every=4),
        "AttachedManagedPolicies": _attached(3, number, size, account),
        **_boundary(number, size, account),
        "Tags": _tags(number),
        "RoleLastUsed": {"LastUsedDate": "2024-05-06T07:08:09+00:00", "Region": "eu-west-1"} if number % 2 else {},
    }


def _policy(number: int, account: str) -> dict[str, Any]:
    # Versions that were deleted left gaps.
    ids = [1 + number % 2, 3, 5][: 1 + number % 3]
    return {
        "PolicyName": policy_name(number),
        "PolicyId": f"ANPA{number:017d}",
        "Arn": policy_arn(number, account),
        "Path": "/generated/",
        "DefaultVersionId": f"v{ids[-1]}",
        "AttachmentCount": 1,
        "PermissionsBoundaryUsageCount": 0,
        "IsAttachable": True,
        "CreateDate": "2021-03-04T05:06:07+00:00",
        "UpdateDate": "2022-03-04T05:06:07+00:00",
        "PolicyVersionList": [
            {
                "Document": document(number, each),
                "VersionId": f"v{each}",
                "IsDefaultVersion": each == ids[-1],
                "CreateDate": "2021-03-04T05:06:07+00:00",
            }
            for each in reversed(ids)
        ],
    }

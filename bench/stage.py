"""What stands in a server before the load: users, a role, a policy, and a caller.

The caller may do just what the loads ask for. All of it is made by boto3, in the same way on every server.
"""

from __future__ import annotations

import json
from typing import Any

import boto3

from bench.servers import ACCOUNT, ROOT, Server
from bench.signing import REGION, Keys

CALLER = "caller"
ROLE = "worker"
ROLE_ARN = f"arn:aws:iam::{ACCOUNT}:role/{ROLE}"
POLICY = "shared"
POLICY_ARN = f"arn:aws:iam::{ACCOUNT}:policy/{POLICY}"
USERS = tuple(f"user-{number:03}" for number in range(100))

PERMISSIONS = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "Users",
                "Effect": "Allow",
                "Action": [
                    "iam:GetUser",
                    "iam:CreateUser",
                    "iam:TagUser",
                    "iam:PutUserPolicy",
                    "iam:DeleteUserPolicy",
                    "iam:DeleteUser",
                    "iam:CreateLoginProfile",
                    "iam:DeleteLoginProfile",
                    "iam:ChangePassword",
                ],
                "Resource": f"arn:aws:iam::{ACCOUNT}:user/*",
            },
            {"Sid": "List", "Effect": "Allow", "Action": "iam:List*", "Resource": "*"},
            {"Sid": "Work", "Effect": "Allow", "Action": ["sts:AssumeRole", "iam:GetRole"], "Resource": ROLE_ARN},
            {"Sid": "Policy", "Effect": "Allow", "Action": "iam:GetPolicy", "Resource": POLICY_ARN},
        ],
    }
)
DOCUMENT = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": ["s3:GetObject", "s3:ListBucket"],
                "Resource": ["arn:aws:s3:::reports", "arn:aws:s3:::reports/*"],
            }
        ],
    }
)
"""A small policy for what the loads make."""

TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:user/{CALLER}"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
)


def root_client(server: Server) -> Any:
    """boto3's client of IAM for the account's root."""
    return boto3.client(
        "iam",
        endpoint_url=server.endpoint,
        region_name=REGION,
        aws_access_key_id=ROOT.access_key_id,
        aws_secret_access_key=ROOT.secret_access_key,
    )


def prepare(server: Server) -> Keys:
    """Fill the server; gives the caller's key."""
    iam = root_client(server)
    for name in (*USERS, CALLER):
        iam.create_user(UserName=name)
    iam.put_user_policy(UserName=CALLER, PolicyName="load", PolicyDocument=PERMISSIONS)
    iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=TRUST)
    iam.create_policy(PolicyName=POLICY, PolicyDocument=DOCUMENT)
    key = iam.create_access_key(UserName=CALLER)["AccessKey"]
    return Keys(key["AccessKeyId"], key["SecretAccessKey"])

"""What stands in a server before the load: users, a role, and a caller that may do just what the load asks for.

Made by boto3, in the same way on every server.
"""

from __future__ import annotations

import json

import boto3

from bench.servers import ACCOUNT, ROOT, Server
from bench.signing import REGION, Keys

CALLER = "caller"
ROLE = "worker"
ROLE_ARN = f"arn:aws:iam::{ACCOUNT}:role/{ROLE}"
USERS = tuple(f"user-{number:03}" for number in range(100))

PERMISSIONS = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "Users",
                "Effect": "Allow",
                "Action": ["iam:GetUser", "iam:CreateUser", "iam:DeleteUser"],
                "Resource": f"arn:aws:iam::{ACCOUNT}:user/*",
            },
            {"Sid": "List", "Effect": "Allow", "Action": "iam:List*", "Resource": "*"},
            {"Sid": "Work", "Effect": "Allow", "Action": "sts:AssumeRole", "Resource": ROLE_ARN},
        ],
    }
)
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


def prepare(server: Server) -> Keys:
    """Fill the server; gives the caller's key."""
    iam = boto3.client(
        "iam",
        endpoint_url=server.endpoint,
        region_name=REGION,
        aws_access_key_id=ROOT.access_key_id,
        aws_secret_access_key=ROOT.secret_access_key,
    )
    for name in (*USERS, CALLER):
        iam.create_user(UserName=name)
    iam.put_user_policy(UserName=CALLER, PolicyName="load", PolicyDocument=PERMISSIONS)
    iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=TRUST)
    key = iam.create_access_key(UserName=CALLER)["AccessKey"]
    return Keys(key["AccessKeyId"], key["SecretAccessKey"])

"""Templates as an operator writes them, for the tests of what is made from them."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

from iam.harness import ACCOUNT, NOW
from rolecall.iam.templates.registration import Template, read_template

RECORDED: dict[str, Any] = json.loads(
    (Path(__file__).parent.parent / "cases" / "iam" / "role_templates.json").read_text()
)

POWER = "arn:aws:iam::aws:role-template/iam.amazonaws.com/PowerUserRoleTemplate:1"
ROTATION = "arn:aws:iam::aws:role-template/secretsmanager.amazonaws.com/RotationRoleTemplate:1"
SETUP = "arn:aws:iam::partner:policy-template/example.com/Setup"
TOPIC = f"arn:aws:sns:us-east-1:{ACCOUNT}:delegations"
BOUNDARY = "arn:aws:iam::partner:policy/permission_boundary/example.com/Reader_20250115"

SETUP_POLICY: dict[str, Any] = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::@{bucketNames}/*"},
        {"@Enabled": "MAKES_ROLES", "Effect": "Allow", "Action": "iam:CreateRole", "Resource": "*"},
        {
            "@Enabled": "!MAKES_ROLES",
            "Effect": "Allow",
            "Action": ["iam:CreateRole"],
            "Resource": "arn:aws:iam::*:role/example.com/*",
            "Condition": {"StringEquals": {"iam:PermissionsBoundary": BOUNDARY}},
        },
    ],
}


def policy_template(*accounts: str, document: Any = None, arn: str = SETUP) -> dict[str, Any]:
    """A policy template that `accounts` may make requests from."""
    return {
        "PolicyTemplate": {
            "TemplateArn": arn,
            "RequestorName": "Example Inc.",
            "RequestorAccountIds": list(accounts or (ACCOUNT,)),
            "PolicyDocumentTemplate": SETUP_POLICY if document is None else document,
        }
    }


def permissions(makes_roles: str = "False", *buckets: str) -> dict[str, Any]:
    """What a request made from it asks for, as boto3 takes it."""
    return {
        "PolicyTemplateArn": SETUP,
        "Parameters": [
            {"Name": "bucketNames", "Values": list(buckets or ("reports",)), "Type": "stringList"},
            {"Name": "MAKES_ROLES", "Values": [makes_roles], "Type": "string"},
        ],
    }


def read(file: Any, now: int = NOW) -> Template:
    """The template in a file."""
    return read_template(json.dumps(file).encode(), now=now, randbits=random.Random(1).getrandbits)


def recorded_template(name: str, **changes: Any) -> Template:
    """A role template of the recorded cases, with other members where `changes` names them."""
    return read({"RoleTemplateVersion": RECORDED["templates"][name]["RoleTemplateVersion"] | changes})

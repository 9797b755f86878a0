"""Roles and sessions, as the tests about STS make them."""

from __future__ import annotations

import json
from typing import Any

from serving import Keys, keys_of

ALLOW_ALL = {"Effect": "Allow", "Action": "*", "Resource": "*"}


def policy(*statements: dict[str, Any]) -> str:
    """A policy document of these statements."""
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def trusting(principal: str, *actions: str, **statement: Any) -> dict[str, Any]:
    """A statement of a trust policy: `principal` may call `actions`, or just AssumeRole."""
    return {
        "Effect": "Allow",
        "Principal": {"AWS": principal},
        "Action": list(actions) or "sts:AssumeRole",
        **statement,
    }


def make_role(account: Any, name: str, *trust: dict[str, Any], **parameters: Any) -> str:
    """Make a role with that trust policy; gives its ARN."""
    made = account.iam.create_role(RoleName=name, AssumeRolePolicyDocument=policy(*trust), **parameters)
    return made["Role"]["Arn"]


def allow(account: Any, role: str, *statements: dict[str, Any]) -> None:
    """Give a role a policy of these statements."""
    account.iam.put_role_policy(RoleName=role, PolicyName="test", PolicyDocument=policy(*statements))


def assume(sts: Any, role_arn: str, **parameters: Any) -> Keys:
    """Assume a role; gives the session's credentials."""
    parameters.setdefault("RoleSessionName", "session")
    return keys_of(sts.assume_role(RoleArn=role_arn, **parameters)["Credentials"])

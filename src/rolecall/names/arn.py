"""Amazon Resource Names: `arn:partition:service:region:account:resource`.

Only the name itself. Which resources exist, and how patterns match them, is decided elsewhere.
"""

from __future__ import annotations

from typing import NewType

import msgspec

from rolecall.errors import InvalidArn

AccountId = NewType("AccountId", str)
"""Twelve digits."""

AWS_ACCOUNT = AccountId("aws")
"""Where AWS's own managed policies live: `arn:aws:iam::aws:policy/…`."""

PARTITIONS = frozenset({"aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "aws-eusc"})
"""The partitions AWS has (botocore's partition table names the same)."""


class Arn(msgspec.Struct, frozen=True, order=True):
    """The six parts of an ARN, without the leading `arn`. `region` and `account` may be empty."""

    partition: str
    service: str
    region: str
    account: str
    resource: str

    def __str__(self) -> str:
        return f"arn:{self.partition}:{self.service}:{self.region}:{self.account}:{self.resource}"

    @property
    def resource_type(self) -> str:
        """What stands before the first `/` or `:` of the resource part: `user`, `role`, `root`, …"""
        return self.resource.split("/", 1)[0].split(":", 1)[0]

    @property
    def resource_name(self) -> str:
        """What stands after the last `/` of the resource part: the name without its path."""
        return self.resource.rsplit("/", 1)[-1]

    @property
    def resource_path(self) -> str:
        """What stands between the type and the name, slashes included: `/` or `/division/team/`."""
        return self.resource[len(self.resource_type) : len(self.resource) - len(self.resource_name)]


def parse_arn(text: str) -> Arn:
    """Split `text` at its first five colons.

    Raises `InvalidArn` if it does not begin with `arn:`, has fewer than six parts, or an empty partition, service or
    resource.
    """
    parts = text.split(":", 5)
    if len(parts) != 6 or parts[0] != "arn" or not (parts[1] and parts[2] and parts[5]):
        raise InvalidArn(f"`{text}` is not an ARN")
    return Arn(*parts[1:])


def is_account_id(text: str) -> bool:
    """Is `text` twelve ASCII digits?"""
    return len(text) == 12 and text.isascii() and text.isdigit()


def iam_arn(account: AccountId, kind: str, path: str, name: str, partition: str = "aws") -> Arn:
    """The ARN of an IAM entity: `kind` is `user`, `role`, …; `path` begins and ends with `/`."""
    return Arn(partition, "iam", "", account, f"{kind}{path}{name}")


def root_arn(account: AccountId, partition: str = "aws") -> Arn:
    """The ARN of an account's root user."""
    return Arn(partition, "iam", "", account, "root")


def session_arn(account: AccountId, role_name: str, session_name: str, partition: str = "aws") -> Arn:
    """The ARN of a role session. It never holds the role's path."""
    return Arn(partition, "sts", "", account, f"assumed-role/{role_name}/{session_name}")


def federated_user_arn(account: AccountId, name: str, partition: str = "aws") -> Arn:
    """The ARN of a session made by GetFederationToken."""
    return Arn(partition, "sts", "", account, f"federated-user/{name}")

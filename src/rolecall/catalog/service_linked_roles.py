"""Which services of AWS have a service-linked role: its name, its policy, and whether its name takes a suffix.

Unlike the rest of this room the table is ours, facts collected one by one in `service_linked_roles.json`: no package
has them. `source` says how each is known: `recorded`, answers of AWS in the tests of localstack/localstack and of
radkawar/stackd; `policies`, the ARN of the role in a managed policy of AWS; `documentation`, the service's own guide.
Who may make the roles, and what becomes of them, is IAM's.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from importlib import resources
from types import MappingProxyType

import msgspec

from rolecall.names.arn import AWS_ACCOUNT, iam_arn

DATA_FILE = "service_linked_roles.json"
PATH = "/aws-service-role/"
"""Where the roles and their policies stand; the roles one folder further down, named after their service."""


class Source(StrEnum):
    """How a service's role is known."""

    RECORDED = "recorded"
    POLICIES = "policies"
    DOCUMENTATION = "documentation"


class LinkedService(msgspec.Struct, frozen=True, kw_only=True):
    """A service with a service-linked role.

    Parameters
    ----------
    principal: the service principal, e.g. `autoscaling.amazonaws.com`; its case matters.
    role_name: the role's name without a suffix.
    policy_arn: the one managed policy of the role.
    takes_suffix: whether an account may have several of the roles, told apart by a suffix. False where it is not known.
    source: how all this is known.
    """

    principal: str
    role_name: str
    policy_arn: str
    takes_suffix: bool
    source: Source

    @property
    def path(self) -> str:
        """The path of the role."""
        return f"{PATH}{self.principal}/"


@cache
def linked_services() -> Mapping[str, LinkedService]:
    """All of them by principal."""
    rows = json.loads(resources.files("rolecall.catalog").joinpath(DATA_FILE).read_text(encoding="utf-8"))
    return MappingProxyType(
        {
            principal: LinkedService(
                principal=principal,
                role_name=row["role"],
                policy_arn=str(iam_arn(AWS_ACCOUNT, "policy", PATH, row["policy"])),
                takes_suffix=row.get("suffix", False),
                source=Source(row["source"]),
            )
            for principal, row in rows.items()
        }
    )


def find_linked_service(principal: str) -> LinkedService | None:
    """The service of that principal, or None if it has no service-linked role or is none that we know."""
    return linked_services().get(principal)

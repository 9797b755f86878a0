"""The loads: which operation is called with which parameters, and how what it leaves behind is removed again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bench.stage import ROLE_ARN, USERS


@dataclass(frozen=True, kw_only=True)
class Load:
    """One operation, called over and over.

    Parameters: `title`, how the tables name it; `service`, the signing name; `parameters`, of the n-th call; `undo`,
    the operation that takes the same parameters and removes what a call has made.
    """

    title: str
    service: str
    action: str
    parameters: Callable[[int], Mapping[str, str]]
    undo: str | None = None


LOADS = (
    Load(
        title="GetUser",
        service="iam",
        action="GetUser",
        parameters=lambda number: {"UserName": USERS[number % len(USERS)]},
    ),
    Load(
        title=f"ListUsers ({len(USERS)})",
        service="iam",
        action="ListUsers",
        parameters=lambda _: {"MaxItems": str(len(USERS))},
    ),
    Load(
        title="CreateUser",
        service="iam",
        action="CreateUser",
        parameters=lambda number: {"UserName": f"new-{number}"},
        undo="DeleteUser",
    ),
    Load(
        title="AssumeRole",
        service="sts",
        action="AssumeRole",
        parameters=lambda number: {"RoleArn": ROLE_ARN, "RoleSessionName": f"session-{number}"},
    ),
    Load(title="GetCallerIdentity", service="sts", action="GetCallerIdentity", parameters=lambda _: {}),
)

"""A caller who does not call: made from the name of a principal, to ask what it could do.

Real callers are made from credentials, in `rolecall.state.caller`; nothing here may serve as proof of who someone is.
"""

from __future__ import annotations

import re

from rolecall.decision.principal import IamUser, RootUser
from rolecall.errors import InvalidArn, NoSuchEntity
from rolecall.names.arn import AccountId, Arn, is_account_id, parse_arn, root_arn
from rolecall.state.caller import Caller, caller_of_session
from rolecall.state.entities import Account, Role, User
from rolecall.state.session import Session, SessionKind
from rolecall.state.world import World

SESSION_NAME = "rolecall-check"
"""The name of the session when a role is asked about without one."""

SESSION_DURATION = 3600
"""Seconds."""

PRINCIPAL_FORMS = "give the ARN of a user, a role, a role session or root, or an account id"

_SESSION_NAME = re.compile(r"[A-Za-z0-9_+=,.@-]{2,64}")
"""The API model's pattern of `RoleSessionName`."""


def caller_by_arn(world: World, principal: str, *, now: int) -> Caller:
    """The caller that `principal` names, as if it called with plain credentials of its own.

    Parameters
    ----------
    principal: the ARN of a user, of root, of a role session, or of a role, which stands for a session called
        `SESSION_NAME`; or an account id, which stands for its root user.
    now: when the session begins, in seconds since the epoch.

    Sessions are without session policies, session tags, MFA and source identity.

    Raises `InvalidArn` for what names no principal that can call, `NoSuchEntity` for one that is not in `world`.
    """
    arn = root_arn(AccountId(principal)) if is_account_id(principal) else parse_arn(principal)
    account = AccountId(arn.account)
    if world.get(Account, account) is None:
        raise NoSuchEntity(f"there is no account `{account}` here, and so no `{principal}`")
    match arn.service, arn.resource_type:
        case "iam", "root" if arn == root_arn(account):
            return Caller(principal=RootUser(account), access_key_id="")
        case "iam", "user":
            return Caller(principal=_user(world, arn), access_key_id="")
        case "iam", "role":
            return _session(world, _role(world, arn), SESSION_NAME, now)
        case "sts", "assumed-role":
            return _session(world, *_role_of_session(world, arn), now)
        case "sts", "federated-user":
            raise InvalidArn(
                f"`{principal}` is a federated user, and what it may do lies in its session policies, which are stored "
                "nowhere: ask about the user that issues the session"
            )
    raise InvalidArn(f"`{principal}` is nobody who can call: {PRINCIPAL_FORMS}")


def _user(world: World, arn: Arn) -> IamUser:
    user = world.named(User, AccountId(arn.account), arn.resource_name)
    if user is None or user.arn != arn:
        raise NoSuchEntity(_missing("user", arn, user))
    return IamUser(account=user.account, user_id=user.id, name=user.name, arn=user.arn)


def _role(world: World, arn: Arn) -> Role:
    role = world.named(Role, AccountId(arn.account), arn.resource_name)
    if role is None or role.arn != arn:
        raise NoSuchEntity(_missing("role", arn, role))
    return role


def _role_of_session(world: World, arn: Arn) -> tuple[Role, str]:
    _, _, names = arn.resource.partition("/")
    role_name, _, session_name = names.partition("/")
    if arn.partition != "aws" or arn.region or not _SESSION_NAME.fullmatch(session_name):
        raise InvalidArn(
            f"`{arn}` is no role session: write `arn:aws:sts::{arn.account}:assumed-role/ROLE/SESSION`, where "
            "the name of the session has 2 to 64 characters"
        )
    role = world.named(Role, AccountId(arn.account), role_name)
    if role is None or role.name != role_name:
        raise NoSuchEntity(f"there is no role `{role_name}` in account `{arn.account}`")
    return role, session_name


def _missing(noun: str, arn: Arn, similar: User | Role | None) -> str:
    hint = f"; the {noun} of that name is `{similar.arn}`" if similar is not None else ""
    return f"there is no {noun} `{arn}` here{hint}"


def _session(world: World, role: Role, name: str, now: int) -> Caller:
    return caller_of_session(
        world,
        Session(
            kind=SessionKind.ROLE,
            account=role.account,
            principal_id=role.id,
            name=name,
            access_key_id="",
            secret_access_key="",
            issued_at=now,
            expires_at=now + SESSION_DURATION,
        ),
    )

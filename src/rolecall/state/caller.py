"""Who is calling: the principal that credentials stand for, found in the world as it is now.

The credentials have been verified already (signature, token, expiry). Here it is decided whether what they stand for
still exists: a deleted user or role ends its keys and sessions, and one made anew under the same name has another id.
"""

from __future__ import annotations

import msgspec

from rolecall.decision.principal import AccountPrincipal, AssumedRole, FederatedUser, IamUser, RootUser
from rolecall.errors import ExpiredToken, InvalidClientTokenId
from rolecall.state.credentials import AccessKey
from rolecall.state.entities import Account, Role, User
from rolecall.state.session import Session, SessionKind
from rolecall.state.world import World

INVALID_TOKEN = "The security token included in the request is invalid."
EXPIRED_TOKEN = "The security token included in the request is expired"
"""AWS's texts of `InvalidClientTokenId` and `ExpiredToken` (wire.md §2)."""


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    """An authenticated caller. `session` is None for long-term keys."""

    principal: AccountPrincipal
    access_key_id: str
    session: Session | None = None


def caller_of_key(world: World, access_key: AccessKey) -> Caller:
    """Whom a long-term key stands for. Raises `InvalidClientTokenId` if its user is gone or the key is inactive."""
    if not access_key.is_active or world.get(Account, access_key.account) is None:
        raise InvalidClientTokenId(INVALID_TOKEN)
    if access_key.user_id is None:
        principal: AccountPrincipal = RootUser(access_key.account)
    else:
        principal = _user(world, access_key.user_id)
    return Caller(principal=principal, access_key_id=access_key.access_key_id)


def check_not_expired(caller: Caller, now: float) -> None:
    """Raise `ExpiredToken` if the caller's session is over at `now`, in seconds since the epoch."""
    if caller.session is not None and now >= caller.session.expires_at:
        raise ExpiredToken(EXPIRED_TOKEN)


def still_calling(world: World, caller: Caller) -> Caller:
    """The same caller as `world` knows it: for what was authenticated against an older one.

    Raises `InvalidClientTokenId` if the credentials have ended since.
    """
    if caller.session is not None:
        return caller_of_session(world, caller.session)
    access_key = world.get(AccessKey, caller.access_key_id)
    if access_key is None:
        raise InvalidClientTokenId(INVALID_TOKEN)
    return caller_of_key(world, access_key)


def caller_of_session(world: World, session: Session) -> Caller:
    """Whom a session stands for. Raises `InvalidClientTokenId` if its role or user is gone."""
    if world.get(Account, session.account) is None:
        raise InvalidClientTokenId(INVALID_TOKEN)
    principal: AccountPrincipal
    match session.kind:
        case SessionKind.ROOT:
            principal = RootUser(session.account)
        case SessionKind.USER:
            principal = _user(world, session.principal_id)
        case SessionKind.ROLE:
            principal = _assumed_role(world, session)
        case SessionKind.FEDERATED_USER:
            issuer = _user(world, session.principal_id) if session.principal_id else RootUser(session.account)
            principal = FederatedUser(account=session.account, name=session.name, issuer=issuer)
    return Caller(principal=principal, access_key_id=session.access_key_id, session=session)


def caller_id(principal: AccountPrincipal) -> str:
    """What AWS calls the `UserId` of a principal, and as a condition key `aws:userid` (sts.md §7)."""
    match principal:
        case RootUser(account=account):
            return account
        case IamUser(user_id=user_id):
            return user_id
        case AssumedRole(role_id=role_id, session_name=name):
            return f"{role_id}:{name}"
        case FederatedUser(account=account, name=name):
            return f"{account}:{name}"


def _user(world: World, user_id: str) -> IamUser:
    user = world.get(User, user_id)
    if user is None:
        raise InvalidClientTokenId(INVALID_TOKEN)
    return IamUser(account=user.account, user_id=user.id, name=user.name, arn=user.arn)


def _assumed_role(world: World, session: Session) -> AssumedRole:
    role = world.get(Role, session.principal_id)
    if role is None:
        raise InvalidClientTokenId(INVALID_TOKEN)
    return AssumedRole(
        account=role.account,
        role_id=role.id,
        role_name=role.name,
        role_arn=role.arn,
        session_name=session.name,
    )

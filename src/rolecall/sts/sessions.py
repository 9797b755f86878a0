"""Opening a session: fresh credentials, a sealed token, and the members of the answer that tell them."""

from __future__ import annotations

import msgspec

from rolecall.errors import PackedPolicyTooLarge
from rolecall.names.arn import AccountId
from rolecall.names.ids import IdPrefix
from rolecall.operations.transaction import Transaction
from rolecall.state.entities import Tag
from rolecall.state.session import Session, SessionKind
from rolecall.sts.tokens import TOKEN_SIZE_LIMIT, seal_token


class SessionRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What a session is to be, before it has credentials. Members as in `Session`; `duration` in seconds.

    `minimum_token_size`: the token gets at least this many bytes.
    """

    kind: SessionKind
    account: AccountId
    principal_id: str = ""
    name: str = ""
    duration: int
    policies: tuple[str, ...] = ()
    policy_arns: tuple[str, ...] = ()
    tags: tuple[Tag, ...] = ()
    transitive_tag_keys: tuple[str, ...] = ()
    source_identity: str | None = None
    mfa_at: int | None = None
    minimum_token_size: int = 0


class OpenedSession(msgspec.Struct, frozen=True):
    """A session and its token."""

    session: Session
    token: str


def open_session(tx: Transaction, request: SessionRequest) -> OpenedSession:
    """Make the credentials of a session. Writes nothing.

    Raises `PackedPolicyTooLarge` if the token would exceed the size that clients can rely on.
    """
    access_key_id, secret = tx.new_credentials(IdPrefix.TEMPORARY_KEY, request.account)
    session = Session(
        kind=request.kind,
        account=request.account,
        principal_id=request.principal_id,
        name=request.name,
        access_key_id=access_key_id,
        secret_access_key=secret,
        issued_at=tx.now,
        expires_at=tx.now + request.duration,
        policies=request.policies,
        policy_arns=request.policy_arns,
        tags=request.tags,
        transitive_tag_keys=request.transitive_tag_keys,
        source_identity=request.source_identity,
        mfa_at=request.mfa_at,
    )
    key, randbits = tx.token_key, tx.surroundings.randbits
    token = seal_token(session, key, randbits)
    if len(token) > TOKEN_SIZE_LIMIT:
        raise PackedPolicyTooLarge(
            f"Packed policy consumes {utilization(token)}% of allotted space, please use smaller policy."
        )
    if len(token) < request.minimum_token_size:
        missing = request.minimum_token_size - len(token)
        session = msgspec.structs.replace(session, padding=bytes(missing))
        token = seal_token(session, key, randbits)
    return OpenedSession(session, token)


def credentials_answer(opened: OpenedSession) -> dict[str, object]:
    """The members `Credentials`, `SessionTokenSize` and `SessionTokenUtilization` of an answer."""
    return {
        "Credentials": {
            "AccessKeyId": opened.session.access_key_id,
            "SecretAccessKey": opened.session.secret_access_key,
            "SessionToken": opened.token,
            "Expiration": opened.session.expires_at,
        },
        "SessionTokenSize": len(opened.token),
        "SessionTokenUtilization": utilization(opened.token),
    }


def utilization(token: str) -> int:
    """How much of the allotted size a token takes, in whole percent, rounded up."""
    return -(-100 * len(token) // TOKEN_SIZE_LIMIT)

"""Opening a session: fresh credentials, a sealed token, and the members of the answer that tell them."""

from __future__ import annotations

import msgspec

from rolecall.names.ids import IdPrefix
from rolecall.operations.transaction import Transaction
from rolecall.state.session import Session, SessionFacts
from rolecall.sts.session_policies import policies_too_large
from rolecall.sts.tokens import TOKEN_SIZE_LIMIT, seal_token


class SessionRequest(SessionFacts, frozen=True, kw_only=True):
    """What a session is to be, before it has credentials.

    Parameters: `duration`, in seconds; `minimum_token_size`: the token gets at least this many bytes.
    """

    duration: int
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
        **{name: getattr(request, name) for name in SessionFacts.__struct_fields__},
        access_key_id=access_key_id,
        secret_access_key=secret,
        issued_at=tx.now,
        expires_at=tx.now + request.duration,
    )
    key, randbits = tx.token_key, tx.surroundings.randbits
    token = seal_token(session, key, randbits)
    if len(token) > TOKEN_SIZE_LIMIT:
        raise policies_too_large(utilization(token))
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

"""GetSessionToken: temporary credentials of a user, or of root, with exactly its own permissions."""

from __future__ import annotations

from rolecall.decision.principal import IamUser, RootUser
from rolecall.errors import AccessDenied
from rolecall.operations.registry import Answer, always
from rolecall.operations.transaction import Transaction
from rolecall.state.session import SessionKind
from rolecall.sts.mfa import brings_code, use_mfa
from rolecall.sts.registry import operation
from rolecall.sts.sessions import SessionRequest, credentials_answer, open_session

DEFAULT_DURATION = 43200
MOST_FOR_ROOT = 3600
"""Seconds, as `DEFAULT_DURATION`."""


@operation("GetSessionToken", access=always, writes=brings_code)
def get_session_token(
    tx: Transaction,
    *,
    duration_seconds: int = DEFAULT_DURATION,
    serial_number: str | None = None,
    token_code: str | None = None,
    minimum_session_token_size: int = 0,
) -> Answer:
    """Policies have no effect on it; it takes long-term keys. Root's duration is lowered to an hour (sts.md §1)."""
    principal = tx.principal
    if tx.caller.session is not None or not isinstance(principal, IamUser | RootUser):
        raise AccessDenied("Cannot call GetSessionToken with session credentials")
    mfa_at = use_mfa(tx, serial_number, token_code)
    is_root = isinstance(principal, RootUser)
    opened = open_session(
        tx,
        SessionRequest(
            kind=SessionKind.ROOT if is_root else SessionKind.USER,
            account=principal.account,
            principal_id="" if isinstance(principal, RootUser) else principal.user_id,
            duration=min(duration_seconds, MOST_FOR_ROOT) if is_root else duration_seconds,
            mfa_at=mfa_at,
            minimum_token_size=minimum_session_token_size,
        ),
    )
    return credentials_answer(opened)

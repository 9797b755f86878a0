"""What certain sessions may not call at all, whatever their policies say (evaluation.md §11).

| session              | IAM                      | STS                                   |
|----------------------|--------------------------|---------------------------------------|
| GetSessionToken      | only if MFA was used     | only AssumeRole and GetCallerIdentity |
| GetFederationToken   | nothing                  | only GetCallerIdentity                |
"""

from __future__ import annotations

from rolecall.errors import AccessDenied, ApiError, InvalidClientTokenId
from rolecall.state.caller import INVALID_TOKEN, Caller
from rolecall.state.session import SessionKind

_STS_OF: dict[SessionKind, frozenset[str]] = {
    SessionKind.USER: frozenset({"AssumeRole", "GetCallerIdentity"}),
    SessionKind.ROOT: frozenset({"AssumeRole", "GetCallerIdentity"}),
    SessionKind.FEDERATED_USER: frozenset({"GetCallerIdentity"}),
}


def check_restrictions(caller: Caller, service: str, operation: str) -> None:
    """Refuse what the caller's kind of session excludes.

    Raises `InvalidClientTokenId` on IAM, `AccessDenied` on STS.
    """
    session = caller.session
    if session is None or session.kind not in _STS_OF:
        return
    refusal: ApiError | None = None
    if service == "iam" and (session.kind is SessionKind.FEDERATED_USER or session.mfa_at is None):
        refusal = InvalidClientTokenId(INVALID_TOKEN)
    elif service == "sts" and operation not in _STS_OF[session.kind]:
        refusal = AccessDenied(f"Cannot call {operation} with session credentials")
    if refusal is not None:
        raise refusal

"""The states of a delegation request: finding one, whether it may move on, and what moving does.

Which call moves what is in `delegation_requests`. Source: IAM user guide, "Understanding the Request Lifecycle"; the
texts of errors are guesses.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from rolecall.errors import ApiError, InvalidInput, NoSuchEntity
from rolecall.operations.transaction import Transaction
from rolecall.state.delegation import DelegationRequest, DelegationState

DAY = 24 * 60 * 60
LIFETIMES = dict.fromkeys(DelegationState, 7 * DAY) | {DelegationState.UNASSIGNED: DAY}
"""How long a request may stay in a state before it expires, in seconds."""

RETENTION = 7 * DAY
"""How long an expired request can still be seen. AWS says that it deletes them "eventually"."""

UNDER_REVIEW = (DelegationState.ASSIGNED, DelegationState.PENDING_APPROVAL)


def find_request(tx: Transaction, request_id: str) -> DelegationRequest:
    """The request of that id. Raises `NoSuchEntity` if there is none, or it expired too long ago to be shown."""
    request = tx.world.get(DelegationRequest, request_id)
    if request is None or is_forgotten(tx, request):
        raise NoSuchEntity(f"The delegation request with id {request_id} cannot be found.")
    return request


def check_state(
    tx: Transaction,
    request: DelegationRequest,
    allowed: Sequence[DelegationState],
    participle: str,
    error: type[ApiError] = InvalidInput,
) -> None:
    """Raise `error` unless the request is in one of the states `allowed`; `participle` says what it cannot be."""
    state = request.state(tx.now)
    if state not in allowed:
        raise error(f"Delegation request {request.request_id} is in state {state} and cannot be {participle}.")


def move(tx: Transaction, request: DelegationRequest, state: DelegationState) -> None:
    """Write `request` as one that has come into `state` now."""
    tx.put(replace(request, stored_state=state, updated_at=tx.now, expires_at=tx.now + LIFETIMES[state]))


def is_forgotten(tx: Transaction, request: DelegationRequest) -> bool:
    """Did the request expire so long ago that nobody is shown it any more?"""
    return tx.now >= request.expires_at + RETENTION

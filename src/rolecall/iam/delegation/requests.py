"""Delegation requests: somebody asks for temporary access to an account, somebody there grants it.

UNASSIGNED → ASSIGNED → (PENDING_APPROVAL) → ACCEPTED → FINALIZED, or REJECTED, or EXPIRED by the clock. Who may move a
request is in `delegation_access`, how in `delegation_lifecycle`; the credentials themselves are STS's. Source: the
model's documentation; IAM user guide, "IAM temporary delegation". No answer of AWS is known: texts are guesses.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from rolecall.decision.principal import AssumedRole, FederatedUser, IamUser, RootUser
from rolecall.errors import (
    AccessDenied,
    ConcurrentModification,
    EntityAlreadyExists,
    InvalidArn,
    InvalidInput,
)
from rolecall.iam.delegation.access import on_new_request, on_request, on_requests_of_owner
from rolecall.iam.delegation.answers import policy_document, shown_request
from rolecall.iam.delegation.lifecycle import LIFETIMES, UNDER_REVIEW, check_state, find_request, is_forgotten, move
from rolecall.iam.delegation.permission_check import check_permissions
from rolecall.iam.delegation.policies import make_policy
from rolecall.iam.paging import page
from rolecall.iam.quotas import DELEGATION_REQUESTS
from rolecall.iam.registry import operation
from rolecall.names.arn import AccountId, parse_arn
from rolecall.names.ids import new_secret_access_key
from rolecall.operations.registry import Answer
from rolecall.operations.transaction import Transaction
from rolecall.state.caller import Caller, caller_id
from rolecall.state.delegation import (
    Approver,
    DelegationRequest,
    DelegationState,
    ExchangeToken,
    Owner,
    PolicyTemplate,
)
from rolecall.state.sealed_fields import purpose
from rolecall.state.session import SessionFacts, SessionKind

ROOT_DURATION = 4 * 60 * 60
"""The longest access that a root user can grant, in seconds (IAM user guide, "IAM temporary delegation")."""

NOTIFICATION_CHANNEL = re.compile(r"sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,256}(\.fifo)?")

NO_NOTIFICATION = "Nobody is notified: the server cannot reach a partner's SNS topic."


@operation(
    "CreateDelegationRequest",
    access=on_new_request,
    writes=True,
    differs="Takes the policy templates that the operator registered with `rolecall template put`, from the accounts "
    f"named there. {NO_NOTIFICATION} The console link is that of AWS's console.",
)
def create_delegation_request(
    tx: Transaction,
    *,
    description: str,
    permissions: Mapping[str, Any],
    requestor_workflow_id: str,
    notification_channel: str,
    session_duration: int,
    owner_account_id: str | None = None,
    request_message: str | None = None,
    redirect_url: str | None = None,
    only_send_by_owner: bool = False,
) -> Answer:
    """Ask for temporary access.

    Raises `EntityAlreadyExists` if the requestor has a request of that workflow id, `InvalidInput` if the template, its
    parameters or the notification channel are not the requestor's.
    """
    template, parameters, policy = make_policy(tx, permissions)
    _check_channel(template, notification_channel)
    own = _without_expired(tx)
    if any(request.workflow_id == requestor_workflow_id for request in own):
        raise EntityAlreadyExists(f"A delegation request with workflow id {requestor_workflow_id} already exists.")
    DELEGATION_REQUESTS.check(len(own) + 1)
    request = DelegationRequest(
        account=tx.account,
        request_id=str(uuid.UUID(int=tx.surroundings.randbits(128), version=4)),
        requestor_name=template.requestor_name,
        workflow_id=requestor_workflow_id,
        owner_account=AccountId(owner_account_id) if owner_account_id is not None else None,
        description=description,
        request_message=request_message,
        template_arn=str(template.arn),
        parameters=parameters,
        policy=policy,
        redirect_url=redirect_url,
        notification_channel=notification_channel,
        session_duration=session_duration,
        only_send_by_owner=only_send_by_owner,
        created_at=tx.now,
        updated_at=tx.now,
        expires_at=tx.now + LIFETIMES[DelegationState.UNASSIGNED],
    )
    tx.put(request)
    return {
        "ConsoleDeepLink": f"https://console.aws.amazon.com/iam/home#/delegation-requests/{request.request_id}",
        "DelegationRequestId": request.request_id,
    }


@operation("AssociateDelegationRequest", access=on_request, writes=True, differs=NO_NOTIFICATION)
def associate_delegation_request(tx: Transaction, *, delegation_request_id: str) -> Answer:
    """Make the caller the owner of a request, and its account the one whose access is asked for."""
    request = find_request(tx, delegation_request_id)
    check_state(tx, request, (DelegationState.UNASSIGNED,), "associated")
    owner = Owner(str(tx.principal.arn), caller_id(tx.principal))
    move(tx, replace(request, owner=owner, owner_account=tx.account), DelegationState.ASSIGNED)
    return None


@operation("GetDelegationRequest", access=on_request, is_slow=True)
def get_delegation_request(
    tx: Transaction, *, delegation_request_id: str, delegation_permission_check: bool = False
) -> Answer:
    """Show a request and, if asked to, whether the caller has the permissions that it asks for."""
    request = find_request(tx, delegation_request_id)
    answer: dict[str, object] = {"DelegationRequest": shown_request(tx, request)}
    if delegation_permission_check:
        answer["PermissionCheckStatus"] = "COMPLETE"
        answer["PermissionCheckResult"] = check_permissions(tx, policy_document(request))
    return answer


@operation("ListDelegationRequests", access=on_requests_of_owner)
def list_delegation_requests(
    tx: Transaction, *, owner_id: str | None = None, marker: str | None = None, max_items: int | None = None
) -> Answer:
    """List the requests that identities of the account own, or one of them.

    Everybody may list the own ones: those are told by the caller's unique id, for the ARN may have been another's.

    Raises `InvalidInput` if `owner_id` is no ARN.
    """
    if owner_id is not None:
        _check_arn(owner_id)
    owned = ((each, each.owner) for each in tx.world.parts_of(DelegationRequest, tx.account) if each.owner is not None)
    own_id = caller_id(tx.principal) if owner_id == str(tx.principal.arn) else None
    answer = page(
        (each for each, owner in owned if owner_id in (None, owner.arn) and own_id in (None, owner.user_id)),
        order=lambda request: request.request_id,
        member="DelegationRequests",
        render=lambda request: shown_request(tx, request),
        marker=marker,
        max_items=max_items,
    )
    answer["isTruncated"] = answer.pop("IsTruncated")  # so the model spells it here
    return answer


@operation("UpdateDelegationRequest", access=on_request, writes=True, differs=NO_NOTIFICATION)
def update_delegation_request(tx: Transaction, *, delegation_request_id: str, notes: str | None = None) -> Answer:
    """Forward a request to those who may accept it, with a note for them. Notes that are not given stay."""
    request = find_request(tx, delegation_request_id)
    check_state(tx, request, UNDER_REVIEW, "updated")
    move(tx, replace(request, notes=request.notes if notes is None else notes), DelegationState.PENDING_APPROVAL)
    return None


@operation("AcceptDelegationRequest", access=on_request, writes=True, differs=NO_NOTIFICATION)
def accept_delegation_request(tx: Transaction, *, delegation_request_id: str) -> Answer:
    """Grant what a request asks for, as far as the caller's own permissions reach.

    Raises `ConcurrentModification` if the request is no longer under review: the model names no other error for that.
    """
    request = find_request(tx, delegation_request_id)
    check_state(tx, request, UNDER_REVIEW, "accepted", ConcurrentModification)
    if isinstance(tx.principal, RootUser) and request.session_duration > ROOT_DURATION:
        raise AccessDenied(
            f"User: {tx.principal.arn} cannot accept delegation request {delegation_request_id}: "
            f"a root user grants access for at most {ROOT_DURATION} seconds"
        )
    approver = Approver(str(tx.principal.arn), facts_of(tx.caller))
    move(tx, replace(request, approver=approver), DelegationState.ACCEPTED)
    return None


@operation("RejectDelegationRequest", access=on_request, writes=True, differs=NO_NOTIFICATION)
def reject_delegation_request(tx: Transaction, *, delegation_request_id: str, notes: str | None = None) -> Answer:
    """Refuse a request, also one that was accepted, as long as its token is not released."""
    request = find_request(tx, delegation_request_id)
    check_state(tx, request, (*UNDER_REVIEW, DelegationState.ACCEPTED), "rejected")
    move(tx, replace(request, rejection_reason=notes), DelegationState.REJECTED)
    return None


@operation(
    "SendDelegationToken",
    access=on_request,
    writes=True,
    differs="Nothing is sent: the operator hands the token to the requestor with `rolecall delegation token`.",
)
def send_delegation_token(tx: Transaction, *, delegation_request_id: str) -> Answer:
    """Release the exchange token of an accepted request. Delegated access begins now."""
    request = find_request(tx, delegation_request_id)
    check_state(tx, request, (DelegationState.ACCEPTED,), "finalized")
    token = f"{request.request_id}.{new_secret_access_key(tx.surroundings.randbits)}"
    tx.put(
        ExchangeToken(
            account=request.account,
            request_id=request.request_id,
            sealed_token=tx.surroundings.sealer.seal(token.encode(), purpose(ExchangeToken, request.request_id)),
            released_at=tx.now,
            expires_at=tx.now + request.session_duration,
        )
    )
    move(tx, request, DelegationState.FINALIZED)
    return None


def facts_of(caller: Caller) -> SessionFacts:
    """What a caller is at this moment: its session as it is, or who it is by its long-term key."""
    if caller.session is not None:
        return SessionFacts(**{name: getattr(caller.session, name) for name in SessionFacts.__struct_fields__})
    match caller.principal:
        case IamUser(account=account, user_id=user_id):
            return SessionFacts(kind=SessionKind.USER, account=account, principal_id=user_id)
        case RootUser(account=account):
            return SessionFacts(kind=SessionKind.ROOT, account=account)
        case AssumedRole() | FederatedUser():
            raise LookupError("a session without its facts")


def _check_channel(template: PolicyTemplate, channel: str) -> None:
    """Raise `InvalidInput` unless `channel` is an SNS topic in one of the requestor's registered accounts."""
    arn = channel.removeprefix("arn:aws:")
    if (
        arn == channel
        or not NOTIFICATION_CHANNEL.fullmatch(arn)
        or arn.split(":")[2] not in template.requestor_accounts
    ):
        raise InvalidInput(f"The notification channel {channel} is not an SNS topic of a registered account.")


def _check_arn(text: str) -> None:
    try:
        parse_arn(text)
    except InvalidArn:
        raise InvalidInput(f"ARN {text} is not valid.") from None


def _without_expired(tx: Transaction) -> list[DelegationRequest]:
    """The requestor's requests. Those that nobody is shown any more are deleted on the way."""
    kept: list[DelegationRequest] = []
    for request in tx.world.owned(DelegationRequest, tx.account):
        if not is_forgotten(tx, request):
            kept.append(request)
            continue
        token = tx.world.get(ExchangeToken, request.request_id)
        for gone in (request, token):
            if gone is not None:
                tx.delete(gone)
    return kept

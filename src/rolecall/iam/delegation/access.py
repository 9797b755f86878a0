"""Who may do what with a delegation request, as permissions that the decision engine is asked for.

A request lies in the account whose access it asks for, once that is known; before, in the account of whoever asks. So
nobody of another account reaches it. In that account it takes the permission that policies give, with one default: who
associated a request with itself may see it, forward it, reject it and release its token, though not accept it.
Source: the model's documentation of these operations; IAM user guide, "Managing Permissions for Delegation Requests".
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import lru_cache

from rolecall.decision.policies import AppliedPolicy, PolicySet
from rolecall.decision.request import ContextValues
from rolecall.errors import InvalidArn
from rolecall.language.document import PolicyType
from rolecall.language.parser import parse_policy
from rolecall.names.arn import AccountId, Arn, iam_arn, parse_arn
from rolecall.names.ids import is_principal_id
from rolecall.operations.access import AccessCheck
from rolecall.operations.registry import Parameters
from rolecall.operations.transaction import Transaction
from rolecall.state.caller import caller_id
from rolecall.state.delegation import DelegationRequest

RESOURCE_TYPE = "delegation-request"
OWNER_KEY = "iam:delegationrequestowner"
SEND_ACTION = "iam:SendDelegationToken"

OWNERS_ACTIONS = (
    "iam:GetDelegationRequest",
    "iam:GetHumanReadableSummary",
    "iam:UpdateDelegationRequest",
    "iam:RejectDelegationRequest",
    SEND_ACTION,
)
"""What the owner of a request may do without a policy that says so."""


def request_arn(account: AccountId, request_id: str) -> Arn:
    """The ARN of a request in the account whose access it asks for."""
    return iam_arn(account, RESOURCE_TYPE, "/", request_id)


def account_of(tx: Transaction, request: DelegationRequest | None) -> AccountId:
    """The account that a request lies in, as its caller sees it."""
    return tx.account if request is None else request.owner_account or tx.account


def on_request(tx: Transaction, action: str, parameters: Parameters) -> Iterator[AccessCheck]:
    """On the delegation request named by `DelegationRequestId`, whether there is one or not."""
    request_id = parameters["delegation_request_id"]
    request = tx.world.get(DelegationRequest, request_id)
    yield _on_request(action, request_arn(account_of(tx, request), request_id), request)


def on_entity(tx: Transaction, action: str, parameters: Parameters) -> Iterator[AccessCheck]:
    """On the delegation request whose ARN is in `EntityArn`, whether there is one or not."""
    text = parameters["entity_arn"]
    try:
        arn = parse_arn(text)
    except InvalidArn:
        # The operation refuses the ARN in its own words; nothing but `*` covers it.
        yield AccessCheck(action=action, resource=None, shown_resource=text, resource_account=tx.account)
        return
    yield _on_request(action, arn, find_by_arn(tx, arn))


def on_new_request(tx: Transaction, action: str, parameters: Parameters) -> Iterator[AccessCheck]:
    """On a request that has no id yet, which only a pattern covers, in the requestor's account."""
    yield AccessCheck(
        action=action,
        resource=request_arn(tx.account, "*"),
        resource_account=tx.account,
        context={
            "iam:templatearn": parameters["permissions"].get("policy_template_arn") or "",
            "iam:notificationchannel": parameters["notification_channel"],
            "iam:delegationduration": str(parameters["session_duration"]),
        },
    )


def on_requests_of_owner(tx: Transaction, action: str, parameters: Parameters) -> Iterator[AccessCheck]:
    """Listing the requests of the account, or of one owner; everybody may list those that it owns itself."""
    owner = parameters.get("owner_id")
    is_own = owner == str(tx.principal.arn)
    yield AccessCheck(
        action=action,
        resource=None,
        resource_account=tx.account,
        resource_policy=_owners_policy(caller_id(tx.principal), (action,), False) if is_own else None,
        context={OWNER_KEY: owner} if owner is not None else {},
    )


def find_by_arn(tx: Transaction, arn: Arn) -> DelegationRequest | None:
    """The request that has exactly this ARN for its caller, or None."""
    request = tx.world.get(DelegationRequest, arn.resource_name)
    return request if request is not None and arn == request_arn(account_of(tx, request), request.key) else None


def _on_request(action: str, arn: Arn, request: DelegationRequest | None) -> AccessCheck:
    owner = request.owner if request is not None else None
    context: dict[str, ContextValues] = {} if owner is None else {OWNER_KEY: owner.arn}
    return AccessCheck(
        action=action,
        resource=arn,
        resource_account=AccountId(arn.account),
        resource_policy=None
        if request is None or owner is None
        else _owners_policy(owner.user_id, OWNERS_ACTIONS, request.only_send_by_owner),
        context=context,
    )


@lru_cache(maxsize=1024)
def _owners_policy(user_id: str, actions: tuple[str, ...], only_send_by_owner: bool) -> PolicySet | None:
    """The default permission of an owner as a policy of the request; None if it has none to give.

    The owner is known by its unique ids, so whoever is made anew under an old name inherits nothing. Root needs no
    grant, and federated users cannot call IAM.
    """
    statements: list[dict[str, object]] = []
    entity_id = user_id.partition(":")[0]
    if is_principal_id(entity_id):
        statements.append(
            {
                "Effect": "Allow",
                "Principal": {"AWS": entity_id},
                "Action": actions,
                "Resource": "*",
                "Condition": {"StringEquals": {"aws:userid": user_id}},
            }
        )
    if only_send_by_owner:
        statements.append(
            {
                "Effect": "Deny",
                "Principal": "*",
                "Action": SEND_ACTION,
                "Resource": "*",
                "Condition": {"StringNotEquals": {"aws:userid": user_id}},
            }
        )
    if not statements:
        return None
    text = json.dumps({"Version": "2012-10-17", "Statement": statements})
    document = parse_policy(text, PolicyType.RESOURCE)
    return PolicySet(PolicyType.RESOURCE, [AppliedPolicy("the request's own permissions", document)])

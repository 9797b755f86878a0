"""Evidence for delegation requests and their summaries."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from api.delegations import request_from
from api.evidence.families import Caller, ErrorCase, Family, never
from iam.template_samples import policy_template, read
from rolecall.iam.quotas import DELEGATION_REQUESTS
from rolecall.names.arn import AccountId
from rolecall.state.delegation import DelegationRequest

MISSING = "no-such-request-00000"


def template_of(caller: Caller) -> str:
    """A policy template for the caller's account; its ARN."""
    arn = f"arn:aws:iam::partner:policy-template/example.com/Setup-{caller.account_id}"
    caller.put(read(policy_template(caller.account_id, arn=arn)))
    return arn


def new_request(caller: Caller, *steps: str, **changes: Any) -> str:
    """A request of the caller's account, moved by the calls `steps`; its id."""
    asked = request_from(template_of(caller), caller.account_id, **changes)
    request_id = str(caller.iam.create_delegation_request(**asked)["DelegationRequestId"])
    for step in steps:
        getattr(caller.iam, step)(DelegationRequestId=request_id)
    return request_id


ACCEPTED = ("associate_delegation_request", "accept_delegation_request")


def tour(caller: Caller) -> None:
    iam = caller.iam
    request_id = new_request(caller, "associate_delegation_request")
    iam.update_delegation_request(DelegationRequestId=request_id, Notes="please")
    answer = iam.get_delegation_request(DelegationRequestId=request_id, DelegationPermissionCheck=True)
    assert (answer["PermissionCheckStatus"], answer["PermissionCheckResult"]) == ("COMPLETE", "ALLOWED")
    assert answer["DelegationRequest"]["State"] == "PENDING_APPROVAL"
    iam.accept_delegation_request(DelegationRequestId=request_id)
    iam.send_delegation_token(DelegationRequestId=request_id)
    (request,) = iam.list_delegation_requests()["DelegationRequests"]
    assert (request["DelegationRequestId"], request["State"]) == (request_id, "FINALIZED")
    iam.reject_delegation_request(DelegationRequestId=new_request(caller, *ACCEPTED))
    arn = f"arn:aws:iam::{caller.account_id}:delegation-request/{request_id}"
    assert "s3" in iam.get_human_readable_summary(EntityArn=arn)["SummaryContent"]


def ask_twice(caller: Caller) -> None:
    new_request(caller, RequestorWorkflowId="workflow")
    new_request(caller, RequestorWorkflowId="workflow")


def ask_too_often(caller: Caller) -> None:
    new_request(caller)
    account = AccountId(caller.account_id)
    caller.put(
        *(
            DelegationRequest(
                account=account,
                request_id=f"{account}-{n:08}",
                requestor_name="Example Inc.",
                workflow_id=f"more-{n}",
                description="",
                template_arn="arn:aws:iam::partner:policy-template/example.com/Setup",
                policy="{}",
                notification_channel="arn:aws:sns:us-east-1:123456789012:topic",
                session_duration=300,
                created_at=0,
                updated_at=0,
                expires_at=1 << 40,
            )
            for n in range(DELEGATION_REQUESTS.limit)
        )
    )
    new_request(caller)


def out_of_turn(step: str, *before: str) -> Callable[[Caller], object]:
    """Calls `step` on a request that `before` has brought where the step cannot be taken."""
    return lambda caller: getattr(caller.iam, step)(DelegationRequestId=new_request(caller, *before))


def of_nothing(step: str) -> Callable[[Caller], object]:
    """Calls `step` on a request that does not exist."""
    return lambda caller: getattr(caller.iam, step)(DelegationRequestId=MISSING)


FAMILY = Family(
    operations=frozenset(
        {
            "CreateDelegationRequest",
            "AssociateDelegationRequest",
            "GetDelegationRequest",
            "ListDelegationRequests",
            "UpdateDelegationRequest",
            "AcceptDelegationRequest",
            "RejectDelegationRequest",
            "SendDelegationToken",
            "GetHumanReadableSummary",
        }
    ),
    tour=tour,
    errors=(
        ErrorCase("CreateDelegationRequest", "EntityAlreadyExists", ask_twice),
        ErrorCase("CreateDelegationRequest", "LimitExceeded", ask_too_often),
        ErrorCase(
            "CreateDelegationRequest",
            "InvalidInput",
            lambda caller: new_request(caller, NotificationChannel="no-topic"),
        ),
        ErrorCase("AssociateDelegationRequest", "NoSuchEntity", of_nothing("associate_delegation_request")),
        ErrorCase(
            "AssociateDelegationRequest",
            "InvalidInput",
            out_of_turn("associate_delegation_request", "associate_delegation_request"),
        ),
        ErrorCase("GetDelegationRequest", "NoSuchEntity", of_nothing("get_delegation_request")),
        ErrorCase(
            "ListDelegationRequests",
            "InvalidInput",
            lambda caller: caller.iam.list_delegation_requests(OwnerId="this-is-no-ARN-at-all"),
        ),
        ErrorCase("UpdateDelegationRequest", "NoSuchEntity", of_nothing("update_delegation_request")),
        ErrorCase("UpdateDelegationRequest", "InvalidInput", out_of_turn("update_delegation_request")),
        ErrorCase("AcceptDelegationRequest", "NoSuchEntity", of_nothing("accept_delegation_request")),
        ErrorCase(
            "AcceptDelegationRequest", "ConcurrentModification", out_of_turn("accept_delegation_request", *ACCEPTED)
        ),
        ErrorCase("RejectDelegationRequest", "NoSuchEntity", of_nothing("reject_delegation_request")),
        ErrorCase("RejectDelegationRequest", "InvalidInput", out_of_turn("reject_delegation_request")),
        ErrorCase("SendDelegationToken", "NoSuchEntity", of_nothing("send_delegation_token")),
        ErrorCase(
            "SendDelegationToken",
            "InvalidInput",
            out_of_turn("send_delegation_token", "associate_delegation_request"),
        ),
        ErrorCase(
            "GetHumanReadableSummary",
            "NoSuchEntity",
            lambda caller: caller.iam.get_human_readable_summary(
                EntityArn=f"arn:aws:iam::{caller.account_id}:delegation-request/{MISSING}"
            ),
        ),
        ErrorCase(
            "GetHumanReadableSummary",
            "InvalidInput",
            lambda caller: caller.iam.get_human_readable_summary(
                EntityArn=f"arn:aws:iam::{caller.account_id}:user/somebody"
            ),
        ),
    ),
    unreachable=never("NoSuchEntity", "an owner without requests has an empty list", "ListDelegationRequests"),
)

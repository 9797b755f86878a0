"""Delegation requests: their life, who owns them, what they ask for, and when they end."""

from __future__ import annotations

import json
from typing import Any

import pytest

from iam.harness import ACCOUNT, NOW, Iam, Server
from iam.template_samples import BOUNDARY, SETUP, TOPIC, permissions, policy_template, read
from rolecall.errors import (
    AccessDenied,
    ConcurrentModification,
    EntityAlreadyExists,
    InvalidInput,
    LimitExceeded,
    NoSuchEntity,
)
from rolecall.iam.delegation import policies as delegated_policies
from rolecall.iam.delegation.lifecycle import DAY, RETENTION
from rolecall.iam.quotas import DELEGATION_REQUESTS
from rolecall.state.delegation import DelegationRequest, DelegationState, ExchangeToken
from rolecall.state.sealed_fields import purpose
from rolecall.state.session import SessionFacts, SessionKind

STEPS = {
    "associate": "AssociateDelegationRequest",
    "update": "UpdateDelegationRequest",
    "accept": "AcceptDelegationRequest",
    "reject": "RejectDelegationRequest",
    "send": "SendDelegationToken",
}
PATHS = {
    "UNASSIGNED": (),
    "ASSIGNED": ("associate",),
    "PENDING_APPROVAL": ("associate", "update"),
    "ACCEPTED": ("associate", "accept"),
    "FINALIZED": ("associate", "accept", "send"),
    "REJECTED": ("associate", "reject"),
}
MOVES = {
    ("UNASSIGNED", "associate"): "ASSIGNED",
    ("ASSIGNED", "update"): "PENDING_APPROVAL",
    ("PENDING_APPROVAL", "update"): "PENDING_APPROVAL",
    ("ASSIGNED", "accept"): "ACCEPTED",
    ("PENDING_APPROVAL", "accept"): "ACCEPTED",
    ("ASSIGNED", "reject"): "REJECTED",
    ("PENDING_APPROVAL", "reject"): "REJECTED",
    ("ACCEPTED", "reject"): "REJECTED",
    ("ACCEPTED", "send"): "FINALIZED",
}
"""All moves that there are. Source: IAM user guide, "Understanding the Request Lifecycle"."""


@pytest.fixture
def iam(iam: Iam) -> Iam:
    """The account's root, on a server with a policy template for the account."""
    iam.put(read(policy_template()))
    return iam


def request_of(**changes: Any) -> dict[str, Any]:
    asked = permissions()
    return {
        "description": "Set up reports",
        "permissions": {
            "policy_template_arn": asked["PolicyTemplateArn"],
            "parameters": tuple(
                {"name": one["Name"], "type": one["Type"], "values": tuple(one["Values"])}
                for one in asked["Parameters"]
            ),
        },
        "requestor_workflow_id": "workflow-1",
        "notification_channel": TOPIC,
        "session_duration": 3600,
    } | changes


def create(iam: Iam, *steps: str, **changes: Any) -> str:
    """A new request that was moved by `steps`; its id."""
    request_id = iam("CreateDelegationRequest", **request_of(**changes))["DelegationRequestId"]
    for step in steps:
        iam(STEPS[step], delegation_request_id=request_id)
    return str(request_id)


def shown(iam: Iam, request_id: str) -> dict[str, Any]:
    return dict(iam("GetDelegationRequest", delegation_request_id=request_id)["DelegationRequest"])


def asking(*parameters: tuple[str, str, tuple[str, ...]], arn: str = SETUP) -> dict[str, Any]:
    given = tuple({"name": name, "type": kind, "values": values} for name, kind, values in parameters)
    return {"policy_template_arn": arn, "parameters": given}


def test_a_new_request_is_nobodys_and_shows_its_finished_policy(iam: Iam) -> None:
    request_id = create(iam, owner_account_id=ACCOUNT, request_message="please", redirect_url="https://example.com/")
    request = {name: value for name, value in shown(iam, request_id).items() if value is not None}
    policy = json.loads(request.pop("PermissionPolicy"))
    assert [statement["Resource"] for statement in policy["Statement"]] == [
        ["arn:aws:s3:::reports/*"],
        "arn:aws:iam::*:role/example.com/*",
    ]
    assert request == {
        "DelegationRequestId": request_id,
        "OwnerAccountId": ACCOUNT,
        "Description": "Set up reports",
        "RequestMessage": "please",
        "Permissions": permissions(),
        "RolePermissionRestrictionArns": [BOUNDARY],
        "State": "UNASSIGNED",
        "ExpirationTime": NOW + DAY,
        "RequestorId": ACCOUNT,
        "RequestorName": "Example Inc.",
        "CreateDate": NOW,
        "SessionDuration": 3600,
        "RedirectUrl": "https://example.com/",
        "OnlySendByOwner": False,
        "UpdatedTime": NOW,
    }


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("state", PATHS)
def test_a_request_moves_only_as_its_life_goes(iam: Iam, state: str, step: str) -> None:
    request_id = create(iam, *PATHS[state])
    assert shown(iam, request_id)["State"] == state
    if (state, step) in MOVES:
        iam(STEPS[step], delegation_request_id=request_id)
        assert shown(iam, request_id)["State"] == MOVES[state, step]
    else:
        with pytest.raises(ConcurrentModification if step == "accept" else InvalidInput, match=f"is in state {state}"):
            iam(STEPS[step], delegation_request_id=request_id)


@pytest.mark.parametrize("state", PATHS)
def test_a_request_expires_after_a_week_and_after_a_day_if_it_is_nobodys(server: Server, iam: Iam, state: str) -> None:
    request_id = create(iam, *PATHS[state])
    lifetime = DAY if state == "UNASSIGNED" else 7 * DAY
    server.now = NOW + lifetime - 1
    assert shown(iam, request_id)["State"] == state
    server.now = NOW + lifetime
    assert shown(iam, request_id)["State"] == "EXPIRED"
    for step, operation in STEPS.items():
        with pytest.raises(ConcurrentModification if step == "accept" else InvalidInput):
            iam(operation, delegation_request_id=request_id)


def test_an_expired_request_is_forgotten_and_then_deleted_with_its_token(server: Server, iam: Iam) -> None:
    request_id = create(iam, "associate", "accept", "send")
    server.now = NOW + 7 * DAY + RETENTION
    with pytest.raises(NoSuchEntity):
        shown(iam, request_id)
    assert server.world.get(ExchangeToken, request_id) is not None
    create(iam)  # its workflow id is free again
    assert server.world.get(DelegationRequest, request_id) is None
    assert server.world.get(ExchangeToken, request_id) is None


def test_the_owner_is_who_associates_and_the_approver_who_accepts(iam: Iam) -> None:
    iam("CreateUser", user_name="bob")
    iam("CreateUser", user_name="ada")
    bob, ada = iam.as_user("bob"), iam.as_user("ada")
    request_id = create(iam)
    bob(STEPS["associate"], delegation_request_id=request_id)
    bob(STEPS["update"], delegation_request_id=request_id, notes="ada, please")
    ada(STEPS["accept"], delegation_request_id=request_id)
    request = shown(iam, request_id)
    assert (request["OwnerId"], request["ApproverId"]) == (str(bob.principal.arn), str(ada.principal.arn))
    assert (request["OwnerAccountId"], request["Notes"]) == (ACCOUNT, "ada, please")
    stored = iam.server.world.get(DelegationRequest, request_id)
    assert stored is not None
    assert stored.approver is not None
    assert stored.approver.facts == SessionFacts(
        kind=SessionKind.USER, account=ACCOUNT, principal_id=iam("GetUser", user_name="ada")["User"]["UserId"]
    )


def test_a_rejection_keeps_its_reason(iam: Iam) -> None:
    request_id = create(iam, "associate")
    iam("RejectDelegationRequest", delegation_request_id=request_id, notes="too much")
    assert shown(iam, request_id)["RejectionReason"] == "too much"


def test_root_grants_four_hours_at_most(iam: Iam) -> None:
    four = create(iam, "associate", session_duration=14400)
    more = create(iam, "associate", session_duration=14401, requestor_workflow_id="workflow-2")
    iam("AcceptDelegationRequest", delegation_request_id=four)
    with pytest.raises(AccessDenied):
        iam("AcceptDelegationRequest", delegation_request_id=more)
    iam("CreateUser", user_name="ada")
    iam.as_user("ada")("AcceptDelegationRequest", delegation_request_id=more)
    assert shown(iam, more)["State"] == "ACCEPTED"


def test_the_token_is_sealed_names_its_request_and_ends_with_the_session(server: Server, iam: Iam) -> None:
    request_id = create(iam, "associate", "accept")
    server.now = NOW + 60
    iam("SendDelegationToken", delegation_request_id=request_id)
    token = server.world.get(ExchangeToken, request_id)
    assert token is not None
    assert (token.released_at, token.expires_at, token.account) == (NOW + 60, NOW + 60 + 3600, ACCOUNT)
    opened = server.surroundings.sealer.open(token.sealed_token, purpose(ExchangeToken, request_id)).decode()
    request, secret = opened.split(".")
    assert (request, len(secret)) == (request_id, 40)
    assert secret.encode() not in token.sealed_token


def test_only_owned_requests_of_the_account_are_listed(server: Server, iam: Iam) -> None:
    iam("CreateUser", user_name="bob")
    bob = iam.as_user("bob")
    other = server.account("222222222222")
    create(iam, requestor_workflow_id="nobody's")
    owned, bobs, others = (create(iam, requestor_workflow_id=f"workflow-{n}") for n in (2, 3, 4))
    for caller, request_id in ((iam, owned), (bob, bobs), (other, others)):
        caller(STEPS["associate"], delegation_request_id=request_id)

    def ids(caller: Iam, **parameters: Any) -> set[str]:
        answer = caller("ListDelegationRequests", **parameters)
        assert answer["isTruncated"] is False
        return {request["DelegationRequestId"] for request in answer["DelegationRequests"]}

    assert ids(iam) == {owned, bobs}
    assert ids(iam, owner_id=str(bob.principal.arn)) == {bobs}
    assert ids(other) == {others}
    with pytest.raises(InvalidInput):
        ids(iam, owner_id="this-is-no-ARN-at-all")


def test_a_policy_that_parameters_make_too_large_is_not_even_parsed(iam: Iam, monkeypatch: pytest.MonkeyPatch) -> None:
    """It would take the writer half a second."""

    def parse(text: str) -> None:
        raise AssertionError(f"parsed {len(text)} characters")

    monkeypatch.setattr(delegated_policies, "parse_identity_policy", parse)
    buckets = tuple(f"bucket-{number}" for number in range(1000))
    asked = asking(("bucketNames", "stringList", buckets), ("MAKES_ROLES", "string", ("False",)))
    with pytest.raises(LimitExceeded):
        create(iam, permissions=asked)


def test_who_is_made_anew_under_an_old_name_does_not_list_what_the_old_one_owned(iam: Iam) -> None:
    iam("CreateUser", user_name="bob")
    request_id = create(iam)
    iam.as_user("bob")(STEPS["associate"], delegation_request_id=request_id)
    iam("DeleteUser", user_name="bob")
    iam("CreateUser", user_name="bob")
    bob = iam.as_user("bob")
    own = {"owner_id": str(bob.principal.arn)}
    assert bob("ListDelegationRequests", **own)["DelegationRequests"] == []
    assert len(iam("ListDelegationRequests", **own)["DelegationRequests"]) == 1


def test_the_list_comes_in_pages(iam: Iam) -> None:
    made = {create(iam, "associate", requestor_workflow_id=f"workflow-{n}") for n in range(3)}
    first = iam("ListDelegationRequests", max_items=2)
    rest = iam("ListDelegationRequests", marker=first["Marker"])
    assert (first["isTruncated"], rest["isTruncated"]) == (True, False)
    listed = [*first["DelegationRequests"], *rest["DelegationRequests"]]
    assert {request["DelegationRequestId"] for request in listed} == made


def test_a_workflow_has_one_request(iam: Iam) -> None:
    create(iam)
    with pytest.raises(EntityAlreadyExists):
        create(iam)


def test_there_is_an_end_to_requests(iam: Iam) -> None:
    create(iam)
    (request,) = iam.server.world.owned(DelegationRequest, ACCOUNT)
    for n in range(1, DELEGATION_REQUESTS.limit):
        iam.put(
            DelegationRequest(
                **{name: getattr(request, name) for name in request.__struct_fields__}
                | {"request_id": f"request-{n:08}", "workflow_id": f"more-{n}"}
            )
        )
    with pytest.raises(LimitExceeded):
        create(iam, requestor_workflow_id="one-more")


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"permissions": asking(arn=f"{SETUP}2")}, id="a template that is not there"),
        pytest.param({"permissions": asking()}, id="no parameters"),
        pytest.param({"permissions": {}}, id="no template"),
        pytest.param(
            {"permissions": asking(("bucketNames", "stringList", ("a",)), ("bucketNames", "string", ("b",)))},
            id="a parameter twice",
        ),
        pytest.param(
            {
                "permissions": asking(
                    ("bucketNames", "stringList", ("a",)),
                    ("MAKES_ROLES", "string", ("True",)),
                    ("other", "string", ("b",)),
                )
            },
            id="a parameter too many",
        ),
        pytest.param(
            {"permissions": asking(("bucketNames", "string", ("a", "b")), ("MAKES_ROLES", "string", ("True",)))},
            id="a string with two values",
        ),
        pytest.param(
            {"permissions": {"policy_template_arn": SETUP, "parameters": ({"name": "bucketNames", "values": ("a",)},)}},
            id="a parameter without a type",
        ),
        pytest.param({"notification_channel": "some-topic"}, id="no ARN"),
        pytest.param({"notification_channel": f"arn:aws:sqs:us-east-1:{ACCOUNT}:queue"}, id="no topic"),
        pytest.param({"notification_channel": "arn:aws:sns:us-east-1:222222222222:topic"}, id="another's topic"),
    ],
)
def test_a_request_that_does_not_fit_its_template_is_refused(iam: Iam, changes: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        create(iam, **changes)


def test_a_template_is_there_for_its_accounts_only(server: Server, iam: Iam) -> None:
    with pytest.raises(InvalidInput):
        create(server.account("222222222222"))
    iam.put(read({"PolicyTemplate": policy_template()["PolicyTemplate"] | {"Enabled": False}}))
    with pytest.raises(InvalidInput):
        create(iam)


def test_the_finished_policy_has_at_most_2048_characters(iam: Iam) -> None:
    many = tuple(f"bucket-{n:03}" for n in range(100))
    with pytest.raises(LimitExceeded):
        create(iam, permissions=asking(("bucketNames", "stringList", many), ("MAKES_ROLES", "string", ("True",))))


def test_a_request_survives_the_template_it_was_made_from(iam: Iam) -> None:
    request_id = create(iam)
    other = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}
    iam.put(read(policy_template(document=other)))
    assert "arn:aws:s3:::reports/*" in shown(iam, request_id)["PermissionPolicy"]


ALLOW = {"Effect": "Allow", "Action": "*", "Resource": "*"}


@pytest.mark.parametrize(
    ("statements", "result"),
    [
        ([ALLOW], "ALLOWED"),
        ([], "DENIED"),
        ([ALLOW | {"Action": "s3:*"}], "DENIED"),
        ([ALLOW | {"Action": ["s3:Get*", "iam:*"]}], "ALLOWED"),
        ([ALLOW | {"Action": "iam:*"}, ALLOW | {"Action": "s3:*", "Resource": "arn:aws:s3:::reports/*"}], "ALLOWED"),
        ([ALLOW | {"Action": "iam:*"}, ALLOW | {"Action": "s3:*", "Resource": "arn:aws:s3:::reports/a"}], "DENIED"),
        ([ALLOW | {"Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}], "UNSURE"),
        ([ALLOW, ALLOW | {"Effect": "Deny", "Action": "s3:*"}], "DENIED"),
        ([ALLOW, ALLOW | {"Effect": "Deny", "Action": "s3:*", "Resource": "arn:aws:s3:::reports/secret"}], "UNSURE"),
    ],
)
def test_the_permission_check_says_what_the_callers_policies_say(iam: Iam, statements: list[Any], result: str) -> None:
    iam("CreateUser", user_name="bob")
    if statements:
        document = json.dumps({"Version": "2012-10-17", "Statement": statements})
        iam("PutUserPolicy", user_name="bob", policy_name="own", policy_document=document)
    request_id = create(iam)
    answer = iam.as_user("bob")(
        "GetDelegationRequest", delegation_request_id=request_id, delegation_permission_check=True
    )
    assert (answer["PermissionCheckStatus"], answer["PermissionCheckResult"]) == ("COMPLETE", result)


def test_the_permission_check_is_made_only_when_asked_for(iam: Iam) -> None:
    request_id = create(iam)
    assert iam("GetDelegationRequest", delegation_request_id=request_id).keys() == {"DelegationRequest"}
    asked = iam("GetDelegationRequest", delegation_request_id=request_id, delegation_permission_check=True)
    assert asked["PermissionCheckResult"] == "ALLOWED"


def test_patterns_of_actions_are_asked_about_one_by_one_up_to_a_bound(iam: Iam) -> None:
    reads = {"Version": "2012-10-17", "Statement": ALLOW | {"Action": "s3:GetBucketP*"}}
    iam.put(read(policy_template(document=reads)))
    request_id = create(iam, permissions=asking())
    iam("CreateUser", user_name="bob")
    listed = ["s3:GetBucketPolicy", "s3:GetBucketPolicyStatus", "s3:GetBucketPublicAccessBlock"]
    document = json.dumps({"Version": "2012-10-17", "Statement": ALLOW | {"Action": listed}})
    iam("PutUserPolicy", user_name="bob", policy_name="own", policy_document=document)
    bob = iam.as_user("bob")
    asked = bob("GetDelegationRequest", delegation_request_id=request_id, delegation_permission_check=True)
    assert asked["PermissionCheckResult"] == "ALLOWED"
    wide = {"Version": "2012-10-17", "Statement": ALLOW | {"Action": ["ec2:?*"]}}
    iam.put(read(policy_template(document=wide)))
    request_id = create(iam, permissions=asking(), requestor_workflow_id="workflow-2")
    assert (
        iam("GetDelegationRequest", delegation_request_id=request_id, delegation_permission_check=True)[
            "PermissionCheckResult"
        ]
        == "UNSURE"
    )


def test_a_request_lies_in_the_account_whose_access_it_asks_for(server: Server, iam: Iam) -> None:
    other = server.account("222222222222")
    open_to_all = create(iam)
    named = create(iam, owner_account_id="222222222222", requestor_workflow_id="workflow-2")

    def lies_in(caller: Iam, request_id: str) -> tuple[str, str]:
        (check,) = caller.checks("AcceptDelegationRequest", delegation_request_id=request_id)
        assert check.resource is not None
        assert check.resource.resource == f"delegation-request/{request_id}"
        return check.resource.account, check.resource_account

    assert lies_in(iam, open_to_all) == (ACCOUNT, ACCOUNT)
    assert lies_in(other, open_to_all) == ("222222222222", "222222222222")
    assert lies_in(iam, named) == ("222222222222", "222222222222")
    other(STEPS["associate"], delegation_request_id=open_to_all)
    assert lies_in(iam, open_to_all) == ("222222222222", "222222222222")


def test_the_condition_keys_of_a_request_are_those_of_aws(iam: Iam) -> None:
    (check,) = iam.checks("CreateDelegationRequest", **request_of())
    assert check.context == {
        "iam:templatearn": SETUP,
        "iam:notificationchannel": TOPIC,
        "iam:delegationduration": "3600",
    }
    request_id = create(iam, "associate")
    owner = {"iam:delegationrequestowner": f"arn:aws:iam::{ACCOUNT}:root"}
    for operation in STEPS.values():
        (check,) = iam.checks(operation, delegation_request_id=request_id)
        assert check.context == owner
    (check,) = iam.checks("ListDelegationRequests", owner_id=f"arn:aws:iam::{ACCOUNT}:root")
    assert check.context == owner


def test_every_state_of_the_model_can_be_reached() -> None:
    assert {*PATHS, "EXPIRED"} == {state.value for state in DelegationState}

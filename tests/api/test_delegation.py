"""Delegation requests and role templates through boto3 against a running server: who may do what, across accounts."""

from __future__ import annotations

import json
from typing import Any

import pytest

from api.delegations import register, request_from, role_template
from api.refusals import denied, refused
from api.sessions import allow as grant
from api.sessions import assume, make_role, trusting
from iam.template_samples import policy_template, read
from rolecall.state.delegation import DelegationRequest
from rolecall.state.records import encode
from rolecall.state.session import SessionFacts, SessionKind
from serving import rolecall

MANAGE = "iam:*Delegation*"


def allow(action: str | list[str], resource: str = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


@pytest.fixture
def partner(new_account, store):
    """An account that may make requests from a policy template of its own."""
    account = new_account()
    register(store, read(policy_template(account.id, arn=template_of(account))))
    return account


def template_of(account) -> str:
    return f"arn:aws:iam::partner:policy-template/example.com/Setup-{account.id}"


def request_by(partner, **changes: Any) -> str:
    asked = request_from(template_of(partner), partner.id, **changes)
    return str(partner.iam.create_delegation_request(**asked)["DelegationRequestId"])


def test_the_owner_manages_its_request_without_a_policy_and_cannot_accept_it(account, partner):
    request_id = request_by(partner)
    owner = account.user("owner", allow("iam:AssociateDelegationRequest"))
    approver = account.user("approver", allow("iam:AcceptDelegationRequest"))
    other = account.user("other")
    with denied("iam:GetDelegationRequest"):
        owner.iam.get_delegation_request(DelegationRequestId=request_id)
    owner.iam.associate_delegation_request(DelegationRequestId=request_id)
    shown = owner.iam.get_delegation_request(DelegationRequestId=request_id)["DelegationRequest"]
    assert (shown["OwnerId"], shown["OwnerAccountId"], shown["RequestorId"]) == (owner.arn, account.id, partner.id)
    owner.iam.get_human_readable_summary(EntityArn=f"arn:aws:iam::{account.id}:delegation-request/{request_id}")
    owner.iam.update_delegation_request(DelegationRequestId=request_id, Notes="please")
    assert owner.iam.list_delegation_requests(OwnerId=owner.arn)["DelegationRequests"]
    with denied("iam:ListDelegationRequests"):
        owner.iam.list_delegation_requests()
    with denied("iam:AcceptDelegationRequest"):
        owner.iam.accept_delegation_request(DelegationRequestId=request_id)
    for call in ("get_delegation_request", "update_delegation_request", "reject_delegation_request"):
        with refused("AccessDenied", 403):
            getattr(other.iam, call)(DelegationRequestId=request_id)
    with denied("iam:ListDelegationRequests"):
        other.iam.list_delegation_requests(OwnerId=owner.arn)
    approver.iam.accept_delegation_request(DelegationRequestId=request_id)
    owner.iam.send_delegation_token(DelegationRequestId=request_id)


def test_a_user_made_anew_under_the_owners_name_owns_nothing(account, partner):
    request_id = request_by(partner)
    owner = account.user("owner", allow("iam:AssociateDelegationRequest"))
    owner.iam.associate_delegation_request(DelegationRequestId=request_id)
    account.iam.delete_access_key(UserName="owner", AccessKeyId=owner.keys.access_key_id)
    account.iam.delete_user_policy(UserName="owner", PolicyName="test")
    account.iam.delete_user(UserName="owner")
    with denied("iam:GetDelegationRequest"):
        account.user("owner").iam.get_delegation_request(DelegationRequestId=request_id)


def test_what_a_policy_denies_the_owner_does_not_do(account, partner):
    request_id = request_by(partner)
    deny = {"Effect": "Deny", "Action": "iam:RejectDelegationRequest", "Resource": "*"}
    owner = account.user("owner", allow("iam:AssociateDelegationRequest"), deny)
    owner.iam.associate_delegation_request(DelegationRequestId=request_id)
    with denied("iam:RejectDelegationRequest", "explicit deny"):
        owner.iam.reject_delegation_request(DelegationRequestId=request_id)


def test_only_the_owner_releases_the_token_if_the_requestor_wants_it_so(account, partner):
    request_id = request_by(partner, OnlySendByOwner=True)
    owner = account.user("owner", allow(MANAGE))
    admin = account.user("admin", allow("*"))
    owner.iam.associate_delegation_request(DelegationRequestId=request_id)
    admin.iam.accept_delegation_request(DelegationRequestId=request_id)
    for caller in (admin, account):
        with denied("iam:SendDelegationToken", "explicit deny"):
            caller.iam.send_delegation_token(DelegationRequestId=request_id)
    owner.iam.send_delegation_token(DelegationRequestId=request_id)


def test_nobody_of_another_account_reaches_a_request(account, partner, new_account):
    named = request_by(partner, OwnerAccountId=account.id)
    stranger = new_account()
    arn = f"arn:aws:iam::{account.id}:delegation-request/{named}"
    for other in (stranger, partner):
        for call in ("associate_delegation_request", "get_delegation_request", "accept_delegation_request"):
            with refused("AccessDenied", 403):
                getattr(other.iam, call)(DelegationRequestId=named)
        with refused("AccessDenied", 403):
            other.iam.get_human_readable_summary(EntityArn=arn)
    account.iam.associate_delegation_request(DelegationRequestId=named)
    assert account.iam.get_delegation_request(DelegationRequestId=named)["DelegationRequest"]["State"] == "ASSIGNED"


def test_permissions_can_be_limited_to_an_owner_and_to_an_account(account, partner):
    mine, theirs = request_by(partner), request_by(partner)
    owner = account.user("owner", allow("iam:AssociateDelegationRequest"))
    owner.iam.associate_delegation_request(DelegationRequestId=mine)
    account.iam.associate_delegation_request(DelegationRequestId=theirs)
    of_owner = {"Condition": {"ArnEquals": {"iam:DelegationRequestOwner": owner.arn}}}
    resource = f"arn:aws:iam::{account.id}:*"
    approver = account.user("approver", allow("iam:AcceptDelegationRequest", resource, **of_owner))
    approver.iam.accept_delegation_request(DelegationRequestId=mine)
    with denied("iam:AcceptDelegationRequest"):
        approver.iam.accept_delegation_request(DelegationRequestId=theirs)


def test_requests_can_be_limited_to_templates_and_durations(partner):
    condition = {
        "StringEquals": {"iam:TemplateArn": template_of(partner)},
        "NumericLessThanEquals": {"iam:DelegationDuration": "3600"},
    }
    resource = f"arn:aws:iam::{partner.id}:*"
    maker = partner.user("maker", allow("iam:CreateDelegationRequest", resource, Condition=condition))
    maker.iam.create_delegation_request(**request_from(template_of(partner), partner.id))
    with denied("iam:CreateDelegationRequest"):
        maker.iam.create_delegation_request(**request_from(template_of(partner), partner.id, SessionDuration=3601))


def test_a_role_session_owns_a_request_as_that_session(account, partner):
    request_id = request_by(partner)
    make_role(account, "desk", trusting(account.id))
    grant(account, "desk", allow("iam:AssociateDelegationRequest"))
    bob = account.user("bob", allow("sts:AssumeRole"))

    def session(name: str) -> Any:
        keys = assume(bob.sts, f"arn:aws:iam::{account.id}:role/desk", RoleSessionName=name)
        return account.server.client("iam", keys)

    first = session("first")
    first.associate_delegation_request(DelegationRequestId=request_id)
    shown = session("first").get_delegation_request(DelegationRequestId=request_id)["DelegationRequest"]
    assert shown["OwnerId"] == f"arn:aws:sts::{account.id}:assumed-role/desk/first"
    with denied("iam:GetDelegationRequest"):
        session("second").get_delegation_request(DelegationRequestId=request_id)


def test_what_an_approving_session_was_is_kept_without_its_credentials(account, partner, store):
    request_id = request_by(partner)
    make_role(account, "desk", trusting(account.id))
    grant(account, "desk", allow(MANAGE))
    keys = assume(account.user("bob", allow("sts:AssumeRole")).sts, f"arn:aws:iam::{account.id}:role/desk")
    desk = account.server.client("iam", keys)
    for call in ("associate_delegation_request", "accept_delegation_request"):
        getattr(desk, call)(DelegationRequestId=request_id)
    shown = desk.get_delegation_request(DelegationRequestId=request_id)["DelegationRequest"]
    assert shown["ApproverId"] == f"arn:aws:sts::{account.id}:assumed-role/desk/session"
    stored = store.view().get(DelegationRequest, request_id)
    assert stored.approver.facts == SessionFacts(
        kind=SessionKind.ROLE,
        account=account.id,
        principal_id=account.iam.get_role(RoleName="desk")["Role"]["RoleId"],
        name="session",
    )
    assert keys.secret_access_key not in encode(stored)


def test_the_operator_takes_out_the_token_of_a_finalized_request(account, partner):
    request_id = request_by(partner, RequestorWorkflowId=f"of-{partner.id}")
    data_dir = ("--data-dir", str(account.server.data_dir))
    for call in ("associate_delegation_request", "accept_delegation_request"):
        getattr(account.iam, call)(DelegationRequestId=request_id)
    early = rolecall("delegation", "token", request_id, *data_dir)
    assert early.returncode == 1
    assert "SendDelegationToken" in early.stderr
    account.iam.send_delegation_token(DelegationRequestId=request_id)
    message = json.loads(rolecall("delegation", "token", request_id, *data_dir).stdout)
    assert message["ExchangeToken"].startswith(f"{request_id}.")
    assert (message["RequestorWorkflowId"], message["State"]) == (f"of-{partner.id}", "FINALIZED")
    (listed,) = json.loads(rolecall("delegation", "list", partner.id, "--json", *data_dir).stdout)
    assert (listed["RequestId"], listed["State"]) == (request_id, "FINALIZED")
    shown = rolecall("delegation", "list", partner.id, *data_dir).stdout
    assert shown == f'{request_id}  FINALIZED  "of-{partner.id}"\n'
    assert not any(message["ExchangeToken"].partition(".")[2] in line for line in account.server.log)


def test_a_template_can_be_used_by_those_who_may_make_nothing_else(account, store):
    template = role_template(f"Reader-{account.id}")
    register(store, template)
    arn = str(template.arn)
    by_template = {"Condition": {"ArnEquals": {"iam:RoleTemplateARN": arn}}}
    bob = account.user(
        "bob",
        allow("iam:GetRoleTemplateVersion", arn),
        allow(["iam:CreateRole", "iam:GetRole", "iam:AttachRolePolicy"], **by_template),
    )
    values = {"Service": {"Values": ["ec2.amazonaws.com"]}}
    first = bob.iam.acquire_role(TemplateArn=arn, ReplacementValues=values)["Role"]
    assert bob.iam.acquire_role(TemplateArn=arn, ReplacementValues=values)["Role"] == first
    with denied("iam:GetRole"):
        bob.iam.get_role(RoleName="reader")
    with denied("iam:CreateRole"):
        bob.iam.create_role(RoleName="own", AssumeRolePolicyDocument="{}")


@pytest.mark.parametrize(
    ("statements", "action", "resource"),
    [
        ([], "iam:GetRoleTemplateVersion", "role template {arn}"),
        ([allow("iam:GetRoleTemplateVersion")], "iam:CreateRole", "arn:aws:iam::{account}:role/reader"),
        ([allow(["iam:GetRoleTemplateVersion", "iam:CreateRole"])], "iam:AttachRolePolicy", "role/reader"),
    ],
)
def test_acquiring_a_role_wants_each_permission_that_it_takes(account, store, statements, action, resource):
    """Texts recorded at AWS: radkawar/stackd, testdata/aws/iam/role_acquisition.json; that of CreateRole is ours."""
    template = role_template(f"Reader-{account.id}")
    register(store, template)
    bob = account.user("bob", *statements)
    shown = resource.format(arn=template.arn, account=account.id)
    message = (
        f"User: {bob.arn} is not authorized to perform: {action} on resource: {shown} "
        f"because no identity-based policy allows the {action} action"
    )
    with refused("AccessDenied", 403, message):
        bob.iam.acquire_role(
            TemplateArn=str(template.arn), ReplacementValues={"Service": {"Values": ["ec2.amazonaws.com"]}}
        )
    with refused("NoSuchEntity", 404):
        account.iam.get_role(RoleName="reader")


def test_a_template_belongs_to_aws_and_not_to_the_account(account, store):
    template = role_template(f"Reader-{account.id}")
    register(store, template)
    own = {"Condition": {"StringEquals": {"aws:ResourceAccount": account.id}}}
    bob = account.user("bob", allow("iam:GetRoleTemplateVersion", **own))
    message = f"on resource: role-template {template.arn} because no identity-based policy allows"
    with denied("iam:GetRoleTemplateVersion", message):
        bob.iam.get_role_template_version(TemplateArn=str(template.arn))

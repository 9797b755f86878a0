"""Summaries of delegation requests: everything that the policy says, in English, the same every time."""

from __future__ import annotations

import json

import pytest
from msgspec.structs import replace

from iam.harness import ACCOUNT, Iam
from iam.template_samples import TOPIC, policy_template, read
from rolecall.catalog.services import service_namespaces
from rolecall.errors import InvalidInput, NoSuchEntity
from rolecall.iam.delegation.human_readable_summaries import CUT, LONGEST_SUMMARY
from rolecall.iam.delegation.policy_summaries import summarize
from rolecall.language.document import PolicyType
from rolecall.language.parser import parse_policy
from rolecall.state.delegation import DelegationRequest

POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "Reports",
            "Effect": "Allow",
            "Action": ["s3:GetObject", "s3:PutObject", "s3:List*", "shop:Sell"],
            "Resource": ["arn:aws:s3:::reports", "arn:aws:s3:::reports/*"],
            "Condition": {"StringEquals": {"aws:ResourceAccount": "123456789012"}},
        },
        {"Effect": "Deny", "NotAction": "s3:*", "NotResource": "arn:aws:s3:::reports/*"},
        {"Effect": "Allow", "Action": ["iam:CreateRole", "sqs:*"], "Resource": "*"},
        {"Effect": "Allow", "Action": "*", "Resource": "*"},
    ],
}
SUMMARY = """\
Example Inc. (account 123456789012) asks for access to the account that accepts the request for 1 hour 30 minutes. \
It gets no permission that whoever accepts the request does not have.
1. Allows (Reports):
   - Amazon S3 (s3): every action whose name matches List*; read: GetObject; write: PutObject
   - shop: other: Sell
   - on arn:aws:s3:::reports, arn:aws:s3:::reports/*
   - only if StringEquals holds for aws:ResourceAccount: 123456789012
2. Denies:
   - every action of every service except s3:*
   - on everything except arn:aws:s3:::reports/*
3. Allows:
   - AWS Identity and Access Management (iam): write: CreateRole
   - Amazon SQS (sqs): every action
   - on every resource
   - Caution: roles can be made or changed without a permissions boundary that this policy names
4. Allows:
   - every action of every service
   - on every resource
   - Caution: roles can be made or changed without a permissions boundary that this policy names"""


@pytest.fixture
def request_id(iam: Iam) -> str:
    """A request for what `POLICY` says."""
    iam.put(read(policy_template(document=POLICY)))
    made = iam(
        "CreateDelegationRequest",
        description="Set up reports",
        permissions={"policy_template_arn": "arn:aws:iam::partner:policy-template/example.com/Setup"},
        requestor_workflow_id="workflow-1",
        notification_channel=TOPIC,
        session_duration=5400,
    )
    return str(made["DelegationRequestId"])


def arn(request_id: str, account: str = ACCOUNT) -> str:
    return f"arn:aws:iam::{account}:delegation-request/{request_id}"


@pytest.mark.parametrize("locale", [None, "en", "en-US", "en_GB"])
def test_the_summary_says_what_the_policy_says(iam: Iam, request_id: str, locale: str | None) -> None:
    asked = {} if locale is None else {"locale": locale}
    answer = iam("GetHumanReadableSummary", entity_arn=arn(request_id), **asked)
    assert answer == {"SummaryContent": SUMMARY, "Locale": locale or "en", "SummaryState": "AVAILABLE"}


@pytest.mark.parametrize("locale", ["de", "zh-CN", "english"])
def test_other_languages_are_not_supported(iam: Iam, request_id: str, locale: str) -> None:
    answer = iam("GetHumanReadableSummary", entity_arn=arn(request_id), locale=locale)
    assert answer == {"SummaryContent": "", "Locale": locale, "SummaryState": "NOT_SUPPORTED"}


@pytest.mark.parametrize("entity", ["this is no ARN at all", f"arn:aws:iam::{ACCOUNT}:user/somebody"])
def test_only_delegation_requests_have_summaries(iam: Iam, entity: str) -> None:
    with pytest.raises(InvalidInput):
        iam("GetHumanReadableSummary", entity_arn=entity)


def test_a_request_is_found_by_its_arn_alone(iam: Iam, request_id: str) -> None:
    for missing in (arn("no-such-request-0"), arn(request_id, "222222222222")):
        with pytest.raises(NoSuchEntity):
            iam("GetHumanReadableSummary", entity_arn=missing)


def test_a_summary_that_is_too_long_says_so(iam: Iam, request_id: str) -> None:
    request = iam.server.world.get(DelegationRequest, request_id)
    assert request is not None
    actions = [f"{namespace}:a" for namespace in service_namespaces()]
    policy = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": actions, "Resource": "*"}}
    iam.put(replace(request, policy=json.dumps(policy)))
    content = iam("GetHumanReadableSummary", entity_arn=arn(request_id))["SummaryContent"]
    assert len(content) == LONGEST_SUMMARY
    assert content.endswith(CUT)


def test_a_boundary_that_is_named_takes_the_caution_away() -> None:
    text = (
        '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "iam:Create*", "Resource": "*", '
        '"Condition": {"%s": {"iam:PermissionsBoundary": "arn:aws:iam::123456789012:policy/limit"}}}}'
    )
    for operator, is_cautious in (("StringEquals", False), ("ArnLike", False), ("StringEqualsIfExists", True)):
        lines = list(summarize(parse_policy(text % operator, PolicyType.IDENTITY)))
        assert any("Caution" in line for line in lines) is is_cautious

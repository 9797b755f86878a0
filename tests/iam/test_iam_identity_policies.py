"""Inline and attached policies: the same for users, groups and roles, so each test runs for all three."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import unquote

import pytest

from iam.harness import ACCOUNT, Iam
from rolecall.errors import UnmodifiableEntity
from rolecall.state.entities import Role

TEXT = '{"Version": "2012-10-17",\n "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}'
TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"},
    }
)
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
BILLING = "arn:aws:iam::aws:policy/job-function/Billing"


class Holder:
    """A user, group or role called `it`; `holder("Put{}Policy", …)` calls the operation of its kind about it."""

    def __init__(self, iam: Iam, noun: str) -> None:
        self.iam = iam
        self.noun = noun
        self.parameter = f"{noun.lower()}_name"
        trust = {"assume_role_policy_document": TRUST} if noun == "Role" else {}
        iam(f"Create{noun}", **{self.parameter: "it"}, **trust)

    def __call__(self, name: str, **parameters: Any) -> Any:
        return self.iam(name.format(self.noun), **{self.parameter: "it"}, **parameters)

    def attached(self, **parameters: Any) -> list[str]:
        return [one["PolicyArn"] for one in self("ListAttached{}Policies", **parameters)["AttachedPolicies"]]


@pytest.fixture(params=["User", "Group", "Role"])
def holder(iam: Iam, request: pytest.FixtureRequest) -> Holder:
    return Holder(iam, request.param)


def test_an_inline_policy_is_told_as_it_was_written(holder: Holder) -> None:
    holder("Put{}Policy", policy_name="p", policy_document=TEXT)
    answer = holder("Get{}Policy", policy_name="p")
    assert answer[f"{holder.noun}Name"] == "it"
    assert answer["PolicyName"] == "p"
    assert unquote(answer["PolicyDocument"]) == TEXT
    assert " " not in answer["PolicyDocument"]
    assert "+" not in answer["PolicyDocument"]


def test_putting_again_replaces_the_policy_of_that_name_only(holder: Holder) -> None:
    other = TEXT.replace("s3:*", "sqs:*")
    holder("Put{}Policy", policy_name="p", policy_document=TEXT)
    holder("Put{}Policy", policy_name="q", policy_document=TEXT)
    holder("Put{}Policy", policy_name="p", policy_document=other)
    assert unquote(holder("Get{}Policy", policy_name="p")["PolicyDocument"]) == other
    assert unquote(holder("Get{}Policy", policy_name="q")["PolicyDocument"]) == TEXT
    assert holder("List{}Policies")["PolicyNames"] == ["p", "q"]


def test_replacing_a_large_policy_counts_the_new_text_only(holder: Holder) -> None:
    large = TEXT.replace('"*"', json.dumps("arn:aws:s3:::" + "x" * 1500))
    for _ in range(8):
        holder("Put{}Policy", policy_name="p", policy_document=large)
    assert holder("List{}Policies")["PolicyNames"] == ["p"]


def test_white_space_does_not_count_against_the_size(holder: Holder) -> None:
    holder("Put{}Policy", policy_name="p", policy_document=TEXT.replace("\n", "\n" * 20_000))
    assert holder("List{}Policies")["PolicyNames"] == ["p"]


def test_a_deleted_inline_policy_is_gone(holder: Holder) -> None:
    holder("Put{}Policy", policy_name="p", policy_document=TEXT)
    holder("Put{}Policy", policy_name="q", policy_document=TEXT)
    holder("Delete{}Policy", policy_name="p")
    assert holder("List{}Policies") == {"PolicyNames": ["q"], "IsTruncated": False}


def test_inline_policies_come_in_pages(holder: Holder) -> None:
    for name in ("c", "a", "b"):
        holder("Put{}Policy", policy_name=name, policy_document=TEXT)
    first = holder("List{}Policies", max_items=2)
    assert first["PolicyNames"] == ["a", "b"]
    assert holder("List{}Policies", marker=first["Marker"])["PolicyNames"] == ["c"]


def test_policies_of_aws_and_of_the_account_can_be_attached(holder: Holder) -> None:
    own = holder.iam("CreatePolicy", policy_name="own", path="/team/", policy_document=TEXT)["Policy"]["Arn"]
    for arn in (READ_ONLY, own):
        holder("Attach{}Policy", policy_arn=arn)
    assert holder("ListAttached{}Policies")["AttachedPolicies"] == [
        {"PolicyName": "own", "PolicyArn": "arn:aws:iam::123456789012:policy/team/own"},
        {"PolicyName": "ReadOnlyAccess", "PolicyArn": READ_ONLY},
    ]


def test_attaching_twice_is_no_error_even_at_the_quota(holder: Holder) -> None:
    arns = [
        holder.iam("CreatePolicy", policy_name=f"p{number}", policy_document=TEXT)["Policy"]["Arn"]
        for number in range(10)
    ]
    for arn in (*arns, arns[0]):
        holder("Attach{}Policy", policy_arn=arn)
    assert holder.attached() == arns


def test_a_detached_policy_is_gone(holder: Holder) -> None:
    for arn in (READ_ONLY, BILLING):
        holder("Attach{}Policy", policy_arn=arn)
    holder("Detach{}Policy", policy_arn=READ_ONLY)
    assert holder.attached() == [BILLING]


def test_attached_policies_are_listed_by_path_and_in_pages(holder: Holder) -> None:
    for arn in (READ_ONLY, BILLING):
        holder("Attach{}Policy", policy_arn=arn)
    assert holder.attached(path_prefix="/job-function/") == [BILLING]
    assert holder.attached(path_prefix="/none/") == []
    first = holder("ListAttached{}Policies", max_items=1)
    rest = holder("ListAttached{}Policies", marker=first["Marker"])
    assert first["IsTruncated"]
    assert len(first["AttachedPolicies"] + rest["AttachedPolicies"]) == 2


def test_the_policies_of_one_are_not_those_of_another(iam: Iam) -> None:
    user, group, role = (Holder(iam, noun) for noun in ("User", "Group", "Role"))
    user("Put{}Policy", policy_name="p", policy_document=TEXT)
    user("Attach{}Policy", policy_arn=READ_ONLY)
    for other in (group, role):
        assert other("List{}Policies")["PolicyNames"] == []
        assert other.attached() == []


@pytest.mark.parametrize("path", ["/aws-service-role/ecs.amazonaws.com/", "/aws-reserved/sso.amazonaws.com/"])
def test_the_policies_of_a_protected_role_can_be_read_and_not_changed(iam: Iam, path: str) -> None:
    role = Role(account=ACCOUNT, id="AROAEXAMPLEPROTECTED1", name="AwsOwn", path=path, created_at=0, trust_policy=TRUST)
    iam.put(role)
    for name, parameters in (
        ("PutRolePolicy", {"policy_name": "p", "policy_document": TEXT}),
        ("DeleteRolePolicy", {"policy_name": "p"}),
        ("AttachRolePolicy", {"policy_arn": READ_ONLY}),
        ("DetachRolePolicy", {"policy_arn": READ_ONLY}),
    ):
        with pytest.raises(UnmodifiableEntity) as caught:
            iam(name, role_name="AwsOwn", **parameters)
        assert caught.value.message == (
            "Cannot perform the operation on the protected role 'AwsOwn' - this role is only modifiable by AWS"
        )
    assert iam("ListRolePolicies", role_name="AwsOwn")["PolicyNames"] == []
    assert iam("ListAttachedRolePolicies", role_name="AwsOwn")["AttachedPolicies"] == []

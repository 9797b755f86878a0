"""The library: what it takes, what it refuses, and how it names what it was given."""

from __future__ import annotations

import json
from typing import Any

import pytest

import rolecall
from rolecall.names.arn import AccountId, parse_arn

ANN = "arn:aws:iam::111122223333:user/ann"
ALLOW = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}}
DENY = {"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "*", "Resource": "*"}}
TRUST = {"Statement": {"Effect": "Allow", "Principal": {"AWS": ANN}, "Action": "sts:AssumeRole"}}
BUCKET = {"Statement": {"Effect": "Allow", "Principal": {"AWS": ANN}, "Action": "s3:*", "Resource": "*"}}
WRONG = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "reports"}}
READ = rolecall.request(ANN, "s3:GetObject", "arn:aws:s3:::reports/may.pdf")
ASSUME = rolecall.request(ANN, "sts:AssumeRole", "arn:aws:iam::111122223333:role/auditor")


def matched(request: rolecall.AuthorizationRequest, policies: rolecall.ApplicablePolicies) -> list[str]:
    return [statement.policy for statement in rolecall.evaluate(request, policies).matched_statements]


@pytest.mark.parametrize(
    "policy",
    [ALLOW, json.dumps(ALLOW), rolecall.parse(ALLOW), rolecall.parse(json.dumps(ALLOW))],
    ids=["object", "text", "parsed object", "parsed text"],
)
def test_a_policy_may_be_an_object_a_text_or_parsed_and_stand_alone_or_in_a_list(policy: Any):
    assert matched(READ, rolecall.compile(identity=policy)) == ["identity"]
    assert matched(READ, rolecall.compile(identity=[policy])) == ["identity[0]"]


def test_a_policy_may_bring_its_name():
    named = rolecall.AppliedPolicy("readers", rolecall.parse(ALLOW))
    assert matched(READ, rolecall.compile(identity=[named], session=named)) == ["readers", "readers"]


def test_every_kind_of_policy_is_put_where_it_belongs():
    policies = rolecall.compile(
        identity=ALLOW,
        resource=BUCKET,
        permissions_boundary=[ALLOW],
        session=[ALLOW],
        service_control=[[ALLOW], ALLOW],
        resource_control=[[]],
        vpc_endpoint=ALLOW,
    )
    assert matched(READ, policies) == [
        "service_control[0][0]",
        "service_control[1]",
        "vpc_endpoint",
        "resource",
        "identity",
        "permissions_boundary[0]",
        "session[0]",
    ]


@pytest.mark.parametrize("name", ["permissions_boundary", "session", "vpc_endpoint", "service_control"])
def test_no_policies_of_a_kind_allow_nothing_but_none_does_not_apply(name: str):
    nothing: list[Any] = [[]] if name == "service_control" else []
    assert not rolecall.evaluate(READ, rolecall.compile(identity=ALLOW, **{name: nothing})).is_allowed
    assert rolecall.evaluate(READ, rolecall.compile(identity=ALLOW, **{name: None})).is_allowed


def test_a_trust_policy_is_required_and_other_resource_policies_are_not():
    anything = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}
    assert rolecall.evaluate(ASSUME, rolecall.compile(identity=anything, trust=TRUST)).is_allowed
    nobody = {"Statement": {"Effect": "Allow", "Principal": {"AWS": "444455556666"}, "Action": "sts:AssumeRole"}}
    assert not rolecall.evaluate(ASSUME, rolecall.compile(identity=anything, trust=nobody)).is_allowed
    optional = rolecall.compile(identity=anything, trust=nobody, requires_resource_policy=False)
    assert rolecall.evaluate(ASSUME, optional).is_allowed
    assert rolecall.evaluate(READ, rolecall.compile(identity=ALLOW)).is_allowed
    required = rolecall.compile(identity=ALLOW, requires_resource_policy=True)
    assert not rolecall.evaluate(READ, required).is_allowed


def test_a_resource_has_one_policy():
    with pytest.raises(rolecall.QuestionError, match="give `resource` or `trust`"):
        rolecall.compile(resource=BUCKET, trust=TRUST)


def test_a_document_parsed_as_another_type_is_read_again():
    policies = rolecall.compile(service_control=[[rolecall.parse(ALLOW)]], identity=rolecall.parse(ALLOW))
    assert rolecall.evaluate(READ, policies).is_allowed
    with pytest.raises(rolecall.PolicyError):
        rolecall.compile(resource_control=[[rolecall.parse(DENY)]])  # names no principal


def test_a_refused_policy_is_named():
    with pytest.raises(rolecall.PolicyError) as refused:
        rolecall.compile(identity=[ALLOW, WRONG])
    assert refused.value.__notes__ == ["in the policy `identity[1]`"]
    assert refused.value.findings


def test_an_object_that_is_not_json_is_refused():
    with pytest.raises(rolecall.QuestionError, match="a set is not a JSON value"):
        rolecall.parse({"Version": "2012-10-17", "Statement": {"a"}})


def test_a_request_takes_values_as_well_as_texts():
    user = rolecall.IamUser(
        account=AccountId("111122223333"),
        user_id="AIDAEXAMPLEEXAMPLE111",
        name="ann",
        arn=parse_arn(ANN),
    )
    asked = rolecall.request(user, "s3:GetObject", parse_arn("arn:aws:s3:::reports/may.pdf"), context={"A:b": [1, "x"]})
    assert asked.principal is user
    assert asked.resource == READ.resource
    assert asked.context == {"a:b": ("1", "x")}


def test_a_request_may_describe_its_principal_as_a_question_does():
    assert rolecall.request({"type": "Anonymous"}, "s3:GetObject").principal == rolecall.Anonymous()


@pytest.mark.parametrize(
    "arguments",
    [
        ("nobody", "s3:GetObject"),
        (ANN, "s3:*"),
        (ANN, "s3:GetObject", "reports"),
        ({"type": "User", "arn": {1, 2}}, "s3:GetObject"),
    ],
    ids=["principal", "action", "resource", "not JSON"],
)
def test_what_is_no_request_is_refused(arguments: tuple[Any, ...]):
    with pytest.raises(rolecall.QuestionError):
        rolecall.request(*arguments)


def test_everything_promised_is_there_and_only_once():
    assert len(set(rolecall.__all__)) == len(rolecall.__all__)
    assert [name for name in rolecall.__all__ if not hasattr(rolecall, name)] == []

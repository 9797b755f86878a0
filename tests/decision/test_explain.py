"""What a decision says for itself: AWS's suffix of an error message, and the lines for a ticket."""

from __future__ import annotations

from typing import Any

import pytest

from decision.decision_worlds import document_of, policies_of, request_of
from rolecall.decision.evaluate import evaluate
from rolecall.decision.explain import denial_suffix, explain
from rolecall.decision.policies import ApplicablePolicies, AppliedPolicy, PolicySet
from rolecall.decision.result import Block, Decision, EvaluationResult
from rolecall.language.document import PolicyType

IMPLICIT = {
    PolicyType.IDENTITY: "because no identity-based policy allows the iam:GetUser action",
    PolicyType.RESOURCE: "because no resource-based policy allows the iam:GetUser action",
    PolicyType.TRUST: "because no role trust policy allows the iam:GetUser action",
    PolicyType.PERMISSIONS_BOUNDARY: "because no permissions boundary allows the iam:GetUser action",
    PolicyType.SESSION: "because no session policy allows the iam:GetUser action",
    PolicyType.SERVICE_CONTROL: "because no service control policy allows the iam:GetUser action",
    PolicyType.RESOURCE_CONTROL: "because no resource control policy allows the iam:GetUser action",
    PolicyType.VPC_ENDPOINT: "because no VPC endpoint policy allows the iam:GetUser action",
}
EXPLICIT = {
    PolicyType.IDENTITY: "with an explicit deny in an identity-based policy",
    PolicyType.RESOURCE: "with an explicit deny in a resource-based policy",
    PolicyType.TRUST: "with an explicit deny in the role trust policy",
    PolicyType.PERMISSIONS_BOUNDARY: "with an explicit deny in a permissions boundary",
    PolicyType.SESSION: "with an explicit deny in a session policy",
    PolicyType.SERVICE_CONTROL: "with an explicit deny in a service control policy",
    PolicyType.RESOURCE_CONTROL: "with an explicit deny in a resource control policy",
    PolicyType.VPC_ENDPOINT: "with an explicit deny in a VPC endpoint policy",
}


@pytest.mark.parametrize("policy_type", PolicyType)
def test_a_denial_ends_in_the_words_of_aws(policy_type: PolicyType) -> None:
    assert _suffix(Decision.IMPLICIT_DENY, policy_type) == IMPLICIT[policy_type]
    assert _suffix(Decision.EXPLICIT_DENY, policy_type) == EXPLICIT[policy_type]


def test_only_the_first_block_is_told_to_the_caller() -> None:
    assert _suffix(Decision.IMPLICIT_DENY, PolicyType.SESSION, PolicyType.IDENTITY) == IMPLICIT[PolicyType.SESSION]


def test_an_allowed_request_has_no_suffix() -> None:
    assert denial_suffix(EvaluationResult(decision=Decision.ALLOWED), "iam:GetUser") == ""


@pytest.mark.parametrize(
    ("principal", "name"),
    [
        ("arn:aws:iam::111111111111:user/ann", "arn:aws:iam::111111111111:user/ann"),
        ("arn:aws:iam::111111111111:root", "arn:aws:iam::111111111111:root"),
        ("arn:aws:sts::111111111111:assumed-role/app/s", "arn:aws:sts::111111111111:assumed-role/app/s"),
        (
            {"federated_user": "fed", "issuer": "arn:aws:iam::111111111111:user/ann"},
            "arn:aws:sts::111111111111:federated-user/fed",
        ),
        ({"service": "ec2.amazonaws.com"}, "ec2.amazonaws.com"),
        ({"provider": "accounts.google.com"}, "a token of accounts.google.com"),
        ("anonymous", "an anonymous caller"),
    ],
)
def test_an_explanation_names_the_caller(principal: str | dict[str, Any], name: str) -> None:
    request = request_of({"principal": principal, "action": "s3:ListAllMyBuckets"})
    lines = explain(request, evaluate(request, ApplicablePolicies())).splitlines()
    assert lines[0].endswith(f": {name} performs s3:ListAllMyBuckets on *")


def test_an_explanation_tells_every_block_every_statement_and_what_was_missing() -> None:
    case = {
        "library": {},
        "principal": "arn:aws:sts::111111111111:assumed-role/app/s",
        "action": "s3:GetObject",
        "resource": "arn:aws:s3:::bucket/key",
        "identity": [{"Sid": "NoS3", "Effect": "Deny", "Action": "s3:*", "Resource": "*"}],
        "session": [
            {
                "Effect": "Allow",
                "Action": "*",
                "Resource": "*",
                "Condition": {"Bool": {"aws:SecureTransport": "true"}, "IpAddress": {"aws:SourceIp": "10.0.0.0/8"}},
            }
        ],
    }
    request = request_of(case)
    assert explain(request, evaluate(request, policies_of(case))).splitlines() == [
        "denied: arn:aws:sts::111111111111:assumed-role/app/s performs s3:GetObject on arn:aws:s3:::bucket/key",
        "blocked with an explicit deny in an identity-based policy",
        "blocked because no session policy allows the s3:GetObject action",
        "matched Deny in statement 1 `NoS3` of identity-based policy `identity-0`, line 1",
        "asked: identity-based policy explicitDeny, session policy implicitDeny",
        "not in the request: aws:securetransport, aws:sourceip",
    ]


def test_an_explanation_tells_what_allowed() -> None:
    statement = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
    request = request_of(
        {"principal": "arn:aws:iam::111111111111:user/ann", "action": "s3:GetObject", "resource": "arn:aws:s3:::b"}
    )
    reader = AppliedPolicy("reader", document_of(statement, PolicyType.IDENTITY))
    policies = ApplicablePolicies(identity=PolicySet(PolicyType.IDENTITY, [reader]))
    assert explain(request, evaluate(request, policies)).splitlines() == [
        "allowed: arn:aws:iam::111111111111:user/ann performs s3:GetObject on arn:aws:s3:::b",
        "matched Allow in statement 1 of identity-based policy `reader`, line 1",
        "asked: identity-based policy allowed",
    ]


def _suffix(decision: Decision, *types: PolicyType) -> str:
    explicit = decision is Decision.EXPLICIT_DENY
    blocks = tuple(Block(policy_type=policy_type, explicit=explicit) for policy_type in types)
    return denial_suffix(EvaluationResult(decision=decision, blocks=blocks), "iam:GetUser")

"""Resources that grant nothing without their own policy: told, or known by what they are."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from decision.decision_worlds import policies_of, request_of
from rolecall.decision.evaluate import evaluate
from rolecall.language.document import PolicyType

ADMIN = {"Effect": "Allow", "Action": "*", "Resource": "*"}


@pytest.mark.parametrize(
    ("action", "resource", "requires"),
    [
        ("kms:Decrypt", "arn:aws:kms:eu-west-1:111111111111:key/1234", True),
        ("kms:Decrypt", "arn:aws-cn:kms:cn-north-1:111111111111:key/1234", True),
        ("kms:DescribeKey", "arn:aws:kms:eu-west-1:111111111111:alias/x", False),
        ("sts:AssumeRole", "arn:aws:iam::111111111111:role/app", True),
        ("STS:TagSession", "arn:aws:iam::111111111111:role/path/app", True),
        ("iam:GetRole", "arn:aws:iam::111111111111:role/app", False),
        ("sts:GetFederationToken", "arn:aws:sts::111111111111:federated-user/x", False),
        ("sts:AssumeRole", "arn:aws:sqs:eu-west-1:111111111111:role/app", False),
        ("sts:DecodeAuthorizationMessage", None, False),
        ("s3:GetObject", "arn:aws:s3:::key/x", False),
    ],
)
def test_roles_to_assume_and_keys_are_closed_without_their_own_policy(
    action: str, resource: str | None, requires: bool
) -> None:
    case = {
        "library": {},
        "principal": "arn:aws:iam::111111111111:user/ann",
        "action": action,
        "resource": resource,
        "identity": [ADMIN],
    }
    request, policies = request_of(case), policies_of(case)
    result = evaluate(request, replace(policies, requires_resource_policy=None))
    assert result.is_allowed is not requires
    assert [block.policy_type for block in result.blocks] == [PolicyType.RESOURCE] * requires
    assert evaluate(request, replace(policies, requires_resource_policy=False)).is_allowed
    assert not evaluate(request, replace(policies, requires_resource_policy=True)).is_allowed

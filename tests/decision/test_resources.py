"""Resources of a statement: each part of an ARN counts, and each ARN of a list."""

from __future__ import annotations

import pytest

from decision.decision_worlds import policies_of, request_of
from rolecall.decision.evaluate import evaluate
from rolecall.names.pattern_sets import FEW

QUEUE = "arn:aws:sqs:eu-west-1:111111111111:jobs"
ELSEWHERE = [
    "arn:aws-cn:sqs:eu-west-1:111111111111:jobs",
    "arn:aws:sns:eu-west-1:111111111111:jobs",
    "arn:aws:sqs:eu-west-2:111111111111:jobs",
    "arn:aws:sqs:eu-west-1:222222222222:jobs",
    "arn:aws:sqs:eu-west-1:111111111111:job",
]


@pytest.mark.parametrize(
    "pattern",
    [
        QUEUE,
        "arn:aws:sqs:eu-west-1:111111111111:j*s",
        "arn:aws:sqs:eu-west-1:111111111111:${aws:PrincipalTag/task}s",
        "arn:aws:sqs:eu-*-1:?11111111111:jobs",
        "arn:aws:sqs:eu-*-1:111111111111:${aws:PrincipalTag/task}s",
    ],
)
@pytest.mark.parametrize("others", [[], ["arn:aws:s3:::b", "arn:aws:s3:::${aws:PrincipalTag/task}"]])
def test_every_part_of_the_arn_has_to_fit(pattern: str, others: list[str]) -> None:
    for listed in ([pattern, *others], [*others, pattern]):
        assert _covers(listed, QUEUE)
        assert not any(_covers(listed, resource) for resource in ELSEWHERE)


def test_each_arn_of_a_list_covers_what_it_names() -> None:
    resources = ["arn:aws:s3:::b/job", QUEUE, "arn:aws:sns:eu-west-1:111111111111:t"]
    listed = ["arn:aws:s3:::b/${aws:PrincipalTag/task}", QUEUE, "arn:aws:sns:*:111111111111:t"]
    for many in (listed, listed[:2], listed[1:], listed[::2]):
        assert [_covers(many, resource) for resource in resources] == [pattern in many for pattern in listed]


MANY = [f"arn:*:s3:::bucket{at}/*" for at in range(FEW)]
BY_RESOURCE = {
    "arn:aws:s3:::bucket0/o": True,
    f"arn:aws-cn:s3:::bucket{FEW - 1}/o": True,
    "arn:aws:s3:::own/job": True,
    "arn:aws:s3:::own/other": False,
    "arn:aws:s3:::bucket0": False,
    f"arn:aws:s3:::bucket{FEW}/o": False,
    "arn:aws:sqs:::bucket0/o": False,
    "arn:aws:s3::111111111111:bucket0/o": False,
    None: False,
}
"""What `MANY` and a pattern with a variable cover; None is an action without resource-level support."""


@pytest.mark.parametrize("resource", BY_RESOURCE)
def test_many_patterns_with_wildcards_before_the_resource_part_cover_what_each_does(resource: str | None) -> None:
    listed = [*MANY, "arn:*:s3:::own/${aws:PrincipalTag/task}"]
    expected = BY_RESOURCE[resource]
    assert any(_covers([pattern], resource) for pattern in listed) is expected
    assert _covers(listed, resource) is expected
    assert _covers(listed, resource, element="NotResource") is not expected


def _covers(patterns: list[str], resource: str | None, *, element: str = "Resource") -> bool:
    case = {
        "library": {},
        "principal": "arn:aws:iam::111111111111:user/ann",
        "action": "any:Do",
        "resource": resource,
        "resource_account": "111111111111",
        "context": {"aws:PrincipalTag/task": "job"},
        "identity": [{"Effect": "Allow", "Action": "any:Do", element: patterns}],
    }
    return evaluate(request_of(case), policies_of(case)).is_allowed

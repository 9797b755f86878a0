"""Resources of a statement: each part of an ARN counts, and each ARN of a list."""

from __future__ import annotations

import pytest

from decision.decision_worlds import policies_of, request_of
from rolecall.decision.evaluate import evaluate

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


def _covers(patterns: list[str], resource: str) -> bool:
    case = {
        "library": {},
        "principal": "arn:aws:iam::111111111111:user/ann",
        "action": "any:Do",
        "resource": resource,
        "resource_account": "111111111111",
        "context": {"aws:PrincipalTag/task": "job"},
        "identity": [{"Effect": "Allow", "Action": "any:Do", "Resource": patterns}],
    }
    return evaluate(request_of(case), policies_of(case)).is_allowed

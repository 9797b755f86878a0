"""Which services policies leave open, and which policies grant a service: AWS's recorded answers, and limits."""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from rolecall.catalog.services import action_names, service_namespaces
from rolecall.iam.reports.service_permissions import STATEMENTS_FOR_ALL, Permissions, grants_service
from rolecall.language.document import PolicyDocument, PolicyType
from rolecall.language.parser import parse_policy
from rolecall.names.overlaps import overlap
from rolecall.names.wildcard import matches, tokens

CASES = json.loads((Path(__file__).parents[1] / "cases/iam/service_permissions.json").read_text())["cases"]


def document(*statements: Mapping[str, Any]) -> PolicyDocument:
    return parse_policy(json.dumps({"Version": "2012-10-17", "Statement": statements}), PolicyType.IDENTITY)


def open_services(*documents: PolicyDocument) -> list[str]:
    permissions = Permissions(documents)
    return [each for each in service_namespaces() if any(permissions.open_actions(each, action_names(each)))]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_services_are_open_as_aws_reports_them(case: dict[str, Any]) -> None:
    assert open_services(document(*case["statements"])) == case["reported"]


@pytest.mark.parametrize("case", [case for case in CASES if "granting" in case], ids=lambda case: case["name"])
def test_a_policy_grants_the_services_that_aws_lists_it_for(case: dict[str, Any]) -> None:
    policy = document(*case["statements"])
    assert [each for each in service_namespaces() if grants_service(policy, each)] == case["granting"]


def test_a_deny_in_one_policy_closes_what_another_opens_but_does_not_change_what_that_one_grants() -> None:
    allowing = document({"Effect": "Allow", "Action": ["sqs:SendMessage", "s3:GetObject"], "Resource": "*"})
    denying = document({"Effect": "Deny", "Action": "sqs:*", "Resource": "*"})
    assert open_services(allowing, denying) == ["s3"]
    assert grants_service(allowing, "sqs")


def test_every_service_is_open_to_an_administrator() -> None:
    everything = document({"Effect": "Allow", "Action": "*", "Resource": "*"})
    assert open_services(everything) == list(service_namespaces())
    assert list(Permissions([everything]).open_actions("sts", action_names("sts"))) == list(action_names("sts"))


def test_not_action_grants_all_but_the_services_that_it_names_whole() -> None:
    policy = document({"Effect": "Allow", "NotAction": ["iam:*", "s3:GetObject"], "Resource": "*"})
    assert [grants_service(policy, each) for each in ("iam", "s3", "ec2")] == [False, True, True]


def test_the_same_statement_again_and_again_counts_once() -> None:
    statement = {"Effect": "Deny", "NotAction": "s3:*", "Resource": "*"}
    assert not Permissions([document(*[statement] * (STATEMENTS_FOR_ALL + 1))]).are_too_many


def test_too_many_statements_about_all_services_are_refused_to_be_looked_at() -> None:
    statements = [
        {"Effect": "Deny", "NotAction": f"s3:A{number}", "Resource": "*"} for number in range(STATEMENTS_FOR_ALL + 1)
    ]
    assert Permissions([document(*statements)]).are_too_many


def test_patterns_beyond_those_that_are_compared_show_too_much_and_never_too_little() -> None:
    buckets = [f"arn:aws:s3:::bucket-{number}" for number in range(200)]
    assert open_services(document({"Effect": "Allow", "Action": "s3:GetObject", "Resource": buckets})) == ["s3"]
    assert open_services(document({"Effect": "Allow", "Action": "s3:GetObject", "Resource": buckets[:100]})) == []


def test_patterns_overlap_if_some_text_fits_both() -> None:
    chosen = random.Random(1)
    texts = ["".join(text) for length in range(6) for text in itertools.product("ab", repeat=length)]
    for _ in range(2000):
        one, other = ("".join(chosen.choice("ab*?") for _ in range(chosen.randint(0, 4))) for _ in range(2))
        common = any(matches(one, text) and matches(other, text) for text in texts)
        assert overlap(tokens(one), tokens(other)) is common, (one, other)

"""Policy tests pass exactly when the engine answers as they expect, and say how it did not."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from policy_tests.policy_test_files import ALL, ANN, OBJECT, only_outcome, policy, statement
from rolecall.policy_tests.errors import PolicyTestError
from rolecall.policy_tests.junit import junit_xml
from rolecall.policy_tests.printable import printable
from rolecall.policy_tests.running import FileReport

READ_ONLY = policy(
    statement("s3:Get*", Sid="Read"), statement("*", "Deny", Sid="Tls", Condition={"Bool": {"tls": "false"}})
)


@pytest.mark.parametrize(
    ("identity", "passing"),
    [
        ("all", {"allowed"}),
        ("nothing", {"denied", "implicitDeny"}),
        ("never", {"denied", "explicitDeny"}),
    ],
)
def test_a_test_passes_for_the_decision_that_it_expects_and_for_no_other(
    tmp_path: Path, identity: str, passing: set[str]
):
    policies = {"nothing": policy(statement("ec2:*")), "never": policy(statement("*", "Deny"))}
    for expected in ("allowed", "denied", "implicitDeny", "explicitDeny"):
        outcome = only_outcome(tmp_path, {"identityPolicies": [identity], "expect": expected}, **policies)
        assert outcome.passed is (expected in passing)
        assert outcome.error is None


def test_a_failure_tells_what_came_instead_and_why(tmp_path: Path):
    outcome = only_outcome(tmp_path, {"expect": "denied"})
    assert outcome.problems == ("expected denied, got allowed",)
    assert outcome.explanation.startswith(f"allowed: {ANN} performs s3:GetObject on {OBJECT}")
    assert "identity-based policy `all`" in outcome.explanation


def test_an_explanation_names_policies_as_the_file_does_even_those_that_nearly_matched(tmp_path: Path):
    test = {"identityPolicies": ["read"], "action": "s3:PutObject"}
    outcome = only_outcome(tmp_path, test, read=READ_ONLY)
    assert "nearly matched Allow in statement 1 `Read` of identity-based policy `read`" in outcome.explanation
    assert "identityPolicies[0]" not in outcome.explanation


@pytest.mark.parametrize(
    ("matched", "problems"),
    [
        (["read#0"], ()),
        (["read#Read"], ()),
        (["read#1"], ("expected read#1 to match", "read#0 matched, which was not expected")),
        (["read#0", "read#Tls"], ("expected read#Tls to match",)),
        ([], ("read#0 matched, which was not expected",)),
    ],
    ids=str,
)
def test_matched_names_all_statements_that_decide(tmp_path: Path, matched: list[str], problems: tuple[str, ...]):
    outcome = only_outcome(tmp_path, {"identityPolicies": ["read"], "matched": matched}, read=READ_ONLY)
    assert outcome.problems == problems


def test_a_policy_without_a_name_is_called_by_its_place(tmp_path: Path):
    levels = [[ALL], ["all"]]
    matched = ["all#0", "serviceControlPolicies[0][0]#0"]
    assert only_outcome(tmp_path, {"serviceControlPolicies": levels, "matched": matched}).problems == ()


@pytest.mark.parametrize(
    ("blocked_by", "problems"),
    [
        (["permissions boundary", "session policy"], ()),
        (["session policy"], ("blocked by permissions boundary, which was not expected",)),
        (
            ["permissions boundary", "session policy", "identity-based policy"],
            ("expected to be blocked by identity-based policy, which does not block",),
        ),
    ],
    ids=str,
)
def test_blocked_by_names_all_types_that_block(tmp_path: Path, blocked_by: list[str], problems: tuple[str, ...]):
    test = {"permissionsBoundaries": [], "sessionPolicies": [], "expect": "denied", "blockedBy": blocked_by}
    test["principal"] = "arn:aws:sts::111122223333:assumed-role/ops/ann"
    assert only_outcome(tmp_path, test).problems == problems


def test_a_policy_that_aws_would_refuse_is_an_error_that_names_it(tmp_path: Path):
    broken = policy(statement("s3:*", "Permit"))
    outcome = only_outcome(tmp_path, {"identityPolicies": ["broken"], "expect": "denied"}, broken=broken)
    assert not outcome.passed
    assert outcome.error is not None
    assert outcome.error.startswith("broken, as identityPolicies[0]: line 1, column ")


@pytest.mark.parametrize(
    "test",
    [
        {"action": "s3:*"},
        {"action": "GetObject"},
        {"resource": "reports"},
        {"principal": "ann"},
        {"principal": {"type": "Robot"}},
        {"context": {"a": {"b": "c"}}},
        {"context": {"a": [None]}},
        {"resourceAccount": "12"},
    ],
    ids=str,
)
def test_a_question_that_cannot_be_asked_is_an_error_never_a_pass(tmp_path: Path, test: dict[str, Any]):
    outcome = only_outcome(tmp_path, {**test, "expect": "denied"})
    assert not outcome.passed
    assert outcome.error


def test_a_trust_policy_and_an_optional_resource_policy_are_understood(tmp_path: Path):
    role = "arn:aws:iam::111122223333:role/ops"
    trust = {"Effect": "Allow", "Principal": {"AWS": ANN}, "Action": "sts:AssumeRole"}
    test = {"action": "sts:AssumeRole", "resource": role, "identityPolicies": None}
    assert only_outcome(tmp_path, {**test, "resourcePolicy": policy(trust), "matched": ["resourcePolicy#0"]}).passed
    assert only_outcome(tmp_path, {**test, "expect": "implicitDeny"}).passed
    key = {"action": "kms:Decrypt", "resource": "arn:aws:kms:us-east-1:111122223333:key/k"}
    assert only_outcome(tmp_path, {**key, "expect": "implicitDeny"}).passed
    assert only_outcome(tmp_path, {**key, "resourcePolicyRequired": False}).passed


# JUnit XML


def test_junit_xml_counts_and_tells_failures_and_errors(tmp_path: Path):
    broken = policy(statement("s3:*", "Permit"))
    mixed = (
        only_outcome(tmp_path, {}),
        only_outcome(tmp_path, {"expect": "denied"}),
        only_outcome(tmp_path, {"identityPolicies": ["broken"]}, broken=broken),
    )
    unread = FileReport(path="gone.yaml", error=PolicyTestError("gone", "gone.yaml"))
    root = ElementTree.fromstring(junit_xml([FileReport(path="policy.yaml", outcomes=mixed), unread]))
    assert {name: root.get(name) for name in ("tests", "failures", "errors")} == {
        "tests": "4",
        "failures": "1",
        "errors": "2",
    }
    suite, gone = root
    assert [[child.tag for child in case] for case in suite] == [[], ["failure"], ["error"]]
    failure = suite.find("testcase/failure")
    assert failure is not None
    assert failure.get("message") == "expected denied, got allowed"
    assert (failure.text or "").startswith("allowed: ")
    assert [error.get("message") for error in gone.iter("error")] == ["gone.yaml: gone"]


def test_no_character_of_a_policy_breaks_the_xml_or_steers_the_terminal(tmp_path: Path):
    evil = policy(statement("s3:*", "\x1b[2J\x00<&>\U0001f600"))
    outcome = only_outcome(tmp_path, {"identityPolicies": ["evil"]}, evil=evil)
    root = ElementTree.fromstring(junit_xml([FileReport(path="\x07.yaml", outcomes=(outcome,))]))
    assert root[0].get("name") == "\\x07.yaml"
    assert printable("a\x1b\r\x85\ufffe\n\té\U0001f600") == "a\\x1b\\r\\x85\\ufffe\n\té\U0001f600"

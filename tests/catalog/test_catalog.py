"""The catalog: AWS's actions and managed policies, as data from packages."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from rolecall.catalog.actions import find_action
from rolecall.catalog.managed_policies import aws_managed_policies, find_aws_managed_policy

LOCKED = Path(__file__).parents[2] / "requirements" / "runtime.txt"


def test_all_managed_policies_of_aws_exist():
    policies = aws_managed_policies()
    assert len(policies) >= 1580
    assert len({policy.id for policy in policies.values()}) == len(policies)
    assert all(arn.startswith("arn:aws:iam::aws:policy/") for arn in policies)


def test_a_managed_policy_has_aws_path_version_and_document():
    policy = find_aws_managed_policy("arn:aws:iam::aws:policy/job-function/Billing")
    assert policy is not None
    assert (policy.name, policy.path) == ("Billing", "/job-function/")
    assert policy.default_version_id.startswith("v")
    assert policy.created_at <= policy.updated_at
    assert json.loads(policy.document)["Version"] == "2012-10-17"


def test_policies_for_service_linked_roles_are_not_attachable():
    kinds = {policy.is_attachable for policy in aws_managed_policies().values() if "aws-service-role" in policy.path}
    assert kinds == {False}
    administrator = find_aws_managed_policy("arn:aws:iam::aws:policy/AdministratorAccess")
    assert administrator is not None
    assert administrator.is_attachable


def test_a_policy_that_aws_does_not_have_is_not_found():
    assert find_aws_managed_policy("arn:aws:iam::aws:policy/NoSuchPolicy") is None


@pytest.mark.parametrize("name", ["iam:CreateRole", "IAM:createrole"])
def test_an_action_is_found_whatever_its_case(name: str):
    action = find_action(name)
    assert action is not None
    assert action.name == "iam:CreateRole"
    assert action.resource_types == ("role",)


@pytest.mark.parametrize(
    ("action", "key", "supported"),
    [
        ("iam:CreateRole", "aws:requesttag/team", True),
        ("iam:CreateRole", "aws:tagkeys", True),
        ("iam:CreateRole", "iam:permissionsboundary", True),
        ("iam:AttachRolePolicy", "iam:policyarn", True),
        ("iam:AttachRolePolicy", "aws:resourcetag/team", True),
        ("s3:GetObject", "s3:existingobjecttag/team", True),
        ("iam:CreateGroup", "iam:permissionsboundary", False),
        ("iam:ListUsers", "aws:resourcetag/team", False),
        ("iam:GetUser", "aws:resourcetagged", False),
    ],
)
def test_an_action_supports_the_condition_keys_that_aws_documents(action: str, key: str, supported: bool):
    known = find_action(action)
    assert known is not None
    assert known.supports(key) is supported


@pytest.mark.parametrize("name", ["iam:NoSuchAction", "nosuchservice:Get", "iam", ":", "", "iam:Create*", "../x:y"])
def test_what_is_no_action_is_not_found(name: str):
    assert find_action(name) is None


def test_the_server_runs_without_moto():
    assert "moto" not in {line.split("==")[0] for line in LOCKED.read_text().splitlines()}
    loaded = "import sys, rolecall.server.serving, rolecall.catalog.managed_policies as m; m.aws_managed_policies();"
    program = loaded + "print([name for name in sys.modules if name.split('.')[0] in {'moto', 'boto3'}])"
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert ended.stdout.strip() == "[]", ended.stderr

"""Permissions boundaries of users and roles (identities.md §8). Refusals: refusals_boundaries.json."""

from __future__ import annotations

import json
from typing import Any

import pytest

from iam.harness import ACCOUNT, Iam

READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
OWN = f"arn:aws:iam::{ACCOUNT}:policy/own"
TRUST = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
ALLOW = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}


def document(statement: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@pytest.fixture(autouse=True)
def _entities(iam: Iam) -> None:
    iam("CreatePolicy", policy_name="own", policy_document=document(ALLOW))
    iam("CreateRole", role_name="it", assume_role_policy_document=document(TRUST))
    iam("CreateUser", user_name="it")


def boundary(iam: Iam, noun: str) -> str | None:
    shown = iam(f"Get{noun}", **{f"{noun.lower()}_name": "it"})[noun].get("PermissionsBoundary")
    if shown is None:
        return None
    assert shown["PermissionsBoundaryType"] == "Policy"
    return str(shown["PermissionsBoundaryArn"])


@pytest.mark.parametrize("noun", ["User", "Role"])
def test_a_boundary_is_set_replaced_and_removed(iam: Iam, noun: str) -> None:
    name = {f"{noun.lower()}_name": "it"}
    assert boundary(iam, noun) is None
    for arn in (OWN, READ_ONLY):
        iam(f"Put{noun}PermissionsBoundary", **name, permissions_boundary=arn)
        assert boundary(iam, noun) == arn
    iam(f"Delete{noun}PermissionsBoundary", **name)
    assert boundary(iam, noun) is None


@pytest.mark.parametrize("noun", ["User", "Role"])
def test_a_policy_is_free_again_when_it_is_no_boundary_any_more(iam: Iam, noun: str) -> None:
    name = {f"{noun.lower()}_name": "it"}
    iam(f"Put{noun}PermissionsBoundary", **name, permissions_boundary=OWN)
    iam(f"Put{noun}PermissionsBoundary", **name, permissions_boundary=READ_ONLY)
    iam("DeletePolicy", policy_arn=OWN)
    assert iam("ListPolicies", scope="Local")["Policies"] == []


@pytest.mark.parametrize("noun", ["User", "Role"])
def test_the_boundary_of_the_request_counts_for_setting_and_the_one_there_is_for_removing(iam: Iam, noun: str) -> None:
    name = {f"{noun.lower()}_name": "it"}
    iam(f"Put{noun}PermissionsBoundary", **name, permissions_boundary=OWN)
    (check,) = iam.checks(f"Put{noun}PermissionsBoundary", **name, permissions_boundary=READ_ONLY)
    assert check.context["iam:permissionsboundary"] == READ_ONLY
    (check,) = iam.checks(f"Delete{noun}PermissionsBoundary", **name)
    assert check.context["iam:permissionsboundary"] == OWN

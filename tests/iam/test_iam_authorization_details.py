"""GetAccountAuthorizationDetails."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import unquote

import pytest

from iam.harness import Iam, Server
from rolecall.errors import ValidationError

TEXT = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}'
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
BILLING = "arn:aws:iam::aws:policy/job-function/Billing"
LISTS = {"UserDetailList": "UserName", "GroupDetailList": "GroupName", "RoleDetailList": "RoleName", "Policies": "Arn"}


@pytest.fixture
def account(iam: Iam) -> Iam:
    """An account with one of each kind."""
    own = iam("CreatePolicy", policy_name="own", policy_document=TEXT)["Policy"]["Arn"]
    iam("CreatePolicyVersion", policy_arn=own, policy_document=TEXT, set_as_default=True)
    iam("CreateGroup", group_name="devs")
    iam("PutGroupPolicy", group_name="devs", policy_name="g", policy_document=TEXT)
    iam("CreateUser", user_name="bob", tags=({"key": "Team", "value": "red"},), permissions_boundary=BILLING)
    iam("AddUserToGroup", group_name="devs", user_name="bob")
    iam("AttachUserPolicy", user_name="bob", policy_arn=own)
    iam("PutUserPolicy", user_name="bob", policy_name="u", policy_document=TEXT)
    trust = {
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Principal": {"AWS": "arn:aws:iam::123456789012:user/bob"},
            "Action": "sts:AssumeRole",
        },
    }
    iam("CreateRole", role_name="web", assume_role_policy_document=json.dumps(trust))
    iam("AttachRolePolicy", role_name="web", policy_arn=READ_ONLY)
    iam("CreateInstanceProfile", instance_profile_name="web")
    iam("AddRoleToInstanceProfile", instance_profile_name="web", role_name="web")
    return iam


def listed(answer: dict[str, Any]) -> dict[str, list[str]]:
    return {member: [item[name] for item in answer[member]] for member, name in LISTS.items()}


def test_everything_that_grants_is_listed(account: Iam) -> None:
    answer = account("GetAccountAuthorizationDetails")
    assert listed(answer) == {
        "UserDetailList": ["bob"],
        "GroupDetailList": ["devs"],
        "RoleDetailList": ["web"],
        "Policies": ["arn:aws:iam::123456789012:policy/own", READ_ONLY, BILLING],
    }
    assert answer["IsTruncated"] is False


def test_a_user_is_told_with_groups_policies_boundary_and_tags(account: Iam) -> None:
    (user,) = account("GetAccountAuthorizationDetails")["UserDetailList"]
    assert user["GroupList"] == ["devs"]
    assert user["AttachedManagedPolicies"] == [
        {"PolicyName": "own", "PolicyArn": "arn:aws:iam::123456789012:policy/own"}
    ]
    assert [(one["PolicyName"], unquote(one["PolicyDocument"])) for one in user["UserPolicyList"]] == [("u", TEXT)]
    assert user["PermissionsBoundary"]["PermissionsBoundaryArn"] == BILLING
    assert user["Tags"] == [{"Key": "Team", "Value": "red"}]


def test_a_group_is_told_with_its_policies(account: Iam) -> None:
    (group,) = account("GetAccountAuthorizationDetails")["GroupDetailList"]
    assert [one["PolicyName"] for one in group["GroupPolicyList"]] == ["g"]
    assert group["AttachedManagedPolicies"] == []


def test_a_role_is_told_with_its_trust_policy_and_instance_profiles(account: Iam) -> None:
    (role,) = account("GetAccountAuthorizationDetails")["RoleDetailList"]
    trust = json.loads(unquote(role["AssumeRolePolicyDocument"]))
    assert trust["Statement"][0]["Principal"] == {"AWS": "arn:aws:iam::123456789012:user/bob"}
    assert [profile["InstanceProfileName"] for profile in role["InstanceProfileList"]] == ["web"]
    assert [one["PolicyName"] for one in role["AttachedManagedPolicies"]] == ["ReadOnlyAccess"]
    assert role["RoleLastUsed"] == {}


def test_a_policy_is_told_with_all_its_versions(account: Iam) -> None:
    answer = account("GetAccountAuthorizationDetails", filter=("LocalManagedPolicy",))
    (policy,) = answer["Policies"]
    assert [(one["VersionId"], one["IsDefaultVersion"]) for one in policy["PolicyVersionList"]] == [
        ("v2", True),
        ("v1", False),
    ]
    assert unquote(policy["PolicyVersionList"][1]["Document"]) == TEXT
    assert policy["AttachmentCount"] == 1


def test_a_policy_of_aws_is_told_while_it_is_used(account: Iam) -> None:
    account("DetachRolePolicy", role_name="web", policy_arn=READ_ONLY)
    answer = account("GetAccountAuthorizationDetails", filter=("AWSManagedPolicy",))
    assert [policy["Arn"] for policy in answer["Policies"]] == [BILLING]
    assert len(answer["Policies"][0]["PolicyVersionList"]) == 1


@pytest.mark.parametrize(
    ("wanted", "member"),
    [("User", "UserDetailList"), ("Group", "GroupDetailList"), ("Role", "RoleDetailList")],
)
def test_a_filter_leaves_only_what_it_names(account: Iam, wanted: str, member: str) -> None:
    answer = listed(account("GetAccountAuthorizationDetails", filter=(wanted,)))
    assert len(answer.pop(member)) == 1
    assert all(names == [] for names in answer.values())


def test_pages_over_all_kinds_join_to_the_whole(account: Iam) -> None:
    whole = listed(account("GetAccountAuthorizationDetails"))
    joined: dict[str, list[str]] = {member: [] for member in LISTS}
    marker: dict[str, str] = {}
    for _ in range(6):
        answer = account("GetAccountAuthorizationDetails", max_items=1, **marker)
        for member, names in listed(answer).items():
            joined[member] += names
        marker = {"marker": answer["Marker"]} if answer["IsTruncated"] else {}
    assert marker == {}
    assert joined == whole


# How pages go on: radkawar/stackd, testdata/aws/iam/account_reporting.json, pagination_… and section_order_…


def first_page(account: Iam, **parameters: object) -> dict[str, Any]:
    return dict(account("GetAccountAuthorizationDetails", max_items=1, **parameters))


def test_pages_begin_with_users_and_go_on_with_roles_groups_and_policies(account: Iam) -> None:
    seen = []
    marker: dict[str, str] = {}
    for _ in range(6):
        answer = first_page(account, **marker)
        seen += [member for member in LISTS if answer[member]]
        marker = {"marker": answer.get("Marker", "")}
    assert seen == ["UserDetailList", "RoleDetailList", "GroupDetailList", "Policies", "Policies", "Policies"]


def test_a_marker_goes_on_whatever_the_order_of_the_filter(account: Iam) -> None:
    marker = first_page(account, filter=("Group", "User", "LocalManagedPolicy"))["Marker"]
    again = first_page(account, filter=("LocalManagedPolicy", "User", "Group"), marker=marker)
    assert listed(again)["GroupDetailList"] == ["devs"]
    every = first_page(account)["Marker"]
    kinds = ("AWSManagedPolicy", "LocalManagedPolicy", "Role", "Group", "User")
    assert listed(first_page(account, filter=kinds, marker=every))["RoleDetailList"] == ["web"]


@pytest.mark.parametrize(
    ("first", "then", "message"),
    [
        (("Group", "User", "LocalManagedPolicy"), ("Group",), "Marker and Filter do not match"),
        (("Group", "User", "LocalManagedPolicy"), (), "Invalid Marker."),
        ((), ("User", "Group", "Role", "LocalManagedPolicy"), "Invalid Marker."),
    ],
)
def test_a_marker_is_good_for_its_own_filter_only(
    account: Iam, first: tuple[str, ...], then: tuple[str, ...], message: str
) -> None:
    marker = first_page(account, filter=first)["Marker"]
    with pytest.raises(ValidationError) as caught:
        first_page(account, filter=then, marker=marker)
    assert caught.value.message == message


def test_a_made_up_marker_matches_no_filter(account: Iam) -> None:
    with pytest.raises(ValidationError) as caught:
        account("GetAccountAuthorizationDetails", filter=("User",), marker="not-an-aws-marker")
    assert caught.value.message == "Marker and Filter do not match"


def test_other_accounts_do_not_show(account: Iam, server: Server) -> None:
    answer = listed(server.account("210987654321")("GetAccountAuthorizationDetails"))
    assert all(names == [] for names in answer.values())

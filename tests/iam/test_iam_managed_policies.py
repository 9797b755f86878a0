"""Managed policies and their versions. Refusals: tests/cases/iam/refusals_managed_policies.json."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

import pytest

from iam.harness import ACCOUNT, NOW, Iam, Server
from rolecall.catalog.managed_policies import aws_managed_policies
from rolecall.errors import LimitExceeded
from rolecall.names.arn import AccountId
from rolecall.state.entities import ManagedPolicy, PolicyVersion

READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
ARN = f"arn:aws:iam::{ACCOUNT}:policy/read"
TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}],
    }
)


def document(action: str = "s3:GetObject") -> str:
    return json.dumps(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}]}, indent=1
    )


def make(iam: Iam, name: str = "read", **parameters: object) -> Mapping[str, Any]:
    answer = iam("CreatePolicy", policy_name=name, policy_document=document(), **parameters)["Policy"]
    assert isinstance(answer, dict)
    return answer


def pages(iam: Iam, name: str, member: str, **parameters: object) -> list[Any]:
    """What all pages of a list hold together."""
    answer = iam(name, **parameters)
    found = list(answer[member])
    while answer["IsTruncated"]:
        answer = iam(name, marker=answer["Marker"], **parameters)
        found += answer[member]
    return found


def names(iam: Iam, **parameters: object) -> list[str]:
    return [policy["PolicyName"] for policy in pages(iam, "ListPolicies", "Policies", **parameters)]


def test_a_new_policy_has_one_version_and_no_user(iam: Iam) -> None:
    policy = dict(make(iam, path="/team/", description="reads", tags=({"key": "k", "value": "v"},)))
    assert str(policy.pop("PolicyId")).startswith("ANPA")
    assert policy == {
        "PolicyName": "read",
        "Arn": f"arn:aws:iam::{ACCOUNT}:policy/team/read",
        "Path": "/team/",
        "DefaultVersionId": "v1",
        "AttachmentCount": 0,
        "PermissionsBoundaryUsageCount": 0,
        "IsAttachable": True,
        "CreateDate": NOW,
        "UpdateDate": NOW,
        "Tags": [{"Key": "k", "Value": "v"}],
    }
    whole = iam("GetPolicy", policy_arn=str(policy["Arn"]))["Policy"]
    assert whole.items() >= {**policy, "Description": "reads"}.items()


def test_attachments_and_boundaries_are_counted_apart(iam: Iam) -> None:
    make(iam)
    iam("CreateRole", role_name="a", assume_role_policy_document=TRUST, permissions_boundary=ARN)
    iam("CreateUser", user_name="b", permissions_boundary=ARN)
    iam("CreateGroup", group_name="c")
    iam("AttachGroupPolicy", group_name="c", policy_arn=ARN)
    policy = iam("GetPolicy", policy_arn=ARN)["Policy"]
    assert (policy["AttachmentCount"], policy["PermissionsBoundaryUsageCount"]) == (1, 2)


def test_policies_of_aws_can_be_read_and_their_attachments_are_the_accounts_own(server: Server, iam: Iam) -> None:
    other = server.account("210987654321")
    other("CreateGroup", group_name="c")
    other("AttachGroupPolicy", group_name="c", policy_arn=READ_ONLY)
    assert iam("GetPolicy", policy_arn=READ_ONLY)["Policy"]["AttachmentCount"] == 0
    assert other("GetPolicy", policy_arn=READ_ONLY)["Policy"]["AttachmentCount"] == 1


def test_the_document_of_a_policy_of_aws_is_its_default_version(iam: Iam) -> None:
    version_id = iam("GetPolicy", policy_arn=READ_ONLY)["Policy"]["DefaultVersionId"]
    version = iam("GetPolicyVersion", policy_arn=READ_ONLY, version_id=version_id)["PolicyVersion"]
    assert version["IsDefaultVersion"] is True
    assert json.loads(unquote(version["Document"]))["Version"] == "2012-10-17"
    (listed,) = iam("ListPolicyVersions", policy_arn=READ_ONLY)["Versions"]
    assert listed["VersionId"] == version_id


def test_all_policies_are_listed_page_by_page_each_once(iam: Iam) -> None:
    make(iam)
    make(iam, "ReadOnlyAccess")  # called like one of AWS's
    arns = [policy["Arn"] for policy in pages(iam, "ListPolicies", "Policies", max_items=500)]
    assert len(arns) == len(set(arns))
    assert set(arns) == {ARN, f"arn:aws:iam::{ACCOUNT}:policy/ReadOnlyAccess", *aws_managed_policies()}


def test_a_scope_limits_the_list_to_the_accounts_or_awss_policies(iam: Iam) -> None:
    make(iam)
    assert names(iam, scope="Local") == ["read"]
    assert len(names(iam, scope="AWS", max_items=1000)) == len(aws_managed_policies())


def test_a_path_limits_the_list(iam: Iam) -> None:
    make(iam, path="/team/a/")
    make(iam, "write")
    assert names(iam, scope="Local", path_prefix="/team/") == ["read"]
    assert "AmazonECSServiceRolePolicy" in names(iam, scope="AWS", path_prefix="/aws-service-role/", max_items=1000)


def test_only_policies_in_use_are_listed_if_asked_and_then_alone_does_the_use_matter(iam: Iam) -> None:
    # radkawar/stackd, testdata/aws/iam/policy_management.json, list_policies
    make(iam)
    make(iam, "bound")
    make(iam, "unused")
    iam("CreateRole", role_name="a", assume_role_policy_document=TRUST, permissions_boundary=f"{ARN[:-4]}bound")
    for arn in (ARN, READ_ONLY):
        iam("AttachRolePolicy", role_name="a", policy_arn=arn)
    assert names(iam, only_attached=True) == ["ReadOnlyAccess", "bound", "read"]
    assert names(iam, policy_usage_filter="PermissionsPolicy", only_attached=True) == ["ReadOnlyAccess", "read"]
    assert names(iam, policy_usage_filter="PermissionsBoundary", only_attached=True) == ["bound"]
    for usage in ("PermissionsPolicy", "PermissionsBoundary"):
        assert names(iam, policy_usage_filter=usage, scope="Local") == ["bound", "read", "unused"]


def test_a_list_of_policies_tells_neither_descriptions_nor_tags(iam: Iam) -> None:
    make(iam, description="d", tags=({"key": "k", "value": "v"},))
    (policy,) = iam("ListPolicies", scope="Local")["Policies"]
    assert not {"Description", "Tags"} & policy.keys()


def users_of(iam: Iam, **parameters: object) -> dict[str, list[str]]:
    answer = iam("ListEntitiesForPolicy", policy_arn=ARN, **parameters)
    return {noun: [entity[f"{noun}Name"] for entity in answer[f"Policy{noun}s"]] for noun in ("Group", "User", "Role")}


def use(iam: Iam) -> None:
    make(iam)
    iam("CreateGroup", group_name="g", path="/team/")
    iam("CreateUser", user_name="u", permissions_boundary=ARN)
    iam("CreateRole", role_name="r", assume_role_policy_document=TRUST, permissions_boundary=ARN)
    iam("CreateRole", role_name="other", assume_role_policy_document=TRUST)
    iam("AttachGroupPolicy", group_name="g", policy_arn=ARN)
    iam("AttachRolePolicy", role_name="r", policy_arn=ARN)


def test_who_uses_a_policy_is_listed_once_whatever_the_use(iam: Iam) -> None:
    use(iam)
    assert users_of(iam) == {"Group": ["g"], "User": ["u"], "Role": ["r"]}


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({"policy_usage_filter": "PermissionsPolicy"}, {"Group": ["g"], "User": [], "Role": ["r"]}),
        ({"policy_usage_filter": "PermissionsBoundary"}, {"Group": [], "User": ["u"], "Role": ["r"]}),
        ({"entity_filter": "Role"}, {"Group": [], "User": [], "Role": ["r"]}),
        ({"entity_filter": "LocalManagedPolicy"}, {"Group": [], "User": [], "Role": []}),
        ({"path_prefix": "/team/"}, {"Group": ["g"], "User": [], "Role": []}),
    ],
)
def test_the_users_of_a_policy_can_be_filtered(
    iam: Iam, parameters: dict[str, object], expected: dict[str, list[str]]
) -> None:
    use(iam)
    assert users_of(iam, **parameters) == expected


def test_pages_run_over_all_kinds_of_users_of_a_policy(iam: Iam) -> None:
    use(iam)
    first = iam("ListEntitiesForPolicy", policy_arn=ARN, max_items=2)
    second = iam("ListEntitiesForPolicy", policy_arn=ARN, max_items=2, marker=first["Marker"])
    assert [entity["GroupName"] for entity in first["PolicyGroups"]] == ["g"]
    assert [entity["RoleName"] for entity in first["PolicyRoles"]] == ["r"]
    assert [entity["UserName"] for entity in second["PolicyUsers"]] == ["u"]
    assert second["IsTruncated"] is False


def test_a_version_takes_effect_when_it_is_made_the_default(server: Server, iam: Iam) -> None:
    make(iam)
    server.now = NOW + 5
    created = iam("CreatePolicyVersion", policy_arn=ARN, policy_document=document("s3:*"))["PolicyVersion"]
    assert created == {"VersionId": "v2", "IsDefaultVersion": False, "CreateDate": NOW + 5}
    policy = iam("GetPolicy", policy_arn=ARN)["Policy"]
    assert (policy["DefaultVersionId"], policy["CreateDate"], policy["UpdateDate"]) == ("v1", NOW, NOW + 5)
    iam("SetDefaultPolicyVersion", policy_arn=ARN, version_id="v2")
    version = iam("GetPolicyVersion", policy_arn=ARN, version_id="v2")["PolicyVersion"]
    assert version["IsDefaultVersion"] is True
    assert unquote(version["Document"]) == document("s3:*")
    stored = iam.server.world.named(ManagedPolicy, AccountId(ACCOUNT), "read")
    assert stored is not None
    assert stored.default_version.document == document("s3:*")


def test_a_version_can_be_made_as_the_default(iam: Iam) -> None:
    make(iam)
    version = iam("CreatePolicyVersion", policy_arn=ARN, policy_document=document(), set_as_default=True)
    assert version["PolicyVersion"]["IsDefaultVersion"] is True
    assert iam("GetPolicy", policy_arn=ARN)["Policy"]["DefaultVersionId"] == "v2"


def test_version_numbers_are_never_used_again(iam: Iam) -> None:
    make(iam)
    for number in range(2, 13):
        made = iam("CreatePolicyVersion", policy_arn=ARN, policy_document=document())["PolicyVersion"]
        assert made["VersionId"] == f"v{number}"
        iam("DeletePolicyVersion", policy_arn=ARN, version_id=f"v{number}")


def test_versions_are_listed_newest_first_and_without_documents(iam: Iam) -> None:
    make(iam)
    for number in range(2, 11):
        iam("CreatePolicyVersion", policy_arn=ARN, policy_document=document(), set_as_default=True)
        iam("DeletePolicyVersion", policy_arn=ARN, version_id=f"v{number - 1}")
    iam("CreatePolicyVersion", policy_arn=ARN, policy_document=document())
    listed = pages(iam, "ListPolicyVersions", "Versions", policy_arn=ARN, max_items=1)
    assert [version["VersionId"] for version in listed] == ["v11", "v10"]
    assert all("Document" not in version for version in listed)


def test_a_deleted_policy_is_gone(iam: Iam) -> None:
    make(iam)
    iam("DeletePolicy", policy_arn=ARN)
    assert names(iam, scope="Local") == []


def test_white_space_does_not_count_against_the_size_of_a_policy(iam: Iam) -> None:
    iam("CreatePolicy", policy_name="read", policy_document=document() + "\n" * 7000)
    assert names(iam, scope="Local") == ["read"]


def test_an_account_has_1500_policies_at_most(iam: Iam) -> None:
    for number in range(1500):
        iam.put(
            ManagedPolicy(
                account=AccountId(ACCOUNT),
                id=f"ANPA{number:017}",
                name=f"p{number}",
                created_at=NOW,
                updated_at=NOW,
                versions=(PolicyVersion("v1", document(), NOW),),
                default_version_id="v1",
            )
        )
    with pytest.raises(LimitExceeded, match=r"^Cannot exceed quota for PoliciesPerAccount: 1500$"):
        make(iam)


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("GetPolicy", {}),
        ("DeletePolicy", {}),
        ("ListEntitiesForPolicy", {}),
        ("CreatePolicyVersion", {"policy_document": "{}"}),
        ("GetPolicyVersion", {"version_id": "v1"}),
        ("ListPolicyVersions", {}),
        ("SetDefaultPolicyVersion", {"version_id": "v1"}),
        ("DeletePolicyVersion", {"version_id": "v1"}),
    ],
)
def test_each_operation_asks_for_its_own_permission_on_the_policy(
    iam: Iam, name: str, parameters: dict[str, object]
) -> None:
    make(iam, tags=({"key": "Dept", "value": "it"},))
    (check,) = iam.checks(name, policy_arn=ARN, **parameters)
    assert (check.action, str(check.resource)) == (f"iam:{name}", ARN)
    assert check.context["aws:resourcetag/dept"] == "it"

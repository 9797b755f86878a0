"""Roles, as answers show them and as operations change them. Refusals: tests/cases/iam/refusals_roles.json."""

from __future__ import annotations

import json
from urllib.parse import unquote

import pytest

from iam.harness import ACCOUNT, NOW, Iam, Server
from rolecall.errors import LimitExceeded, UnmodifiableEntity
from rolecall.names.arn import AccountId
from rolecall.state.entities import Role

EC2 = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}],
    },
    indent=1,
)
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
DAY = 24 * 60 * 60


def make(iam: Iam, name: str = "ops", **parameters: object) -> None:
    iam("CreateRole", role_name=name, assume_role_policy_document=EC2, **parameters)


def shown(answer: object) -> dict[str, object]:
    """A role of an answer without the members that the wire leaves out."""
    assert isinstance(answer, dict)
    return {name: value for name, value in answer.items() if value is not None}


def test_a_new_role_is_shown_without_its_longest_session(iam: Iam) -> None:
    role = shown(
        iam(
            "CreateRole",
            role_name="ops",
            assume_role_policy_document=EC2,
            path="/team/",
            description="operations",
            max_session_duration=7200,
            permissions_boundary=READ_ONLY,
            tags=({"key": "dept", "value": "it"},),
        )["Role"]
    )
    role_id = role.pop("RoleId")
    assert isinstance(role_id, str)
    assert role_id.startswith("AROA")
    assert unquote(str(role.pop("AssumeRolePolicyDocument"))) == EC2
    assert role == {
        "Path": "/team/",
        "RoleName": "ops",
        "Arn": f"arn:aws:iam::{ACCOUNT}:role/team/ops",
        "CreateDate": NOW,
        "PermissionsBoundary": {
            "PermissionsBoundaryType": "Policy",
            "PermissionsBoundaryArn": READ_ONLY,
        },
        "Tags": [{"Key": "dept", "Value": "it"}],
    }


def test_a_plain_role_lasts_an_hour_and_was_never_used(iam: Iam) -> None:
    make(iam)
    role = shown(iam("GetRole", role_name="ops")["Role"])
    assert role["MaxSessionDuration"] == 3600
    assert role["RoleLastUsed"] == {}
    assert not {"Description", "PermissionsBoundary", "Tags"} & role.keys()


def test_a_role_is_found_whatever_the_case_of_its_name(iam: Iam) -> None:
    make(iam, "Ops")
    assert iam("GetRole", role_name="oPS")["Role"]["RoleName"] == "Ops"


def test_the_last_use_of_a_role_is_remembered_for_400_days(server: Server, iam: Iam) -> None:
    make(iam)
    role_id = iam("GetRole", role_name="ops")["Role"]["RoleId"]
    server.uses.note(Role, role_id, at=NOW, region="eu-west-1", service="sts")
    server.now = NOW + 400 * DAY
    assert iam("GetRole", role_name="ops")["Role"]["RoleLastUsed"] == {"LastUsedDate": NOW, "Region": "eu-west-1"}
    server.now += 1
    assert iam("GetRole", role_name="ops")["Role"]["RoleLastUsed"] == {}


def test_a_list_of_roles_tells_neither_tags_nor_boundaries_nor_last_use(iam: Iam) -> None:
    make(iam, permissions_boundary=READ_ONLY, tags=({"key": "k", "value": "v"},), description="d")
    (role,) = iam("ListRoles")["Roles"]
    assert set(role) == {
        "Path",
        "RoleName",
        "RoleId",
        "Arn",
        "CreateDate",
        "AssumeRolePolicyDocument",
        "Description",
        "MaxSessionDuration",
    }


def test_roles_are_listed_by_name_below_a_path_and_in_pages(iam: Iam) -> None:
    for name, path in (("c", "/team/a/"), ("a", "/team/"), ("b", "/team/b/"), ("d", "/")):
        make(iam, name, path=path)
    first = iam("ListRoles", path_prefix="/team/", max_items=2)
    assert [role["RoleName"] for role in first["Roles"]] == ["a", "b"]
    assert first["IsTruncated"] is True
    second = iam("ListRoles", path_prefix="/team/", max_items=2, marker=first["Marker"])
    assert [role["RoleName"] for role in second["Roles"]] == ["c"]
    assert second["IsTruncated"] is False
    assert "Marker" not in second


def test_an_account_does_not_see_the_roles_of_another(server: Server, iam: Iam) -> None:
    make(server.account("210987654321"))
    assert iam("ListRoles")["Roles"] == []


def test_an_update_leaves_what_it_does_not_name(iam: Iam) -> None:
    make(iam, description="old", max_session_duration=7200)
    iam("UpdateRole", role_name="ops", max_session_duration=10800)
    role = iam("GetRole", role_name="ops")["Role"]
    assert (role["Description"], role["MaxSessionDuration"]) == ("old", 10800)
    iam("UpdateRole", role_name="ops", description="new")
    role = iam("GetRole", role_name="ops")["Role"]
    assert (role["Description"], role["MaxSessionDuration"]) == ("new", 10800)


def test_a_description_can_be_emptied(iam: Iam) -> None:
    make(iam, description="old")
    iam("UpdateRole", role_name="ops", description="")
    assert iam("GetRole", role_name="ops")["Role"]["Description"] is None


def test_the_old_call_for_descriptions_shows_the_role(iam: Iam) -> None:
    make(iam)
    assert iam("UpdateRoleDescription", role_name="ops", description="new")["Role"]["Description"] == "new"
    assert iam("GetRole", role_name="ops")["Role"]["Description"] == "new"


def test_a_deleted_role_is_gone_and_its_name_free_for_one_with_another_id(iam: Iam) -> None:
    make(iam)
    old = iam("GetRole", role_name="ops")["Role"]["RoleId"]
    iam("DeleteRole", role_name="ops")
    assert iam("ListRoles")["Roles"] == []
    make(iam)
    assert iam("GetRole", role_name="ops")["Role"]["RoleId"] != old


def test_a_boundary_does_not_keep_a_role(iam: Iam) -> None:
    make(iam, permissions_boundary=READ_ONLY)
    iam("DeleteRole", role_name="ops")
    assert iam("ListRoles")["Roles"] == []


def test_an_account_has_a_thousand_roles_at_most(server: Server, iam: Iam) -> None:
    for number in range(1000):
        iam.put(_role(f"r{number}"))
    with pytest.raises(LimitExceeded, match=r"^Cannot exceed quota for RolesPerAccount: 1000$"):
        make(iam)
    iam("DeleteRole", role_name="r7")
    make(iam)


@pytest.mark.parametrize("path", ["/aws-service-role/ecs.amazonaws.com/", "/aws-reserved/sso.amazonaws.com/"])
@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("UpdateAssumeRolePolicy", {"policy_document": EC2}),
        ("DeleteRole", {}),
        ("PutRolePermissionsBoundary", {"permissions_boundary": READ_ONLY}),
        ("DeleteRolePermissionsBoundary", {}),
        ("AddRoleToInstanceProfile", {"instance_profile_name": "web"}),
        ("RemoveRoleFromInstanceProfile", {"instance_profile_name": "web"}),
        ("AttachRolePolicy", {"policy_arn": READ_ONLY}),
        ("PutRolePolicy", {"policy_name": "p", "policy_document": EC2}),
    ],
)
def test_nobody_changes_a_role_of_aws(iam: Iam, path: str, name: str, parameters: dict[str, object]) -> None:
    iam("CreateInstanceProfile", instance_profile_name="web")
    iam.put(_role("aws", path=path))
    with pytest.raises(UnmodifiableEntity) as caught:
        iam(name, role_name="aws", **parameters)
    assert caught.value.message == (
        "Cannot perform the operation on the protected role 'aws' - this role is only modifiable by AWS"
    )


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("UpdateRole", {"description": "mine"}),
        ("UpdateRoleDescription", {"description": "mine"}),
        ("TagRole", {"tags": ({"key": "k", "value": "v"},)}),
        ("UntagRole", {"tag_keys": ("k",)}),
    ],
)
def test_nobody_describes_a_reserved_role_of_aws(iam: Iam, name: str, parameters: dict[str, object]) -> None:
    iam.put(_role("aws", path="/aws-reserved/sso.amazonaws.com/"))
    with pytest.raises(UnmodifiableEntity):
        iam(name, role_name="aws", **parameters)


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("CreateRole", {"assume_role_policy_document": EC2, "path": "/team/"}),
        ("GetRole", {}),
        ("UpdateRole", {}),
        ("UpdateRoleDescription", {"description": "d"}),
        ("UpdateAssumeRolePolicy", {"policy_document": EC2}),
        ("DeleteRole", {}),
        ("ListInstanceProfilesForRole", {}),
    ],
)
def test_each_operation_asks_for_its_own_permission_on_the_role(
    iam: Iam, name: str, parameters: dict[str, object]
) -> None:
    if name != "CreateRole":
        make(iam, path="/team/")
    (check,) = iam.checks(name, role_name="ops", **parameters)
    assert (check.action, str(check.resource)) == (f"iam:{name}", f"arn:aws:iam::{ACCOUNT}:role/team/ops")


def _role(name: str, path: str = "/") -> Role:
    return Role(
        account=AccountId(ACCOUNT),
        id=f"AROA{name.upper():A<17}",
        name=name,
        path=path,
        created_at=NOW,
        trust_policy=EC2,
    )

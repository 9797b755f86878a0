"""Instance profiles. Refusals: tests/cases/iam/refusals_instance_profiles.json."""

from __future__ import annotations

import json

import pytest

from iam.harness import ACCOUNT, NOW, Iam
from rolecall.errors import LimitExceeded
from rolecall.names.arn import AccountId
from rolecall.state.entities import InstanceProfile

TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}],
    }
)


def make(iam: Iam, name: str = "web", **parameters: object) -> None:
    iam("CreateInstanceProfile", instance_profile_name=name, **parameters)


def add(iam: Iam, profile: str = "web", role: str = "ops") -> None:
    iam("AddRoleToInstanceProfile", instance_profile_name=profile, role_name=role)


def make_role(iam: Iam, name: str = "ops") -> None:
    iam("CreateRole", role_name=name, path="/team/", assume_role_policy_document=TRUST)


def test_a_new_profile_holds_no_role(iam: Iam) -> None:
    tags = ({"key": "k", "value": "v"},)
    profile = dict(
        iam("CreateInstanceProfile", instance_profile_name="web", path="/team/", tags=tags)["InstanceProfile"]
    )
    assert str(profile.pop("InstanceProfileId")).startswith("AIPA")
    assert profile == {
        "Path": "/team/",
        "InstanceProfileName": "web",
        "Arn": f"arn:aws:iam::{ACCOUNT}:instance-profile/team/web",
        "CreateDate": NOW,
        "Roles": [],
        "Tags": [{"Key": "k", "Value": "v"}],
    }


def test_a_profile_shows_its_role(iam: Iam) -> None:
    make(iam)
    make_role(iam)
    add(iam)
    profile = iam("GetInstanceProfile", instance_profile_name="web")["InstanceProfile"]
    (role,) = profile["Roles"]
    assert role["Arn"] == f"arn:aws:iam::{ACCOUNT}:role/team/ops"
    assert set(role) == {"Path", "RoleName", "RoleId", "Arn", "CreateDate", "AssumeRolePolicyDocument"}


def test_a_role_and_a_profile_may_share_a_name(iam: Iam) -> None:
    make_role(iam)
    make(iam, "ops")
    add(iam, "ops", "ops")
    assert iam("ListInstanceProfilesForRole", role_name="ops")["InstanceProfiles"][0]["InstanceProfileName"] == "ops"


def test_a_removed_role_makes_room_for_another(iam: Iam) -> None:
    make(iam)
    make_role(iam)
    make_role(iam, "dev")
    add(iam)
    iam("RemoveRoleFromInstanceProfile", instance_profile_name="web", role_name="ops")
    add(iam, role="dev")
    (role,) = iam("GetInstanceProfile", instance_profile_name="web")["InstanceProfile"]["Roles"]
    assert role["RoleName"] == "dev"


def test_profiles_are_listed_below_a_path_and_for_a_role(iam: Iam) -> None:
    make_role(iam)
    for name, path in (("c", "/team/"), ("a", "/team/x/"), ("b", "/")):
        make(iam, name, path=path)
    add(iam, "b")
    add(iam, "c")
    first = iam("ListInstanceProfiles", path_prefix="/team/", max_items=1)
    second = iam("ListInstanceProfiles", path_prefix="/team/", max_items=1, marker=first["Marker"])
    listed = [profile["InstanceProfileName"] for page in (first, second) for profile in page["InstanceProfiles"]]
    assert listed == ["a", "c"]
    of_role = iam("ListInstanceProfilesForRole", role_name="ops")["InstanceProfiles"]
    assert [profile["InstanceProfileName"] for profile in of_role] == ["b", "c"]
    assert all("Tags" not in profile for profile in of_role)


def test_an_empty_profile_is_deleted(iam: Iam) -> None:
    make(iam)
    iam("DeleteInstanceProfile", instance_profile_name="web")
    assert iam("ListInstanceProfiles")["InstanceProfiles"] == []


def test_putting_a_role_into_a_profile_needs_pass_role_for_ec2_as_well(iam: Iam) -> None:
    make(iam)
    make_role(iam)
    add_check, pass_check = iam.checks("AddRoleToInstanceProfile", instance_profile_name="web", role_name="ops")
    assert (add_check.action, str(add_check.resource)) == (
        "iam:AddRoleToInstanceProfile",
        f"arn:aws:iam::{ACCOUNT}:instance-profile/web",
    )
    assert (pass_check.action, str(pass_check.resource)) == ("iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/team/ops")
    assert pass_check.context["iam:passedtoservice"] == "ec2.amazonaws.com"


def test_an_account_has_a_thousand_profiles_at_most(iam: Iam) -> None:
    for number in range(1000):
        profile = InstanceProfile(account=AccountId(ACCOUNT), id=f"AIPA{number:017}", name=f"p{number}", created_at=NOW)
        iam.put(profile)
    with pytest.raises(LimitExceeded, match=r"^Cannot exceed quota for InstanceProfilesPerAccount: 1000$"):
        make(iam)

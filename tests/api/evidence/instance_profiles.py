"""Evidence for instance profiles and their tags."""

from __future__ import annotations

from api.evidence.families import Caller, ErrorCase, Family, never
from api.evidence.roles import TEAM, make_protected_role, make_role
from rolecall.iam.quotas import INSTANCE_PROFILES
from rolecall.names.arn import AccountId
from rolecall.state.entities import InstanceProfile

MACHINE = {"InstanceProfileName": "machine"}
NONE = {"InstanceProfileName": "none"}


def tour(caller: Caller) -> None:
    iam = caller.iam
    make_role(caller)
    iam.create_instance_profile(**MACHINE, Tags=TEAM)
    iam.add_role_to_instance_profile(**MACHINE, RoleName="deployer")
    shown = iam.get_instance_profile(**MACHINE)["InstanceProfile"]
    assert [role["RoleName"] for role in shown["Roles"]] == ["deployer"]
    for listed in (iam.list_instance_profiles(), iam.list_instance_profiles_for_role(RoleName="deployer")):
        assert [profile["InstanceProfileName"] for profile in listed["InstanceProfiles"]] == ["machine"]
    iam.untag_instance_profile(**MACHINE, TagKeys=["team"])
    iam.tag_instance_profile(**MACHINE, Tags=[{"Key": "Team", "Value": ""}])
    assert iam.list_instance_profile_tags(**MACHINE)["Tags"] == [{"Key": "Team", "Value": ""}]
    iam.remove_role_from_instance_profile(**MACHINE, RoleName="deployer")
    iam.delete_instance_profile(**MACHINE)


def make_one_too_many(caller: Caller) -> None:
    caller.put(
        *(
            InstanceProfile(
                account=AccountId(caller.account_id),
                id=f"AIPA{caller.account_id}{n:05}",
                name=f"profile{n}",
                created_at=0,
            )
            for n in range(INSTANCE_PROFILES.limit)
        )
    )
    caller.iam.create_instance_profile(**MACHINE)


def make_one_twice(caller: Caller) -> None:
    for name in ("machine", "Machine"):
        caller.iam.create_instance_profile(InstanceProfileName=name)


def delete_one_that_holds_a_role(caller: Caller) -> None:
    make_role(caller)
    caller.iam.create_instance_profile(**MACHINE)
    caller.iam.add_role_to_instance_profile(**MACHINE, RoleName="deployer")
    caller.iam.delete_instance_profile(**MACHINE)


def add_a_second_role(caller: Caller) -> None:
    caller.iam.create_instance_profile(**MACHINE)
    for name in ("first", "second"):
        make_role(caller, name)
        caller.iam.add_role_to_instance_profile(**MACHINE, RoleName=name)


def add_a_protected_role(caller: Caller) -> None:
    make_protected_role(caller)
    caller.iam.create_instance_profile(**MACHINE)
    caller.iam.add_role_to_instance_profile(**MACHINE, RoleName="protected")


def remove_a_protected_role(caller: Caller) -> None:
    make_protected_role(caller)
    role_id = caller.iam.get_role(RoleName="protected")["Role"]["RoleId"]
    caller.put(
        InstanceProfile(
            account=AccountId(caller.account_id),
            id=f"AIPA{caller.account_id}PROTE",
            name="machine",
            created_at=0,
            role_id=role_id,
        )
    )
    caller.iam.remove_role_from_instance_profile(**MACHINE, RoleName="protected")


def give_one_too_many_tags(caller: Caller) -> None:
    caller.iam.create_instance_profile(**MACHINE, Tags=[{"Key": f"key{n}", "Value": ""} for n in range(50)])
    caller.iam.tag_instance_profile(**MACHINE, Tags=TEAM)


def give_one_a_tag_twice(caller: Caller) -> None:
    caller.iam.create_instance_profile(**MACHINE)
    caller.iam.tag_instance_profile(**MACHINE, Tags=[*TEAM, *TEAM])


FAMILY = Family(
    operations=frozenset(
        {
            "CreateInstanceProfile",
            "GetInstanceProfile",
            "DeleteInstanceProfile",
            "ListInstanceProfiles",
            "ListInstanceProfilesForRole",
            "AddRoleToInstanceProfile",
            "RemoveRoleFromInstanceProfile",
            "TagInstanceProfile",
            "UntagInstanceProfile",
            "ListInstanceProfileTags",
        }
    ),
    tour=tour,
    errors=(
        ErrorCase("CreateInstanceProfile", "LimitExceeded", make_one_too_many),
        ErrorCase("CreateInstanceProfile", "EntityAlreadyExists", make_one_twice),
        ErrorCase(
            "CreateInstanceProfile",
            "InvalidInput",
            lambda caller: caller.iam.create_instance_profile(**MACHINE, Tags=[*TEAM, *TEAM]),
        ),
        ErrorCase("GetInstanceProfile", "NoSuchEntity", lambda caller: caller.iam.get_instance_profile(**NONE)),
        ErrorCase("DeleteInstanceProfile", "NoSuchEntity", lambda caller: caller.iam.delete_instance_profile(**NONE)),
        ErrorCase("DeleteInstanceProfile", "DeleteConflict", delete_one_that_holds_a_role),
        ErrorCase(
            "ListInstanceProfilesForRole",
            "NoSuchEntity",
            lambda caller: caller.iam.list_instance_profiles_for_role(RoleName="none"),
        ),
        ErrorCase(
            "AddRoleToInstanceProfile",
            "NoSuchEntity",
            lambda caller: caller.iam.add_role_to_instance_profile(**NONE, RoleName="none"),
        ),
        ErrorCase("AddRoleToInstanceProfile", "LimitExceeded", add_a_second_role),
        ErrorCase("AddRoleToInstanceProfile", "UnmodifiableEntity", add_a_protected_role),
        ErrorCase(
            "RemoveRoleFromInstanceProfile",
            "NoSuchEntity",
            lambda caller: caller.iam.remove_role_from_instance_profile(**NONE, RoleName="none"),
        ),
        ErrorCase("RemoveRoleFromInstanceProfile", "UnmodifiableEntity", remove_a_protected_role),
        ErrorCase(
            "TagInstanceProfile",
            "NoSuchEntity",
            lambda caller: caller.iam.tag_instance_profile(**NONE, Tags=TEAM),
        ),
        ErrorCase("TagInstanceProfile", "LimitExceeded", give_one_too_many_tags),
        ErrorCase("TagInstanceProfile", "InvalidInput", give_one_a_tag_twice),
        ErrorCase(
            "UntagInstanceProfile",
            "NoSuchEntity",
            lambda caller: caller.iam.untag_instance_profile(**NONE, TagKeys=["team"]),
        ),
        ErrorCase(
            "ListInstanceProfileTags", "NoSuchEntity", lambda caller: caller.iam.list_instance_profile_tags(**NONE)
        ),
    ),
    unreachable={
        **never("LimitExceeded", "it uses nothing up", "DeleteInstanceProfile", "RemoveRoleFromInstanceProfile"),
        ("AddRoleToInstanceProfile", "EntityAlreadyExists"): "a profile that has a role answers LimitExceeded",
        ("UntagInstanceProfile", "InvalidInput"): "every key that the model lets through can be asked to go",
    },
)

"""Tags of users, roles, policies and instance profiles (identities.md §10). Refusals: refusals_tags.json."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from iam.harness import ACCOUNT, Iam, Server
from rolecall.iam.tags import new_tags
from rolecall.state.entities import InstanceProfile, ManagedPolicy, NamedEntity, Role, Tag, User


class Kind(msgspec.Struct, frozen=True):
    """How the tests make and name one entity of a kind."""

    noun: str
    create: tuple[str, dict[str, object]]
    name: dict[str, str]
    ignores_case: bool


TRUST = {"Action": "sts:AssumeRole", "Principal": {"Service": "ec2.amazonaws.com"}}


def document(**more: object) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **more}]})


USER = Kind("User", ("CreateUser", {"user_name": "it"}), {"user_name": "it"}, True)
ROLE = Kind(
    "Role",
    (
        "CreateRole",
        {
            "role_name": "it",
            "assume_role_policy_document": document(
                Action="sts:AssumeRole", Principal={"Service": "ec2.amazonaws.com"}
            ),
        },
    ),
    {"role_name": "it"},
    True,
)
POLICY = Kind(
    "Policy",
    ("CreatePolicy", {"policy_name": "it", "policy_document": document(Action="s3:*", Resource="*")}),
    {"policy_arn": f"arn:aws:iam::{ACCOUNT}:policy/it"},
    False,
)
PROFILE = Kind(
    "InstanceProfile",
    ("CreateInstanceProfile", {"instance_profile_name": "it"}),
    {"instance_profile_name": "it"},
    False,
)
every_kind = pytest.mark.parametrize("kind", [USER, ROLE, POLICY, PROFILE], ids=lambda kind: kind.noun)


def parameters(**tags: str) -> tuple[dict[str, str], ...]:
    return tuple({"key": key, "value": value} for key, value in tags.items())


def make(iam: Iam, kind: Kind, **tags: str) -> None:
    name, rest = kind.create
    iam(name, **rest, tags=parameters(**tags))


def tag(iam: Iam, kind: Kind, **tags: str) -> None:
    iam(f"Tag{kind.noun}", **kind.name, tags=parameters(**tags))


def tags_of(iam: Iam, kind: Kind) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in iam(f"List{kind.noun}Tags", **kind.name)["Tags"]}


@every_kind
def test_tags_given_at_birth_are_listed_and_shown(iam: Iam, kind: Kind) -> None:
    make(iam, kind, dept="it", empty="")
    assert tags_of(iam, kind) == {"dept": "it", "empty": ""}
    shown: Any = iam(f"Get{kind.noun}", **kind.name)[kind.noun]
    assert {tag["Key"]: tag["Value"] for tag in shown["Tags"]} == {"dept": "it", "empty": ""}


@every_kind
def test_a_new_value_replaces_the_old_one_and_other_keys_stay(iam: Iam, kind: Kind) -> None:
    make(iam, kind, dept="it", team="a")
    tag(iam, kind, dept="hr", site="x")
    assert tags_of(iam, kind) == {"dept": "hr", "team": "a", "site": "x"}


@every_kind
def test_a_key_in_another_case_is_the_same_key_on_users_and_roles_only(iam: Iam, kind: Kind) -> None:
    make(iam, kind, Dept="it")
    tag(iam, kind, dept="hr")
    assert tags_of(iam, kind) == ({"dept": "hr"} if kind.ignores_case else {"Dept": "it", "dept": "hr"})
    iam(f"Untag{kind.noun}", **kind.name, tag_keys=("DEPT",))
    assert tags_of(iam, kind) == ({} if kind.ignores_case else {"Dept": "it", "dept": "hr"})


@every_kind
def test_removing_tags_ignores_keys_that_are_not_there(iam: Iam, kind: Kind) -> None:
    make(iam, kind, dept="it", team="a")
    iam(f"Untag{kind.noun}", **kind.name, tag_keys=("dept", "nothing"))
    assert tags_of(iam, kind) == {"team": "a"}


@every_kind
def test_tags_come_in_pages_by_key(iam: Iam, kind: Kind) -> None:
    make(iam, kind, c="1", a="2", b="3")
    first = iam(f"List{kind.noun}Tags", **kind.name, max_items=2)
    assert [tag["Key"] for tag in first["Tags"]] == ["a", "b"]
    second = iam(f"List{kind.noun}Tags", **kind.name, max_items=2, marker=first["Marker"])
    assert [tag["Key"] for tag in second["Tags"]] == ["c"]
    assert second["IsTruncated"] is False


@every_kind
def test_each_call_asks_for_its_own_permission_with_the_tags_of_request_and_entity(iam: Iam, kind: Kind) -> None:
    make(iam, kind, Dept="it")
    resource = iam(f"Get{kind.noun}", **kind.name)[kind.noun]["Arn"]
    (check,) = iam.checks(f"Tag{kind.noun}", **kind.name, tags=parameters(Team="a"))
    assert (check.action, str(check.resource)) == (f"iam:Tag{kind.noun}", resource)
    assert check.context["aws:requesttag/team"] == "a"
    assert check.context["aws:tagkeys"] == ("Team",)
    assert check.context["aws:resourcetag/dept"] == "it"
    (check,) = iam.checks(f"Untag{kind.noun}", **kind.name, tag_keys=("Dept",))
    assert check.context["aws:tagkeys"] == ("Dept",)
    (check,) = iam.checks(f"List{kind.noun}Tags", **kind.name)
    assert (check.action, str(check.resource)) == (f"iam:List{kind.noun}Tags", resource)


def test_pages_reach_tags_with_the_longest_keys(iam: Iam) -> None:
    keys = {"語" * 127 + letter for letter in "abc"}
    make(iam, ROLE, **dict.fromkeys(keys, ""))
    found = []
    answer = iam("ListRoleTags", role_name="it", max_items=1)
    found += answer["Tags"]
    while answer["IsTruncated"]:
        answer = iam("ListRoleTags", role_name="it", max_items=1, marker=answer["Marker"])
        found += answer["Tags"]
    assert sorted(tag["Key"] for tag in found) == sorted(keys)


def test_policies_of_aws_have_no_tags(iam: Iam) -> None:
    answer = iam("ListPolicyTags", policy_arn="arn:aws:iam::aws:policy/ReadOnlyAccess")
    assert answer == {"Tags": [], "IsTruncated": False}


def test_a_full_entity_still_takes_new_values(server: Server, iam: Iam) -> None:
    make(iam, ROLE, **{f"k{number}": "old" for number in range(50)})
    tag(iam, ROLE, k7="new", K9="new")
    tags = tags_of(iam, ROLE)
    assert (len(tags), tags["k7"], tags["K9"]) == (50, "new", "new")


kinds = st.sampled_from([User, Role, ManagedPolicy, InstanceProfile])
keys = st.text("aAbBc", min_size=1, max_size=2)


@given(kind=kinds, before=st.dictionaries(keys, st.text(max_size=1)), key=keys, value=st.text(max_size=1))
def test_setting_a_tag_changes_that_key_alone(
    kind: type[NamedEntity], before: dict[str, str], key: str, value: str
) -> None:
    existing: tuple[Tag, ...] = ()
    for old_key, old_value in before.items():
        existing = new_tags(kind, ({"key": old_key, "value": old_value},), existing)
    after = new_tags(kind, ({"key": key, "value": value},), existing)
    same = str.lower if kind in (User, Role) else str
    assert Tag(key, value) in after
    assert {tag for tag in existing if same(tag.key) != same(key)} == set(after) - {Tag(key, value)}
    assert len({same(tag.key) for tag in after}) == len(after)

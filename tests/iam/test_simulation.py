"""Simulations beyond the golden cases: pages, bounds, who calls, permissions. Cases: test_simulation_cases.py."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iam.harness import ACCOUNT, Iam, Server
from rolecall.errors import InvalidInput
from rolecall.iam.simulation import simulate as simulation

ALICE = f"arn:aws:iam::{ACCOUNT}:user/team/alice"
OTHER = "999999999999"
ACTIONS = ("s3:GetObject", "iam:GetUser", "s3:PutObject")


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def statement(action: str = "*", resource: str = "*", **others: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **others}


def trust(principal: dict[str, Any]) -> str:
    return document({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"})


EVERYTHING = document(statement())
NOTHING = document(statement("s3:GetObject", "arn:aws:s3:::nothing"))


def decisions(answer: Any) -> list[str]:
    return [result["EvalDecision"] for result in answer["EvaluationResults"]]


def simulate(iam: Iam, action: str = "s3:GetObject", policy: str = EVERYTHING, **parameters: Any) -> str:
    """The decision about one action under one policy."""
    (decision,) = decisions(
        iam("SimulateCustomPolicy", policy_input_list=(policy,), action_names=(action,), **parameters)
    )
    return decision


@pytest.fixture
def alice(iam: Iam) -> str:
    iam("CreateUser", user_name="alice", path="/team/")
    return ALICE


# Pages


def test_pages_follow_one_another_until_every_action_is_answered(iam: Iam) -> None:
    asked: dict[str, Any] = {"policy_input_list": (EVERYTHING,), "action_names": ACTIONS, "max_items": 2}
    first = iam("SimulateCustomPolicy", **asked)
    assert first["IsTruncated"] is True
    second = iam("SimulateCustomPolicy", **asked, marker=first["Marker"])
    assert second["IsTruncated"] is False
    assert "Marker" not in second
    results = (*first["EvaluationResults"], *second["EvaluationResults"])
    assert [result["EvalActionName"] for result in results] == list(ACTIONS)


def test_a_hundred_actions_are_a_page_unless_told_otherwise(iam: Iam) -> None:
    answer = iam("SimulateCustomPolicy", policy_input_list=(EVERYTHING,), action_names=("s3:GetObject",) * 101)
    assert (len(answer["EvaluationResults"]), answer["IsTruncated"]) == (100, True)


def test_a_marker_behind_the_end_gives_an_empty_page(iam: Iam) -> None:
    asked: dict[str, Any] = {"policy_input_list": (EVERYTHING,), "max_items": 1}
    marker = iam("SimulateCustomPolicy", **asked, action_names=ACTIONS)["Marker"]
    answer = iam("SimulateCustomPolicy", **asked, action_names=(), marker=marker)
    assert answer == {"EvaluationResults": [], "IsTruncated": False}


def test_a_page_ends_early_when_it_has_become_work_enough(iam: Iam, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulation, "PAGE_WORK", 2 * simulation.LEAST_WORK)
    answer = iam("SimulateCustomPolicy", policy_input_list=(EVERYTHING,), action_names=ACTIONS)
    assert (len(answer["EvaluationResults"]), answer["IsTruncated"]) == (2, True)


def test_one_action_on_too_many_resources_is_refused(iam: Iam, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulation, "PAGE_WORK", 2 * simulation.LEAST_WORK)
    resources = tuple(f"arn:aws:s3:::reports/{number}" for number in range(3))
    with pytest.raises(InvalidInput, match="at most 2 resources"):
        simulate(iam, resource_arns=resources)
    assert simulate(iam, resource_arns=resources[:2]) == "allowed"


def test_the_work_of_a_page_grows_with_policies_statements_and_resources(iam: Iam) -> None:
    large = document(*(statement(f"s3:Get{number}", "arn:aws:s3:::" + "x" * 900) for number in range(100)))
    asked: dict[str, Any] = {"policy_input_list": (large,), "action_names": ("s3:GetObject",) * 1000, "max_items": 1000}
    few = iam("SimulateCustomPolicy", **asked, resource_arns=("arn:aws:s3:::a", "arn:aws:s3:::b"))
    work = 2 * (len(large) + 100 * simulation.STATEMENT_WORK)
    assert len(few["EvaluationResults"]) == simulation.PAGE_WORK // work < 1000


@given(
    st.lists(st.sampled_from(("s3:GetObject", "s3:PutObject", "iam:GetUser", "x:Y")), max_size=12), st.integers(1, 5)
)
def test_the_pages_together_are_the_whole_list_whatever_their_size(actions: list[str], size: int) -> None:
    iam = Server().account()
    asked: dict[str, Any] = {"policy_input_list": (document(statement("s3:*")),), "action_names": tuple(actions)}
    whole, pages = iam("SimulateCustomPolicy", **asked), [iam("SimulateCustomPolicy", **asked, max_items=size)]
    while pages[-1]["IsTruncated"]:
        pages.append(iam("SimulateCustomPolicy", **asked, max_items=size, marker=pages[-1]["Marker"]))
    assert [result for page in pages for result in page["EvaluationResults"]] == whole["EvaluationResults"]
    assert len(pages) == max(1, -(-len(actions) // size))


# Places


def between(text: str, start: dict[str, int], end: dict[str, int]) -> str:
    """The part of a text between two places, given by line and column from 1."""
    lines = text.split("\n")
    first, last = (
        sum(len(line) + 1 for line in lines[: place["Line"] - 1]) + place["Column"] - 1 for place in (start, end)
    )
    return text[first:last]


@given(
    st.lists(st.text('ab {}[]",:\\', max_size=5), min_size=1, max_size=4),
    st.sampled_from((None, 0, 1, 4)),
    st.sampled_from("\n\r"),
)
def test_the_places_of_a_statement_enclose_it_however_the_text_is_laid_out(
    values: list[str], indent: int | None, before: str
) -> None:
    statements = [statement(Condition={"StringNotEquals": {"aws:x": value}}) for value in values]
    text = before + json.dumps({"Version": "2012-10-17", "Statement": statements}, indent=indent)
    answer = Server().account()("SimulateCustomPolicy", policy_input_list=(text,), action_names=("s3:GetObject",))
    (result,) = answer["EvaluationResults"]
    found = [between(text, one["StartPosition"], one["EndPosition"]) for one in result["MatchedStatements"]]
    assert [json.loads(part.lstrip(", \n")) for part in found] == statements


# Who calls


def test_a_user_of_the_account_calls_with_its_own_id(iam: Iam, alice: str) -> None:
    user_id = iam("GetUser", user_name="alice")["User"]["UserId"]
    policy = document(statement(Condition={"StringEquals": {"aws:userid": user_id}}))
    assert simulate(iam, policy=policy, caller_arn=alice) == "allowed"
    assert simulate(iam, policy=policy, caller_arn=alice.replace("/team/", "/")) == "implicitDeny"


def test_the_source_calls_unless_another_caller_is_named(iam: Iam, alice: str) -> None:
    policy = document(statement(Condition={"StringEquals": {"aws:username": "alice"}}))
    asked: dict[str, Any] = {
        "policy_source_arn": alice,
        "policy_input_list": (policy,),
        "action_names": ("s3:GetObject",),
    }
    assert decisions(iam("SimulatePrincipalPolicy", **asked)) == ["allowed"]
    as_bob = iam("SimulatePrincipalPolicy", **asked, caller_arn=f"arn:aws:iam::{ACCOUNT}:user/bob")
    assert decisions(as_bob) == ["implicitDeny"]


def test_a_resource_policy_that_names_a_role_is_one_for_it_within_its_boundary(iam: Iam) -> None:
    role = f"arn:aws:iam::{ACCOUNT}:role/ops"
    asked: dict[str, Any] = {
        "policy": NOTHING,
        "resource_arns": ("arn:aws:s3:::reports/a",),
        "caller_arn": role,
        "resource_policy": document(statement("s3:*", "arn:aws:s3:::reports/*", Principal={"AWS": role})),
    }
    assert simulate(iam, **asked) == "allowed"
    assert simulate(iam, **asked, permissions_boundary_policy_input_list=(NOTHING,)) == "implicitDeny"


def test_unique_ids_of_another_account_are_not_looked_up(iam: Iam) -> None:
    other = iam.server.account(OTHER)
    other("CreateUser", user_name="eve")
    user_id = other("GetUser", user_name="eve")["User"]["UserId"]
    policy = document(statement(Condition={"StringEquals": {"aws:userid": user_id}}))
    assert simulate(iam, policy=policy, caller_arn=f"arn:aws:iam::{OTHER}:user/eve") == "implicitDeny"


# Whose the resources are


def test_an_account_in_the_arn_counts_before_the_resource_owner(iam: Iam) -> None:
    queue = f"arn:aws:sqs:us-east-1:{ACCOUNT}:jobs"
    asked: dict[str, Any] = {"caller_arn": ALICE, "resource_owner": f"arn:aws:iam::{OTHER}:root"}
    assert simulate(iam, "sqs:SendMessage", resource_arns=(queue,), **asked) == "allowed"
    assert simulate(iam, "s3:GetObject", resource_arns=("arn:aws:s3:::reports/a",), **asked) == "implicitDeny"


def test_the_resource_owner_counts_for_nobody_in_particular_too(iam: Iam) -> None:
    owner = f"arn:aws:iam::{OTHER}:root"
    assert simulate(iam, resource_arns=("arn:aws:s3:::reports/a",), resource_owner=owner) == "implicitDeny"


def test_a_trust_policy_decides_who_assumes_a_role(iam: Iam) -> None:
    asked: dict[str, Any] = {"resource_arns": (f"arn:aws:iam::{ACCOUNT}:role/ops",), "caller_arn": ALICE}
    for principal, decision in (({"AWS": ALICE}, "allowed"), ({"AWS": f"{ALICE}2"}, "implicitDeny")):
        policy = trust(principal)
        assert simulate(iam, "sts:AssumeRole", resource_policy=policy, **asked) == decision


def test_a_key_policy_must_let_the_account_in(iam: Iam) -> None:
    asked: dict[str, Any] = {"resource_arns": (f"arn:aws:kms:us-east-1:{ACCOUNT}:key/k",), "caller_arn": ALICE}
    for account, decision in ((ACCOUNT, "allowed"), (OTHER, "implicitDeny")):
        policy = document(statement("kms:*", "*", Principal={"AWS": account}))
        assert simulate(iam, "kms:Decrypt", resource_policy=policy, **asked) == decision


def test_the_strictest_word_of_each_type_is_the_aggregate_across_accounts(iam: Iam) -> None:
    own, foreign = "arn:aws:s3:::reports/a", f"arn:aws:sqs:us-east-1:{OTHER}:jobs"
    answer = iam(
        "SimulateCustomPolicy",
        policy_input_list=(document(statement("*", own)),),
        action_names=("s3:GetObject",),
        resource_arns=(own, foreign, foreign.replace("jobs", "tasks")),
        caller_arn=ALICE,
    )
    (result,) = answer["EvaluationResults"]
    assert result["EvalResourceName"] == "*"  # no resource type of the action fits them all
    assert result["EvalDecision"] == "implicitDeny"
    assert result["EvalDecisionDetails"] == {"IAM Policy": "implicitDeny", "Resource Policy": "implicitDeny"}
    first, *others = result["ResourceSpecificResults"]
    assert first["EvalDecisionDetails"] is None
    assert all(other["EvalDecisionDetails"] == result["EvalDecisionDetails"] for other in others)


def test_several_resources_of_the_only_type_are_called_by_its_format(iam: Iam) -> None:
    users = tuple(f"arn:aws:iam::{ACCOUNT}:user/{name}" for name in ("a", "b"))
    asked: dict[str, Any] = {"policy_input_list": (EVERYTHING,), "resource_arns": users}
    for action, name in (("iam:GetUser", "arn:${Partition}:iam::${Account}:user/${UserNameWithPath}"), ("x:Y", "*")):
        (result,) = iam("SimulateCustomPolicy", action_names=(action,), **asked)["EvaluationResults"]
        assert result["EvalResourceName"] == name


# Context entries


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("string", ""),
        ("numeric", "+01.50"),
        ("boolean", "yes"),
        ("date", "2026-01-02T03:04:05Z"),
        ("ip", "2001:db8::1"),
        ("binary", "cm9sZWNhbGw="),
    ],
)
def test_values_of_every_type_are_taken_alone_and_in_lists(iam: Iam, kind: str, value: str) -> None:
    for suffix, values in (("", (value,)), ("List", (value, value))):
        entry = {"context_key_name": "aws:x", "context_key_type": kind + suffix, "context_key_values": values}
        assert simulate(iam, context_entries=(entry,)) == "allowed"


def test_an_entry_without_anything_is_no_entry(iam: Iam) -> None:
    assert simulate(iam, context_entries=({},)) == "allowed"


def test_a_list_is_a_multivalued_key_even_with_one_value(iam: Iam) -> None:
    own_folder = document(statement("*", "arn:aws:s3:::reports/${aws:x}"))
    for kind, decision in (("string", "allowed"), ("stringList", "implicitDeny")):  # such a key is no variable
        entry = {"context_key_name": "aws:x", "context_key_type": kind, "context_key_values": ("a",)}
        resources = ("arn:aws:s3:::reports/a",)
        assert simulate(iam, policy=own_folder, resource_arns=resources, context_entries=(entry,)) == decision


# Resource handling


@pytest.mark.parametrize("option", ["EC2-VPC-InstanceStore", "EC2-VPC-EBS-Subnet"])
def test_a_scenario_with_all_of_its_resources_is_simulated(iam: Iam, option: str) -> None:
    kinds = ("instance", "image", "security-group", "network-interface", "subnet", "volume")
    resources = tuple(f"arn:aws:ec2:us-east-1:{ACCOUNT}:{kind}/x" for kind in kinds)
    asked: dict[str, Any] = {"resource_arns": resources, "resource_handling_option": option}
    assert simulate(iam, "ec2:RunInstances", **asked) == "allowed"


# The keys of a principal's policies


def test_the_keys_of_a_user_are_those_of_its_policies_its_groups_and_its_boundary(iam: Iam, alice: str) -> None:
    def keyed(key: str) -> str:
        return document(statement(Condition={"Null": {key: "false"}}))

    policy = iam("CreatePolicy", policy_name="shared", policy_document=keyed("aws:shared"))["Policy"]["Arn"]
    bounds = iam("CreatePolicy", policy_name="bounds", policy_document=keyed("aws:bounds"))["Policy"]["Arn"]
    iam("PutUserPolicy", user_name="alice", policy_name="own", policy_document=keyed("aws:own"))
    iam("CreateGroup", group_name="dev")
    iam("PutGroupPolicy", group_name="dev", policy_name="own", policy_document=keyed("aws:group"))
    iam("AddUserToGroup", group_name="dev", user_name="alice")
    iam("AttachUserPolicy", user_name="alice", policy_arn=policy)
    iam("AttachGroupPolicy", group_name="dev", policy_arn=policy)
    iam("PutUserPermissionsBoundary", user_name="alice", permissions_boundary=bounds)
    listed = iam("GetContextKeysForPrincipalPolicy", policy_source_arn=alice, policy_input_list=(keyed("aws:own"),))
    assert listed == {"ContextKeyNames": ["aws:own", "aws:own", "aws:shared", "aws:group", "aws:bounds"]}
    of_group = iam("GetContextKeysForPrincipalPolicy", policy_source_arn=f"arn:aws:iam::{ACCOUNT}:group/dev")
    assert of_group == {"ContextKeyNames": ["aws:group", "aws:shared"]}


# Permissions


@pytest.mark.parametrize("name", ["SimulateCustomPolicy", "GetContextKeysForCustomPolicy"])
def test_given_policies_need_a_permission_without_resource(iam: Iam, name: str) -> None:
    assert iam.resources(name, policy_input_list=(EVERYTHING,), action_names=ACTIONS) == ["*"]


@pytest.mark.parametrize("name", ["SimulatePrincipalPolicy", "GetContextKeysForPrincipalPolicy"])
def test_the_permission_is_asked_on_the_real_arn_of_the_source_with_its_tags(iam: Iam, alice: str, name: str) -> None:
    iam("TagUser", user_name="alice", tags=({"key": "Team", "value": "a"},))
    claimed = alice.replace("/team/", "/claimed/")
    (check,) = iam.checks(name, policy_source_arn=claimed, action_names=ACTIONS)
    assert (check.action, str(check.resource), check.shown_resource) == (f"iam:{name}", alice, claimed)
    assert check.resource_account == ACCOUNT
    assert check.context == {"aws:resourcetag/team": "a", "iam:resourcetag/team": "a"}


@pytest.mark.parametrize(
    ("claimed", "asked"),
    [
        (f"arn:aws:iam::{ACCOUNT}:user/nobody", f"arn:aws:iam::{ACCOUNT}:user/nobody"),
        (f"arn:aws:iam::{OTHER}:user/alice", f"arn:aws:iam::{OTHER}:user/alice"),
        ("nothing-that-could-be-an-arn", "*"),
    ],
)
def test_the_permission_on_what_is_not_there_is_asked_on_its_arn(
    iam: Iam, alice: str, claimed: str, asked: str
) -> None:
    assert alice not in (claimed, asked)
    (check,) = iam.checks("SimulatePrincipalPolicy", policy_source_arn=claimed, action_names=ACTIONS)
    assert str(check.resource or "*") == asked
    assert check.resource_account == ACCOUNT

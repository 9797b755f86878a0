"""Service-linked roles: how they are made, what may be changed of them, and how they are deleted."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import unquote

import pytest

from iam.harness import ACCOUNT, NOW, Iam, Server
from rolecall.catalog.service_linked_roles import linked_services
from rolecall.errors import InvalidInput, NoSuchEntity, UnmodifiableEntity
from rolecall.iam.service_linked_roles import KEPT_FOR, MOST_KEPT
from rolecall.names.arn import AccountId
from rolecall.state.deletion_tasks import DeletionTask
from rolecall.state.entities import Role
from rolecall.state.organizations import Organization

SCALING = "autoscaling.amazonaws.com"
NAME = "AWSServiceRoleForAutoScaling"
ARN = f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/{SCALING}/{NAME}"
EC2 = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}],
    }
)


def link(iam: Iam, service: str = SCALING, **more: str) -> Any:
    return iam("CreateServiceLinkedRole", aws_service_name=service, **more)["Role"]


def delete(iam: Iam, name: str = NAME) -> Any:
    """The status of the task after the deletion was asked for."""
    task = iam("DeleteServiceLinkedRole", role_name=name)["DeletionTaskId"]
    return iam("GetServiceLinkedRoleDeletionStatus", deletion_task_id=task)


def document(role: Any) -> Any:
    return json.loads(unquote(role["AssumeRolePolicyDocument"]))


def test_the_answer_is_aws_s_answer(iam: Iam) -> None:
    """Recorded by radkawar/stackd: lists in the trust policy, and no description, even where one was given."""
    role = link(iam, description="mine")
    assert role.keys() == {"Path", "RoleName", "RoleId", "Arn", "CreateDate", "AssumeRolePolicyDocument"}
    assert (role["Path"], role["RoleName"], role["Arn"]) == (f"/aws-service-role/{SCALING}/", NAME, ARN)
    (statement,) = document(role)["Statement"]
    assert statement == {"Effect": "Allow", "Principal": {"Service": [SCALING]}, "Action": ["sts:AssumeRole"]}


def test_the_role_trusts_its_service_and_has_its_policy_alone(iam: Iam) -> None:
    link(iam, description="mine")
    role = iam("GetRole", role_name=NAME)["Role"]
    (statement,) = document(role)["Statement"]
    assert statement == {"Effect": "Allow", "Principal": {"Service": SCALING}, "Action": "sts:AssumeRole"}
    assert (role["Description"], role["MaxSessionDuration"], role["RoleLastUsed"]) == ("mine", 3600, {})
    (policy,) = iam("ListAttachedRolePolicies", role_name=NAME)["AttachedPolicies"]
    assert policy["PolicyArn"] == "arn:aws:iam::aws:policy/aws-service-role/AutoScalingServiceRolePolicy"
    assert iam("ListRolePolicies", role_name=NAME)["PolicyNames"] == []


def test_every_service_of_the_table_gets_its_role(iam: Iam) -> None:
    for principal, service in linked_services().items():
        assert link(iam, principal)["RoleName"] == service.role_name
        assert iam("GetRole", role_name=service.role_name)["Role"]["Path"] == f"/aws-service-role/{principal}/"


def test_a_suffix_makes_a_second_role(iam: Iam) -> None:
    link(iam)
    assert link(iam, custom_suffix="blue")["RoleName"] == f"{NAME}_blue"


def test_the_quota_of_roles_does_not_hold_for_service_linked_roles_which_count_all_the_same(iam: Iam) -> None:
    for number in range(1000):
        iam.put(
            Role(account=AccountId(ACCOUNT), id=f"AROA{number:017}", name=f"r{number}", created_at=0, trust_policy=EC2)
        )
    link(iam)
    assert iam("GetAccountSummary")["SummaryMap"]["Roles"] == 1001


def test_description_and_tags_can_be_changed(iam: Iam) -> None:
    link(iam)
    iam("UpdateRole", role_name=NAME, description="first")
    assert iam("GetRole", role_name=NAME)["Role"]["Description"] == "first"
    iam("UpdateRoleDescription", role_name=NAME, description="second")
    iam("TagRole", role_name=NAME, tags=({"key": "team", "value": "a"}, {"key": "cost", "value": "b"}))
    iam("UntagRole", role_name=NAME, tag_keys=("cost",))
    role = iam("GetRole", role_name=NAME)["Role"]
    assert (role["Description"], role["Tags"]) == ("second", [{"Key": "team", "Value": "a"}])


def test_the_longest_session_cannot_be_changed(iam: Iam) -> None:
    link(iam)
    with pytest.raises(UnmodifiableEntity) as caught:
        iam("UpdateRole", role_name=NAME, description="mine", max_session_duration=7200)
    assert caught.value.message == (f"{NAME} is an AWS service linked role, max session duration cannot be changed.")
    assert iam("GetRole", role_name=NAME)["Role"]["Description"] is None


@pytest.mark.parametrize("name", ["DeleteRole", "DetachRolePolicy"])
def test_the_role_and_its_policy_stay(iam: Iam, name: str) -> None:
    link(iam)
    policy = linked_services()[SCALING].policy_arn
    with pytest.raises(UnmodifiableEntity):
        iam(name, role_name=NAME, **({"policy_arn": policy} if name == "DetachRolePolicy" else {}))


def test_a_deletion_succeeds_at_once_and_leaves_its_status(iam: Iam, server: Server) -> None:
    link(iam)
    task = iam("DeleteServiceLinkedRole", role_name=NAME)["DeletionTaskId"]
    assert task.startswith(f"task/aws-service-role/{SCALING}/{NAME}/")
    with pytest.raises(NoSuchEntity):
        iam("GetRole", role_name=NAME)
    server.now += KEPT_FOR
    assert iam("GetServiceLinkedRoleDeletionStatus", deletion_task_id=task) == {"Status": "SUCCEEDED"}
    server.now += 1
    with pytest.raises(NoSuchEntity, match=r"^Cannot find deletion status for given id\.$"):
        iam("GetServiceLinkedRoleDeletionStatus", deletion_task_id=task)


def test_the_same_role_is_made_anew_with_another_id(iam: Iam) -> None:
    before = link(iam)["RoleId"]
    assert delete(iam) == {"Status": "SUCCEEDED"}
    assert link(iam)["RoleId"] != before


def test_another_account_does_not_see_a_task(iam: Iam, server: Server) -> None:
    link(iam)
    task = iam("DeleteServiceLinkedRole", role_name=NAME)["DeletionTaskId"]
    with pytest.raises(NoSuchEntity):
        server.account("210987654321")("GetServiceLinkedRoleDeletionStatus", deletion_task_id=task)


def test_the_role_of_the_role_manager_stays_while_it_is_on(iam: Iam) -> None:
    iam("PutAccountProperties", properties={"RoleManager/Enabled": "true"})
    status = delete(iam, "AWSServiceRoleForIAMRoleManager")
    assert (status["Status"], status["Reason"]["RoleUsageList"]) == ("FAILED", [])
    assert "role manager is enabled" in status["Reason"]["Reason"]
    iam("PutAccountProperties", properties={"RoleManager/Enabled": "false"})
    assert delete(iam, "AWSServiceRoleForIAMRoleManager") == {"Status": "SUCCEEDED"}


def test_the_role_of_organizations_stays_while_the_account_is_in_one(iam: Iam) -> None:
    link(iam, "organizations.amazonaws.com")
    organization = Organization(account=AccountId(ACCOUNT), id="o-aaaaaaaaaa", root_id="r-aaaa", created_at=NOW)
    iam.put(organization)
    status = delete(iam, "AWSServiceRoleForOrganizations")
    assert status["Status"] == "FAILED"
    (usage,) = status["Reason"]["RoleUsageList"]
    assert usage["Resources"] == [f"arn:aws:organizations::{ACCOUNT}:organization/o-aaaaaaaaaa"]
    assert iam("GetRole", role_name="AWSServiceRoleForOrganizations")


def test_old_tasks_are_forgotten(iam: Iam, server: Server) -> None:
    for number in range(MOST_KEPT + 5):
        iam.put(DeletionTask(account=AccountId(ACCOUNT), id=f"task/{number}", ended_at=NOW - number))
    link(iam)
    delete(iam)
    assert server.world.count(DeletionTask, AccountId(ACCOUNT)) == MOST_KEPT
    assert server.world.get(DeletionTask, "task/0") is not None
    server.now += KEPT_FOR + 1
    link(iam)
    delete(iam)
    assert server.world.count(DeletionTask, AccountId(ACCOUNT)) == 1


def test_a_name_that_no_role_can_have_is_refused(iam: Iam) -> None:
    with pytest.raises(InvalidInput, match="is too long"):
        link(iam, custom_suffix="x" * 36)
    assert len(link(iam, custom_suffix="x" * 35)["RoleName"]) == 64


def test_making_a_role_is_asked_for_on_that_role_with_the_name_of_the_service(iam: Iam) -> None:
    (check,) = iam.checks("CreateServiceLinkedRole", aws_service_name=SCALING, custom_suffix="blue")
    assert (check.action, str(check.resource)) == ("iam:CreateServiceLinkedRole", f"{ARN}_blue")
    assert check.context == {"iam:awsservicename": SCALING}


def test_making_the_role_of_an_unknown_service_is_asked_for_where_it_would_stand(iam: Iam) -> None:
    resources = iam.resources("CreateServiceLinkedRole", aws_service_name="nothing.amazonaws.com")
    assert resources == [f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/nothing.amazonaws.com/"]


def test_a_task_is_asked_for_on_its_role(iam: Iam) -> None:
    link(iam)
    iam("TagRole", role_name=NAME, tags=({"key": "team", "value": "a"},))
    task = f"task/aws-service-role/{SCALING}/{NAME}/cc20023b-069d-4d01-96e3-a2e91d74f1f8"
    (check,) = iam.checks("GetServiceLinkedRoleDeletionStatus", deletion_task_id=task)
    assert str(check.resource) == ARN
    assert check.context == {"aws:resourcetag/team": "a", "iam:resourcetag/team": "a"}
    assert iam.resources("GetServiceLinkedRoleDeletionStatus", deletion_task_id="task/x") == ["*"]
    assert iam.resources("DeleteServiceLinkedRole", role_name=NAME) == [ARN]

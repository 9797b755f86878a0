"""Service-linked roles and account switches through boto3 against a running server."""

from __future__ import annotations

import urllib.request
from urllib.parse import urlsplit

from api.refusals import denied, refused

ECS = "AWSServiceRoleForECS"


def on_linked_roles(action: str, account, **condition: str) -> dict[str, object]:
    return {
        "Effect": "Allow",
        "Action": f"iam:{action}",
        "Resource": f"arn:aws:iam::{account.id}:role/aws-service-role/*",
        **({"Condition": {"StringEquals": condition}} if condition else {}),
    }


def test_a_user_makes_the_role_of_the_service_that_it_may_make_one_for(account):
    may = {"iam:AWSServiceName": "ecs.amazonaws.com"}
    bob = account.user("bob", on_linked_roles("CreateServiceLinkedRole", account, **may))
    assert bob.iam.create_service_linked_role(AWSServiceName="ecs.amazonaws.com")["Role"]["RoleName"] == ECS
    with denied("iam:CreateServiceLinkedRole", "/aws-service-role/rds.amazonaws.com/AWSServiceRoleForRDS"):
        bob.iam.create_service_linked_role(AWSServiceName="rds.amazonaws.com")
    with denied("iam:DeleteServiceLinkedRole"):
        bob.iam.delete_service_linked_role(RoleName=ECS)


def test_a_deletion_is_followed_by_who_may_follow_it(account):
    bob = account.user("bob", on_linked_roles("*ServiceLinkedRole*", account))
    eve = account.user("eve")
    bob.iam.create_service_linked_role(AWSServiceName="ecs.amazonaws.com")
    task = bob.iam.delete_service_linked_role(RoleName=ECS)["DeletionTaskId"]
    assert bob.iam.get_service_linked_role_deletion_status(DeletionTaskId=task)["Status"] == "SUCCEEDED"
    with denied("iam:GetServiceLinkedRoleDeletionStatus"):
        eve.iam.get_service_linked_role_deletion_status(DeletionTaskId=task)


def test_a_failed_deletion_tells_why(account):
    account.iam.put_account_properties(Properties={"RoleManager/Enabled": "true"})
    task = account.iam.delete_service_linked_role(RoleName="AWSServiceRoleForIAMRoleManager")["DeletionTaskId"]
    status = account.iam.get_service_linked_role_deletion_status(DeletionTaskId=task)
    assert (status["Status"], status["Reason"]["RoleUsageList"]) == ("FAILED", [])
    assert status["Reason"]["Reason"]


def test_nobody_assumes_the_role_of_a_service(account):
    bob = account.user("bob", {"Effect": "Allow", "Action": "sts:*", "Resource": "*"})
    arn = account.iam.create_service_linked_role(AWSServiceName="ecs.amazonaws.com")["Role"]["Arn"]
    with denied("sts:AssumeRole"):
        bob.sts.assume_role(RoleArn=arn, RoleSessionName="session")


def test_the_name_of_a_service_is_told_apart_by_case(account):
    with refused("AccessDenied", 403, "Cannot find Service Linked Role template for ECS.amazonaws.com"):
        account.iam.create_service_linked_role(AWSServiceName="ECS.amazonaws.com")


def test_the_role_manager_is_turned_on_by_who_may_make_its_role(account):
    put = {"Effect": "Allow", "Action": "iam:PutAccountProperties", "Resource": "*"}
    ours = {"ForAllValues:StringEquals": {"iam:AccountPropertyNamespaces": "RoleManager"}}
    bob = account.user("bob", {**put, "Condition": ours})
    with denied("iam:CreateServiceLinkedRole", "AWSServiceRoleForIAMRoleManager"):
        bob.iam.put_account_properties(Properties={"RoleManager/Enabled": "true"})
    bob.iam.put_account_properties(Properties={"RoleManager/Enabled": "false"})
    eve = account.user("eve", put, on_linked_roles("CreateServiceLinkedRole", account))
    eve.iam.put_account_properties(Properties={"RoleManager/Enabled": "true"})
    assert account.iam.get_account_properties()["Properties"] == {"RoleManager/Enabled": "true"}


def test_a_namespace_that_a_policy_does_not_name_is_denied(account):
    put = {"Effect": "Allow", "Action": "iam:PutAccountProperties", "Resource": "*"}
    ours = {"ForAllValues:StringEquals": {"iam:AccountPropertyNamespaces": "RoleManager"}}
    bob = account.user("bob", {**put, "Condition": ours})
    with denied("iam:PutAccountProperties"):
        bob.iam.put_account_properties(Properties={"Other/Enabled": "true"})


def test_an_empty_map_of_properties_is_refused(account):
    with refused("ValidationError", 400):
        account.iam.put_account_properties(Properties={})


def test_the_issuer_is_a_url_of_this_server(account):
    issuer = account.iam.enable_outbound_web_identity_federation()["IssuerIdentifier"]
    assert issuer.startswith(f"{account.server.endpoint}/oidc/")
    health = urlsplit(issuer)._replace(path="/healthz").geturl()
    with urllib.request.urlopen(health) as answer:
        assert answer.status == 200

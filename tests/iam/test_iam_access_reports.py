"""Last-accessed reports of users, groups, roles and policies, and the policies that grant services.

What AWS answers is recorded in radkawar/stackd, testdata/aws/iam/last_access.json (September 2026).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from iam.harness import ACCOUNT, NOW, Iam, Server
from rolecall.errors import InvalidInput, NoSuchEntity, ValidationError
from rolecall.iam.reports import jobs as report_jobs
from rolecall.iam.reports.jobs import JOB_LIFETIME
from rolecall.iam.reports.service_permissions import STATEMENTS_FOR_ALL
from rolecall.state.entities import Group, PolicyHolder, Role, User
from rolecall.state.reports import ServiceAccessReport
from rolecall.state.uses import TRACKING_PERIOD

ARN = f"arn:aws:iam::{ACCOUNT}"
TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}],
    }
)


def policy(*actions: str) -> str:
    statement = {"Effect": "Allow", "Action": actions, "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def holder(iam: Iam, kind: type[PolicyHolder], name: str) -> PolicyHolder:
    found = iam.server.world.named(kind, ACCOUNT, name)
    assert found is not None
    return found


def report(iam: Iam, arn: str, granularity: str = "SERVICE_LEVEL", **page: Any) -> Mapping[str, Any]:
    job_id = iam("GenerateServiceLastAccessedDetails", arn=arn, granularity=granularity)["JobId"]
    return iam("GetServiceLastAccessedDetails", job_id=job_id, **page)


def services(answer: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    return {service["ServiceNamespace"]: service for service in answer["ServicesLastAccessed"]}


def said(element: Mapping[str, Any]) -> dict[str, Any]:
    """The members that an answer shows."""
    return {member: value for member, value in element.items() if value is not None}


@pytest.fixture
def account(iam: Iam) -> Iam:
    """Users bob and eve in the group devs, the role ops, and the policy shared, attached to devs and ops."""
    for name in ("bob", "eve"):
        iam("CreateUser", user_name=name, path="/staff/")
    iam("CreateGroup", group_name="devs")
    for name in ("bob", "eve"):
        iam("AddUserToGroup", group_name="devs", user_name=name)
    iam("CreateRole", role_name="ops", assume_role_policy_document=TRUST)
    iam("CreatePolicy", policy_name="shared", policy_document=policy("sqs:SendMessage"))
    iam("AttachGroupPolicy", group_name="devs", policy_arn=f"{ARN}:policy/shared")
    iam("AttachRolePolicy", role_name="ops", policy_arn=f"{ARN}:policy/shared")
    iam("PutUserPolicy", user_name="bob", policy_name="own", policy_document=policy("iam:GetUser", "iam:PassRole"))
    iam("PutGroupPolicy", group_name="devs", policy_name="group", policy_document=policy("lambda:ListFunctions"))
    return iam


def test_a_report_lists_what_policies_allow_by_namespace(account: Iam) -> None:
    answer = report(account, f"{ARN}:user/staff/bob")
    assert said(answer) == {
        "JobStatus": "COMPLETED",
        "JobType": "SERVICE_LEVEL",
        "JobCreationDate": NOW,
        "JobCompletionDate": NOW,
        "IsTruncated": False,
        "ServicesLastAccessed": answer["ServicesLastAccessed"],
    }
    assert [said(service) for service in answer["ServicesLastAccessed"]] == [
        {
            "ServiceName": "AWS Identity and Access Management",
            "ServiceNamespace": "iam",
            "TotalAuthenticatedEntities": 0,
        },
        {"ServiceName": "AWS Lambda", "ServiceNamespace": "lambda", "TotalAuthenticatedEntities": 0},
        {"ServiceName": "Amazon SQS", "ServiceNamespace": "sqs", "TotalAuthenticatedEntities": 0},
    ]


def test_the_path_of_the_arn_may_be_another(account: Iam) -> None:
    assert list(services(report(account, f"{ARN}:user/bob"))) == ["iam", "lambda", "sqs"]


def test_a_permissions_boundary_changes_nothing(account: Iam) -> None:
    account(
        "PutUserPermissionsBoundary", user_name="bob", permissions_boundary="arn:aws:iam::aws:policy/ReadOnlyAccess"
    )
    assert list(services(report(account, f"{ARN}:user/bob"))) == ["iam", "lambda", "sqs"]


def test_the_last_attempt_is_told_with_who_and_where(server: Server, account: Iam) -> None:
    bob = holder(account, User, "bob")
    server.uses.note_action(bob.id, "iam:GetUser", at=NOW - 20, region="us-east-1")
    server.uses.note_action(bob.id, "iam:CreateUser", at=NOW - 10, region="eu-west-1")
    iam = services(report(account, f"{ARN}:user/bob"))["iam"]
    assert said(iam) == {
        "ServiceName": "AWS Identity and Access Management",
        "ServiceNamespace": "iam",
        "LastAuthenticated": NOW - 10,
        "LastAuthenticatedEntity": f"{ARN}:user/staff/bob",
        "LastAuthenticatedRegion": "eu-west-1",
        "TotalAuthenticatedEntities": 1,
    }


def test_attempts_older_than_the_tracking_period_do_not_count(server: Server, account: Iam) -> None:
    bob = holder(account, User, "bob")
    server.uses.note_action(bob.id, "iam:GetUser", at=NOW - TRACKING_PERIOD, region="us-east-1")
    assert services(report(account, f"{ARN}:user/bob"))["iam"]["TotalAuthenticatedEntities"] == 0


def test_action_level_tells_of_each_action(server: Server, account: Iam) -> None:
    bob = holder(account, User, "bob")
    account(
        "PutUserPolicy",
        user_name="bob",
        policy_name="own",
        policy_document=policy("iam:?etUser", "iam:*agUser", "iam:PassRole"),
    )
    server.uses.note_action(bob.id, "iam:GetUser", at=NOW - 5, region="us-east-1")
    server.uses.note_action(bob.id, "iam:ListRoles", at=NOW, region="us-east-1")
    answer = report(account, f"{ARN}:user/bob", "ACTION_LEVEL")
    assert answer["JobType"] == "ACTION_LEVEL"
    tracked = [said(action) for action in services(answer)["iam"]["TrackedActionsLastAccessed"]]
    assert tracked == [
        {
            "ActionName": "GetUser",
            "LastAccessedTime": NOW - 5,
            "LastAccessedEntity": f"{ARN}:user/staff/bob",
            "LastAccessedRegion": "us-east-1",
        },
        {"ActionName": "TagUser"},
        {"ActionName": "UntagUser"},
    ]


def test_a_whole_service_that_was_never_used_lists_all_its_actions(account: Iam) -> None:
    account("PutRolePolicy", role_name="ops", policy_name="all", policy_document=policy("iam:*"))
    found = services(report(account, f"{ARN}:role/ops", "ACTION_LEVEL"))
    names = [action["ActionName"] for action in found["iam"]["TrackedActionsLastAccessed"]]
    assert "CreateUser" in names
    assert "PassRole" not in names


def test_pages_with_many_actions_are_shorter_than_was_asked_for(account: Iam) -> None:
    account("PutRolePolicy", role_name="ops", policy_name="all", policy_document=policy("*"))
    job_id = account("GenerateServiceLastAccessedDetails", arn=f"{ARN}:role/ops", granularity="ACTION_LEVEL")["JobId"]
    marker, seen, pages = None, [], 0
    while marker is not None or not pages:
        answer = account("GetServiceLastAccessedDetails", job_id=job_id, max_items=1000, marker=marker)
        assert sum(len(each["TrackedActionsLastAccessed"] or ()) for each in answer["ServicesLastAccessed"]) < 5000
        seen += services(answer)
        pages += 1
        marker = answer.get("Marker")
    assert pages > 1
    assert seen == sorted(set(seen))
    assert len(seen) > 400


def test_a_group_s_report_is_about_its_policies_and_its_members(server: Server, account: Iam) -> None:
    bob, eve = holder(account, User, "bob"), holder(account, User, "eve")
    server.uses.note_action(bob.id, "sqs:SendMessage", at=NOW - 20, region="us-east-1")
    server.uses.note_action(eve.id, "sqs:ReceiveMessage", at=NOW - 10, region="us-east-1")
    found = services(report(account, f"{ARN}:group/devs"))
    assert list(found) == ["lambda", "sqs"]
    assert found["sqs"]["LastAuthenticatedEntity"] == f"{ARN}:user/staff/eve"
    assert found["sqs"]["TotalAuthenticatedEntities"] == 2


def test_a_policy_s_report_is_about_whoever_has_it(server: Server, account: Iam) -> None:
    ops = holder(account, Role, "ops")
    server.uses.note_action(ops.id, "sqs:SendMessage", at=NOW, region="us-east-1")
    job_id = account("GenerateServiceLastAccessedDetails", arn=f"{ARN}:policy/shared")["JobId"]
    entities = account("GetServiceLastAccessedDetailsWithEntities", job_id=job_id, service_namespace="sqs")
    shown = [(each["EntityInfo"]["Type"], each["EntityInfo"]["Name"]) for each in entities["EntityDetailsList"]]
    assert shown[0] == ("ROLE", "ops")
    assert sorted(shown[1:]) == [("USER", "bob"), ("USER", "eve")]
    assert [each["LastAuthenticated"] for each in entities["EntityDetailsList"]] == [NOW, None, None]
    assert entities["EntityDetailsList"][0]["EntityInfo"] == {
        "Arn": f"{ARN}:role/ops",
        "Name": "ops",
        "Type": "ROLE",
        "Id": ops.id,
        "Path": "/",
    }


def test_an_aws_managed_policy_that_nobody_has_is_reported_too(account: Iam) -> None:
    found = services(report(account, "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"))
    assert "s3" in found
    assert found["s3"]["TotalAuthenticatedEntities"] == 0


def test_entities_are_listed_for_services_of_the_report_only(account: Iam) -> None:
    job_id = account("GenerateServiceLastAccessedDetails", arn=f"{ARN}:group/devs")["JobId"]
    found = account("GetServiceLastAccessedDetailsWithEntities", job_id=job_id, service_namespace="iam")
    assert found["EntityDetailsList"] == []
    with pytest.raises(InvalidInput, match=r"Service namepace S3 is either invalid or unsupported\."):
        account("GetServiceLastAccessedDetailsWithEntities", job_id=job_id, service_namespace="S3")


def test_a_report_keeps_its_findings_and_shows_present_names(account: Iam) -> None:
    job_id = account("GenerateServiceLastAccessedDetails", arn=f"{ARN}:group/devs")["JobId"]
    account("DetachGroupPolicy", group_name="devs", policy_arn=f"{ARN}:policy/shared")
    account("RemoveUserFromGroup", group_name="devs", user_name="eve")
    account("UpdateUser", user_name="eve", new_user_name="evelyn")
    account("RemoveUserFromGroup", group_name="devs", user_name="bob")
    account("DeleteUserPolicy", user_name="bob", policy_name="own")
    account("DeleteUser", user_name="bob")
    assert list(services(account("GetServiceLastAccessedDetails", job_id=job_id))) == ["lambda", "sqs"]
    found = account("GetServiceLastAccessedDetailsWithEntities", job_id=job_id, service_namespace="sqs")
    assert [each["EntityInfo"]["Name"] for each in found["EntityDetailsList"]] == ["evelyn"]


def test_entities_come_in_pages(account: Iam) -> None:
    job_id = account("GenerateServiceLastAccessedDetails", arn=f"{ARN}:policy/shared")["JobId"]
    asked = {"job_id": job_id, "service_namespace": "sqs", "max_items": 2}
    first = account("GetServiceLastAccessedDetailsWithEntities", **asked)
    second = account("GetServiceLastAccessedDetailsWithEntities", **asked, marker=first["Marker"])
    names = [each["EntityInfo"]["Name"] for page in (first, second) for each in page["EntityDetailsList"]]
    assert sorted(names) == ["bob", "eve", "ops"]
    assert (first["IsTruncated"], second["IsTruncated"]) == (True, False)


def test_a_marker_serves_for_its_own_list_and_job_only(account: Iam) -> None:
    arn = f"{ARN}:user/bob"
    one, other = (account("GenerateServiceLastAccessedDetails", arn=arn)["JobId"] for _ in range(2))
    marker = account("GetServiceLastAccessedDetails", job_id=one, max_items=1)["Marker"]
    following = account("GetServiceLastAccessedDetails", job_id=one, max_items=1, marker=marker)
    assert list(services(following)) == ["lambda"]
    for name, parameters in (
        ("GetServiceLastAccessedDetails", {"job_id": other}),
        ("GetServiceLastAccessedDetailsWithEntities", {"job_id": one, "service_namespace": "iam"}),
    ):
        with pytest.raises(InvalidInput, match=r"The marker passed in the request was invalid\."):
            account(name, **parameters, marker=marker)
    with pytest.raises(ValidationError, match=r"Invalid Marker\."):
        account("GetServiceLastAccessedDetails", job_id=one, marker="invalid")


def test_a_service_of_one_s_own_is_listed_once_it_was_used(server: Server, account: Iam) -> None:
    bob, eve = holder(account, User, "bob"), holder(account, User, "eve")
    account("PutUserPolicy", user_name="bob", policy_name="own", policy_document=policy("shop:*"))
    assert list(services(report(account, f"{ARN}:user/bob"))) == ["lambda", "sqs"]
    server.uses.note_action(eve.id, "shop:SellApple", at=NOW, region="us-east-1")
    server.uses.note_action(bob.id, "shop:SellPear", at=NOW, region="us-east-1")
    shop = services(report(account, f"{ARN}:user/bob", "ACTION_LEVEL"))["shop"]
    assert (shop["ServiceName"], shop["TotalAuthenticatedEntities"]) == ("shop", 1)
    assert [(each["ActionName"], each["LastAccessedTime"]) for each in shop["TrackedActionsLastAccessed"]] == [
        ("SellApple", None),
        ("SellPear", NOW),
    ]
    assert "shop" not in services(report(account, f"{ARN}:user/eve"))
    (granting,) = account("ListPoliciesGrantingServiceAccess", arn=f"{ARN}:user/bob", service_namespaces=("shop",))[
        "PoliciesGrantingServiceAccess"
    ]
    assert [each["PolicyName"] for each in granting["Policies"]] == ["own"]


def test_a_report_is_read_by_who_asked_for_it(account: Iam) -> None:
    bob = account.as_user("bob")
    job_id = bob("GenerateServiceLastAccessedDetails", arn=f"{ARN}:user/bob")["JobId"]
    assert bob("GetServiceLastAccessedDetails", job_id=job_id)["JobStatus"] == "COMPLETED"
    for other in (account, account.as_user("eve"), account.as_role("ops")):
        with pytest.raises(NoSuchEntity, match=f"Job {job_id} does not exist"):
            other("GetServiceLastAccessedDetails", job_id=job_id)


def test_a_report_is_read_for_a_day_and_removed_with_a_later_one(account: Iam) -> None:
    job_id = account("GenerateServiceLastAccessedDetails", arn=f"{ARN}:user/bob")["JobId"]
    account.server.now += JOB_LIFETIME - 1
    account("GetServiceLastAccessedDetails", job_id=job_id)
    account.server.now += 1
    with pytest.raises(NoSuchEntity):
        account("GetServiceLastAccessedDetails", job_id=job_id)
    account("GenerateServiceLastAccessedDetails", arn=f"{ARN}:user/bob")
    assert account.server.world.count(ServiceAccessReport, ACCOUNT) == 1


def test_reports_that_take_too_much_room_go_from_the_oldest_on(account: Iam, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever may ask for reports could otherwise fill the memory of all."""
    monkeypatch.setattr(report_jobs, "KEPT_ROOM", 3 * report_jobs.RECORD_SIZE)
    jobs = []
    for _ in range(10):
        jobs.append(account("GenerateServiceLastAccessedDetails", arn=f"{ARN}:user/bob")["JobId"])
        account.server.now += 1
    assert account.server.world.count(ServiceAccessReport, ACCOUNT) == 3
    account("GetServiceLastAccessedDetails", job_id=jobs[-1])
    with pytest.raises(NoSuchEntity):
        account("GetServiceLastAccessedDetails", job_id=jobs[0])


def test_policies_that_would_take_too_long_make_a_report_fail(account: Iam) -> None:
    statements = [
        {"Effect": "Allow", "NotAction": f"s3:A{number}", "Resource": "*"} for number in range(STATEMENTS_FOR_ALL + 1)
    ]
    user = holder(account, User, "bob")
    document = json.dumps({"Version": "2012-10-17", "Statement": statements})
    inline = type(user.inline_policies[0])("huge", document)
    account.put(type(user)(account=user.account, id=user.id, name="bob", created_at=NOW, inline_policies=(inline,)))
    answer = report(account, f"{ARN}:user/bob")
    assert (answer["JobStatus"], answer["Error"]["Code"]) == ("FAILED", "TOO_MANY_STATEMENTS")
    assert answer["ServicesLastAccessed"] == []


def test_policies_that_grant_services_are_listed_in_the_order_that_was_asked_for(account: Iam) -> None:
    answer = account(
        "ListPoliciesGrantingServiceAccess",
        arn=f"{ARN}:user/other/bob",
        service_namespaces=("sqs", "iam", "lambda", "iam", "dynamodb"),
    )
    shared = {"PolicyName": "shared", "PolicyType": "MANAGED", "PolicyArn": f"{ARN}:policy/shared"}
    own = {"PolicyName": "own", "PolicyType": "INLINE", "EntityType": "USER", "EntityName": "bob"}
    group = {"PolicyName": "group", "PolicyType": "INLINE", "EntityType": "GROUP", "EntityName": "devs"}
    assert answer == {
        "PoliciesGrantingServiceAccess": [
            {"ServiceNamespace": "sqs", "Policies": [shared]},
            {"ServiceNamespace": "iam", "Policies": [own]},
            {"ServiceNamespace": "lambda", "Policies": [group]},
            {"ServiceNamespace": "dynamodb", "Policies": []},
        ],
        "IsTruncated": False,
    }


def test_a_policy_that_reaches_a_user_twice_is_listed_once(account: Iam) -> None:
    account("AttachUserPolicy", user_name="bob", policy_arn=f"{ARN}:policy/shared")
    (sqs,) = account("ListPoliciesGrantingServiceAccess", arn=f"{ARN}:user/bob", service_namespaces=("sqs",))[
        "PoliciesGrantingServiceAccess"
    ]
    assert [each["PolicyName"] for each in sqs["Policies"]] == ["shared"]


def test_a_group_s_own_policies_are_listed_and_not_its_members(account: Iam) -> None:
    answer = account("ListPoliciesGrantingServiceAccess", arn=f"{ARN}:group/devs", service_namespaces=("iam", "sqs"))
    assert [len(each["Policies"]) for each in answer["PoliciesGrantingServiceAccess"]] == [0, 1]


def test_many_services_come_in_pages(account: Iam) -> None:
    names = ("sqs", *(f"{service}" for service in ("s3", "iam")))
    used = holder(account, Group, "devs")
    for number in range(120):
        account.server.uses.note_action(used.id, f"own-{number}:Do", at=NOW, region="us-east-1")
    asked = {"arn": f"{ARN}:group/devs", "service_namespaces": (*(f"own-{number}" for number in range(120)), *names)}
    first = account("ListPoliciesGrantingServiceAccess", **asked)
    second = account("ListPoliciesGrantingServiceAccess", **asked, marker=first["Marker"])
    shown = [each["ServiceNamespace"] for page in (first, second) for each in page["PoliciesGrantingServiceAccess"]]
    assert shown == list(asked["service_namespaces"])


def test_a_report_is_asked_for_on_the_entity_under_its_real_arn(account: Iam) -> None:
    for arn, real in (
        (f"{ARN}:user/bob", f"{ARN}:user/staff/bob"),
        (f"{ARN}:policy/shared", f"{ARN}:policy/shared"),
        (f"{ARN}:user/nobody", f"{ARN}:user/nobody"),
        ("no ARN at all, really", "*"),
    ):
        (check,) = account.checks("GenerateServiceLastAccessedDetails", arn=arn)
        assert (str(check.resource or "*"), check.shown_resource, check.resource_account) == (real, arn, ACCOUNT)
    assert account.resources("ListPoliciesGrantingServiceAccess", arn=f"{ARN}:group/devs", service_namespaces=()) == [
        f"{ARN}:group/devs"
    ]
    assert account.resources("GetServiceLastAccessedDetails", job_id="x") == ["*"]


def test_tags_of_the_entity_are_condition_keys(account: Iam) -> None:
    account("TagUser", user_name="bob", tags=({"key": "Team", "value": "red"},))
    (check,) = account.checks("GenerateServiceLastAccessedDetails", arn=f"{ARN}:user/bob")
    assert check.context == {"aws:resourcetag/team": "red", "iam:resourcetag/team": "red"}

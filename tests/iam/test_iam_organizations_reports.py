"""GenerateOrganizationsAccessReport and GetOrganizationsAccessReport.

What AWS answers is recorded in radkawar/stackd, testdata/aws/iam/organizations_access.json (September 2026).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from iam.harness import ACCOUNT, NOW, Iam, Server
from rolecall.catalog.services import service_namespaces
from rolecall.errors import AccessDenied, InvalidInput, NoSuchEntity
from rolecall.iam.reports.organizations_access_reports import REUSE_PERIOD
from rolecall.names.arn import AccountId
from rolecall.state.organizations import Organization

MEMBER, SECOND = AccountId("111111111111"), AccountId("222222222222")
ROOT = "o-aaaaaaaaaa/r-abcd"


@pytest.fixture
def management(server: Server, iam: Iam) -> Iam:
    for account in (MEMBER, SECOND):
        server.account(account)
    iam.put(
        Organization(
            account=ACCOUNT, id="o-aaaaaaaaaa", root_id="r-abcd", created_at=NOW, member_accounts=(MEMBER, SECOND)
        )
    )
    return iam


def report(iam: Iam, path: str = ROOT, policy_id: str | None = None, **page: Any) -> Mapping[str, Any]:
    asked = {"entity_path": path} | ({"organizations_policy_id": policy_id} if policy_id is not None else {})
    job_id = iam("GenerateOrganizationsAccessReport", **asked)["JobId"]
    return iam("GetOrganizationsAccessReport", job_id=job_id, **page)


def used(answer: Mapping[str, Any]) -> dict[str, tuple[Any, ...]]:
    return {
        each["ServiceNamespace"]: (
            each["TotalAuthenticatedEntities"],
            each["LastAuthenticatedTime"],
            each["EntityPath"],
            each["Region"],
        )
        for each in answer["AccessDetails"]
        if each["TotalAuthenticatedEntities"]
    }


def test_the_root_s_report_is_about_all_accounts_but_the_management_account(server: Server, management: Iam) -> None:
    server.uses.note_action("AIDA1", "iam:GetUser", at=NOW - 30, region="us-east-1", account=MEMBER)
    server.uses.note_action("AIDA2", "iam:GetUser", at=NOW - 20, region="eu-west-1", account=MEMBER)
    server.uses.note_action(SECOND, "iam:GetUser", at=NOW - 25, region="us-east-1", account=SECOND)
    server.uses.note_action(ACCOUNT, "sts:AssumeRole", at=NOW - 1, region="us-east-1")
    answer = report(management, max_items=1000)
    assert used(answer) == {"iam": (2, NOW - 20, f"{ROOT}/{MEMBER}", "eu-west-1")}
    every = len(service_namespaces())
    assert (answer["NumberOfServicesAccessible"], answer["NumberOfServicesNotAccessed"]) == (every, every - 1)
    assert (answer["JobStatus"], answer["JobCreationDate"], answer["JobCompletionDate"]) == ("COMPLETED", NOW, NOW)


def test_an_account_s_report_is_about_that_account(server: Server, management: Iam) -> None:
    for account, at in ((ACCOUNT, NOW - 1), (MEMBER, NOW - 2), (SECOND, NOW - 3)):
        server.uses.note_action("AIDA1", "sts:AssumeRole", at=at, region="us-east-1", account=account)
    for account, at in ((ACCOUNT, NOW - 1), (MEMBER, NOW - 2)):
        answer = report(management, f"{ROOT}/{account}", max_items=1000)
        assert used(answer) == {"sts": (1, at, f"{ROOT}/{account}", "us-east-1")}


@pytest.mark.parametrize(
    ("path", "policy_id", "code"),
    [
        (f"{ROOT}/ou-abcd-00000000", None, "INVALID_ORGANIZATIONS_ENTITY_PATH"),
        (f"{ROOT}/", None, "INVALID_ORGANIZATIONS_ENTITY_PATH"),
        (f"{ROOT}/999999999999", None, "INVALID_ORGANIZATIONS_ENTITY_PATH"),
        ("o-aaaaaaaaaa/r-other", None, "INVALID_ORGANIZATIONS_ENTITY_PATH"),
        (ROOT, "p-00000000", "INVALID_ORGANIZATIONS_POLICY"),
    ],
)
def test_a_report_on_what_is_not_there_fails(management: Iam, path: str, policy_id: str | None, code: str) -> None:
    answer = report(management, path, policy_id)
    assert (answer["JobStatus"], answer["ErrorDetails"]["Code"]) == ("FAILED", code)
    assert "AccessDetails" not in answer


def test_the_policy_that_every_organization_has_is_known_and_none_limits_the_management_account(
    management: Iam,
) -> None:
    assert report(management, ROOT, "p-FullAWSAccess")["JobStatus"] == "COMPLETED"
    assert report(management, f"{ROOT}/{ACCOUNT}", "p-00000000")["JobStatus"] == "COMPLETED"


def test_another_organization_is_refused(management: Iam) -> None:
    with pytest.raises(AccessDenied, match=r"The organization ID in the specified entity path is different than your"):
        management("GenerateOrganizationsAccessReport", entity_path="o-bbbbbbbbbb/r-abcd")


def test_members_are_refused(server: Server, management: Iam) -> None:
    job_id = management("GenerateOrganizationsAccessReport", entity_path=ROOT)["JobId"]
    member = server.account(MEMBER)
    with pytest.raises(AccessDenied):
        member("GenerateOrganizationsAccessReport", entity_path=ROOT)
    with pytest.raises(AccessDenied):
        member("GetOrganizationsAccessReport", job_id=job_id)


def test_the_same_question_within_a_minute_gets_the_same_job(management: Iam) -> None:
    first = management("GenerateOrganizationsAccessReport", entity_path=ROOT)
    management.server.now += REUSE_PERIOD - 1
    assert management("GenerateOrganizationsAccessReport", entity_path=ROOT) == first
    assert management("GenerateOrganizationsAccessReport", entity_path=f"{ROOT}/{MEMBER}") != first
    management.server.now += 1
    assert management("GenerateOrganizationsAccessReport", entity_path=ROOT) != first


def test_a_job_is_read_by_who_asked_for_it_and_is_of_its_kind(management: Iam) -> None:
    management("CreateUser", user_name="bob")
    bob = management.as_user("bob")
    job_id = bob("GenerateOrganizationsAccessReport", entity_path=ROOT)["JobId"]
    assert bob("GetOrganizationsAccessReport", job_id=job_id)["JobStatus"] == "COMPLETED"
    with pytest.raises(NoSuchEntity, match=f"Job {job_id} does not exist"):
        management("GetOrganizationsAccessReport", job_id=job_id)
    with pytest.raises(NoSuchEntity):
        bob("GetServiceLastAccessedDetails", job_id=job_id)


@pytest.mark.parametrize(
    ("sort_key", "first", "last"),
    [
        ("SERVICE_NAMESPACE_ASCENDING", service_namespaces()[0], service_namespaces()[-1]),
        ("SERVICE_NAMESPACE_DESCENDING", service_namespaces()[-1], service_namespaces()[0]),
        ("LAST_AUTHENTICATED_TIME_ASCENDING", service_namespaces()[0], "iam"),
        ("LAST_AUTHENTICATED_TIME_DESCENDING", "iam", service_namespaces()[0]),
    ],
)
def test_services_are_sorted_as_asked_for_over_all_pages(
    server: Server, management: Iam, sort_key: str, first: str, last: str
) -> None:
    server.uses.note_action("AIDA1", "iam:GetUser", at=NOW, region="us-east-1", account=MEMBER)
    server.uses.note_action("AIDA1", "sts:AssumeRole", at=NOW - 9, region="us-east-1", account=MEMBER)
    job_id = management("GenerateOrganizationsAccessReport", entity_path=ROOT)["JobId"]
    asked = {"job_id": job_id, "sort_key": sort_key, "max_items": 300}
    one = management("GetOrganizationsAccessReport", **asked)
    two = management("GetOrganizationsAccessReport", **asked, marker=one["Marker"])
    names = [each["ServiceNamespace"] for page in (one, two) for each in page["AccessDetails"]]
    assert (names[0], names[-1], sorted(names)) == (first, last, list(service_namespaces()))
    other = next(key for key in ("SERVICE_NAMESPACE_ASCENDING", "SERVICE_NAMESPACE_DESCENDING") if key != sort_key)
    with pytest.raises(InvalidInput):
        management("GetOrganizationsAccessReport", job_id=job_id, sort_key=other, marker=one["Marker"])


def test_a_report_is_asked_for_on_its_path_with_the_policy_as_a_condition_key(iam: Iam) -> None:
    (check,) = iam.checks(
        "GenerateOrganizationsAccessReport", entity_path=ROOT, organizations_policy_id="p-FullAWSAccess"
    )
    assert str(check.resource) == f"arn:aws:iam::{ACCOUNT}:access-report/{ROOT}"
    assert check.context == {"iam:organizationspolicyid": "p-FullAWSAccess"}

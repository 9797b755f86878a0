"""Evidence for last-accessed reports, and for the policies that grant services."""

from __future__ import annotations

import time
from collections.abc import Callable

from api.evidence.families import Caller, ErrorCase, Family
from rolecall.names.arn import AccountId
from rolecall.state.organizations import Organization

NO_JOB = "00000000-0000-0000-0000-000000000000"


def own_arn(caller: Caller, resource: str) -> str:
    return f"arn:aws:iam::{caller.account_id}:{resource}"


def make_an_organization(caller: Caller) -> str:
    """Make one with the caller's account as its management account. The path of its root."""
    organization = Organization(
        account=AccountId(caller.account_id), id=f"o-{caller.account_id}", root_id="r-root", created_at=int(time.time())
    )
    caller.put(organization)
    return f"{organization.id}/{organization.root_id}"


def report_on_bob(caller: Caller) -> str:
    """The job of a report on a new user who may use two services."""
    caller.account.user("bob", {"Effect": "Allow", "Action": ["iam:*", "sts:*"], "Resource": "*"})
    return str(caller.iam.generate_service_last_accessed_details(Arn=own_arn(caller, "user/bob"))["JobId"])


def tour(caller: Caller) -> None:
    job_id = report_on_bob(caller)
    services = caller.iam.get_service_last_accessed_details(JobId=job_id)["ServicesLastAccessed"]
    assert [service["ServiceNamespace"] for service in services] == ["iam", "sts"]
    entities = caller.iam.get_service_last_accessed_details_with_entities(JobId=job_id, ServiceNamespace="iam")
    assert [entity["EntityInfo"]["Name"] for entity in entities["EntityDetailsList"]] == ["bob"]
    (granting,) = caller.iam.list_policies_granting_service_access(
        Arn=own_arn(caller, "user/bob"), ServiceNamespaces=["iam"]
    )["PoliciesGrantingServiceAccess"]
    assert [policy["PolicyName"] for policy in granting["Policies"]] == ["test"]
    path = make_an_organization(caller)
    job_id = caller.iam.generate_organizations_access_report(EntityPath=f"{path}/{caller.account_id}")["JobId"]
    report = caller.iam.get_organizations_access_report(JobId=job_id, SortKey="LAST_AUTHENTICATED_TIME_DESCENDING")
    assert report["AccessDetails"][0]["ServiceNamespace"] == "iam"


def with_marker_of_another_job(caller: Caller) -> None:
    job_id = report_on_bob(caller)
    marker = caller.iam.get_service_last_accessed_details(JobId=job_id, MaxItems=1)["Marker"]
    other = caller.iam.generate_service_last_accessed_details(Arn=own_arn(caller, "user/bob"))["JobId"]
    caller.iam.get_service_last_accessed_details(JobId=other, Marker=marker)


def entities_of_no_service(caller: Caller) -> None:
    caller.iam.get_service_last_accessed_details_with_entities(JobId=report_on_bob(caller), ServiceNamespace="nothing")


def read_an_organization_s_report_that_is_not_there(caller: Caller) -> None:
    make_an_organization(caller)
    caller.iam.get_organizations_access_report(JobId=NO_JOB)


def granting(resource: str, namespace: str) -> Callable[[Caller], object]:
    return lambda caller: caller.iam.list_policies_granting_service_access(
        Arn=own_arn(caller, resource), ServiceNamespaces=[namespace]
    )


FAMILY = Family(
    operations=frozenset(
        {
            "GenerateServiceLastAccessedDetails",
            "GetServiceLastAccessedDetails",
            "GetServiceLastAccessedDetailsWithEntities",
            "ListPoliciesGrantingServiceAccess",
            "GenerateOrganizationsAccessReport",
            "GetOrganizationsAccessReport",
        }
    ),
    tour=tour,
    errors=(
        ErrorCase(
            "GenerateServiceLastAccessedDetails",
            "NoSuchEntity",
            lambda caller: caller.iam.generate_service_last_accessed_details(Arn=own_arn(caller, "user/nobody")),
        ),
        ErrorCase(
            "GenerateServiceLastAccessedDetails",
            "InvalidInput",
            lambda caller: caller.iam.generate_service_last_accessed_details(Arn=own_arn(caller, "root")),
        ),
        ErrorCase(
            "GetServiceLastAccessedDetails",
            "NoSuchEntity",
            lambda caller: caller.iam.get_service_last_accessed_details(JobId=NO_JOB),
        ),
        ErrorCase("GetServiceLastAccessedDetails", "InvalidInput", with_marker_of_another_job),
        ErrorCase(
            "GetServiceLastAccessedDetailsWithEntities",
            "NoSuchEntity",
            lambda caller: caller.iam.get_service_last_accessed_details_with_entities(
                JobId=NO_JOB, ServiceNamespace="iam"
            ),
        ),
        ErrorCase("GetServiceLastAccessedDetailsWithEntities", "InvalidInput", entities_of_no_service),
        ErrorCase("ListPoliciesGrantingServiceAccess", "NoSuchEntity", granting("user/nobody", "iam")),
        ErrorCase("ListPoliciesGrantingServiceAccess", "InvalidInput", granting("policy/some", "iam")),
        ErrorCase("GetOrganizationsAccessReport", "NoSuchEntity", read_an_organization_s_report_that_is_not_there),
    ),
    unreachable={
        ("GenerateOrganizationsAccessReport", "ReportGenerationLimitExceeded"): (
            "reports are made one after the other, each before its call returns: none is in progress"
        ),
    },
)

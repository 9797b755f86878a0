"""Access reports of an organization: which services its accounts use, asked for by its management account.

An organization here has accounts directly under its root, and no service control policies of its own, so every service
is open to them. Source: the model's documentation; AWS's answers recorded in September 2026 (radkawar/stackd,
testdata/aws/iam/organizations_access.json).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping

import msgspec

from rolecall.catalog.services import service_name, service_namespaces
from rolecall.errors import AccessDenied
from rolecall.iam.access import supported
from rolecall.iam.registry import operation
from rolecall.iam.reports.jobs import (
    JobStatus,
    Report,
    cut_report,
    find_report,
    forget,
    new_job_id,
    old_reports,
    report_owner,
)
from rolecall.names.arn import AccountId, Arn
from rolecall.operations.access import AccessCheck
from rolecall.operations.registry import Answer, Parameters, on_account
from rolecall.operations.transaction import Transaction
from rolecall.state.log import ActionUse
from rolecall.state.organizations import Organization
from rolecall.state.reports import AccountAccess, OrganizationsAccessReport
from rolecall.state.uses import TRACKING_PERIOD

REUSE_PERIOD = 60
"""Seconds for which the same question by the same caller gets the same job (recorded: 59 seconds do, 61 do not)."""

FULL_ACCESS_POLICY = "p-FullAWSAccess"
"""The one service control policy that every organization has; AWS's own id."""

INVALID_ENTITY_PATH, INVALID_POLICY = "INVALID_ORGANIZATIONS_ENTITY_PATH", "INVALID_ORGANIZATIONS_POLICY"
FAILURES = {
    INVALID_ENTITY_PATH: "The entity with the specified path does not exist in your organization.",
    INVALID_POLICY: "The policy with the specified ID does not exist in your organization.",
}
"""Why a report can fail, with AWS's words."""

OTHER_ORGANIZATION = "The organization ID in the specified entity path is different than your organization ID."
NOT_MANAGEMENT_ACCOUNT = "Organizations access reports require the management account."
"""A guess: AWS's words are not known."""

DIFFERS = (
    "Complete at once and kept for a day; without organizational units and service control policies every service "
    "counts as accessible."
)


class _Prepared(msgspec.Struct, frozen=True):
    """What is made before the writer's turn; `failure` says why there are no findings."""

    services: tuple[AccountAccess, ...]
    failure: str | None
    old: tuple[Report, ...]


def on_access_report(tx: Transaction, action: str, parameters: Parameters) -> Iterator[AccessCheck]:
    """On the report that is named by the path of what it is about."""
    policy_id = parameters.get("organizations_policy_id")
    resource = Arn("aws", "iam", "", tx.account, f"access-report/{parameters['entity_path']}")
    keys = {"iam:organizationspolicyid": policy_id} if policy_id is not None else {}
    yield AccessCheck(action=action, resource=resource, resource_account=tx.account, context=supported(action, keys))


def _prepare(tx: Transaction, *, entity_path: str, organizations_policy_id: str | None = None) -> _Prepared:
    organization = _managed_organization(tx)
    if entity_path.split("/", maxsplit=1)[0] != organization.id:
        raise AccessDenied(OTHER_ORGANIZATION)
    accounts = _accounts_at(organization, entity_path)
    if accounts is None:
        return _Prepared((), INVALID_ENTITY_PATH, old_reports(tx))
    # A policy that is given with the path of the management account is ignored: no such policy limits it.
    is_limited = accounts != (organization.account,)
    if is_limited and organizations_policy_id not in {None, FULL_ACCESS_POLICY}:
        return _Prepared((), INVALID_POLICY, old_reports(tx))
    return _Prepared(tuple(_accesses(tx, accounts)), None, old_reports(tx))


@operation("GenerateOrganizationsAccessReport", access=on_access_report, writes=True, prepare=_prepare, differs=DIFFERS)
def generate_organizations_access_report(
    tx: Transaction, *, entity_path: str, organizations_policy_id: str | None = None
) -> Answer:
    """Make a report, or name the one that the caller asked for a moment ago. It is complete when the call returns."""
    _managed_organization(tx)
    prepared = tx.prepared
    assert isinstance(prepared, _Prepared)
    forget(tx, prepared.old)
    for known in tx.world.owned(OrganizationsAccessReport, tx.account):
        asked = (known.owner, known.entity_path, known.policy_id)
        is_same = asked == (report_owner(tx), entity_path, organizations_policy_id)
        if is_same and tx.now - known.created_at < REUSE_PERIOD:
            return {"JobId": known.job_id}
    report = OrganizationsAccessReport(
        account=tx.account,
        job_id=new_job_id(tx),
        owner=report_owner(tx),
        created_at=tx.now,
        entity_path=entity_path,
        policy_id=organizations_policy_id,
        failure=prepared.failure,
        services=prepared.services,
    )
    tx.put(report)
    return {"JobId": report.job_id}


@operation("GetOrganizationsAccessReport", access=on_account, is_slow=True)
def get_organizations_access_report(
    tx: Transaction,
    *,
    job_id: str,
    max_items: int | None = None,
    marker: str | None = None,
    sort_key: str = "SERVICE_NAMESPACE_ASCENDING",
) -> Answer:
    """List the services of a report in the order that is asked for; those never used come before all times."""
    organization = _managed_organization(tx)
    report = find_report(tx, OrganizationsAccessReport, job_id)
    dates = {"JobCreationDate": report.created_at, "JobCompletionDate": report.created_at}
    if report.failure is not None:
        failure = {"Code": report.failure, "Message": FAILURES[report.failure]}
        return {"JobStatus": JobStatus.FAILED, **dates, "IsTruncated": False, "ErrorDetails": failure}
    used = {service.namespace: service for service in report.services}
    namespaces = sorted({*service_namespaces(), *used}, key=_ORDERS[sort_key.rpartition("_")[0]](used))
    if sort_key.endswith("_DESCENDING"):
        namespaces.reverse()
    places = {namespace: f"{place:05d}" for place, namespace in enumerate(namespaces)}
    shown, truncation = cut_report(
        report, namespaces, member=sort_key, order=places.__getitem__, marker=marker, max_items=max_items
    )
    path = f"{organization.id}/{organization.root_id}"
    return {
        "JobStatus": JobStatus.COMPLETED,
        **dates,
        "NumberOfServicesAccessible": len(namespaces),
        "NumberOfServicesNotAccessed": len(namespaces) - len(used),
        "AccessDetails": [_access_detail(namespace, used.get(namespace), path) for namespace in shown],
        **truncation,
    }


_Used = Mapping[str, AccountAccess]
_ORDERS: Mapping[str, Callable[[_Used], Callable[[str], tuple[int, str]]]] = {
    "SERVICE_NAMESPACE": lambda _used: lambda namespace: (0, namespace),
    "LAST_AUTHENTICATED_TIME": lambda used: (
        lambda namespace: (used[namespace].at if namespace in used else 0, namespace)
    ),
}
"""What services are ordered by, by the first words of the sort key."""


def _access_detail(namespace: str, used: AccountAccess | None, path: str) -> dict[str, object]:
    """The model's `AccessDetail`. Parameters: `path`, of the organization's root."""
    return {
        "ServiceName": service_name(namespace),
        "ServiceNamespace": namespace,
        "Region": used.region if used is not None else None,
        "EntityPath": f"{path}/{used.account}" if used is not None else None,
        "LastAuthenticatedTime": used.at if used is not None else None,
        "TotalAuthenticatedEntities": used.total if used is not None else 0,
    }


def _managed_organization(tx: Transaction) -> Organization:
    """The organization that the caller's account manages. Raises `AccessDenied` if there is none."""
    organization = tx.world.organization_of(tx.account)
    if organization is None or organization.account != tx.account:
        raise AccessDenied(NOT_MANAGEMENT_ACCOUNT)
    return organization


def _accounts_at(organization: Organization, entity_path: str) -> tuple[AccountId, ...] | None:
    """The accounts that a report on the path is about; None if nothing is there."""
    root = f"{organization.id}/{organization.root_id}"
    if entity_path == root:
        return organization.member_accounts  # no service control policy limits the management account
    return next(
        (
            (account,)
            for account in (organization.account, *organization.member_accounts)
            if entity_path == f"{root}/{account}"
        ),
        None,
    )


def _accesses(tx: Transaction, accounts: tuple[AccountId, ...]) -> Iterator[AccountAccess]:
    """What the accounts attempted within the tracking period, by service."""
    latest: dict[str, ActionUse] = {}
    totals: Counter[str] = Counter()
    for account in accounts:
        uses = [use for use in tx.surroundings.uses.action_uses(account) if use.at > tx.now - TRACKING_PERIOD]
        totals.update({use.service for use in uses})
        for use in uses:
            known = latest.get(use.service)
            if known is None or use.at > known.at:
                latest[use.service] = use
    for namespace, use in sorted(latest.items()):
        yield AccountAccess(namespace, use.at, use.account, use.region, totals[namespace])

"""Last-accessed reports: which services a user, group, role or policy may use, and when it was tried last.

What was tried is what this server saw, `state.uses`. A report is a snapshot of the policies and attempts at its time;
the names in it are those of the time of reading. Source: the model's documentation; AWS's answers recorded in September
2026 (radkawar/stackd, testdata/aws/iam/last_access.json).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping

import msgspec

from rolecall.catalog.services import action_names, is_service, service_name, service_namespaces
from rolecall.errors import InvalidInput
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
from rolecall.iam.reports.service_permissions import Permissions
from rolecall.iam.reports.sources import document_of, find_reported, on_report_source, policies_of, users_and_roles
from rolecall.operations.registry import Answer, on_account
from rolecall.operations.transaction import Transaction
from rolecall.state.entities import PolicyHolder, Role, User
from rolecall.state.log import ActionUse
from rolecall.state.reports import (
    AccessFindings,
    ActionAccess,
    LastAttempt,
    ServiceAccess,
    ServiceAccessReport,
    pack,
    unpack,
)
from rolecall.state.uses import TRACKING_PERIOD
from rolecall.wire.model import load_service

SERVICE_LEVEL, ACTION_LEVEL = "SERVICE_LEVEL", "ACTION_LEVEL"

SERVICES_ON_A_PAGE = 200
"""Recorded; the documentation says 100."""

ACTION_WEIGHT = 2000
"""What an action weighs for `paging.PAGE_ROOM`: a page holds about four thousand."""

TOO_MANY_STATEMENTS = "TOO_MANY_STATEMENTS"
FAILURES = {TOO_MANY_STATEMENTS: "The policies hold more statements about all services than can be looked at."}
"""Why a report can fail. AWS's own codes are not known."""

OWN_SERVICES = frozenset({"iam", "sts"})
"""Those whose calls this server answers itself."""

DIFFERS = (
    "Complete at once and kept for a day; tells what this server saw, tracks every action, and lists services of your "
    "own once they were used."
)


class _Prepared(msgspec.Struct, frozen=True):
    """What is made before the writer's turn: the packed findings, or why there are none, and reports to remove."""

    findings: bytes
    failure: str | None
    old: tuple[Report, ...]


def _prepare(tx: Transaction, *, arn: str, granularity: str = SERVICE_LEVEL) -> _Prepared:
    reported = find_reported(tx, arn)
    documents = (
        [policy.document for policy in policies_of(tx.world, reported)]
        if isinstance(reported, PolicyHolder)
        else [document_of(reported)]
    )
    permissions = Permissions(documents)
    failure = TOO_MANY_STATEMENTS if permissions.are_too_many else None
    entities = users_and_roles(tx, reported)
    services = () if failure else tuple(_services(tx, permissions, frozenset(entities), granularity))
    return _Prepared(pack(AccessFindings(services, entities)), failure, old_reports(tx))


@operation(
    "GenerateServiceLastAccessedDetails", access=on_report_source, writes=True, prepare=_prepare, differs=DIFFERS
)
def generate_service_last_accessed_details(
    tx: Transaction,
    *,
    arn: str,  # noqa: ARG001 - what it says was looked up by `_prepare`
    granularity: str = SERVICE_LEVEL,
) -> Answer:
    """Make a report. It is complete when the call returns."""
    prepared = tx.prepared
    assert isinstance(prepared, _Prepared)
    forget(tx, prepared.old)
    report = ServiceAccessReport(
        account=tx.account,
        job_id=new_job_id(tx),
        owner=report_owner(tx),
        granularity=granularity,
        created_at=tx.now,
        findings=prepared.findings,
        failure=prepared.failure,
    )
    tx.put(report)
    return {"JobId": report.job_id}


@operation("GetServiceLastAccessedDetails", access=on_account, is_slow=True)
def get_service_last_accessed_details(
    tx: Transaction, *, job_id: str, max_items: int | None = None, marker: str | None = None
) -> Answer:
    """List the services of a report, by namespace."""
    report = find_report(tx, ServiceAccessReport, job_id)
    shown, truncation = cut_report(
        report,
        unpack(report.findings).services,
        member="SERVICES",
        order=lambda service: service.namespace,
        weigh=lambda service: ACTION_WEIGHT * len(_actions(service)),
        marker=marker,
        max_items=max_items or SERVICES_ON_A_PAGE,
    )
    return {
        **_job(report),
        "JobType": report.granularity,
        "ServicesLastAccessed": [_service_element(tx, service) for service in shown],
        **truncation,
    }


@operation("GetServiceLastAccessedDetailsWithEntities", access=on_account, is_slow=True)
def get_service_last_accessed_details_with_entities(
    tx: Transaction,
    *,
    job_id: str,
    service_namespace: str,
    max_items: int | None = None,
    marker: str | None = None,
) -> Answer:
    """List the users and roles that a report is about, those that tried a service last first.

    Those that are gone are left out. Raises `InvalidInput` for a namespace that neither AWS nor the report has.
    """
    report = find_report(tx, ServiceAccessReport, job_id)
    findings = unpack(report.findings)
    service = next((each for each in findings.services if each.namespace == service_namespace), None)
    if service is None and not is_service(service_namespace):
        raise InvalidInput(f"Service namepace {service_namespace} is either invalid or unsupported.")  # AWS's spelling
    last = {attempt.principal: attempt.at for attempt in service.attempts} if service is not None else {}
    entities = findings.entities if service is not None else ()
    present = [entity for entity_id in entities if (entity := _entity(tx, entity_id)) is not None]
    shown, truncation = cut_report(
        report,
        present,
        member="ENTITIES",
        order=lambda entity: f"{10**11 - last.get(entity.id, 0):012d}/{entity.id}",
        marker=marker,
        max_items=max_items,
    )
    details = [{"EntityInfo": _entity_info(entity), "LastAuthenticated": last.get(entity.id)} for entity in shown]
    return {**_job(report), "EntityDetailsList": details, **truncation}


def _services(
    tx: Transaction, permissions: Permissions, entities: frozenset[str], granularity: str
) -> Iterator[ServiceAccess]:
    """The services that are open, by namespace, with what `entities` tried of them."""
    attempts, own_actions = _attempts(tx, entities)
    for namespace in sorted({*service_namespaces(), *own_actions}):
        names = tuple(sorted(own_actions[namespace])) if namespace in own_actions else action_names(namespace)
        opened = permissions.open_actions(namespace, names)
        first = next(opened, None)
        if first is None:
            continue
        tried = attempts.get(namespace, ())
        yield ServiceAccess(
            namespace,
            _newest(tried, lambda use: use.principal),
            _action_accesses(namespace, (first, *opened), tried) if granularity == ACTION_LEVEL else (),
        )


def _attempts(
    tx: Transaction, entities: frozenset[str]
) -> tuple[Mapping[str, list[ActionUse]], Mapping[str, set[str]]]:
    """What `entities` tried, by service; and the actions that anybody in the account tried of services of its own."""
    by_service: defaultdict[str, list[ActionUse]] = defaultdict(list)
    own_actions: defaultdict[str, set[str]] = defaultdict(set)
    for use in tx.surroundings.uses.action_uses(tx.account):
        if use.at <= tx.now - TRACKING_PERIOD:
            continue
        if use.principal in entities:
            by_service[use.service].append(use)
        if not is_service(use.service):
            own_actions[use.service].add(use.action)
    return by_service, own_actions


def _action_accesses(
    namespace: str, opened: Iterable[str], tried: Iterable[ActionUse]
) -> tuple[ActionAccess, ...] | None:
    by_action: defaultdict[str, list[ActionUse]] = defaultdict(list)
    for use in tried:
        by_action[use.action.lower()].append(use)
    names = tuple(name for name in opened if _is_tracked(namespace, name))
    if not by_action and names == _tracked(namespace):
        return None
    newest = {name: _newest(by_action.get(name.lower(), ()), lambda _: None) for name in names}
    return tuple(ActionAccess(name, *last) for name, last in newest.items())


def _newest(uses: Iterable[ActionUse], group: Callable[[ActionUse], str | None]) -> tuple[LastAttempt, ...]:
    """The last attempt of each group, newest first."""
    latest: dict[str | None, ActionUse] = {}
    for use in uses:
        known = latest.get(group(use))
        if known is None or (use.at, use.principal) > (known.at, known.principal):
            latest[group(use)] = use
    ordered = sorted(latest.values(), key=lambda use: (-use.at, use.principal))
    return tuple(LastAttempt(use.at, use.principal, use.region) for use in ordered)


def _is_tracked(namespace: str, action: str) -> bool:
    """Can the action be attempted? `iam:PassRole` and its like are permissions only, and AWS lists none of them."""
    return namespace not in OWN_SERVICES or action in load_service(namespace).operations


def _tracked(namespace: str) -> tuple[str, ...]:
    return tuple(name for name in action_names(namespace) if _is_tracked(namespace, name))


def _actions(service: ServiceAccess) -> tuple[ActionAccess, ...]:
    if service.actions is not None:
        return service.actions
    return tuple(ActionAccess(name) for name in _tracked(service.namespace))


def _job(report: ServiceAccessReport) -> dict[str, object]:
    status = JobStatus.COMPLETED if report.failure is None else JobStatus.FAILED
    failure = {"Code": report.failure, "Message": FAILURES[report.failure]} if report.failure is not None else None
    return {
        "JobStatus": status,
        "JobCreationDate": report.created_at,
        "JobCompletionDate": report.created_at,
        "Error": failure,
    }


def _service_element(tx: Transaction, service: ServiceAccess) -> dict[str, object]:
    """The model's `ServiceLastAccessed`."""
    last = service.attempts[0] if service.attempts else None
    return {
        "ServiceName": service_name(service.namespace),
        "ServiceNamespace": service.namespace,
        "LastAuthenticated": last.at if last is not None else None,
        "LastAuthenticatedEntity": _entity_arn(tx, last),
        "LastAuthenticatedRegion": last.region if last is not None else None,
        "TotalAuthenticatedEntities": len(service.attempts),
        "TrackedActionsLastAccessed": [_action_element(tx, action) for action in _actions(service)] or None,
    }


def _action_element(tx: Transaction, action: ActionAccess) -> dict[str, object]:
    """The model's `TrackedActionLastAccessed`."""
    last = action.last
    return {
        "ActionName": action.name,
        "LastAccessedTime": last.at if last is not None else None,
        "LastAccessedEntity": _entity_arn(tx, last),
        "LastAccessedRegion": last.region if last is not None else None,
    }


def _entity_info(entity: User | Role) -> dict[str, object]:
    """The model's `EntityInfo`."""
    return {
        "Arn": str(entity.arn),
        "Name": entity.name,
        "Type": entity.kind.upper(),
        "Id": entity.id,
        "Path": entity.path,
    }


def _entity_arn(tx: Transaction, attempt: LastAttempt | None) -> str | None:
    entity = _entity(tx, attempt.principal) if attempt is not None else None
    return str(entity.arn) if entity is not None else None


def _entity(tx: Transaction, entity_id: str) -> User | Role | None:
    return tx.world.get(User, entity_id) or tx.world.get(Role, entity_id)

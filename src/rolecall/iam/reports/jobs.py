"""Jobs: how a last-accessed report is asked for under one call and read under others.

A report is made before the call that asks for it ends, so no job is ever in progress. What reports tell is said in
`service_last_accessed` and `organizations_access_reports`.
"""

from __future__ import annotations

import itertools
import re
import uuid
from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import TypeVar

from rolecall.decision.principal import IamUser, RootUser
from rolecall.errors import InvalidInput, NoSuchEntity, ValidationError
from rolecall.iam.paging import cut
from rolecall.operations.transaction import Transaction
from rolecall.state.reports import OrganizationsAccessReport, ServiceAccessReport

T = TypeVar("T")
Report = ServiceAccessReport | OrganizationsAccessReport
R = TypeVar("R", ServiceAccessReport, OrganizationsAccessReport)

JOB_LIFETIME = 24 * 60 * 60
"""For how long a report can be read, in seconds. How long AWS keeps them is not documented."""

KEPT_ROOM = 64 << 20
"""Bytes for all reports of an account: above that the oldest can be read no more. Every record is kept in memory, and
whoever may ask for reports could ask without end."""

RECORD_SIZE = 1024
"""Bytes that a report takes besides what it found; also, at most, what one service takes that is not packed."""

MOST_FORGOTTEN = 100
"""So many old reports are removed with a new one at most: others wait for the writer meanwhile."""

_MARKER = re.compile(r"(?P<list>[0-9a-f-]{36}/[A-Z_]+)/(?P<place>.*)")


class JobStatus(StrEnum):
    """How a report ended."""

    COMPLETED = "COMPLETED"
    FAILED = "FAILED"


def new_job_id(tx: Transaction) -> str:
    """The id of a new job."""
    return str(uuid.UUID(int=tx.surroundings.randbits(128), version=4))


def report_owner(tx: Transaction) -> str:
    """Who alone may read what the caller asks for now.

    A user with any of its credentials, sessions of its own included; a session of a role or of a federated user by
    itself (documentation of GenerateServiceLastAccessedDetails; recorded for two sessions of one name).
    """
    match tx.principal:
        case IamUser(user_id=user_id):
            return user_id
        case RootUser(account=account):
            return account
        case _:
            return tx.caller.access_key_id


def find_report(tx: Transaction, kind: type[R], job_id: str) -> R:
    """The caller's own report of that job. Raises `NoSuchEntity`, also for another's and for one that is too old."""
    report = tx.world.get(kind, job_id)
    if report is None or report.account != tx.account or report.owner != report_owner(tx) or is_old(tx, report):
        raise NoSuchEntity(f"Job {job_id} does not exist.")
    return report


def is_old(tx: Transaction, report: Report) -> bool:
    """Can the report be read no more?"""
    return tx.now - report.created_at >= JOB_LIFETIME


def old_reports(tx: Transaction) -> tuple[Report, ...]:
    """Reports of the account that can be removed now: too old, or too many. Looks at all that are: for `prepare`."""
    kinds: tuple[type[Report], ...] = (ServiceAccessReport, OrganizationsAccessReport)
    reports = [report for kind in kinds for report in tx.world.owned(kind, tx.account)]
    reports.sort(key=lambda report: report.created_at, reverse=True)
    sizes = itertools.accumulate(_size(report) for report in reports)
    found = [report for report, size in zip(reports, sizes, strict=True) if is_old(tx, report) or size > KEPT_ROOM]
    return tuple(found[-MOST_FORGOTTEN:])


def forget(tx: Transaction, reports: Iterable[Report]) -> None:
    """Remove reports, unless another call has done so meanwhile."""
    for report in reports:
        if tx.world.get(type(report), report.key) is not None:
            tx.delete(report)


def _size(report: Report) -> int:
    """How many bytes a report takes, roughly and rather too many."""
    if isinstance(report, ServiceAccessReport):
        return RECORD_SIZE + len(report.findings)
    return RECORD_SIZE * (1 + len(report.services))


def cut_report(
    report: Report,
    items: Iterable[T],
    *,
    member: str,
    order: Callable[[T], str],
    weigh: Callable[[T], int] | None = None,
    marker: str | None,
    max_items: int | None,
) -> tuple[list[T], dict[str, object]]:
    """One page of a list in a report, as of `paging.cut`; its markers serve for no other list and no other job.

    Parameters: `member`, a word of capitals for the list.

    Raises `InvalidInput` for a marker of another list or job, `ValidationError` for what is no marker (recorded).
    """
    own = f"{report.job_id}/{member}"
    place = None
    if marker is not None:
        parts = _MARKER.fullmatch(marker)
        if parts is None:
            raise ValidationError("Invalid Marker.")
        if parts["list"] != own:
            raise InvalidInput("The marker passed in the request was invalid.")
        place = parts["place"]
    shown, truncation = cut(items, order=order, weigh=weigh, marker=place, max_items=max_items)
    if "Marker" in truncation:
        truncation["Marker"] = f"{own}/{truncation['Marker']}"
    return shown, truncation

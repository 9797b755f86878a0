"""The credential report: which users there are and what credentials they have, as CSV.

A report is made when it is asked for, stored, and shown for four hours. Columns and values: identities.md §13 and the
IAM user guide, "Generate credential reports"; where they differ, AWS's answers recorded in September 2026
(radkawar/stackd, testdata/aws/iam/credential_report.json).
"""

from __future__ import annotations

import csv
import io
import zlib
from collections.abc import Iterator, Sequence

from rolecall.errors import ReportExpired, ReportNotPresent
from rolecall.iam.find import find_account
from rolecall.iam.passwords import expires_at
from rolecall.iam.registry import operation
from rolecall.names.arn import root_arn
from rolecall.operations.registry import Answer, on_account
from rolecall.operations.transaction import Transaction
from rolecall.state.credentials import AccessKey, LoginProfile, MfaDevice, SigningCertificate
from rolecall.state.entities import User
from rolecall.state.gather import iso_time
from rolecall.state.reports import CredentialReport

LIFETIME = 4 * 60 * 60
"""For how long a report is shown and not made anew, in seconds."""


ROOT_NAME = "<root_account>"
NOT_APPLICABLE, NO_INFORMATION, NOT_SUPPORTED = "N/A", "no_information", "not_supported"
SLOTS = 2
"""So many access keys and certificates of a user have columns; quotas allow no more."""

COLUMNS = (
    "user",
    "arn",
    "user_creation_time",
    "password_enabled",
    "password_last_used",
    "password_last_changed",
    "password_next_rotation",
    "mfa_active",
    *(
        f"access_key_{slot}_{column}"
        for slot in range(1, SLOTS + 1)
        for column in ("active", "last_rotated", "last_used_date", "last_used_region", "last_used_service")
    ),
    *(f"cert_{slot}_{column}" for slot in range(1, SLOTS + 1) for column in ("active", "last_rotated")),
)

STARTED = "No report exists. Starting a new report generation task"
UNKNOWN = "Unknown"
"""All that AWS says when there is no report (recorded)."""


def _prepare(tx: Transaction) -> bytes | None:
    """The content of a new report, compressed; None if there is a fresh one."""
    if _is_fresh(tx, tx.world.get(CredentialReport, tx.account)):
        return None
    lines = io.StringIO()
    csv.writer(lines, lineterminator="\n").writerows((COLUMNS, *_rows(tx)))
    return zlib.compress(lines.getvalue().removesuffix("\n").encode())


@operation(
    "GenerateCredentialReport",
    access=on_account,
    writes=True,
    prepare=_prepare,
    differs="The report is there when the call that answers `STARTED` returns.",
)
def generate_credential_report(tx: Transaction) -> Answer:
    """Make a report unless there is a fresh one. It is complete when the call returns, and the next call says so."""
    known = tx.world.get(CredentialReport, tx.account)
    if _is_fresh(tx, known):
        return {"State": "COMPLETE"}
    content = tx.prepared
    assert isinstance(content, bytes)  # a report that was fresh a moment ago, at this same time, still is
    tx.put(CredentialReport(account=tx.account, generated_at=tx.now, content=content))
    return {"State": "STARTED", "Description": STARTED if known is None else None}


@operation("GetCredentialReport", access=on_account, is_slow=True)
def get_credential_report(tx: Transaction) -> Answer:
    """Tell the newest report. Raises `ReportNotPresent` if there is none, `ReportExpired` if it is too old."""
    report = tx.world.get(CredentialReport, tx.account)
    if report is None:
        raise ReportNotPresent(UNKNOWN)
    if not _is_fresh(tx, report):
        raise ReportExpired(UNKNOWN)
    return {
        "Content": zlib.decompress(report.content),
        "ReportFormat": "text/csv",
        "GeneratedTime": report.generated_at,
    }


def _is_fresh(tx: Transaction, report: CredentialReport | None) -> bool:
    return report is not None and tx.now - report.generated_at <= LIFETIME


def _rows(tx: Transaction) -> Iterator[Sequence[str]]:
    """The root user's row, then those of the users by name, whatever the case of its letters."""
    account = find_account(tx)
    yield (ROOT_NAME, str(root_arn(tx.account)), iso_time(account.created_at), *_credentials(tx, None))
    for user in sorted(tx.world.owned(User, tx.account), key=lambda user: user.name.lower()):
        yield (user.name, str(user.arn), iso_time(user.created_at), *_credentials(tx, user))


def _credentials(tx: Transaction, user: User | None) -> Iterator[str]:
    """The columns from `password_enabled` on; None stands for the root user."""
    user_id = user.id if user is not None else None
    yield from _password(tx, user)
    yield _flag(bool(tx.world.of_user(MfaDevice, tx.account, user_id)))
    keys = sorted(tx.world.of_user(AccessKey, tx.account, user_id), key=lambda key: key.access_key_id)
    for slot in range(SLOTS):
        yield from _access_key(tx, keys[slot] if slot < len(keys) else None)
    # Of two certificates AWS shows the inactive one first (recorded); the rest of the order is a guess.
    certificates = sorted(
        tx.world.of_user(SigningCertificate, tx.account, user_id),
        key=lambda certificate: (certificate.is_active, certificate.uploaded_at, certificate.certificate_id),
    )
    for slot in range(SLOTS):
        yield from _certificate(certificates[slot] if slot < len(certificates) else None)


def _password(tx: Transaction, user: User | None) -> tuple[str, str, str, str]:
    profiles = tx.world.of_user(LoginProfile, tx.account, user.id if user is not None else None)
    if not profiles:
        return ("false", NOT_APPLICABLE, NOT_APPLICABLE, NOT_APPLICABLE if user is not None else NOT_SUPPORTED)
    (profile,) = profiles
    last_used = user.password_last_used if user is not None else None
    return (
        "true",
        iso_time(last_used) if last_used is not None else NO_INFORMATION,
        iso_time(profile.changed_at),
        _next_rotation(tx, profile) if user is not None else NOT_SUPPORTED,
    )


def _next_rotation(tx: Transaction, profile: LoginProfile) -> str:
    end = expires_at(profile, find_account(tx).password_policy)
    return iso_time(end) if end is not None else NOT_APPLICABLE


def _access_key(tx: Transaction, key: AccessKey | None) -> tuple[str, ...]:
    if key is None:
        return ("false", *[NOT_APPLICABLE] * 4)
    use = tx.surroundings.uses.last_use(AccessKey, key.access_key_id)
    used = (iso_time(use.at), use.region, use.service) if use is not None else [NOT_APPLICABLE] * 3
    return (_flag(key.is_active), iso_time(key.created_at), *used)


def _certificate(certificate: SigningCertificate | None) -> tuple[str, str]:
    if certificate is None:
        return ("false", NOT_APPLICABLE)
    return (_flag(certificate.is_active), iso_time(certificate.uploaded_at))


def _flag(value: bool) -> str:
    return "true" if value else "false"

"""Evidence for credential reports."""

from __future__ import annotations

import time
import zlib

from api.evidence.families import Caller, ErrorCase, Family
from rolecall.names.arn import AccountId
from rolecall.state.reports import CredentialReport


def tour(caller: Caller) -> None:
    assert caller.iam.generate_credential_report()["State"] == "STARTED"
    assert caller.iam.generate_credential_report()["State"] == "COMPLETE"
    assert b"<root_account>," in caller.iam.get_credential_report()["Content"]


def read_a_report_of_this_morning(caller: Caller) -> None:
    account, five_hours_ago = AccountId(caller.account_id), int(time.time()) - 5 * 60 * 60
    caller.put(CredentialReport(account=account, generated_at=five_hours_ago, content=zlib.compress(b"user")))
    caller.iam.get_credential_report()


FAMILY = Family(
    operations=frozenset({"GenerateCredentialReport", "GetCredentialReport"}),
    tour=tour,
    errors=(
        ErrorCase("GetCredentialReport", "ReportNotPresent", lambda caller: caller.iam.get_credential_report()),
        ErrorCase("GetCredentialReport", "ReportExpired", read_a_report_of_this_morning),
    ),
    unreachable={
        ("GenerateCredentialReport", "LimitExceeded"): "a fresh report is shown again instead of making too many",
        ("GetCredentialReport", "ReportInProgress"): "a report is there when the call that starts it returns",
    },
)

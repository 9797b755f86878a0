"""GenerateCredentialReport and GetCredentialReport."""

from __future__ import annotations

import csv
import io

import pytest

from iam.harness import ACCOUNT, NOW, Iam, Server
from rolecall.errors import ReportExpired
from rolecall.iam.reports.credential_reports import COLUMNS, LIFETIME
from rolecall.state.credentials import AccessKey, LoginProfile, MfaDevice, SigningCertificate
from rolecall.state.entities import PasswordPolicy, User

ISO = "2023-11-14T22:13:20Z"
"""The harness's time."""


def rows(iam: Iam) -> list[dict[str, str]]:
    """The rows of a new report."""
    assert iam("GenerateCredentialReport")["State"] == "STARTED"
    return list(csv.DictReader(io.StringIO(iam("GetCredentialReport")["Content"].decode())))


def row(iam: Iam, name: str) -> dict[str, str]:
    (found,) = [each for each in rows(iam) if each["user"] == name]
    return found


def of(found: dict[str, str], prefix: str) -> dict[str, str]:
    """The columns that begin with `prefix`, without it."""
    return {column.removeprefix(prefix): value for column, value in found.items() if column.startswith(prefix)}


@pytest.fixture
def bob(iam: Iam) -> User:
    iam("CreateUser", user_name="bob", path="/staff/")
    user = iam.server.world.named(User, ACCOUNT, "bob")
    assert user is not None
    return user


def test_the_first_call_starts_a_report_and_the_next_finds_it_complete(iam: Iam) -> None:
    assert iam("GenerateCredentialReport") == {
        "State": "STARTED",
        "Description": "No report exists. Starting a new report generation task",
    }
    assert iam("GenerateCredentialReport") == {"State": "COMPLETE"}
    report = iam("GetCredentialReport")
    assert (report["ReportFormat"], report["GeneratedTime"]) == ("text/csv", NOW)


def test_the_columns_are_those_that_aws_shows(iam: Iam) -> None:
    # Recorded: radkawar/stackd, testdata/aws/iam/credential_report.json, case completed_report.
    header = (
        "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,password_next_rotation,"
        "mfa_active,access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,"
        "access_key_1_last_used_region,access_key_1_last_used_service,access_key_2_active,access_key_2_last_rotated,"
        "access_key_2_last_used_date,access_key_2_last_used_region,access_key_2_last_used_service,cert_1_active,"
        "cert_1_last_rotated,cert_2_active,cert_2_last_rotated"
    )
    assert ",".join(COLUMNS) == header
    iam("GenerateCredentialReport")
    content = iam("GetCredentialReport")["Content"].decode()
    assert content.startswith(header + "\n<root_account>,")
    assert "\r" not in content
    assert not content.endswith("\n")


def test_root_comes_first_and_users_by_name_whatever_its_case(iam: Iam) -> None:
    for name in ("Zoe", "bob", "Anna", "carl"):
        iam("CreateUser", user_name=name)
    assert [each["user"] for each in rows(iam)] == ["<root_account>", "Anna", "bob", "carl", "Zoe"]


def test_a_user_without_credentials(iam: Iam, bob: User) -> None:
    # Recorded: the row of z-bare.
    found = row(iam, "bob")
    assert list(found.values()) == [
        "bob", f"arn:aws:iam::{ACCOUNT}:user/staff/bob", ISO,
        "false", "N/A", "N/A", "N/A", "false",
        "false", "N/A", "N/A", "N/A", "N/A", "false", "N/A", "N/A", "N/A", "N/A",
        "false", "N/A", "false", "N/A",
    ]  # fmt: skip


def test_a_password_that_was_never_used_has_no_information(iam: Iam, bob: User) -> None:
    iam.put(LoginProfile(account=ACCOUNT, user_id=bob.id, password_hash="", created_at=NOW - 9, changed_at=NOW))
    assert of(row(iam, "bob"), "password_") == {
        "enabled": "true",
        "last_used": "no_information",
        "last_changed": ISO,
        "next_rotation": "N/A",
    }


def test_a_password_has_to_be_changed_when_the_password_policy_says(iam: Iam, bob: User) -> None:
    account = iam.server.world.accounts()[0]
    policy = PasswordPolicy(maximum_age=90)
    iam.put(type(account)(account=ACCOUNT, created_at=NOW, password_policy=policy))
    iam.put(LoginProfile(account=ACCOUNT, user_id=bob.id, password_hash="", created_at=NOW, changed_at=NOW))
    assert row(iam, "bob")["password_next_rotation"] == "2024-02-12T22:13:20Z"


def test_roots_password_is_told_but_not_when_it_has_to_change(iam: Iam) -> None:
    assert of(row(iam, "<root_account>"), "password_") == {
        "enabled": "false",
        "last_used": "N/A",
        "last_changed": "N/A",
        "next_rotation": "not_supported",
    }


def test_only_an_enabled_device_counts(iam: Iam, bob: User) -> None:
    device = {"account": ACCOUNT, "sealed_seed": b"", "created_at": NOW}
    iam.put(MfaDevice(id="1", name="nobody", **device))
    assert row(iam, "bob")["mfa_active"] == "false"
    iam.put(MfaDevice(id="2", name="bobs", user_id=bob.id, enabled_at=NOW, **device))
    iam.server.now += LIFETIME + 1
    assert row(iam, "bob")["mfa_active"] == "true"


def test_access_keys_stand_in_the_order_of_their_ids_with_their_last_use(server: Server, iam: Iam, bob: User) -> None:
    made = {"account": ACCOUNT, "user_id": bob.id, "sealed_secret": b"", "created_at": NOW}
    iam.put(AccessKey(access_key_id="AKIAB", **made))
    iam.put(AccessKey(access_key_id="AKIAA", is_active=False, **made))
    server.uses.note(AccessKey, "AKIAB", at=NOW, region="eu-west-1", service="sts")
    found = row(iam, "bob")
    assert of(found, "access_key_1_") == {
        "active": "false",
        "last_rotated": ISO,
        "last_used_date": "N/A",
        "last_used_region": "N/A",
        "last_used_service": "N/A",
    }
    assert of(found, "access_key_2_") == {
        "active": "true",
        "last_rotated": ISO,
        "last_used_date": ISO,
        "last_used_region": "eu-west-1",
        "last_used_service": "sts",
    }


def test_of_two_certificates_the_inactive_one_comes_first(iam: Iam, bob: User) -> None:
    # Recorded: the row of g-certs-new-inactive.
    made = {"account": ACCOUNT, "user_id": bob.id, "body": "", "fingerprint": ""}
    iam.put(SigningCertificate(certificate_id="OLD", uploaded_at=NOW - 1, **made))
    iam.put(SigningCertificate(certificate_id="NEW", uploaded_at=NOW, is_active=False, **made))
    found = row(iam, "bob")
    assert (of(found, "cert_1_"), of(found, "cert_2_")) == (
        {"active": "false", "last_rotated": ISO},
        {"active": "true", "last_rotated": "2023-11-14T22:13:19Z"},
    )


def test_a_report_stays_as_it_was_for_four_hours(iam: Iam) -> None:
    before = rows(iam)
    iam("CreateUser", user_name="late")
    iam.server.now += LIFETIME
    assert iam("GenerateCredentialReport") == {"State": "COMPLETE"}
    assert list(csv.DictReader(io.StringIO(iam("GetCredentialReport")["Content"].decode()))) == before


def test_after_four_hours_the_report_has_expired_and_a_new_one_is_made(iam: Iam) -> None:
    rows(iam)
    iam("CreateUser", user_name="late")
    iam.server.now += LIFETIME + 1
    with pytest.raises(ReportExpired, match="Unknown"):
        iam("GetCredentialReport")
    assert iam("GenerateCredentialReport") == {"State": "STARTED", "Description": None}
    assert b"late" in iam("GetCredentialReport")["Content"]


def test_accounts_have_reports_of_their_own(server: Server, iam: Iam) -> None:
    rows(iam)
    other = server.account("999999999999")
    other("CreateUser", user_name="theirs")
    assert [each["user"] for each in rows(other)] == ["<root_account>", "theirs"]
    assert b"theirs" not in iam("GetCredentialReport")["Content"]


def test_reports_are_asked_for_on_no_resource(iam: Iam) -> None:
    assert iam.resources("GenerateCredentialReport") == iam.resources("GetCredentialReport") == ["*"]

"""MFA through boto3 against a running server: what a code opens, what is shut without one, and that it counts once."""

from __future__ import annotations

import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from api.refusals import denied, refused
from api.sessions import allow, assume, make_role, trusting
from serving import ROOT_KEY, ROOT_SECRET, Keys, keys_of, start_server
from totp import Authenticator, step_now

WRONG = "MultiFactorAuthentication failed with invalid MFA one time pass code. "
NOT_THE_CALLERS = (
    "MultiFactorAuthentication failed, unable to validate MFA code.  "
    "Please verify your MFA serial number is valid and associated with this user."
)
NOT_WITHOUT_MFA = (
    "To complete this action, please ensure that you are authenticated with an MFA device that is enabled "
    "for this user."
)
INVALID_TOKEN = "The security token included in the request is invalid."
WITH_MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}


def enable(account: Any, user: str, name: str = "phone", iam: Any = None) -> tuple[str, Authenticator]:
    """Give a user a device; gives its serial number. The next code to be used is that of the step after now."""
    made = account.iam.create_virtual_mfa_device(VirtualMFADeviceName=name)["VirtualMFADevice"]
    app, now = Authenticator(made["Base32StringSeed"]), step_now()
    (iam or account.iam).enable_mfa_device(
        UserName=user,
        SerialNumber=made["SerialNumber"],
        AuthenticationCode1=app.code(now - 1),
        AuthenticationCode2=app.code(now),
    )
    return made["SerialNumber"], app


def mfa(serial: str, app: Authenticator) -> dict[str, str]:
    """The MFA parameters of a call. The code is one step early, since that of now enabled the device."""
    return {"SerialNumber": serial, "TokenCode": app.code(step_now() + 1)}


def iam_of(account: Any, keys: Keys) -> Any:
    return account.server.client("iam", keys)


def test_a_session_with_mfa_may_call_iam_and_one_without_may_not(account):
    bob = account.user("bob", {"Effect": "Allow", "Action": "iam:ListUsers", "Resource": "*"})
    device = enable(account, "bob")
    without = keys_of(bob.sts.get_session_token()["Credentials"])
    with refused("InvalidClientTokenId", 403, INVALID_TOKEN):
        iam_of(account, without).list_users()
    keys = keys_of(bob.sts.get_session_token(**mfa(*device))["Credentials"])
    assert [user["UserName"] for user in iam_of(account, keys).list_users()["Users"]] == ["bob"]


def test_policies_ask_whether_and_when_mfa_was_used(account):
    every = {"Effect": "Allow", "Resource": "*"}
    bob = account.user(
        "bob",
        {**every, "Action": "iam:ListUsers", "Condition": WITH_MFA},
        {**every, "Action": "iam:ListRoles", "Condition": {"NumericLessThan": {"aws:MultiFactorAuthAge": "300"}}},
        {**every, "Action": "iam:ListGroups", "Condition": {"NumericLessThan": {"aws:MultiFactorAuthAge": "0"}}},
        {"Effect": "Deny", "Action": "iam:ListPolicies", "Resource": "*", "Condition": WITH_MFA},
        {**every, "Action": "iam:ListPolicies"},
    )
    device = enable(account, "bob")
    iam = iam_of(account, keys_of(bob.sts.get_session_token(**mfa(*device))["Credentials"]))
    iam.list_users()
    iam.list_roles()
    with denied("iam:ListGroups"):
        iam.list_groups()
    with denied("with an explicit deny in an identity-based policy"):
        iam.list_policies()
    bob.iam.list_policies()
    for call in (bob.iam.list_users, bob.iam.list_roles):
        with denied("because no identity-based policy allows"):
            call()


def test_a_trust_policy_that_wants_mfa_lets_in_who_has_it(account):
    bob = account.user("bob")
    recent = {**WITH_MFA, "NumericLessThan": {"aws:MultiFactorAuthAge": "300"}}
    role = make_role(account, "ops", trusting(bob.arn, Condition=recent))
    with denied("because no role trust policy allows the sts:AssumeRole action"):
        assume(bob.sts, role)
    by_code = assume(bob.sts, role, **mfa(*enable(account, "bob")))
    assert by_code.session_token
    session = keys_of(bob.sts.get_session_token(**mfa(*enable(account, "bob", "tablet")))["Credentials"])
    assert assume(account.server.client("sts", session), role).session_token


def test_a_trust_policy_of_another_account_can_want_mfa(account, new_account):
    partner = new_account()
    bob = account.user("bob", {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"})
    role = make_role(partner, "ops", trusting(account.id, Condition=WITH_MFA))
    device = enable(account, "bob")
    with denied():
        assume(bob.sts, role)
    assert assume(bob.sts, role, **mfa(*device)).session_token


def test_the_session_of_a_role_knows_nothing_of_mfa(account):
    bob = account.user("bob")
    role = make_role(account, "ops", trusting(bob.arn))
    allow(account, "ops", {"Effect": "Allow", "Action": "iam:ListUsers", "Resource": "*", "Condition": WITH_MFA})
    keys = assume(bob.sts, role, **mfa(*enable(account, "bob")))
    with denied("because no identity-based policy allows the iam:ListUsers action"):
        iam_of(account, keys).list_users()


def test_a_code_opens_one_session_whatever_the_call(account):
    bob = account.user("bob")
    role = make_role(account, "ops", trusting(bob.arn))
    used = mfa(*enable(account, "bob"))
    bob.sts.get_session_token(**used)
    with refused("AccessDenied", 403, WRONG):
        bob.sts.get_session_token(**used)
    with refused("AccessDenied", 403, WRONG):
        assume(bob.sts, role, **used)


def test_a_code_that_one_process_took_counts_in_no_other(tmp_path: Path):
    first = start_server(tmp_path / "data")
    second = start_server(tmp_path / "data", environment={})
    iam = first.client("iam", Keys(access_key_id=ROOT_KEY, secret_access_key=ROOT_SECRET))
    iam.create_user(UserName="bob")
    bob = keys_of(iam.create_access_key(UserName="bob")["AccessKey"])
    used = mfa(*enable(SimpleNamespace(iam=iam), "bob"))
    first.client("sts", bob).get_session_token(**used)
    with refused("AccessDenied", 403, WRONG):
        second.client("sts", bob).get_session_token(**used)
    assert (first.stop(), second.stop()) == (0, 0)


def test_of_many_who_bring_one_code_at_once_one_is_let_in(account):
    bob = account.user("bob")
    used = mfa(*enable(account, "bob"))
    clients = [bob.sts for _ in range(8)]
    start, outcomes = threading.Barrier(len(clients)), []

    def call(sts: Any) -> None:
        start.wait()
        try:
            sts.get_session_token(**used)
        except ClientError as error:
            outcomes.append(error.response["Error"]["Message"])
        else:
            outcomes.append("let in")

    threads = [threading.Thread(target=call, args=(sts,)) for sts in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == sorted(["let in", *[WRONG] * 7])


def test_a_wrong_code_is_refused_before_the_role_is_looked_at(account):
    bob = account.user("bob")
    serial, app = enable(account, "bob")
    wrong = {"SerialNumber": serial, "TokenCode": app.wrong_code(step_now())}
    with refused("AccessDenied", 403, WRONG):
        bob.sts.get_session_token(**wrong)
    with refused("AccessDenied", 403, WRONG):
        assume(bob.sts, f"arn:aws:iam::{account.id}:role/missing", **wrong)


def test_a_guesser_who_hits_upon_the_code_is_not_told(account):
    bob = account.user("bob")
    serial, app = enable(account, "bob")
    for _ in range(6):
        with refused("AccessDenied", 403, WRONG):
            bob.sts.get_session_token(SerialNumber=serial, TokenCode=app.wrong_code(step_now()))
    with refused("AccessDenied", 403, WRONG):
        bob.sts.get_session_token(**mfa(serial, app))


def test_the_device_of_another_user_or_account_is_refused(account, new_account):
    account.user("eve")
    bob = account.user("bob")
    other = new_account()
    other.user("bob")
    for device in (enable(account, "eve"), enable(other, "bob")):
        with refused("AccessDenied", 403, NOT_THE_CALLERS):
            bob.sts.get_session_token(**mfa(*device))


def test_a_user_sets_up_a_device_alone_and_needs_it_to_change_it(account):
    bob = account.user("bob", {"Effect": "Allow", "Action": "iam:*MFADevice*", "Resource": "*"})
    phone = enable(account, "bob", iam=bob.iam)
    with refused("AccessDenied", 403, NOT_WITHOUT_MFA):
        enable(account, "bob", "tablet", iam=bob.iam)
    with refused("AccessDenied", 403, NOT_WITHOUT_MFA):
        bob.iam.deactivate_mfa_device(SerialNumber=phone[0])
    iam = iam_of(account, keys_of(bob.sts.get_session_token(**mfa(*phone))["Credentials"]))
    enable(account, "bob", "watch", iam=iam)
    iam.deactivate_mfa_device(SerialNumber=phone[0])
    assert [each["SerialNumber"][-5:] for each in bob.iam.list_mfa_devices()["MFADevices"]] == ["watch"]


def test_root_sets_up_a_device_of_its_own(account):
    device = enable(account, account.id)
    assert account.iam.get_account_summary()["SummaryMap"]["AccountMFAEnabled"] == 1
    with refused("AccessDenied", 403, NOT_WITHOUT_MFA):
        account.iam.deactivate_mfa_device(SerialNumber=device[0])
    iam = iam_of(account, keys_of(account.sts.get_session_token(**mfa(*device))["Credentials"]))
    iam.deactivate_mfa_device(SerialNumber=device[0])
    assert account.iam.list_mfa_devices()["MFADevices"] == []


def test_nobody_manages_devices_without_permission(account):
    bob = account.user("bob")
    serial, _ = enable(account, "bob")
    codes = {"AuthenticationCode1": "000000", "AuthenticationCode2": "000001"}
    on_bob = {"UserName": "bob", "SerialNumber": serial}
    for name, parameters, resource in (
        ("create_virtual_mfa_device", {"VirtualMFADeviceName": "more"}, f"arn:aws:iam::{account.id}:mfa/more"),
        ("delete_virtual_mfa_device", {"SerialNumber": serial}, serial),
        ("list_virtual_mfa_devices", {}, f"arn:aws:iam::{account.id}:mfa/"),
        ("enable_mfa_device", {**on_bob, **codes}, "user bob"),
        ("resync_mfa_device", {**on_bob, **codes}, "user bob"),
        ("deactivate_mfa_device", on_bob, "user bob"),
        ("get_mfa_device", on_bob, "user bob"),
        ("list_mfa_devices", {"UserName": "bob"}, "user bob"),
        ("tag_mfa_device", {"SerialNumber": serial, "Tags": [{"Key": "a", "Value": "b"}]}, serial),
        ("untag_mfa_device", {"SerialNumber": serial, "TagKeys": ["a"]}, serial),
        ("list_mfa_device_tags", {"SerialNumber": serial}, serial),
    ):
        with denied(f"on resource: {resource} because no identity-based policy allows"):
            getattr(bob.iam, name)(**parameters)


@pytest.mark.parametrize("page_size", [1, 2, 100])
def test_devices_are_listed_by_pages(account, page_size):
    for name in ("c", "a", "b"):
        account.iam.create_virtual_mfa_device(VirtualMFADeviceName=name)
    pages = account.iam.get_paginator("list_virtual_mfa_devices").paginate(PaginationConfig={"PageSize": page_size})
    assert [each["SerialNumber"][-1] for page in pages for each in page["VirtualMFADevices"]] == ["a", "b", "c"]


def test_a_seed_is_told_once_and_never_logged(account):
    made = account.iam.create_virtual_mfa_device(VirtualMFADeviceName="phone")["VirtualMFADevice"]
    assert made["QRCodePNG"].startswith(b"\x89PNG")
    seed = made["Base32StringSeed"].decode()
    assert len(seed) == 64
    assert not [line for line in (*account.server.log, *account.server.output) if seed in line]
    (listed,) = account.iam.list_virtual_mfa_devices()["VirtualMFADevices"]
    assert set(listed) == {"SerialNumber"}

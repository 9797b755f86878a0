"""Who is calling? Every call that was not signed by a living key, just so and just now, is refused in AWS's own words.

Session tokens have a file of their own. What a signature must look like is in tests/sigv4; here are its consequences.
"""

from __future__ import annotations

import time
from dataclasses import replace
from urllib.parse import urlencode

import pytest

from api.refusals import refused
from api.wire_calls import WHO_AM_I, Call, form, presigned, send, signed, timestamp
from botocore_values import MODELS, OPERATIONS
from serving import Keys

MISMATCH = (
    403,
    "SignatureDoesNotMatch",
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key "
    "and signing method. Consult the service documentation for details.",
)
INVALID = (403, "InvalidClientTokenId", "The security token included in the request is invalid.")
SIGNED_OPERATIONS = [
    (service, name)
    for service, name in OPERATIONS
    if MODELS[service].operation_model(name).auth_type != "none"  # AssumeRoleWithSAML and its like
]


def test_a_call_signed_in_its_header_or_in_its_query_is_answered(account):
    assert send(account.server, signed(account.server, account.root, WHO_AM_I)).status == 200
    assert send(account.server, presigned(account.server, account.root, WHO_AM_I)).status == 200
    with_query = signed(account.server, account.root, WHO_AM_I, target="/some/path?other=1")
    assert send(account.server, with_query).status == 200


def test_a_wrong_secret_is_refused(account):
    keys = replace(account.root, secret_access_key="wrong" + account.root.secret_access_key)
    assert send(account.server, signed(account.server, keys, WHO_AM_I)).refusal == MISMATCH
    assert send(account.server, presigned(account.server, keys, WHO_AM_I)).refusal == MISMATCH


@pytest.mark.parametrize(
    "alter",
    [
        pytest.param(lambda call: replace(call, body=call.body + b"&Extra=1"), id="body"),
        pytest.param(lambda call: replace(call, target="/other"), id="path"),
        pytest.param(lambda call: replace(call, target="/?PathPrefix=%2F"), id="query"),
        pytest.param(lambda call: replace(call, method="GET"), id="method"),
        pytest.param(lambda call: call.with_header("Host", "iam.example.com"), id="host"),
        pytest.param(lambda call: call.with_header("Content-Type", "text/plain"), id="content type"),
        pytest.param(
            lambda call: call.with_header("Authorization", call.header("Authorization")[:-1] + "x"), id="signature"
        ),
    ],
)
def test_a_call_altered_after_it_was_signed_is_refused(account, alter):
    call = signed(account.server, account.root, form("DeleteUser", "iam", UserName="bob"), service="iam")
    altered = alter(call)
    assert altered != call
    assert send(account.server, altered).refusal == MISMATCH


@pytest.mark.parametrize(
    "alter",
    [
        pytest.param(lambda call: replace(call, target=call.target.replace("bob", "eve")), id="parameter"),
        pytest.param(lambda call: replace(call, target=call.target + "&PathPrefix=%2F"), id="another parameter"),
        pytest.param(lambda call: replace(call, target="/other" + call.target[1:]), id="path"),
        pytest.param(lambda call: replace(call, target=call.target.replace("Expires=60", "Expires=600")), id="expiry"),
        pytest.param(lambda call: replace(call, body=b"PathPrefix=%2F"), id="body"),
        pytest.param(lambda call: replace(call, method="POST"), id="method"),
    ],
)
def test_a_presigned_url_altered_after_it_was_signed_is_refused(account, alter):
    call = presigned(account.server, account.root, form("GetUser", "iam", UserName="bob"), service="iam")
    assert send(account.server, call).refusal[1] == "NoSuchEntity"
    altered = alter(call)
    assert altered != call
    assert send(account.server, altered).refusal == MISMATCH


@pytest.mark.parametrize("minutes", [-16, 16])
def test_a_clock_more_than_fifteen_minutes_off_is_named_as_the_reason(account, minutes):
    now = int(time.time())
    at = now + 60 * minutes
    status, code, message = send(account.server, signed(account.server, account.root, WHO_AM_I, at=at)).refusal
    assert (status, code) == (403, "SignatureDoesNotMatch")
    # The server looks at its clock some seconds later.
    expected = [
        f"Signature expired: {timestamp(at)} is now earlier than {timestamp(then - 900)} ({timestamp(then)} - 15 min.)"
        if minutes < 0
        else f"Signature not yet current: {timestamp(at)} is still later than {timestamp(then + 900)}"
        f" ({timestamp(then)} + 15 min.)"
        for then in range(now, now + 60)
    ]
    assert message in expected


@pytest.mark.parametrize("minutes", [-14, 14])
def test_a_clock_less_than_fifteen_minutes_off_will_do(account, minutes):
    at = time.time() + 60 * minutes
    call = signed(account.server, account.root, WHO_AM_I, at=at)
    reply = send(account.server, call)
    assert reply.status == 200, reply.body


def test_a_presigned_url_ends_when_it_says(account):
    now = time.time()
    call = presigned(account.server, account.root, WHO_AM_I, at=now - 120, expires=60)
    assert send(account.server, call).refusal == (400, "RequestExpired", "Request has expired.")
    call = presigned(account.server, account.root, WHO_AM_I, at=now - 120, expires=600)
    assert send(account.server, call).status == 200


def test_a_presigned_url_that_asks_for_a_week_ends_with_the_clock_window(account):
    call = presigned(account.server, account.root, WHO_AM_I, at=time.time() - 1000, expires=604_800)
    status, code, message = send(account.server, call).refusal
    assert (status, code) == (403, "SignatureDoesNotMatch")
    assert message.startswith("Signature expired: ")


@pytest.mark.parametrize(
    ("service", "region", "message"),
    [
        ("s3", "us-east-1", "Credential should be scoped to correct service: 'iam'."),
        ("iam", "eu-west-1", "Credential should be scoped to a valid region, not 'eu-west-1'."),
        (
            "s3",
            "eu-west-1",
            "Credential should be scoped to a valid region, not 'eu-west-1'. "
            "Credential should be scoped to correct service: 'iam'.",
        ),
    ],
)
def test_a_signature_for_another_service_or_region_is_refused(account, service, region, message):
    call = signed(account.server, account.root, form("ListUsers", "iam"), service=service, region=region)
    assert send(account.server, call).refusal == (403, "SignatureDoesNotMatch", message)


def test_sts_takes_a_signature_of_any_region(account):
    call = signed(account.server, account.root, WHO_AM_I, region="eu-west-1")
    assert send(account.server, call).status == 200


def test_a_signature_for_one_service_opens_no_operation_of_the_other(account):
    call = signed(account.server, account.root, form("ListUsers", "iam"), service="sts")
    assert send(account.server, call).refusal == (
        400,
        "InvalidAction",
        "Could not find operation ListUsers for version 2010-05-08",
    )


def test_a_key_that_nobody_has_is_refused(account):
    keys = Keys(access_key_id="AKIAQQQQQQQQQQQQQQQQ", secret_access_key="x" * 40)
    assert send(account.server, signed(account.server, keys, WHO_AM_I)).refusal == INVALID


def test_an_inactive_key_is_refused_whether_or_not_its_secret_is_right(account):
    bob = account.user("bob")
    account.iam.update_access_key(UserName="bob", AccessKeyId=bob.keys.access_key_id, Status="Inactive")
    for keys in (bob.keys, replace(bob.keys, secret_access_key="x" * 40)):
        assert send(account.server, signed(account.server, keys, WHO_AM_I)).refusal == INVALID


def test_the_key_of_a_deleted_user_stays_refused_when_the_name_comes_back(account):
    old = account.user("bob")
    account.iam.delete_access_key(UserName="bob", AccessKeyId=old.keys.access_key_id)
    account.iam.delete_user(UserName="bob")
    assert send(account.server, signed(account.server, old.keys, WHO_AM_I)).refusal == INVALID
    new = account.user("bob")
    assert send(account.server, signed(account.server, old.keys, WHO_AM_I)).refusal == INVALID
    assert new.sts.get_caller_identity()["Arn"] == new.arn


def test_a_key_works_in_its_own_account_only(new_account):
    ann, bob = new_account().user("worker"), new_account().user("worker")
    swapped = replace(ann.keys, secret_access_key=bob.keys.secret_access_key)
    assert send(ann.account.server, signed(ann.account.server, swapped, WHO_AM_I)).refusal == MISMATCH
    assert ann.sts.get_caller_identity()["Account"] == ann.account.id


@pytest.mark.parametrize(("service", "name"), SIGNED_OPERATIONS)
def test_no_operation_is_answered_without_a_signature(server, service, name):
    call = Call(headers=(("Host", "x"),), body=urlencode(form(name, service)).encode())
    assert send(server, call).refusal == (
        403,
        "MissingAuthenticationToken",
        "Request is missing Authentication Token",
    )


@pytest.mark.parametrize(
    ("query", "refusal"),
    [
        ("", (400, "MissingAction", "Missing Action")),
        ("Version=2010-05-08", (400, "MissingAction", "Missing Action")),
        (
            "Action=Fly&Version=2010-05-08",
            (400, "InvalidAction", "Could not find operation Fly for version 2010-05-08"),
        ),
        (
            "Action=ListUsers",
            (400, "InvalidAction", "Could not find operation ListUsers for version NO_VERSION_SPECIFIED"),
        ),
        (
            "Action=ListUsers&Version=2011-06-15",
            (400, "InvalidAction", "Could not find operation ListUsers for version 2011-06-15"),
        ),
    ],
)
def test_a_call_that_names_no_operation_is_told_so_without_a_signature(server, query, refusal):
    call = Call(method="GET", target=f"/?{query}", headers=(("Host", "x"),))
    assert send(server, call).refusal == refusal


def test_credentials_in_both_header_and_query_are_refused(account):
    in_query = presigned(account.server, account.root, WHO_AM_I)
    in_header = signed(account.server, account.root, b"", target=in_query.target)
    assert send(account.server, in_header).refusal[:2] == (400, "IncompleteSignature")


@pytest.mark.parametrize("authorization", ["Bearer abc", "Basic dXNlcjpwYXNz", "AWS key:signature"])
def test_another_scheme_is_refused(account, authorization):
    call = signed(account.server, account.root, WHO_AM_I).with_header("Authorization", authorization)
    status, code, message = send(account.server, call).refusal
    assert (status, code) == (400, "IncompleteSignature")
    assert message.startswith("Authorization header requires 'Credential' parameter.")
    assert authorization.split()[1] not in message


def test_boto3_shows_the_codes_as_they_are(account):
    with refused("InvalidClientTokenId", 403, INVALID[2]):
        account.client("iam", "AKIAQQQQQQQQQQQQQQQQ", "x" * 40).list_users()
    with refused("SignatureDoesNotMatch", 403, MISMATCH[2]):
        account.client("iam", account.root.access_key_id, "x" * 40).list_users()

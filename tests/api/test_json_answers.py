"""`Accept: application/json`: the same answers, success and error, as JSON (wire.md §1)."""

from __future__ import annotations

import json
import time

import pytest

from api.wire_calls import WHO_AM_I, Call, Reply, form, send, signed


def ask(account, parameters: dict[str, str], service: str = "iam", accept: str = "application/json") -> Reply:
    return send(
        account.server,
        signed(account.server, account.root, parameters, service=service, headers={"Accept": accept}),
    )


def test_an_answer_is_wrapped_as_in_xml(account):
    reply = ask(account, WHO_AM_I, "sts")
    assert (reply.status, reply.headers["content-type"]) == (200, "application/json")
    assert json.loads(reply.body) == {
        "GetCallerIdentityResponse": {
            "GetCallerIdentityResult": {
                "Account": account.id,
                "Arn": f"arn:aws:iam::{account.id}:root",
                "UserId": account.id,
            },
            "ResponseMetadata": {"RequestId": reply.headers["x-amzn-requestid"]},
        }
    }


def test_times_are_numbers_and_lists_are_lists(account):
    before = int(time.time())
    account.iam.create_user(UserName="bob", Tags=[{"Key": "team", "Value": "storage"}])
    user = json.loads(ask(account, form("GetUser", "iam", UserName="bob")).body)["GetUserResponse"]["GetUserResult"][
        "User"
    ]
    assert user["UserName"] == "bob"
    assert user["Tags"] == [{"Key": "team", "Value": "storage"}]
    assert before <= user["CreateDate"] <= time.time()
    listed = json.loads(ask(account, form("ListGroups", "iam")).body)["ListGroupsResponse"]["ListGroupsResult"]
    assert listed == {"Groups": [], "IsTruncated": False}


def test_an_operation_without_output_has_metadata_alone(account):
    account.iam.create_user(UserName="bob")
    reply = ask(account, form("DeleteUser", "iam", UserName="bob"))
    assert json.loads(reply.body) == {
        "DeleteUserResponse": {"ResponseMetadata": {"RequestId": reply.headers["x-amzn-requestid"]}}
    }


@pytest.mark.parametrize(
    ("parameters", "status", "code", "message"),
    [
        (form("GetUser", "iam", UserName="eve"), 404, "NoSuchEntity", "The user with name eve cannot be found."),
        (
            form("Fly", "iam"),
            400,
            "InvalidAction",
            "Could not find operation Fly for version 2010-05-08",
        ),
        ({}, 400, "MissingAction", "Missing Action"),
        (
            form("CreateUser", "iam"),
            400,
            "ValidationError",
            "1 validation error detected: Value at 'userName' failed to satisfy constraint: Member must not be null",
        ),
    ],
)
def test_an_error_is_told_in_json_too(account, parameters, status, code, message):
    reply = ask(account, parameters)
    assert (reply.status, reply.headers["content-type"]) == (status, "application/json")
    assert json.loads(reply.body) == {
        "Error": {"Code": code, "Message": message, "Type": "Sender"},
        "RequestId": reply.headers["x-amzn-requestid"],
    }


def test_a_refused_signature_is_told_in_json_too(server):
    call = Call(
        method="GET",
        target="/?Action=ListUsers&Version=2010-05-08",
        headers=(("Host", "x"), ("Accept", "application/json")),
    )
    assert json.loads(send(server, call).body)["Error"] == {
        "Code": "MissingAuthenticationToken",
        "Message": "Request is missing Authentication Token",
        "Type": "Sender",
    }


def test_text_of_any_kind_survives(account):
    account.iam.create_policy(
        PolicyName="odd",
        PolicyDocument='{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}',
        Description='quotes " and \\ and é <&>',
    )
    arn = f"arn:aws:iam::{account.id}:policy/odd"
    answer = json.loads(ask(account, form("GetPolicy", "iam", PolicyArn=arn)).body)
    assert answer["GetPolicyResponse"]["GetPolicyResult"]["Policy"]["Description"] == 'quotes " and \\ and é <&>'


@pytest.mark.parametrize("accept", ["application/json, text/plain", "application/json;q=0.9"])
def test_json_may_be_asked_for_with_more_words(account, accept):
    assert ask(account, WHO_AM_I, "sts", accept).headers["content-type"] == "application/json"


@pytest.mark.parametrize("accept", ["*/*", "text/xml", "application/jsonp", ""])
def test_everyone_else_gets_xml(account, accept):
    reply = ask(account, WHO_AM_I, "sts", accept)
    assert reply.headers["content-type"] == "text/xml"
    assert reply.body.startswith(b"<GetCallerIdentityResponse")

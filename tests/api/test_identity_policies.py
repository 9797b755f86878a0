"""Inline and attached policies through boto3 against a running server: written, read, and in force."""

from __future__ import annotations

import json

import pytest

from api.refusals import refused

DOCUMENT = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "iam:List*", "Resource": "*"}]}
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
READ_ONLY = "arn:aws:iam::aws:policy/IAMReadOnlyAccess"


@pytest.fixture(params=["user", "group", "role"])
def holder(account, request):
    """Calls an operation about a new user, group or role: `holder("put_{}_policy", PolicyName=…)`."""
    kind = request.param
    trust = {"AssumeRolePolicyDocument": json.dumps(TRUST)} if kind == "role" else {}
    name = {f"{kind.capitalize()}Name": "it"}
    getattr(account.iam, f"create_{kind}")(**name, **trust)
    return lambda operation, **parameters: getattr(account.iam, operation.format(kind))(**name, **parameters)


def test_an_inline_policy_comes_back_as_a_document(holder):
    holder("put_{}_policy", PolicyName="p", PolicyDocument=json.dumps(DOCUMENT))
    assert holder("list_{}_policies")["PolicyNames"] == ["p"]
    assert holder("get_{}_policy", PolicyName="p")["PolicyDocument"] == DOCUMENT
    holder("delete_{}_policy", PolicyName="p")
    with refused("NoSuchEntity", 404):
        holder("get_{}_policy", PolicyName="p")


def test_a_managed_policy_is_attached_and_detached(holder):
    holder("attach_{}_policy", PolicyArn=READ_ONLY)
    attached = holder("list_attached_{}_policies")["AttachedPolicies"]
    assert attached == [{"PolicyName": "IAMReadOnlyAccess", "PolicyArn": READ_ONLY}]
    holder("detach_{}_policy", PolicyArn=READ_ONLY)
    assert holder("list_attached_{}_policies")["AttachedPolicies"] == []
    with refused("NoSuchEntity", 404):
        holder("detach_{}_policy", PolicyArn=READ_ONLY)


def test_a_policy_that_does_not_parse_is_refused(holder):
    with refused("MalformedPolicyDocument", 400):
        holder("put_{}_policy", PolicyName="p", PolicyDocument='{"Version": "2012-10-17", "Version": "2012-10-17"}')


def test_an_attached_policy_is_in_force_until_it_is_detached(account):
    bob = account.user("bob")
    account.iam.attach_user_policy(UserName="bob", PolicyArn=READ_ONLY)
    assert bob.iam.get_user()["User"]["UserName"] == "bob"
    account.iam.detach_user_policy(UserName="bob", PolicyArn=READ_ONLY)
    with refused("AccessDenied", 403):
        bob.iam.get_user()


def test_a_deny_beats_whatever_is_attached(account):
    bob = account.user("bob", {"Effect": "Deny", "Action": "iam:GetUser", "Resource": "*"})
    account.iam.attach_user_policy(UserName="bob", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    message = (
        f"User: {bob.arn} is not authorized to perform: iam:GetUser on resource: user bob "
        "with an explicit deny in an identity-based policy"
    )
    with refused("AccessDenied", 403, message):
        bob.iam.get_user()


def test_attaching_can_be_limited_to_one_policy(account):
    bob = account.user(
        "bob",
        {
            "Effect": "Allow",
            "Action": "iam:AttachUserPolicy",
            "Resource": "*",
            "Condition": {"ArnEquals": {"iam:PolicyARN": READ_ONLY}},
        },
    )
    bob.iam.attach_user_policy(UserName="bob", PolicyArn=READ_ONLY)
    with refused("AccessDenied", 403):
        bob.iam.attach_user_policy(UserName="bob", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")


def test_nobody_raises_its_own_rights_without_permission(account):
    bob = account.user("bob", {"Effect": "Allow", "Action": ["iam:Get*", "iam:List*"], "Resource": "*"})
    everything = json.dumps({**DOCUMENT, "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})
    for call, parameters in (
        ("put_user_policy", {"PolicyName": "test", "PolicyDocument": everything}),
        ("delete_user_policy", {"PolicyName": "test"}),
        ("attach_user_policy", {"PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}),
        ("detach_user_policy", {"PolicyArn": READ_ONLY}),
    ):
        with refused("AccessDenied", 403):
            getattr(bob.iam, call)(UserName="bob", **parameters)

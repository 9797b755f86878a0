"""AssumeRole across accounts: both sides must allow, each for itself, and neither is told of the other's policies."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from api.refusals import denied, refused
from api.sessions import ALLOW_ALL, allow, assume, make_role, policy, trusting


@pytest.fixture
def home(new_account):
    """The account of the callers."""
    return new_account()


@pytest.fixture
def away(new_account):
    """The account of the roles."""
    return new_account()


def may(*actions: str, resource: str = "*") -> dict[str, object]:
    return {"Effect": "Allow", "Action": list(actions), "Resource": resource}


def message_of(call) -> str:
    with pytest.raises(ClientError) as caught:
        call()
    error = caught.value.response["Error"]
    assert error["Code"] == "AccessDenied"
    return error["Message"]


@pytest.mark.parametrize("names", ["user", "account"])
def test_both_sides_must_allow(home, away, names):
    bob, eve = home.user("bob", may("sts:AssumeRole")), home.user("eve")
    principal = bob.arn if names == "user" else f"arn:aws:iam::{home.id}:root"
    trusted = make_role(away, "trusted", trusting(principal))
    closed = make_role(away, "closed", trusting(f"arn:aws:iam::{away.id}:root"))
    keys = assume(bob.sts, trusted)
    sts = home.server.client("sts", keys)
    assert sts.get_caller_identity()["Arn"] == f"arn:aws:sts::{away.id}:assumed-role/trusted/session"
    with denied():
        assume(bob.sts, closed)  # only its own side allows
    with denied():
        assume(eve.sts, trusted)  # only the role's side allows
    if names == "user":
        also_eve = make_role(away, "also-eve", trusting(eve.arn))
        with denied():
            assume(eve.sts, also_eve)  # named, which would do within one account


def test_a_denial_across_accounts_does_not_tell_why_nor_whether_the_role_exists(home, away):
    bob = home.user("bob", may("sts:AssumeRole"))
    closed = make_role(away, "closed", trusting(f"arn:aws:iam::{away.id}:root"))
    denying = make_role(away, "denying", trusting(bob.arn), {**trusting(bob.arn), "Effect": "Deny"})
    for role in (closed, denying, closed.replace("closed", "missing"), "arn:aws:iam::999999999999:role/nowhere"):
        assert message_of(lambda role=role: assume(bob.sts, role)) == (
            f"User: {bob.arn} is not authorized to perform: sts:AssumeRole on resource: {role}"
        )


def test_a_session_belongs_to_the_account_of_its_role(home, away):
    bob = home.user("bob", may("sts:AssumeRole"))
    role = make_role(away, "ops", trusting(bob.arn))
    allow(away, "ops", ALLOW_ALL)
    iam = home.server.client("iam", assume(bob.sts, role))
    assert {user["UserName"] for user in iam.list_users()["Users"]} == set()
    iam.create_user(UserName="made")
    assert away.iam.get_user(UserName="made")["User"]["Arn"] == f"arn:aws:iam::{away.id}:user/made"
    with refused("NoSuchEntity", 404):
        home.iam.get_user(UserName="made")


def test_an_external_id_must_be_the_one_that_the_trust_policy_demands(home, away):
    bob = home.user("bob", may("sts:AssumeRole"))
    demanded = {"StringEquals": {"sts:ExternalId": "customer-42"}}
    role = make_role(away, "ops", trusting(f"arn:aws:iam::{home.id}:root", Condition=demanded))
    assume(bob.sts, role, ExternalId="customer-42")
    for wrong in ({}, {"ExternalId": "customer-43"}, {"ExternalId": "Customer-42"}):
        with denied():
            assume(bob.sts, role, **wrong)
    plain = make_role(away, "plain", trusting(f"arn:aws:iam::{home.id}:root"))
    assume(bob.sts, plain, ExternalId="whatever")


def test_tags_need_the_permission_of_both_sides(home, away):
    tags = [{"Key": "team", "Value": "storage"}]
    may_tag = ("sts:AssumeRole", "sts:TagSession")
    bob, eve = home.user("bob", may(*may_tag)), home.user("eve", may("sts:AssumeRole"))
    open_role = make_role(away, "open", trusting(f"arn:aws:iam::{home.id}:root", *may_tag))
    closed_role = make_role(away, "closed", trusting(f"arn:aws:iam::{home.id}:root"))
    assume(bob.sts, open_role, Tags=tags)
    with denied("sts:TagSession"):
        assume(eve.sts, open_role, Tags=tags)
    with denied("sts:TagSession"):
        assume(bob.sts, closed_role, Tags=tags)
    assume(eve.sts, open_role)


def test_a_source_identity_needs_the_permission_of_both_sides(home, away):
    may_set = ("sts:AssumeRole", "sts:SetSourceIdentity")
    bob, eve = home.user("bob", may(*may_set)), home.user("eve", may("sts:AssumeRole"))
    role = make_role(away, "ops", trusting(f"arn:aws:iam::{home.id}:root", *may_set))
    assert bob.sts.assume_role(RoleArn=role, RoleSessionName="session", SourceIdentity="bob")["SourceIdentity"] == "bob"
    with denied("sts:SetSourceIdentity"):
        assume(eve.sts, role, SourceIdentity="eve")


def test_transitive_tags_reach_the_trust_policy_of_the_other_account(home, away):
    bob = home.user("bob")
    may_tag = ("sts:AssumeRole", "sts:TagSession")
    first = make_role(home, "first", trusting(bob.arn, *may_tag))
    allow(home, "first", may(*may_tag))
    alpha = {"StringEquals": {"aws:PrincipalTag/project": "alpha"}}
    second = make_role(away, "second", trusting(first, *may_tag, Condition=alpha))
    tags = [{"Key": "project", "Value": "alpha"}]
    tagged = home.server.client("sts", assume(bob.sts, first, Tags=tags, TransitiveTagKeys=["project"]))
    plain = home.server.client("sts", assume(bob.sts, first))
    assert assume(tagged, second)
    with denied():
        assume(plain, second)


def test_a_boundary_and_a_session_policy_narrow_what_a_caller_may_assume_elsewhere(home, away):
    bob = home.user("bob", may("sts:AssumeRole"))
    role = make_role(away, "ops", trusting(bob.arn))
    assume(bob.sts, role)
    home.iam.put_user_permissions_boundary(
        UserName="bob", PermissionsBoundary="arn:aws:iam::aws:policy/IAMReadOnlyAccess"
    )
    with denied():
        assume(bob.sts, role)
    ann = home.user("ann")
    between = make_role(home, "between", trusting(ann.arn))
    allow(home, "between", may("sts:AssumeRole"))
    account_trusted = make_role(away, "account-trusted", trusting(f"arn:aws:iam::{home.id}:root"))
    assume(home.server.client("sts", assume(ann.sts, between)), account_trusted)
    narrowed = assume(ann.sts, between, Policy=policy(may("iam:ListUsers")))
    with denied():
        assume(home.server.client("sts", narrowed), account_trusted)


def test_a_user_made_anew_in_the_other_account_does_not_inherit_its_trust(home, away):
    old = home.user("bob", may("sts:AssumeRole"))
    role = make_role(away, "ops", trusting(old.arn))
    assume(old.sts, role)
    home.iam.delete_user_policy(UserName="bob", PolicyName="test")
    home.iam.delete_access_key(UserName="bob", AccessKeyId=old.keys.access_key_id)
    home.iam.delete_user(UserName="bob")
    new = home.user("bob", ALLOW_ALL)
    with denied():
        assume(new.sts, role)


def test_root_of_another_account_assumes_no_role(home, away):
    role = make_role(away, "ops", trusting(f"arn:aws:iam::{home.id}:root"))
    with refused("AccessDenied", 403, "Roles may not be assumed by root accounts."):
        assume(home.sts, role)


def test_no_operation_of_iam_reaches_into_another_account(home, away):
    bob = home.user("bob", ALLOW_ALL)
    away.user("eve")
    arn = away.iam.create_policy(PolicyName="theirs", PolicyDocument=policy(ALLOW_ALL))["Policy"]["Arn"]
    with refused("NoSuchEntity", 404):
        bob.iam.get_user(UserName="eve")
    for call, parameters in (
        ("get_policy", {"PolicyArn": arn}),
        ("delete_policy", {"PolicyArn": arn}),
        ("attach_user_policy", {"UserName": "bob", "PolicyArn": arn}),
    ):
        with pytest.raises(ClientError) as caught:
            getattr(bob.iam, call)(**parameters)
        assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] in {400, 403, 404}
    assert away.iam.get_policy(PolicyArn=arn)["Policy"]["AttachmentCount"] == 0

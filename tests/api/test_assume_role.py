"""AssumeRole within one account: whom a role trusts, how long a session lasts, what narrows and marks it."""

from __future__ import annotations

import hashlib
import json
import time

import pytest

from api.refusals import denied, refused
from api.sessions import ALLOW_ALL, allow, assume, make_role, policy, trusting
from serving import keys_of

MAY_ASSUME = {
    "Effect": "Allow",
    "Action": ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"],
    "Resource": "*",
}
VIEW_ONLY = "arn:aws:iam::aws:policy/IAMReadOnlyAccess"
ONE_HOUR = "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining."


def iam_of(account, keys):
    return account.server.client("iam", keys)


def sts_of(account, keys):
    return account.server.client("sts", keys)


# Trust


def test_a_role_that_names_a_user_needs_no_policy_of_the_user(account):
    bob, eve = account.user("bob"), account.user("eve", ALLOW_ALL)
    role = make_role(account, "ops", trusting(bob.arn))
    answer = bob.sts.assume_role(RoleArn=role, RoleSessionName="deploy")
    role_id = account.iam.get_role(RoleName="ops")["Role"]["RoleId"]
    assert answer["AssumedRoleUser"] == {
        "AssumedRoleId": f"{role_id}:deploy",
        "Arn": f"arn:aws:sts::{account.id}:assumed-role/ops/deploy",
    }
    assert "PackedPolicySize" not in answer
    with denied(f"on resource: {role} because no role trust policy allows the sts:AssumeRole action"):
        assume(eve.sts, role)


def test_a_role_that_names_the_account_leaves_the_choice_to_the_policies_of_its_users(account):
    bob, eve = account.user("bob", MAY_ASSUME), account.user("eve")
    role = make_role(account, "ops", trusting(f"arn:aws:iam::{account.id}:root"))
    assume(bob.sts, role)
    with denied("because no identity-based policy allows the sts:AssumeRole action"):
        assume(eve.sts, role)


def test_an_explicit_deny_of_either_side_wins(account):
    bob = account.user("bob", {"Effect": "Deny", "Action": "sts:AssumeRole", "Resource": "*"})
    role = make_role(account, "ops", trusting(bob.arn))
    with denied("with an explicit deny in an identity-based policy"):
        assume(bob.sts, role)
    eve = account.user("eve", ALLOW_ALL)
    closed = make_role(account, "closed", trusting(eve.arn), {**trusting(eve.arn), "Effect": "Deny"})
    with denied("with an explicit deny in the role trust policy"):
        assume(eve.sts, closed)


def test_a_role_that_does_not_exist_is_denied_like_one_that_does_not_trust(account):
    bob = account.user("bob", ALLOW_ALL)
    closed = make_role(account, "closed", trusting(account.user("eve").arn))
    for role in (closed, closed.replace("closed", "missing"), closed.replace("closed", "Closed")):
        with denied(f"on resource: {role} because no role trust policy allows the sts:AssumeRole action"):
            assume(bob.sts, role)


def test_root_assumes_no_role(account):
    role = make_role(account, "ops", trusting(f"arn:aws:iam::{account.id}:root"))
    with refused("AccessDenied", 403, "Roles may not be assumed by root accounts."):
        assume(account.sts, role)
    root_session = sts_of(account, keys_of(account.sts.get_session_token()["Credentials"]))
    with refused("AccessDenied", 403, "Roles may not be assumed by root accounts."):
        assume(root_session, role)


def test_a_role_assumes_itself_only_if_its_trust_policy_names_it(account):
    bob = account.user("bob")
    delegated = trusting(f"arn:aws:iam::{account.id}:root")
    role = make_role(account, "ops", trusting(bob.arn), delegated)
    allow(account, "ops", MAY_ASSUME)
    sts = sts_of(account, assume(bob.sts, role))
    with denied("because no role trust policy allows the sts:AssumeRole action"):
        assume(sts, role)
    account.iam.update_assume_role_policy(RoleName="ops", PolicyDocument=policy(trusting(bob.arn), trusting(role)))
    assume(sts, role)


def test_trust_in_a_user_ends_with_the_user_and_does_not_come_back_with_its_name(account):
    old = account.user("bob")
    user_id = account.iam.get_user(UserName="bob")["User"]["UserId"]
    role = make_role(account, "ops", trusting(old.arn))
    assume(old.sts, role)
    account.iam.delete_access_key(UserName="bob", AccessKeyId=old.keys.access_key_id)
    account.iam.delete_user(UserName="bob")
    new = account.user("bob", ALLOW_ALL)
    assert new.arn == old.arn
    with denied("because no role trust policy allows the sts:AssumeRole action"):
        assume(new.sts, role)
    shown = account.iam.get_role(RoleName="ops")["Role"]["AssumeRolePolicyDocument"]
    assert shown["Statement"][0]["Principal"] == {"AWS": user_id}


def test_trust_in_a_role_ends_with_the_role_and_does_not_come_back_with_its_name(account):
    bob = account.user("bob")
    first = make_role(account, "first", trusting(bob.arn))
    second = make_role(account, "second", trusting(first))
    assume(sts_of(account, assume(bob.sts, first)), second)
    account.iam.delete_role(RoleName="first")
    make_role(account, "first", trusting(bob.arn))
    allow(account, "first", ALLOW_ALL)
    with denied("because no role trust policy allows the sts:AssumeRole action"):
        assume(sts_of(account, assume(bob.sts, first)), second)


def test_trust_in_a_session_is_text_and_holds_for_a_role_made_anew_under_that_name(account):
    bob = account.user("bob")
    first = make_role(account, "first", trusting(bob.arn))
    second = make_role(account, "second", trusting(f"arn:aws:sts::{account.id}:assumed-role/first/session"))
    assume(sts_of(account, assume(bob.sts, first)), second)
    account.iam.delete_role(RoleName="first")
    make_role(account, "first", trusting(bob.arn))
    assume(sts_of(account, assume(bob.sts, first)), second)
    with denied("because no role trust policy allows the sts:AssumeRole action"):
        assume(sts_of(account, assume(bob.sts, first, RoleSessionName="other")), second)


def test_a_trust_policy_sees_the_tags_of_the_caller_and_of_the_role(account):
    bob = account.user("bob")
    same_team = {"StringEquals": {"aws:PrincipalTag/team": "${aws:ResourceTag/Team}"}}
    role = make_role(
        account,
        "ops",
        trusting(bob.arn, Condition=same_team),
        Tags=[{"Key": "Team", "Value": "storage"}],
    )
    with denied():
        assume(bob.sts, role)
    account.iam.tag_user(UserName="bob", Tags=[{"Key": "team", "Value": "storage"}])
    assume(bob.sts, role)


# How long


@pytest.mark.parametrize(
    ("maximum", "asked", "expected"), [(3600, None, 3600), (3600, 900, 900), (43_200, 43_200, 43_200)]
)
def test_a_session_lasts_as_long_as_asked_within_what_the_role_grants(account, maximum, asked, expected):
    bob = account.user("bob")
    role = make_role(account, "ops", trusting(bob.arn), MaxSessionDuration=maximum)
    parameters = {} if asked is None else {"DurationSeconds": asked}
    before = time.time()
    answer = bob.sts.assume_role(RoleArn=role, RoleSessionName="session", **parameters)
    assert expected - 5 <= answer["Credentials"]["Expiration"].timestamp() - before <= expected + 60


def test_a_session_longer_than_the_role_grants_is_refused(account):
    bob = account.user("bob")
    role = make_role(account, "ops", trusting(bob.arn))
    message = "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
    with refused("ValidationError", 400, message):
        assume(bob.sts, role, DurationSeconds=3601)


def test_a_chained_session_lasts_an_hour_at_most(account):
    bob = account.user("bob")
    first = make_role(account, "first", trusting(bob.arn))
    second = make_role(account, "second", trusting(first), MaxSessionDuration=43_200)
    chained = sts_of(account, assume(bob.sts, first))
    assume(chained, second, DurationSeconds=3600)
    with refused("ValidationError", 400, ONE_HOUR):
        assume(chained, second, DurationSeconds=3601)


def test_what_breaks_the_model_is_told_in_its_words(account):
    bob = account.user("bob")
    role = make_role(account, "ops", trusting(bob.arn))
    with refused(
        "ValidationError",
        400,
        "1 validation error detected: Value 'Session1:2' at 'roleSessionName' failed to satisfy constraint: "
        "Member must satisfy regular expression pattern: [\\w+=,.@-]*",
    ):
        assume(bob.sts, role, RoleSessionName="Session1:2")
    with refused("ValidationError", 400, "nothing-valid-in-here is invalid"):
        assume(bob.sts, "nothing-valid-in-here")
    with refused(
        "ValidationError",
        400,
        "1 validation error detected: Value '43201' at 'durationSeconds' failed to satisfy constraint: "
        "Member must have value less than or equal to 43200",
    ):
        assume(bob.sts, role, DurationSeconds=43_201)


# MFA: who has no device (who has one: test_mfa.py)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        (
            {"SerialNumber": "arn:aws:iam::123456789012:mfa/bob"},
            "MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code.",
        ),
        (
            {"TokenCode": "123456"},
            "MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code.",
        ),
        (
            {"SerialNumber": "arn:aws:iam::123456789012:mfa/bob", "TokenCode": "123456"},
            "MultiFactorAuthentication failed, unable to validate MFA code.  "
            "Please verify your MFA serial number is valid and associated with this user.",
        ),
    ],
)
def test_who_has_no_mfa_device_brings_no_code(account, parameters, message):
    bob = account.user("bob")
    role = make_role(account, "ops", trusting(bob.arn))
    with refused("AccessDenied", 403, message):
        assume(bob.sts, role, **parameters)
    with refused("AccessDenied", 403, message):
        bob.sts.get_session_token(**parameters)


def test_a_trust_policy_that_wants_mfa_lets_nobody_in_without(account):
    bob = account.user("bob")
    with_mfa = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    role = make_role(account, "ops", trusting(bob.arn, Condition=with_mfa))
    user_session = sts_of(account, keys_of(bob.sts.get_session_token()["Credentials"]))
    for sts in (bob.sts, user_session):
        with denied("because no role trust policy allows the sts:AssumeRole action"):
            assume(sts, role)


# Session policies


def test_an_inline_session_policy_only_narrows(account):
    bob = account.user("bob")
    role = make_role(account, "ops", trusting(bob.arn))
    allow(account, "ops", {"Effect": "Allow", "Action": "iam:List*", "Resource": "*"})
    narrow = policy({"Effect": "Allow", "Action": ["iam:ListUsers", "iam:CreateUser"], "Resource": "*"})
    answer = bob.sts.assume_role(RoleArn=role, RoleSessionName="session", Policy=narrow)
    assert 0 < answer["PackedPolicySize"] <= 100
    iam = iam_of(account, assume(bob.sts, role, Policy=narrow))
    iam.list_users()
    with denied("because no session policy allows the iam:ListRoles action"):
        iam.list_roles()
    with denied("because no identity-based policy allows the iam:CreateUser action"):
        iam.create_user(UserName="eve")


def test_session_policies_by_arn_only_narrow(account):
    bob = account.user("bob")
    role = make_role(account, "ops", trusting(bob.arn))
    allow(account, "ops", ALLOW_ALL)
    own = account.iam.create_policy(
        PolicyName="create-users",
        PolicyDocument=policy({"Effect": "Allow", "Action": "iam:CreateUser", "Resource": "*"}),
    )["Policy"]["Arn"]
    iam = iam_of(account, assume(bob.sts, role, PolicyArns=[{"arn": VIEW_ONLY}, {"arn": own}]))
    iam.list_users()
    iam.create_user(UserName="eve")
    with denied("because no session policy allows the iam:DeleteUser action"):
        iam.delete_user(UserName="eve")


def test_a_deny_in_a_session_policy_wins(account):
    bob = account.user("bob")
    role = make_role(account, "ops", trusting(bob.arn))
    allow(account, "ops", ALLOW_ALL)
    narrow = policy(ALLOW_ALL, {"Effect": "Deny", "Action": "iam:ListRoles", "Resource": "*"})
    iam = iam_of(account, assume(bob.sts, role, Policy=narrow))
    iam.list_users()
    with denied("with an explicit deny in a session policy"):
        iam.list_roles()


def test_a_narrowed_session_passes_its_narrowness_on_to_what_it_may_assume(account):
    bob = account.user("bob")
    first = make_role(account, "first", trusting(bob.arn))
    second = make_role(account, "second", trusting(first))
    allow(account, "first", ALLOW_ALL)
    nothing = policy({"Effect": "Allow", "Action": "iam:ListUsers", "Resource": "*"})
    narrowed = sts_of(account, assume(bob.sts, first, Policy=nothing))
    with denied("because no session policy allows the sts:AssumeRole action"):
        assume(narrowed, second)


@pytest.mark.parametrize(
    "document",
    [
        "{",
        "[]",
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}',
    ],
)
def test_a_bad_session_policy_is_refused(account, document):
    bob = account.user("bob")
    role = make_role(account, "ops", trusting(bob.arn))
    with refused("MalformedPolicyDocument", 400):
        assume(bob.sts, role, Policy=document)


def test_a_session_policy_by_arn_must_exist_in_the_account_of_the_role(new_account):
    here, there = new_account(), new_account()
    bob = here.user("bob")
    role = make_role(here, "ops", trusting(bob.arn))
    foreign = there.iam.create_policy(PolicyName="foreign", PolicyDocument=policy(ALLOW_ALL))["Policy"]["Arn"]
    for arn in (foreign, f"arn:aws:iam::{here.id}:policy/missing", "arn:aws:iam::aws:policy/Missing"):
        with refused("ValidationError", 400, f"Policy {arn} does not exist or is not attachable."):
            assume(bob.sts, role, PolicyArns=[{"arn": arn}])


def test_policies_that_do_not_fit_are_refused(account):
    bob = account.user("bob")
    role = make_role(account, "ops", trusting(bob.arn))
    many = [f"arn:aws:s3:::bucket-{number}" for number in range(100)]
    document = policy({"Effect": "Allow", "Action": "s3:*", "Resource": many})
    with refused(
        "ValidationError",
        400,
        f"1 validation error detected: Value '{document}' at 'policy' failed to satisfy constraint: "
        "Member must have length less than or equal to 2048",
    ):
        assume(bob.sts, role, Policy=document)


def test_tags_that_do_not_fit_are_refused(account):
    bob = account.user("bob")
    role = make_role(account, "ops", trusting(bob.arn, "sts:AssumeRole", "sts:TagSession"))
    # What does not repeat does not compress.
    digits = [hashlib.sha512(f"{number}".encode()).hexdigest() for number in range(100)]
    tags = [{"Key": f"k{at}", "Value": digits[at] + digits[at + 50]} for at in range(50)]
    with refused("PackedPolicyTooLarge", 400):
        assume(bob.sts, role, Tags=tags)


def test_a_trusted_context_is_refused_since_nobody_provides_one(account):
    bob = account.user("bob")
    role = make_role(account, "ops", trusting(bob.arn))
    context = {"ProviderArn": "arn:aws:iam::aws:contextProvider/IdentityCenter", "ContextAssertion": "assertion"}
    with refused("InvalidParameterValue", 400):
        assume(bob.sts, role, ProvidedContexts=[context])


def test_the_session_name_is_a_key_of_the_trust_policy(account):
    bob = account.user("bob")
    own_name = {"StringEquals": {"sts:RoleSessionName": "${aws:username}"}}
    role = make_role(account, "ops", trusting(bob.arn, Condition=own_name))
    assume(bob.sts, role, RoleSessionName="bob")
    with denied():
        assume(bob.sts, role, RoleSessionName="eve")


def test_a_stored_trust_policy_reads_as_it_was_written(account):
    bob = account.user("bob")
    statement = trusting(bob.arn)
    make_role(account, "ops", statement)
    shown = account.iam.get_role(RoleName="ops")["Role"]["AssumeRolePolicyDocument"]
    assert shown == json.loads(policy(statement))

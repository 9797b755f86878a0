"""Session tokens: one opens nothing but its own session, for as long as that lasts and its role or user exists."""

from __future__ import annotations

import base64
import secrets
import time
from dataclasses import replace

import pytest

from api.refusals import denied
from api.sessions import ALLOW_ALL, allow, assume, make_role, policy, trusting
from api.wire_calls import WHO_AM_I, form, presigned, send, signed
from rolecall.state.session import Session, SessionKind
from rolecall.state.token_keys import token_keys
from rolecall.sts.tokens import seal_token
from serving import Keys, keys_of

INVALID = (403, "InvalidClientTokenId", "The security token included in the request is invalid.")
EXPIRED = (403, "ExpiredToken", "The security token included in the request is expired")


@pytest.fixture
def session(account) -> Keys:
    """A session of the role `ops`, assumed by the user `bob`."""
    bob = account.user("bob")
    return assume(bob.sts, make_role(account, "ops", trusting(bob.arn)))


def who_am_i(account, keys):
    return send(account.server, signed(account.server, keys, WHO_AM_I))


def sealed_session(store, account, *, issued_at: int, seconds: int) -> Keys:
    """A session of the account's root that the server itself could have made at that time."""
    made = Session(
        kind=SessionKind.ROOT,
        account=account.id,
        access_key_id="ASIAQQQQQQQQQQQQQQQQ",
        secret_access_key="s" * 40,
        issued_at=issued_at,
        expires_at=issued_at + seconds,
    )
    newest = token_keys(store.view(), store.sealer)[0]
    return Keys(
        access_key_id=made.access_key_id,
        secret_access_key=made.secret_access_key,
        session_token=seal_token(made, newest, secrets.randbits),
    )


def test_a_session_is_answered_whether_its_token_stands_in_the_header_or_in_the_query(account, session):
    assert who_am_i(account, session).status == 200
    assert send(account.server, presigned(account.server, session, WHO_AM_I)).status == 200


def test_a_missing_token_is_refused(account, session):
    without = replace(session, session_token=None)
    assert who_am_i(account, without).refusal == INVALID
    assert send(account.server, presigned(account.server, without, WHO_AM_I)).refusal == INVALID


def test_a_token_of_another_session_of_the_same_role_is_refused(account, session):
    eve = account.user("eve")
    account.iam.update_assume_role_policy(RoleName="ops", PolicyDocument=policy(trusting(eve.arn)))
    other = assume(eve.sts, f"arn:aws:iam::{account.id}:role/ops")
    assert who_am_i(account, replace(session, session_token=other.session_token)).refusal == INVALID
    assert who_am_i(account, replace(other, session_token=session.session_token)).refusal == INVALID


def test_a_token_of_another_account_is_refused(new_account):
    ann, bob = (each.user("worker") for each in (new_account(), new_account()))
    ours, theirs = (keys_of(user.sts.get_session_token()["Credentials"]) for user in (ann, bob))
    assert who_am_i(ann.account, replace(ours, session_token=theirs.session_token)).refusal == INVALID


def test_a_long_term_key_with_a_token_is_refused(account, session):
    assert who_am_i(account, replace(account.root, session_token=session.session_token)).refusal == INVALID


def test_a_token_that_was_altered_cut_or_made_up_is_refused(account, session):
    token = session.session_token
    raw = bytearray(base64.b64decode(token))
    raw[-1] ^= 1
    for altered in (
        base64.b64encode(raw).decode(),
        token[:-4],
        token[:40],
        token + "AAAA",
        token.swapcase(),
        "x",
        "FwoGZXIvYXdzE" * 20,
        "A" * 20_000,
    ):
        assert who_am_i(account, replace(session, session_token=altered)).refusal == INVALID


def test_a_token_does_not_replace_the_secret(account, session):
    assert who_am_i(account, replace(session, secret_access_key="x" * 40)).refusal[1] == "SignatureDoesNotMatch"


def test_a_token_header_that_is_not_signed_is_refused(account, session):
    call = signed(account.server, replace(session, session_token=None), WHO_AM_I)
    call = call.with_header("X-Amz-Security-Token", session.session_token)
    assert send(account.server, call).refusal == (
        403,
        "SignatureDoesNotMatch",
        "'x-amz-security-token' must be a 'SignedHeader' in the AWS Authorization.",
    )


def test_an_expired_session_is_refused_for_just_that(account, store):
    now = int(time.time())
    expired = sealed_session(store, account, issued_at=now - 3600, seconds=3600)
    living = sealed_session(store, account, issued_at=now - 3600, seconds=7200)
    assert who_am_i(account, living).status == 200
    assert who_am_i(account, expired).refusal == EXPIRED
    assert send(account.server, presigned(account.server, expired, WHO_AM_I)).refusal == EXPIRED


def test_the_sessions_of_a_deleted_role_stay_refused_when_the_name_comes_back(account, session):
    bob_arn = f"arn:aws:iam::{account.id}:user/bob"
    assert who_am_i(account, session).status == 200
    account.iam.delete_role(RoleName="ops")
    assert who_am_i(account, session).refusal == INVALID
    make_role(account, "ops", trusting(bob_arn))
    assert who_am_i(account, session).refusal == INVALID


def test_the_sessions_of_a_deleted_user_stay_refused_when_the_name_comes_back(account):
    bob = account.user("bob")
    session = keys_of(bob.sts.get_session_token()["Credentials"])
    assert who_am_i(account, session).status == 200
    account.iam.delete_access_key(UserName="bob", AccessKeyId=bob.keys.access_key_id)
    account.iam.delete_user(UserName="bob")
    assert who_am_i(account, session).refusal == INVALID
    account.user("bob")
    assert who_am_i(account, session).refusal == INVALID


def test_a_session_has_the_policies_that_its_role_has_now(account, session):
    iam = account.server.client("iam", session)
    with denied("because no identity-based policy allows the iam:ListUsers action"):
        iam.list_users()
    allow(account, "ops", {"Effect": "Allow", "Action": "iam:ListUsers", "Resource": "*"})
    iam.list_users()
    account.iam.delete_role_policy(RoleName="ops", PolicyName="test")
    with denied("because no identity-based policy allows the iam:ListUsers action"):
        iam.list_users()


def test_sessions_issued_before_a_time_can_be_ended_by_policy(account, session):
    allow(account, "ops", ALLOW_ALL)
    iam = account.server.client("iam", session)
    iam.list_users()
    ended = {"DateLessThan": {"aws:TokenIssueTime": "2999-01-01T00:00:00Z"}}
    allow(account, "ops", ALLOW_ALL, {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": ended})
    with denied("with an explicit deny in an identity-based policy"):
        iam.list_users()


def test_a_user_session_may_assume_roles_and_tell_who_it_is_but_not_call_iam(account):
    bob = account.user("bob", ALLOW_ALL)
    role = make_role(account, "ops", trusting(bob.arn))
    session = keys_of(bob.sts.get_session_token()["Credentials"])
    sts = account.server.client("sts", session)
    assert sts.get_caller_identity()["Arn"] == bob.arn
    assert assume(sts, role)
    call = signed(account.server, session, form("GetUser", "iam"), service="iam")
    assert send(account.server, call).refusal == INVALID
    for name, parameters in (("GetSessionToken", {}), ("GetAccessKeyInfo", {"AccessKeyId": bob.keys.access_key_id})):
        call = signed(account.server, session, form(name, "sts", **parameters))
        assert send(account.server, call).refusal == (
            403,
            "AccessDenied",
            f"Cannot call {name} with session credentials",
        )


def test_a_role_session_gets_no_user_session(account, session):
    allow(account, "ops", ALLOW_ALL)
    call = signed(account.server, session, form("GetSessionToken", "sts"))
    assert send(account.server, call).refusal == (
        403,
        "AccessDenied",
        "Cannot call GetSessionToken with session credentials",
    )


def test_a_root_session_lasts_an_hour_at_most(account):
    before = time.time()
    credentials = account.sts.get_session_token(DurationSeconds=129_600)["Credentials"]
    assert 3595 <= credentials["Expiration"].timestamp() - before <= 3660
    root_session = account.server.client("sts", keys_of(credentials))
    assert root_session.get_caller_identity()["Arn"] == f"arn:aws:iam::{account.id}:root"


def test_a_user_session_lasts_as_long_as_asked(account):
    bob = account.user("bob")
    for asked, expected in ((None, 43_200), (900, 900), (129_600, 129_600)):
        before = time.time()
        parameters = {} if asked is None else {"DurationSeconds": asked}
        expiration = bob.sts.get_session_token(**parameters)["Credentials"]["Expiration"].timestamp()
        assert expected - 5 <= expiration - before <= expected + 60


def test_get_session_token_heeds_no_policy(account):
    bob = account.user("bob", {"Effect": "Deny", "Action": "*", "Resource": "*"})
    assert bob.sts.get_session_token()["Credentials"]["AccessKeyId"].startswith("ASIA")


def test_get_federation_token_is_not_there_yet_and_says_so(account):
    bob = account.user("bob", ALLOW_ALL)
    call = signed(account.server, bob.keys, form("GetFederationToken", "sts", Name="visitor"))
    assert send(account.server, call).refusal == (
        400,
        "NotImplemented",
        "sts:GetFederationToken is not implemented by this server",
    )
    eve = account.user("eve")
    call = signed(account.server, eve.keys, form("GetFederationToken", "sts", Name="visitor"))
    assert send(account.server, call).refusal[:2] == (403, "AccessDenied")

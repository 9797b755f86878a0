"""GetCallerIdentity and GetAccessKeyInfo: the one tells everyone who they are, the other whose a key is."""

from __future__ import annotations

import pytest

from api.refusals import denied, refused
from api.sessions import ALLOW_ALL, allow, assume, make_role, trusting
from serving import keys_of

DENY_ALL = {"Effect": "Deny", "Action": "*", "Resource": "*"}


def identity(account, keys) -> tuple[str, str, str]:
    told = account.server.client("sts", keys).get_caller_identity()
    return told["UserId"], told["Account"], told["Arn"]


def test_root_is_its_account(account):
    expected = (account.id, account.id, f"arn:aws:iam::{account.id}:root")
    assert identity(account, account.root) == expected
    assert identity(account, keys_of(account.sts.get_session_token()["Credentials"])) == expected


def test_a_user_is_told_its_id_and_its_arn_with_the_path(account):
    user = account.iam.create_user(UserName="bob", Path="/team/")["User"]
    keys = keys_of(account.iam.create_access_key(UserName="bob")["AccessKey"])
    expected = (user["UserId"], account.id, f"arn:aws:iam::{account.id}:user/team/bob")
    assert identity(account, keys) == expected
    session = keys_of(account.server.client("sts", keys).get_session_token()["Credentials"])
    assert identity(account, session) == expected


def test_a_role_session_is_told_its_name_and_not_the_path_of_its_role(account):
    bob = account.user("bob")
    role = make_role(account, "ops", trusting(bob.arn), Path="/team/")
    role_id = account.iam.get_role(RoleName="ops")["Role"]["RoleId"]
    keys = assume(bob.sts, role, RoleSessionName="deploy")
    assert identity(account, keys) == (
        f"{role_id}:deploy",
        account.id,
        f"arn:aws:sts::{account.id}:assumed-role/ops/deploy",
    )


def test_a_renamed_user_is_told_its_new_name(account):
    bob = account.user("bob")
    account.iam.update_user(UserName="bob", NewUserName="robert", NewPath="/new/")
    assert identity(account, bob.keys)[2] == f"arn:aws:iam::{account.id}:user/new/robert"


def test_nothing_can_keep_a_caller_from_asking_who_it_is(account):
    bob, eve = account.user("bob", DENY_ALL), account.user("eve")
    role = make_role(account, "ops", trusting(eve.arn))
    allow(account, "ops", DENY_ALL)
    account.iam.put_user_permissions_boundary(
        UserName="bob", PermissionsBoundary="arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
    )
    assert identity(account, bob.keys)[2] == bob.arn
    session = assume(eve.sts, role)
    assert identity(account, session)[2].endswith(":assumed-role/ops/session")


def test_whose_a_key_is_needs_a_permission(new_account):
    home, away = new_account(), new_account()
    bob, eve = home.user("bob", ALLOW_ALL), home.user("eve")
    temporary = keys_of(away.sts.get_session_token()["Credentials"])
    for account, key in ((home, eve.keys), (home, home.root), (away, away.root), (away, temporary)):
        assert bob.sts.get_access_key_info(AccessKeyId=key.access_key_id)["Account"] == account.id
    with denied("because no identity-based policy allows the sts:GetAccessKeyInfo action"):
        eve.sts.get_access_key_info(AccessKeyId=eve.keys.access_key_id)


@pytest.mark.parametrize("key", ["AKIAIOSFODNN7EXAMPLE", "AIDAQQQQQQQQQQQQQQQQ", "not_a_key_id_at_all"])
def test_a_key_that_names_no_account_is_refused(account, key):
    bob = account.user("bob", ALLOW_ALL)
    with refused("ValidationError", 400):
        bob.sts.get_access_key_info(AccessKeyId=key)

"""Passwords through boto3 against a running server: who may change them, and what is never shown or stored."""

from __future__ import annotations

import json

import boto3
import pytest

from api.refusals import denied, refused

FIRST, SECOND, THIRD = "Passw0rd-first", "Passw0rd-second", "Passw0rd-third"
ON_ALL = {"Effect": "Allow", "Action": "iam:*", "Resource": "*"}


@pytest.fixture
def bob(account):
    """A user with a password and without any permission."""
    user = account.user("bob")
    account.iam.create_login_profile(UserName="bob", Password=FIRST)
    return user


def test_a_password_lives_from_its_making_to_its_deletion(account):
    account.iam.create_user(UserName="eve")
    made = account.iam.create_login_profile(UserName="eve", Password=FIRST, PasswordResetRequired=True)["LoginProfile"]
    assert set(made) == {"UserName", "CreateDate", "PasswordResetRequired"}
    assert account.iam.get_login_profile(UserName="eve")["LoginProfile"] == made
    account.iam.update_login_profile(UserName="eve", Password=SECOND, PasswordResetRequired=False)
    told = account.iam.get_login_profile(UserName="eve")["LoginProfile"]
    assert told == {**made, "PasswordResetRequired": False}
    with refused("DeleteConflict", 409, "Cannot delete entity, must delete login profile first."):
        account.iam.delete_user(UserName="eve")
    account.iam.delete_login_profile(UserName="eve")
    with refused("NoSuchEntity", 404, "Login Profile for User eve cannot be found."):
        account.iam.get_login_profile(UserName="eve")
    account.iam.delete_user(UserName="eve")


def test_the_user_resource_of_boto3_reaches_its_login_profile(account):
    iam = boto3.resource(
        "iam",
        endpoint_url=account.server.endpoint,
        region_name="us-east-1",
        aws_access_key_id=account.root.access_key_id,
        aws_secret_access_key=account.root.secret_access_key,
    )
    user = iam.create_user(UserName="eve")
    profile = user.create_login_profile(Password=FIRST, PasswordResetRequired=True)
    assert profile.password_reset_required is True
    profile.update(PasswordResetRequired=False)
    profile.reload()
    assert profile.password_reset_required is False
    profile.delete()
    user.delete()


def test_changing_a_password_takes_a_permission_or_the_accounts_consent(account, bob):
    with denied("iam:ChangePassword on resource: user bob because no identity-based policy allows"):
        bob.iam.change_password(OldPassword=FIRST, NewPassword=SECOND)
    account.iam.update_account_password_policy(AllowUsersToChangePassword=True)
    bob.iam.change_password(OldPassword=FIRST, NewPassword=SECOND)
    assert bob.iam.get_account_password_policy()["PasswordPolicy"]["AllowUsersToChangePassword"] is True
    account.iam.update_account_password_policy(AllowUsersToChangePassword=False)
    with denied("iam:ChangePassword"):
        bob.iam.change_password(OldPassword=SECOND, NewPassword=THIRD)
    with denied("iam:GetAccountPasswordPolicy on resource: *"):
        bob.iam.get_account_password_policy()


def test_a_permission_suffices_without_the_accounts_consent(account, bob):
    account.iam.attach_user_policy(UserName="bob", PolicyArn="arn:aws:iam::aws:policy/IAMUserChangePassword")
    bob.iam.change_password(OldPassword=FIRST, NewPassword=SECOND)
    with refused("AccessDenied", 403, "The old password was incorrect."):
        bob.iam.change_password(OldPassword=FIRST, NewPassword=THIRD)


def test_an_explicit_deny_stands_above_the_accounts_consent(account, bob):
    account.iam.update_account_password_policy(AllowUsersToChangePassword=True)
    deny = {"Effect": "Deny", "Action": "iam:ChangePassword", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [deny]})
    account.iam.put_user_policy(UserName="bob", PolicyName="no", PolicyDocument=document)
    with denied("with an explicit deny in an identity-based policy"):
        bob.iam.change_password(OldPassword=FIRST, NewPassword=SECOND)


def test_the_accounts_consent_gives_nothing_else(account, bob):
    account.user("eve")
    account.iam.create_login_profile(UserName="eve", Password=FIRST)
    account.iam.update_account_password_policy(AllowUsersToChangePassword=True)
    for call, given in (
        ("update_login_profile", {"UserName": "bob", "Password": SECOND}),
        ("update_login_profile", {"UserName": "eve", "Password": SECOND}),
        ("delete_login_profile", {}),
        ("get_login_profile", {}),
        ("delete_account_password_policy", {}),
        ("update_account_password_policy", {}),
    ):
        with denied():
            getattr(bob.iam, call)(**given)


def test_a_boundary_stands_above_the_accounts_consent(account, bob):
    account.iam.update_account_password_policy(AllowUsersToChangePassword=True)
    account.iam.put_user_permissions_boundary(
        UserName="bob", PermissionsBoundary="arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
    )
    with denied("iam:ChangePassword"):
        bob.iam.change_password(OldPassword=FIRST, NewPassword=SECOND)


def test_root_has_no_password_to_change(account):
    with refused("InvalidUserType", 400):
        account.iam.change_password(OldPassword=FIRST, NewPassword=SECOND)


def test_a_password_shows_neither_in_an_answer_nor_in_the_data_directory_nor_in_the_log(account, server):
    account.user("bob", ON_ALL).iam.create_login_profile(Password=FIRST)
    with refused("PasswordPolicyViolation", 400):
        account.iam.update_login_profile(UserName="bob", Password="onlylowercase-qx")
    account.iam.update_login_profile(UserName="bob", Password=SECOND)
    files = [path for path in server.data_dir.rglob("*") if path.is_file()]
    assert any(b"$argon2id$" in path.read_bytes() for path in files), "the hash is not where the test looks"
    for secret in (FIRST, SECOND, "onlylowercase-qx"):
        assert not [path for path in files if secret.encode() in path.read_bytes()]
        assert not [line for line in server.log if secret in line]

"""Evidence for passwords: login profiles, ChangePassword and the account's password policy."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from api.evidence.families import Caller, ErrorCase, Family, never

FIRST, SECOND = "Passw0rd-first", "Passw0rd-second"
CHANGERS = 4
ROUNDS = 20

LOGIN_PROFILES = ("CreateLoginProfile", "GetLoginProfile", "UpdateLoginProfile", "DeleteLoginProfile")
POLICIES = ("GetAccountPasswordPolicy", "UpdateAccountPasswordPolicy", "DeleteAccountPasswordPolicy")


def tour(caller: Caller) -> None:
    caller.iam.update_account_password_policy(AllowUsersToChangePassword=True, MaxPasswordAge=90)
    assert caller.iam.get_account_password_policy()["PasswordPolicy"]["ExpirePasswords"] is True
    bob = user_with_password(caller)
    bob.change_password(OldPassword=FIRST, NewPassword=SECOND)
    caller.iam.update_login_profile(UserName="bob", PasswordResetRequired=True)
    assert caller.iam.get_login_profile(UserName="bob")["LoginProfile"]["PasswordResetRequired"] is True
    caller.iam.delete_login_profile(UserName="bob")
    caller.iam.delete_account_password_policy()


def user_with_password(caller: Caller) -> Any:
    """A client of the user bob, who has a password and may change it."""
    bob = user_without_password(caller)
    caller.iam.create_login_profile(UserName="bob", Password=FIRST)
    return bob


def user_without_password(caller: Caller) -> Any:
    return caller.noting(
        caller.account.user("bob", {"Effect": "Allow", "Action": "iam:ChangePassword", "Resource": "*"}).iam
    )


def make_it_twice(caller: Caller) -> None:
    user_with_password(caller)
    caller.iam.create_login_profile(UserName="bob", Password=FIRST)


def make_a_weak_one(caller: Caller) -> None:
    caller.iam.create_user(UserName="bob")
    caller.iam.create_login_profile(UserName="bob", Password="weak")


def set_a_weak_one(caller: Caller) -> None:
    user_with_password(caller)
    caller.iam.update_login_profile(UserName="bob", Password="weak")


def change_to_the_same(caller: Caller) -> None:
    caller.iam.update_account_password_policy(PasswordReusePrevention=1)
    user_with_password(caller).change_password(OldPassword=FIRST, NewPassword=FIRST)


def change_what_is_not_there(caller: Caller) -> None:
    user_without_password(caller).change_password(OldPassword=FIRST, NewPassword=SECOND)


def at_once(call: Callable[[], object]) -> None:
    """Call from several threads at once, until one call comes while another has not been hashed yet."""
    with ThreadPoolExecutor(CHANGERS) as threads:
        for _ in range(ROUNDS):
            for done in [threads.submit(call) for _ in range(CHANGERS)]:
                done.result()


def set_it_at_once(caller: Caller) -> None:
    user_with_password(caller)
    at_once(lambda: caller.iam.update_login_profile(UserName="bob", Password=FIRST))


def change_it_at_once(caller: Caller) -> None:
    bob = user_with_password(caller)
    at_once(lambda: bob.change_password(OldPassword=FIRST, NewPassword=FIRST))


FAMILY = Family(
    operations=frozenset({*LOGIN_PROFILES, *POLICIES, "ChangePassword"}),
    tour=tour,
    errors=(
        ErrorCase("CreateLoginProfile", "EntityAlreadyExists", make_it_twice),
        ErrorCase(
            "CreateLoginProfile",
            "NoSuchEntity",
            lambda caller: caller.iam.create_login_profile(UserName="nobody", Password=FIRST),
        ),
        ErrorCase("CreateLoginProfile", "PasswordPolicyViolation", make_a_weak_one),
        ErrorCase("GetLoginProfile", "NoSuchEntity", lambda caller: caller.iam.get_login_profile(UserName="nobody")),
        ErrorCase(
            "UpdateLoginProfile", "NoSuchEntity", lambda caller: caller.iam.update_login_profile(UserName="nobody")
        ),
        ErrorCase("UpdateLoginProfile", "PasswordPolicyViolation", set_a_weak_one),
        ErrorCase("UpdateLoginProfile", "EntityTemporarilyUnmodifiable", set_it_at_once),
        ErrorCase(
            "DeleteLoginProfile", "NoSuchEntity", lambda caller: caller.iam.delete_login_profile(UserName="nobody")
        ),
        ErrorCase("ChangePassword", "NoSuchEntity", change_what_is_not_there),
        ErrorCase(
            "ChangePassword",
            "InvalidUserType",
            lambda caller: caller.iam.change_password(OldPassword=FIRST, NewPassword=SECOND),
        ),
        ErrorCase("ChangePassword", "PasswordPolicyViolation", change_to_the_same),
        ErrorCase("ChangePassword", "EntityTemporarilyUnmodifiable", change_it_at_once),
        ErrorCase("GetAccountPasswordPolicy", "NoSuchEntity", lambda caller: caller.iam.get_account_password_policy()),
        ErrorCase(
            "DeleteAccountPasswordPolicy", "NoSuchEntity", lambda caller: caller.iam.delete_account_password_policy()
        ),
    ),
    unreachable={
        **never("LimitExceeded", "a second password of a user is one that exists already", "CreateLoginProfile"),
        **never(
            "LimitExceeded",
            "it replaces or removes what is there and uses nothing up",
            "UpdateLoginProfile",
            "DeleteLoginProfile",
            "ChangePassword",
            "UpdateAccountPasswordPolicy",
            "DeleteAccountPasswordPolicy",
        ),
        **never(
            "EntityTemporarilyUnmodifiable",
            "a deletion happens at once and sees the newest world: nothing can change while it is under way",
            "DeleteLoginProfile",
        ),
        **never(
            "NoSuchEntity",
            "it makes the policy if there is none, and the account is there",
            "UpdateAccountPasswordPolicy",
        ),
        **never("MalformedPolicyDocument", "it takes no document", "UpdateAccountPasswordPolicy"),
    },
)

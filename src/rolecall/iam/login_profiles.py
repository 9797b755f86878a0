"""Login profiles: a user's password, set by an administrator or changed by its owner.

What a password has to be and how it is hashed is in `rolecall.iam.passwords`. Hashes are made and compared in an
operation's `prepare`; the operation itself asks every quick question again, and refuses if what the slow ones rested
on has changed. Nobody logs in here.
"""

from __future__ import annotations

import msgspec

from rolecall.decision.principal import IamUser
from rolecall.errors import (
    AccessDenied,
    EntityAlreadyExists,
    EntityTemporarilyUnmodifiable,
    InvalidUserType,
    NoSuchEntity,
    PasswordPolicyViolation,
    ValidationError,
)
from rolecall.iam.access import on_user
from rolecall.iam.find import find_account, find_user, find_user_or_own
from rolecall.iam.password_policies import allowed_by_password_policy
from rolecall.iam.passwords import hash_password, verify, violations, was_used, with_password
from rolecall.iam.registry import operation
from rolecall.operations.registry import Answer
from rolecall.operations.transaction import Transaction
from rolecall.state.credentials import LoginProfile
from rolecall.state.entities import User

WRONG_OLD_PASSWORD = "The old password was incorrect."
USED_BEFORE = "Policy constraint violation with password reuse prevention during password change."
NOT_A_USER = "Only IAM Users can change their own password."
"""AWS's answers of these three are not on record; the texts are those of public products that repeat AWS's."""

IN_THE_MAKING = "Login Profile for User {} cannot be modified while login profile is being created."
"""AWS's text of `EntityTemporarilyUnmodifiable` (in the sources of Terraform's provider), whatever the reason."""


class NextPassword(msgspec.Struct, frozen=True, kw_only=True):
    """A password that may follow another: its hash, and what that rests on.

    Parameters: `profile`, as it was looked at; `reuse_prevention`, how many passwords before it were compared.
    """

    profile: LoginProfile
    reuse_prevention: int
    password_hash: str


def _hash_first(
    tx: Transaction,
    *,
    user_name: str | None = None,
    password: str | None = None,
    password_reset_required: bool = False,  # noqa: ARG001 - takes what CreateLoginProfile takes
) -> str:
    return hash_password(_checked_first(tx, find_user_or_own(tx, user_name), password), tx.surroundings.randbits)


@operation(
    "CreateLoginProfile",
    access=on_user,
    writes=True,
    prepare=_hash_first,
    differs="There is no console yet that the password would open.",
)
def create_login_profile(
    tx: Transaction,
    *,
    user_name: str | None = None,
    password: str | None = None,
    password_reset_required: bool = False,
) -> Answer:
    """Give a user a password, the caller's own user if none is named.

    Raises `EntityAlreadyExists` if it has one. Root gets none: at AWS that takes a session of AssumeRoot.
    """
    user = find_user_or_own(tx, user_name)
    _checked_first(tx, user, password)
    assert isinstance(tx.prepared, str)
    profile = LoginProfile(
        account=tx.account,
        user_id=user.id,
        password_hash=tx.prepared,
        created_at=tx.now,
        changed_at=tx.now,
        must_reset=password_reset_required,
    )
    tx.put(profile)
    return _answer(user, profile)


@operation("GetLoginProfile", access=on_user)
def get_login_profile(tx: Transaction, *, user_name: str | None = None) -> Answer:
    """Tell since when a user has a password, and whether it has to choose another one at the next login."""
    user = find_user_or_own(tx, user_name)
    return _answer(user, _find_profile(tx, user))


def _hash_next(
    tx: Transaction,
    *,
    user_name: str,
    password: str | None = None,
    password_reset_required: bool | None = None,  # noqa: ARG001 - takes what UpdateLoginProfile takes
) -> NextPassword | None:
    profile = _find_profile(tx, find_user(tx, user_name))
    return None if password is None else _next_password(tx, profile, password)


@operation("UpdateLoginProfile", access=on_user, writes=True, prepare=_hash_next)
def update_login_profile(
    tx: Transaction, *, user_name: str, password: str | None = None, password_reset_required: bool | None = None
) -> Answer:
    """Set another password, or whether the user has to choose one. What is not said stays as it is."""
    user = find_user(tx, user_name)
    profile = _find_profile(tx, user)
    if password is not None:
        profile = _changed(tx, user, profile, password)
    if password_reset_required is not None:
        profile = msgspec.structs.replace(profile, must_reset=password_reset_required)
    tx.put(profile)
    return None


@operation("DeleteLoginProfile", access=on_user, writes=True)
def delete_login_profile(tx: Transaction, *, user_name: str | None = None) -> Answer:
    """Take a user's password away. Its access keys stay."""
    tx.delete(_find_profile(tx, find_user_or_own(tx, user_name)))
    return None


def _hash_own(tx: Transaction, *, old_password: str, new_password: str) -> NextPassword:
    profile = _find_profile(tx, _own_user(tx))
    # Else a stolen access key would be enough to guess the password behind it, at the expense of all who wait.
    attempts, this_password = tx.surroundings.code_attempts, f"{profile.key}/{profile.changed_at}"
    if attempts.are_refused(this_password, tx.now):
        raise AccessDenied(WRONG_OLD_PASSWORD)
    if not verify(profile, old_password):
        attempts.failed(this_password, tx.now)
        raise AccessDenied(WRONG_OLD_PASSWORD)
    attempts.succeeded(this_password)
    return _next_password(tx, profile, new_password)


@operation("ChangePassword", access=allowed_by_password_policy(on_user), writes=True, prepare=_hash_own)
def change_password(tx: Transaction, *, old_password: str, new_password: str) -> Answer:  # noqa: ARG001 - `_hash_own`
    """Change the caller's own password. Raises `AccessDenied` if the old one is wrong, or was too often.

    An expired password can be changed too, even under HardExpiry: AWS says of that setting that users with the
    permission and access keys "can reset their own expired console password using the CLI or API".
    """
    user = _own_user(tx)
    changed = _changed(tx, user, _find_profile(tx, user), new_password)
    tx.put(msgspec.structs.replace(changed, must_reset=False))
    return None


def _own_user(tx: Transaction) -> User:
    """The caller's user. Raises `InvalidUserType` for root (AWS CLI's documentation of the command) and roles."""
    if not isinstance(tx.principal, IamUser):
        raise InvalidUserType(NOT_A_USER)
    return find_user_or_own(tx, None)


def _find_profile(tx: Transaction, user: User) -> LoginProfile:
    profile = tx.world.get(LoginProfile, user.id)
    if profile is None:
        raise NoSuchEntity(f"Login Profile for User {user.name} cannot be found.")
    return profile


def _checked_first(tx: Transaction, user: User, password: str | None) -> str:
    """`password`, if it may become the first one of `user`."""
    if password is None:
        # The model does not require it, for the sake of AssumeRoot; the text is that of what it does require.
        raise ValidationError(
            "1 validation error detected: Value at 'password' failed to satisfy constraint: Member must not be null"
        )
    if tx.world.get(LoginProfile, user.id) is not None:
        raise EntityAlreadyExists(f"Login Profile for user {user.name} already exists.")
    _check_rules(tx, password)
    return password


def _check_rules(tx: Transaction, password: str) -> None:
    lacking = violations(find_account(tx), password)
    if lacking:
        raise PasswordPolicyViolation(", ".join(lacking))


def _next_password(tx: Transaction, profile: LoginProfile, password: str) -> NextPassword:
    """Check and hash the password that is to follow the one of `profile`. Slow."""
    _check_rules(tx, password)
    prevention = _reuse_prevention(tx)
    # AWS does not say whether the present password counts among the previous ones: here it comes on top of them.
    if prevention and was_used(profile, password, prevention):
        raise PasswordPolicyViolation(USED_BEFORE)
    return NextPassword(
        profile=profile,
        reuse_prevention=prevention,
        password_hash=hash_password(password, tx.surroundings.randbits),
    )


def _changed(tx: Transaction, user: User, profile: LoginProfile, password: str) -> LoginProfile:
    """`profile` with the password that was prepared.

    Raises `EntityTemporarilyUnmodifiable` if the profile, or how many passwords to compare, is not what it was then.
    """
    prepared = tx.prepared
    assert isinstance(prepared, NextPassword)
    _check_rules(tx, password)
    if prepared.profile != profile or prepared.reuse_prevention != _reuse_prevention(tx):
        raise EntityTemporarilyUnmodifiable(IN_THE_MAKING.format(user.name))
    return with_password(profile, prepared.password_hash, now=tx.now)


def _reuse_prevention(tx: Transaction) -> int:
    policy = find_account(tx).password_policy
    return policy.reuse_prevention if policy is not None else 0


def _answer(user: User, profile: LoginProfile) -> dict[str, object]:
    return {
        "LoginProfile": {
            "UserName": user.name,
            "CreateDate": profile.created_at,
            "PasswordResetRequired": profile.must_reset,
        }
    }

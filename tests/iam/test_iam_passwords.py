"""Login profiles, ChangePassword and the account's password policy, as operations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from argon2.profiles import CHEAPEST

from iam.harness import NOW, Iam, Server
from rolecall.decision.evaluate import evaluate
from rolecall.decision.policies import ApplicablePolicies
from rolecall.decision.request import AuthorizationRequest
from rolecall.errors import (
    AccessDenied,
    ApiError,
    EntityAlreadyExists,
    EntityTemporarilyUnmodifiable,
    InvalidUserType,
    NoSuchEntity,
    PasswordPolicyViolation,
    ValidationError,
)
from rolecall.iam.passwords import REMEMBERED, hash_password, verify
from rolecall.operations.access import AccessCheck
from rolecall.operations.code_attempts import FIRST_WAIT, FREE_TRIES
from rolecall.state.credentials import LoginProfile
from rolecall.state.entities import User

FIRST, SECOND, THIRD = "Passw0rd", "Passw1rd", "Passw2rd"
TRUST = (
    '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"AWS": "123456789012"},'
    '"Action": "sts:AssumeRole"}}'
)
ALLOW_ALL = '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}'


@pytest.fixture
def bob(iam: Iam) -> Iam:
    """IAM as the user bob calls it."""
    iam("CreateUser", user_name="bob")
    return iam.as_user("bob")


def give(iam: Iam, *passwords: str, **fields: Any) -> None:
    """Give bob passwords, the newest first, by hashes that cost nothing: CreateLoginProfile would take long."""
    user = iam.server.world.named(User, iam.principal.account, "bob")
    assert user is not None
    newest, *before = (hash_password(each, iam.server.surroundings.randbits, cost=CHEAPEST) for each in passwords)
    iam.put(
        LoginProfile(
            account=user.account,
            user_id=user.id,
            password_hash=newest,
            previous_hashes=tuple(before),
            created_at=NOW,
            **{"changed_at": NOW, **fields},
        )
    )


def stored(iam: Iam) -> LoginProfile:
    user = iam.server.world.named(User, iam.principal.account, "bob")
    assert user is not None
    profile = iam.server.world.get(LoginProfile, user.id)
    assert profile is not None
    return profile


def between(server: Server, act: Callable[[], object]) -> None:
    """Let `act` happen once, while the next password is hashed: the moment at which the salt is drawn."""
    randbits = server.surroundings.randbits
    waiting = [act]

    def interrupted(bits: int) -> int:
        if waiting:
            waiting.pop()()
        return randbits(bits)

    server.surroundings = msgspec.structs.replace(server.surroundings, randbits=interrupted)


# Login profiles


def test_a_new_login_profile_is_told_without_its_password(iam: Iam, bob: Iam) -> None:
    expected = {"LoginProfile": {"UserName": "bob", "CreateDate": NOW, "PasswordResetRequired": False}}
    assert iam("CreateLoginProfile", user_name="bob", password=FIRST) == expected
    assert iam("GetLoginProfile", user_name="bob") == expected


def test_the_password_is_kept_as_an_argon2id_hash_with_the_parameters_of_rfc_9106(iam: Iam, bob: Iam) -> None:
    iam("CreateLoginProfile", user_name="bob", password=FIRST)
    profile = stored(iam)
    assert profile.password_hash.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert FIRST not in repr(profile)
    assert verify(profile, FIRST)
    assert not verify(profile, SECOND)


def test_two_users_with_one_password_have_different_hashes(iam: Iam, bob: Iam) -> None:
    iam("CreateUser", user_name="eve")
    for name in ("bob", "eve"):
        iam("CreateLoginProfile", user_name=name, password=FIRST)
    hashes = {profile.password_hash for profile in iam.server.world.owned(LoginProfile, iam.principal.account)}
    assert len(hashes) == 2


def test_without_a_name_a_user_has_its_own_login_profile_made_and_deleted(iam: Iam, bob: Iam) -> None:
    bob("CreateLoginProfile", password=FIRST, password_reset_required=True)
    assert bob("GetLoginProfile")["LoginProfile"]["PasswordResetRequired"] is True
    assert iam("GetLoginProfile", user_name="bob") == bob("GetLoginProfile")
    bob("DeleteLoginProfile")
    with pytest.raises(NoSuchEntity):
        iam("GetLoginProfile", user_name="bob")


def test_a_role_session_must_name_the_user(iam: Iam, bob: Iam) -> None:
    iam("CreateRole", role_name="ops", assume_role_policy_document=TRUST)
    with pytest.raises(ValidationError):
        iam.as_role("ops")("CreateLoginProfile", password=FIRST)
    iam.as_role("ops")("CreateLoginProfile", user_name="bob", password=FIRST)
    assert verify(stored(iam), FIRST)


def test_the_summary_does_not_count_a_users_password_as_roots(iam: Iam, bob: Iam) -> None:
    give(iam, FIRST)
    assert iam("GetAccountSummary")["SummaryMap"]["AccountPasswordPresent"] == 0


def test_an_update_sets_what_is_said_and_leaves_the_rest(iam: Iam, bob: Iam, server: Server) -> None:
    give(iam, FIRST)
    server.now = NOW + 60
    iam("UpdateLoginProfile", user_name="bob", password_reset_required=True)
    assert (stored(iam).must_reset, stored(iam).changed_at) == (True, NOW)
    assert verify(stored(iam), FIRST)
    iam("UpdateLoginProfile", user_name="bob", password=SECOND)
    assert (stored(iam).must_reset, stored(iam).changed_at, stored(iam).created_at) == (True, NOW + 60, NOW)
    assert verify(stored(iam), SECOND)
    iam("UpdateLoginProfile", user_name="bob", password_reset_required=False)
    assert stored(iam).must_reset is False


def test_an_update_that_says_nothing_changes_nothing(iam: Iam, bob: Iam) -> None:
    give(iam, FIRST)
    before = stored(iam)
    iam("UpdateLoginProfile", user_name="bob")
    assert stored(iam) == before


def test_a_renamed_user_keeps_its_password(iam: Iam, bob: Iam) -> None:
    give(iam, FIRST)
    iam("UpdateUser", user_name="bob", new_user_name="rob")
    assert iam("GetLoginProfile", user_name="rob")["LoginProfile"]["UserName"] == "rob"


# ChangePassword


def test_a_user_changes_its_own_password(iam: Iam, bob: Iam, server: Server) -> None:
    give(iam, FIRST, must_reset=True)
    server.now = NOW + 60
    assert bob("ChangePassword", old_password=FIRST, new_password=SECOND) == {}
    profile = stored(iam)
    assert verify(profile, SECOND)
    assert not verify(profile, FIRST)
    assert (profile.must_reset, profile.created_at, profile.changed_at) == (False, NOW, NOW + 60)


def test_a_wrong_old_password_changes_nothing(iam: Iam, bob: Iam) -> None:
    give(iam, FIRST)
    before = stored(iam)
    with pytest.raises(AccessDenied) as caught:
        bob("ChangePassword", old_password=THIRD, new_password=SECOND)
    assert caught.value.message == "The old password was incorrect."
    assert stored(iam) == before


def test_the_old_password_cannot_be_guessed_without_end(iam: Iam, bob: Iam, server: Server) -> None:
    give(iam, FIRST)
    for _ in range(FREE_TRIES + 1):
        with pytest.raises(AccessDenied):
            bob("ChangePassword", old_password=THIRD, new_password=SECOND)
    with pytest.raises(AccessDenied) as caught:
        bob("ChangePassword", old_password=FIRST, new_password=SECOND)
    assert caught.value.message == "The old password was incorrect."
    server.now += FIRST_WAIT
    bob("ChangePassword", old_password=FIRST, new_password=SECOND)


def test_a_new_password_ends_the_wait_after_wrong_ones(iam: Iam, bob: Iam, server: Server) -> None:
    give(iam, FIRST)
    for _ in range(FREE_TRIES + 1):
        with pytest.raises(AccessDenied):
            bob("ChangePassword", old_password=THIRD, new_password=SECOND)
    server.now += 1
    iam("UpdateLoginProfile", user_name="bob", password=SECOND)
    bob("ChangePassword", old_password=SECOND, new_password=FIRST)


def test_a_password_is_compared_whole_and_with_its_case(iam: Iam, bob: Iam) -> None:
    give(iam, "Passw0rd" * 16)
    for wrong in ("Passw0rd" * 15, "passw0rd" * 16, "Passw0rd" * 15 + "Passw0r"):
        with pytest.raises(AccessDenied):
            bob("ChangePassword", old_password=wrong, new_password=SECOND)


def test_a_user_without_a_password_has_none_to_change(iam: Iam, bob: Iam) -> None:
    with pytest.raises(NoSuchEntity) as caught:
        bob("ChangePassword", old_password=FIRST, new_password=SECOND)
    assert caught.value.message == "Login Profile for User bob cannot be found."


def test_only_users_change_their_password(iam: Iam) -> None:
    iam("CreateRole", role_name="ops", assume_role_policy_document=TRUST)
    for caller in (iam, iam.as_role("ops"), iam.as_federated_user()):
        with pytest.raises(InvalidUserType):
            caller("ChangePassword", old_password=FIRST, new_password=SECOND)


def test_the_new_password_has_to_keep_the_accounts_policy(iam: Iam, bob: Iam) -> None:
    give(iam, FIRST)
    iam("UpdateAccountPasswordPolicy", require_symbols=True)
    with pytest.raises(PasswordPolicyViolation) as caught:
        bob("ChangePassword", old_password=FIRST, new_password=SECOND)
    assert caught.value.message == "Password should have at least one symbol"


def test_an_expired_password_can_be_changed_through_the_api_even_under_hard_expiry(
    iam: Iam, bob: Iam, server: Server
) -> None:
    give(iam, FIRST)
    iam("UpdateAccountPasswordPolicy", max_password_age=1, hard_expiry=True)
    server.now = NOW + 10 * 86_400
    bob("ChangePassword", old_password=FIRST, new_password=SECOND)
    assert stored(iam).changed_at == server.now


# Reuse


def change_to(bob: Iam, password: str) -> None:
    bob("ChangePassword", old_password=FIRST, new_password=password)


def reset_to(iam: Iam, password: str) -> None:
    iam("UpdateLoginProfile", user_name="bob", password=password)


@pytest.mark.parametrize("by_owner", [True, False], ids=["ChangePassword", "UpdateLoginProfile"])
def test_the_present_and_as_many_passwords_before_it_as_the_policy_says_do_not_come_back(
    iam: Iam, bob: Iam, by_owner: bool
) -> None:
    iam("UpdateAccountPasswordPolicy", password_reuse_prevention=1)
    for used in (FIRST, SECOND):
        give(iam, FIRST, SECOND, THIRD)
        with pytest.raises(PasswordPolicyViolation) as caught:
            change_to(bob, used) if by_owner else reset_to(iam, used)
        assert "password reuse prevention" in caught.value.message
    change_to(bob, THIRD) if by_owner else reset_to(iam, THIRD)
    assert verify(stored(iam), THIRD)


def test_without_reuse_prevention_any_password_may_come_back(iam: Iam, bob: Iam) -> None:
    give(iam, FIRST, SECOND)
    change_to(bob, FIRST)
    change_to(bob, SECOND)
    assert verify(stored(iam), SECOND)


def test_the_newest_24_passwords_are_remembered(iam: Iam, bob: Iam) -> None:
    give(iam, FIRST, *(f"Passw0rd-{number}" for number in range(REMEMBERED)))
    before = stored(iam)
    change_to(bob, SECOND)
    assert stored(iam).previous_hashes == (before.password_hash, *before.previous_hashes[: REMEMBERED - 1])
    assert REMEMBERED == 24


# What happens while a password is hashed


def test_of_two_changes_at_once_the_second_is_refused(iam: Iam, bob: Iam, server: Server) -> None:
    give(iam, FIRST)
    between(server, lambda: reset_to(iam, SECOND))
    with pytest.raises(EntityTemporarilyUnmodifiable):
        change_to(bob, THIRD)
    assert verify(stored(iam), SECOND)


def test_a_password_is_not_set_for_a_user_who_lost_it_meanwhile(iam: Iam, bob: Iam, server: Server) -> None:
    give(iam, FIRST)
    between(server, lambda: iam("DeleteLoginProfile", user_name="bob"))
    with pytest.raises(NoSuchEntity):
        reset_to(iam, SECOND)


def test_of_two_first_passwords_at_once_the_second_is_refused(iam: Iam, bob: Iam, server: Server) -> None:
    between(server, lambda: iam("CreateLoginProfile", user_name="bob", password=FIRST))
    with pytest.raises(EntityAlreadyExists):
        iam("CreateLoginProfile", user_name="bob", password=SECOND)
    assert verify(stored(iam), FIRST)


@pytest.mark.parametrize(
    ("stricter", "error"),
    [
        ({"minimum_password_length": 20}, PasswordPolicyViolation),
        ({"password_reuse_prevention": 24}, EntityTemporarilyUnmodifiable),
    ],
    ids=["longer", "no reuse"],
)
def test_a_policy_that_became_stricter_meanwhile_counts(
    iam: Iam, bob: Iam, server: Server, stricter: dict[str, Any], error: type[ApiError]
) -> None:
    give(iam, FIRST)
    between(server, lambda: iam("UpdateAccountPasswordPolicy", **stricter))
    with pytest.raises(error):
        change_to(bob, FIRST)
    assert stored(iam).changed_at == NOW
    assert not stored(iam).previous_hashes


# The account's policy


def test_a_policy_of_which_nothing_is_said_holds_awss_defaults(iam: Iam) -> None:
    """Recorded by LocalStack: no age, no reuse prevention and no hard expiry in the answer."""
    assert iam("UpdateAccountPasswordPolicy") == {}
    assert told(iam) == {
        "MinimumPasswordLength": 6,
        "RequireSymbols": False,
        "RequireNumbers": False,
        "RequireUppercaseCharacters": False,
        "RequireLowercaseCharacters": False,
        "AllowUsersToChangePassword": False,
        "ExpirePasswords": False,
    }


def test_a_policy_is_told_as_it_was_set(iam: Iam) -> None:
    iam(
        "UpdateAccountPasswordPolicy",
        minimum_password_length=10,
        require_symbols=True,
        require_numbers=True,
        require_uppercase_characters=True,
        require_lowercase_characters=True,
        allow_users_to_change_password=True,
        max_password_age=60,
        password_reuse_prevention=3,
        hard_expiry=True,
    )
    assert told(iam) == {
        "MinimumPasswordLength": 10,
        "RequireSymbols": True,
        "RequireNumbers": True,
        "RequireUppercaseCharacters": True,
        "RequireLowercaseCharacters": True,
        "AllowUsersToChangePassword": True,
        "ExpirePasswords": True,
        "MaxPasswordAge": 60,
        "PasswordReusePrevention": 3,
        "HardExpiry": True,
    }


def test_an_update_replaces_the_whole_policy(iam: Iam) -> None:
    iam("UpdateAccountPasswordPolicy", max_password_age=60, require_symbols=True, hard_expiry=True)
    iam("UpdateAccountPasswordPolicy", minimum_password_length=9, hard_expiry=False)
    policy = told(iam)
    assert (policy["MinimumPasswordLength"], policy["RequireSymbols"], policy["ExpirePasswords"]) == (9, False, False)
    assert policy["HardExpiry"] is False
    assert "MaxPasswordAge" not in policy


def test_without_a_policy_the_default_rules_are_back(iam: Iam, bob: Iam) -> None:
    iam("UpdateAccountPasswordPolicy", minimum_password_length=30)
    iam("DeleteAccountPasswordPolicy")
    iam("CreateLoginProfile", user_name="bob", password=FIRST)
    assert verify(stored(iam), FIRST)


def test_a_policy_belongs_to_its_account(iam: Iam, server: Server) -> None:
    iam("UpdateAccountPasswordPolicy", minimum_password_length=30)
    with pytest.raises(NoSuchEntity):
        server.account("210987654321")("GetAccountPasswordPolicy")


def told(iam: Iam) -> dict[str, Any]:
    """The policy as it goes over the wire: without what is None."""
    policy = iam("GetAccountPasswordPolicy")["PasswordPolicy"]
    return {member: value for member, value in policy.items() if value is not None}


# What the policy permits


def is_allowed(iam: Iam, name: str, **parameters: Any) -> bool:
    """Is a caller without policies of its own allowed the call?"""
    return all(passes(iam, check) for check in iam.checks(name, **parameters))


def passes(iam: Iam, check: AccessCheck) -> bool:
    request = AuthorizationRequest(
        principal=iam.principal, action=check.action, resource=check.resource, resource_account=check.resource_account
    )
    return evaluate(request, ApplicablePolicies(resource=check.resource_policy)).is_allowed


CHANGE = {"old_password": FIRST, "new_password": SECOND}


def test_users_may_change_their_password_if_the_accounts_policy_lets_them(iam: Iam, bob: Iam) -> None:
    assert not is_allowed(bob, "ChangePassword", **CHANGE)
    iam("UpdateAccountPasswordPolicy", minimum_password_length=9)
    assert not is_allowed(bob, "ChangePassword", **CHANGE)
    iam("UpdateAccountPasswordPolicy", allow_users_to_change_password=True)
    assert is_allowed(bob, "ChangePassword", **CHANGE)
    assert is_allowed(bob, "GetAccountPasswordPolicy")
    for other in (
        "UpdateAccountPasswordPolicy",
        "DeleteAccountPasswordPolicy",
        "GetLoginProfile",
        "DeleteLoginProfile",
    ):
        assert not is_allowed(bob, other)
    assert not is_allowed(bob, "UpdateLoginProfile", user_name="bob")


def test_the_accounts_policy_permits_nothing_to_roles_and_federated_users(iam: Iam) -> None:
    iam("CreateRole", role_name="ops", assume_role_policy_document=TRUST)
    iam("UpdateAccountPasswordPolicy", allow_users_to_change_password=True)
    for caller in (iam.as_role("ops"), iam.as_federated_user()):
        assert not is_allowed(caller, "ChangePassword", **CHANGE)
        assert not is_allowed(caller, "GetAccountPasswordPolicy")


def test_the_accounts_policy_helps_no_user_past_a_permissions_boundary(iam: Iam, bob: Iam) -> None:
    arn = iam("CreatePolicy", policy_name="bound", policy_document=ALLOW_ALL)["Policy"]["Arn"]
    iam("UpdateAccountPasswordPolicy", allow_users_to_change_password=True)
    iam("PutUserPermissionsBoundary", user_name="bob", permissions_boundary=arn)
    assert not is_allowed(bob, "ChangePassword", **CHANGE)
    assert not is_allowed(bob, "GetAccountPasswordPolicy")


def test_what_a_call_is_about(iam: Iam, bob: Iam) -> None:
    user = "arn:aws:iam::123456789012:user/bob"
    assert bob.resources("ChangePassword", **CHANGE) == [user]
    for name in ("CreateLoginProfile", "GetLoginProfile", "DeleteLoginProfile"):
        assert bob.resources(name) == iam.resources(name, user_name="bob") == [user]
    assert iam.resources("UpdateLoginProfile", user_name="bob") == [user]
    for name in ("GetAccountPasswordPolicy", "UpdateAccountPasswordPolicy", "DeleteAccountPasswordPolicy"):
        assert iam.resources(name) == ["*"]

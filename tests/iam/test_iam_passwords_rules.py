"""What a password has to be, its hash and its expiry: the functions of `rolecall.iam.passwords`."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
from argon2.exceptions import InvalidHashError
from argon2.profiles import CHEAPEST

from rolecall.iam.passwords import (
    REMEMBERED,
    expires_at,
    hash_password,
    is_expired,
    verify,
    violations,
    was_used,
    with_password,
)
from rolecall.names.arn import AccountId
from rolecall.state.credentials import LoginProfile
from rolecall.state.entities import Account, PasswordPolicy

ACCOUNT = AccountId("123456789012")
CASES = json.loads((Path(__file__).parent.parent / "cases" / "iam" / "password_rules.json").read_text())
DAY = 86_400


def profile_of(*passwords: str) -> LoginProfile:
    """A login profile with these passwords, the newest first."""
    randbits = random.Random(1).getrandbits
    newest, *before = (hash_password(each, randbits, cost=CHEAPEST) for each in passwords)
    return LoginProfile(
        account=ACCOUNT,
        user_id="AIDAEXAMPLE",
        password_hash=newest,
        previous_hashes=tuple(before),
        created_at=0,
        changed_at=1000,
    )


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_a_password_breaks_the_rules_that_it_breaks_at_aws(case: dict[str, Any]) -> None:
    policy = PasswordPolicy(**case["policy"]) if "policy" in case else None
    account = Account(account=ACCOUNT, created_at=0, alias=case.get("alias"), password_policy=policy)
    assert list(violations(account, case["password"])) == case["violations"]
    assert case["source"]


@pytest.mark.parametrize("password", ["Passw0rd", "é" * 128, "tab\tand\nline", " leading and trailing "])
def test_a_password_and_nothing_else_fits_its_hash(password: str) -> None:
    profile = profile_of(password)
    assert verify(profile, password)
    for other in (password[:-1], password + " ", password.swapcase() + "x", ""):
        assert not verify(profile, other)


def test_a_hash_that_cannot_be_read_lets_nobody_in() -> None:
    profile = LoginProfile(account=ACCOUNT, user_id="AIDAEXAMPLE", password_hash="Passw0rd", created_at=0, changed_at=0)
    with pytest.raises(InvalidHashError):
        verify(profile, "Passw0rd")


def test_the_salt_is_made_of_the_randomness_that_is_handed_in() -> None:
    first, again, other = (hash_password("x", random.Random(seed).getrandbits, cost=CHEAPEST) for seed in (1, 1, 2))
    assert first == again != other


def test_the_present_password_and_so_many_before_it_were_used() -> None:
    profile = profile_of("a", "b", "c", "d")
    assert [was_used(profile, password, 2) for password in "abcde"] == [True, True, True, False, False]
    assert not was_used(profile, "b", 0)


def test_a_next_password_pushes_the_present_one_into_the_past() -> None:
    profile = profile_of(*(str(number) for number in range(REMEMBERED + 1)))
    changed = with_password(profile, "hash", now=2000)
    assert (changed.password_hash, changed.changed_at, changed.created_at) == ("hash", 2000, 0)
    assert changed.previous_hashes == (profile.password_hash, *profile.previous_hashes[:-1])


def test_a_password_is_over_when_its_age_is_reached() -> None:
    profile, policy = profile_of("a"), PasswordPolicy(maximum_age=3)
    assert expires_at(profile, policy) == 1000 + 3 * DAY
    assert not is_expired(profile, policy, 1000 + 3 * DAY - 1)
    assert is_expired(profile, policy, 1000 + 3 * DAY)


@pytest.mark.parametrize("policy", [None, PasswordPolicy()], ids=["no policy", "no age"])
def test_without_an_age_a_password_is_never_over(policy: PasswordPolicy | None) -> None:
    assert expires_at(profile_of("a"), policy) is None
    assert not is_expired(profile_of("a"), policy, 10**10)

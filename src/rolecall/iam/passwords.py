"""Passwords: what they have to be, how they are kept, how they are checked, when they are over.

Everything here is a function of its arguments. Hashing and checking take a tenth of a second and 64 MiB, on purpose:
call them where nobody waits, never in the writer's turn. No operation lives here, and nothing here lets anybody in.
"""

from __future__ import annotations

from collections.abc import Iterator
from string import ascii_lowercase, ascii_uppercase, digits

import msgspec
from argon2 import Parameters, PasswordHasher
from argon2.exceptions import VerifyMismatchError
from argon2.profiles import RFC_9106_LOW_MEMORY

from rolecall.names.ids import RandBits
from rolecall.state.credentials import LoginProfile
from rolecall.state.entities import Account, PasswordPolicy

SYMBOLS = "!@#$%^&*()_+-=[]{}|'"
"""What counts as a symbol. Source: AWS's documentation of UpdateAccountPasswordPolicy."""

REMEMBERED = 24
"""How many passwords before the present one are remembered: as many as a policy can forbid to come back."""

SECONDS_PER_DAY = 86_400


class CharacterClass(msgspec.Struct, frozen=True):
    """Characters of which a password may have to have one. `requirement` is AWS's sentence."""

    requirement: str
    members: frozenset[str]

    def is_in(self, password: str) -> bool:
        """Does `password` hold one of them?"""
        return not self.members.isdisjoint(password)


UPPERCASE = CharacterClass("Password should have at least one uppercase letter", frozenset(ascii_uppercase))
LOWERCASE = CharacterClass("Password should have at least one lowercase letter", frozenset(ascii_lowercase))
NUMBERS = CharacterClass("Password should have at least one number", frozenset(digits))
SYMBOL = CharacterClass("Password should have at least one symbol", frozenset(SYMBOLS))
CLASSES = (UPPERCASE, LOWERCASE, NUMBERS, SYMBOL)
"""In the order in which messages list them. Those of upper case and symbols were seen from AWS, in this order
(`violations`); the other two follow them."""

DEFAULT_LENGTH = 8
DEFAULT_CLASSES = 3
"""What AWS asks for where an account has no policy of its own. Source: IAM user guide, "Default password policy"."""


def violations(account: Account, password: str) -> tuple[str, ...]:
    """What `password` lacks under the account's policy, or under AWS's default one: AWS's sentences, none if nothing.

    Seen from AWS's CreateLoginProfile: `Password should have a minimum length of 8`, and `Password should meet 1 more
    of the following requirements: Password should have at least one uppercase letter, Password should have at least
    one symbol`. How AWS joins several is known for the second alone.
    """
    policy = account.password_policy
    return tuple(_lacks_by_default(account, password) if policy is None else _lacks(policy, password))


def _lacks(policy: PasswordPolicy, password: str) -> Iterator[str]:
    yield from _too_short(password, policy.minimum_length)
    required = (
        policy.requires_uppercase,
        policy.requires_lowercase,
        policy.requires_numbers,
        policy.requires_symbols,
    )
    for is_required, characters in zip(required, CLASSES, strict=True):
        if is_required and not characters.is_in(password):
            yield characters.requirement


def _lacks_by_default(account: Account, password: str) -> Iterator[str]:
    yield from _too_short(password, DEFAULT_LENGTH)
    absent = [characters.requirement for characters in CLASSES if not characters.is_in(password)]
    missing = DEFAULT_CLASSES - (len(CLASSES) - len(absent))
    if missing > 0:
        yield f"Password should meet {missing} more of the following requirements: {', '.join(absent)}"
    # An account's only name here is its alias. AWS does not say whether case counts: without it, less gets through.
    if account.alias is not None and password.lower() == account.alias.lower():
        yield "Password should not be identical to your AWS account name or email address"  # a guess


def _too_short(password: str, minimum: int) -> Iterator[str]:
    if len(password) < minimum:
        yield f"Password should have a minimum length of {minimum}"


def hash_password(password: str, randbits: RandBits, *, cost: Parameters = RFC_9106_LOW_MEMORY) -> str:
    """The argon2id hash of a password, its salt and parameters included. Slow.

    Parameters: `randbits`, for the salt; `cost`, the second of the parameter sets that RFC 9106 recommends, 64 MiB.
    """
    salt = randbits(8 * cost.salt_len).to_bytes(cost.salt_len, "big")
    return PasswordHasher.from_parameters(cost).hash(password, salt=salt)


def verify(profile: LoginProfile, password: str) -> bool:
    """Is it the password of `profile`? Takes as long for a wrong one as for the right one. Slow.

    Says nothing of expiry or of whether another one has to be chosen: see `is_expired` and `LoginProfile.must_reset`.
    """
    return _is_hash_of(profile.password_hash, password)


def was_used(profile: LoginProfile, password: str, before: int) -> bool:
    """Is it the present password, or one of the `before` that came before it? Slow, for each of them."""
    hashes = (profile.password_hash, *profile.previous_hashes[:before])
    return any(_is_hash_of(each, password) for each in hashes)


def with_password(profile: LoginProfile, password_hash: str, *, now: int) -> LoginProfile:
    """`profile` with another password, set at `now`; the one that it had is remembered."""
    remembered = (profile.password_hash, *profile.previous_hashes)[:REMEMBERED]
    return msgspec.structs.replace(profile, password_hash=password_hash, previous_hashes=remembered, changed_at=now)


def expires_at(profile: LoginProfile, policy: PasswordPolicy | None) -> int | None:
    """When the password is over, in seconds since the epoch; None if never.

    It follows the policy of today: a shorter age ends passwords at once (IAM user guide, "Rules for setting a password
    policy").
    """
    if policy is None or policy.maximum_age == 0:
        return None
    return profile.changed_at + policy.maximum_age * SECONDS_PER_DAY


def is_expired(profile: LoginProfile, policy: PasswordPolicy | None, now: int) -> bool:
    """Is the password over at `now`? Whoever logs in with it must choose another, or with `hard_expiry` may not."""
    end = expires_at(profile, policy)
    return end is not None and now >= end


def _is_hash_of(password_hash: str, password: str) -> bool:
    # The hash names its own parameters. One that cannot be read is not a wrong password but a broken record: it raises.
    try:
        return PasswordHasher().verify(password_hash, password)
    except VerifyMismatchError:
        return False

"""Unique ids and access key ids.

Ids are never reused. Randomness comes in as an argument: `randbits(n)` gives an integer of n random bits
(`secrets.randbits` in the server, a seeded one in tests). Source: the IAM user guide, "Unique identifiers"; the account
inside an access key id as described in identities.md §1.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from enum import StrEnum

from rolecall.names.arn import AccountId

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
SECRET_BYTES = 30
RandBits = Callable[[int], int]


class IdPrefix(StrEnum):
    """The first four letters say what an id names."""

    USER = "AIDA"
    ROLE = "AROA"
    GROUP = "AGPA"
    MANAGED_POLICY = "ANPA"
    INSTANCE_PROFILE = "AIPA"
    SSH_PUBLIC_KEY = "APKA"
    CERTIFICATE = "ASCA"
    SERVICE_SPECIFIC_CREDENTIAL = "ACCA"
    LONG_TERM_KEY = "AKIA"
    TEMPORARY_KEY = "ASIA"
    ROLE_TEMPLATE_VERSION = "AVTA"
    OIDC_PROVIDER = "OIDC"  # our own: AWS shows no id of these


class SamlIdPrefix(StrEnum):
    """The ids of SAML providers and of their keys are of a form of their own."""

    PROVIDER = "SAMLSP"
    PRIVATE_KEY = "SAMLPK"


PRINCIPAL_PREFIXES = (IdPrefix.USER, IdPrefix.ROLE)

_ACCESS_KEY_ID = re.compile(f"(?:{IdPrefix.LONG_TERM_KEY}|{IdPrefix.TEMPORARY_KEY})([{ALPHABET}]{{16}})")


def new_unique_id(prefix: IdPrefix, randbits: RandBits, *, letters: int = 17) -> str:
    """A new id of an entity: the prefix and 17 letters of base32 (85 random bits), or as many as AWS gives its kind."""
    return prefix + _letters(randbits(5 * letters), letters)


def new_saml_id(prefix: SamlIdPrefix, randbits: RandBits) -> str:
    """A new id of a SAML provider or of its key: the prefix and 16 letters of base32 (80 random bits)."""
    return prefix + _letters(randbits(80), 16)


def new_access_key_id(prefix: IdPrefix, account: AccountId, randbits: RandBits) -> str:
    """A new access key id, `AKIA…` or `ASIA…`: 16 letters that hold the account and 39 random bits."""
    value = (1 << 47 | int(account) << 7 | randbits(7)) << 32 | randbits(32)
    return prefix + _letters(value, 16)


def new_secret_access_key(randbits: RandBits) -> str:
    """A new secret access key: 40 letters of the base64 alphabet (240 random bits)."""
    return base64.b64encode(randbits(8 * SECRET_BYTES).to_bytes(SECRET_BYTES, "big")).decode()


def account_of_access_key(access_key_id: str) -> AccountId | None:
    """The account that an access key id names, or None if the id is malformed or of the old kind without one."""
    match = _ACCESS_KEY_ID.fullmatch(access_key_id)
    if match is None:
        return None
    value = int.from_bytes(base64.b32decode(match[1])[:6], "big")
    if not value >> 47:
        return None
    account = (value & 0x7FFFFFFFFF80) >> 7
    return AccountId(f"{account:012d}") if account < 10**12 else None


def is_principal_id(text: str) -> bool:
    """Is `text` the unique id of a user or role, as it stands in a stored trust policy?"""
    return text[:4] in PRINCIPAL_PREFIXES and len(text) >= 16 and text.isascii() and text.isalnum()


def _letters(value: int, count: int) -> str:
    """The base32 letters of `value`, most significant first, as `base64.b32encode` would give them for whole bytes."""
    return "".join([ALPHABET[value >> 5 * at & 31] for at in range(count - 1, -1, -1)])

"""Making accounts: what the operator does, no operation of AWS. An account comes with one key of its root user."""

from __future__ import annotations

import re

import msgspec

from rolecall.errors import SettingsError
from rolecall.iam.quotas import ACCESS_KEYS_PER_USER
from rolecall.names.arn import AccountId, is_account_id
from rolecall.names.ids import IdPrefix, RandBits, new_access_key_id, new_secret_access_key
from rolecall.state.credentials import AccessKey
from rolecall.state.draft import Draft
from rolecall.state.entities import Account
from rolecall.state.seal import Sealer
from rolecall.state.sealed_fields import seal_secret

_ACCESS_KEY_ID = re.compile(r"[A-Za-z0-9_]{16,128}")
SHORTEST_SECRET = 16


class NewAccount(msgspec.Struct, frozen=True, kw_only=True):
    """An account and its root credentials. `is_secret_random` says that nobody but the plan knows the secret yet."""

    account: AccountId
    access_key_id: str
    secret_access_key: str
    is_secret_random: bool


def plan_account(
    randbits: RandBits,
    *,
    account: str | None = None,
    access_key_id: str | None = None,
    secret_access_key: str | None = None,
) -> NewAccount:
    """An account as it shall be made: what is not given is random.

    Raises `SettingsError` for an id that is not twelve digits, a malformed access key id, a short secret, or a key id
    without a secret and the reverse.
    """
    if account is not None and (not is_account_id(account) or account == "0" * 12):
        raise SettingsError(f"the account id `{account}` is not twelve digits: choose one like 123456789012")
    if (access_key_id is None) != (secret_access_key is None):
        raise SettingsError("give both the root access key id and the root secret access key, or neither")
    if access_key_id is not None and not _ACCESS_KEY_ID.fullmatch(access_key_id):
        raise SettingsError(f"the root access key id `{access_key_id}` must be 16 to 128 letters, digits or `_`")
    if secret_access_key is not None and len(secret_access_key) < SHORTEST_SECRET:
        raise SettingsError(f"the root secret access key is too short: use at least {SHORTEST_SECRET} characters")
    chosen = AccountId(account or f"{10**11 + randbits(64) % (9 * 10**11):012d}")
    return NewAccount(
        account=chosen,
        access_key_id=access_key_id or new_access_key_id(IdPrefix.LONG_TERM_KEY, chosen, randbits),
        secret_access_key=secret_access_key or new_secret_access_key(randbits),
        is_secret_random=secret_access_key is None,
    )


def create_account(draft: Draft, plan: NewAccount, *, now: int, sealer: Sealer) -> None:
    """Make the account and its root access key. Raises `SettingsError` if either id is taken."""
    if draft.world.get(Account, plan.account) is not None:
        raise SettingsError(f"the account `{plan.account}` exists already: choose another id")
    draft.put(Account(account=plan.account, created_at=now))
    _put_root_key(draft, plan, now, sealer)


def create_root_key(draft: Draft, plan: NewAccount, *, now: int, sealer: Sealer) -> None:
    """Make another access key of the root user: the way back for who has lost or deleted the last one.

    Raises `SettingsError` if there is no such account, `LimitExceeded` if its root user has as many keys as it may.
    """
    if draft.world.get(Account, plan.account) is None:
        raise SettingsError(f"the account `{plan.account}` does not exist here: `rolecall account list` shows all")
    ACCESS_KEYS_PER_USER.check(len(draft.world.of_user(AccessKey, plan.account, None)) + 1)
    _put_root_key(draft, plan, now, sealer)


def _put_root_key(draft: Draft, plan: NewAccount, now: int, sealer: Sealer) -> None:
    if draft.world.get(AccessKey, plan.access_key_id) is not None:
        raise SettingsError(f"the access key `{plan.access_key_id}` exists already: choose another id")
    draft.put(
        AccessKey(
            account=plan.account,
            access_key_id=plan.access_key_id,
            sealed_secret=seal_secret(sealer, plan.access_key_id, plan.secret_access_key),
            created_at=now,
        )
    )

"""The keys under which session tokens are sealed.

They lie in the world, themselves sealed under the master key, so every process of a data directory issues and reads the
same tokens. What a token holds is `rolecall.sts`'s business.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from rolecall.names.arn import AccountId
from rolecall.names.ids import RandBits
from rolecall.state.draft import Draft
from rolecall.state.entities import SealedKey
from rolecall.state.seal import Sealer
from rolecall.state.sealed_fields import purpose
from rolecall.state.world import World

NO_ACCOUNT = AccountId("")
"""The account of what belongs to no account."""

KEY_LENGTH = 32
"""Bytes of a token key: AES-256."""


@dataclass(frozen=True, slots=True)
class TokenKey:
    """A token key, opened. `id` is 16 hexadecimal digits; `secret` has 32 bytes."""

    id: str
    secret: bytes = field(repr=False)


def token_keys(world: World, sealer: Sealer) -> tuple[TokenKey, ...]:
    """All token keys, the newest first: it seals, all of them open. Raises `StoreError` if one cannot be opened."""
    newest_first = sorted(
        world.owned(SealedKey, NO_ACCOUNT), key=lambda key: (key.created_at, key.key_id), reverse=True
    )
    return tuple(
        TokenKey(key.key_id, sealer.open(key.sealed_key, purpose(SealedKey, key.key_id))) for key in newest_first
    )


def make_token_key(draft: Draft, sealer: Sealer, *, now: int, randbits: RandBits) -> TokenKey:
    """Add a token key, with which new tokens are sealed from then on. `now` is in seconds since the epoch."""
    key = TokenKey(f"{randbits(64):016x}", randbits(8 * KEY_LENGTH).to_bytes(KEY_LENGTH, "big"))
    sealed = sealer.seal(key.secret, purpose(SealedKey, key.id))
    draft.put(SealedKey(account=NO_ACCOUNT, key_id=key.id, sealed_key=sealed, created_at=now))
    return key

"""What an operation is handed: the world, who calls, the time, randomness, and the means to change things.

Nothing here speaks HTTP, and nothing here decides whether the call is allowed.
"""

from __future__ import annotations

import msgspec

from rolecall.decision.principal import AccountPrincipal
from rolecall.names.arn import AccountId
from rolecall.names.ids import IdPrefix, RandBits, new_access_key_id, new_secret_access_key, new_unique_id
from rolecall.operations.code_attempts import CodeAttempts
from rolecall.state.caller import Caller
from rolecall.state.draft import Draft
from rolecall.state.entities import Entity
from rolecall.state.seal import Sealer
from rolecall.state.token_keys import TokenKey
from rolecall.state.token_ring import TokenRing
from rolecall.state.uses import LastUses
from rolecall.state.world import World


class Surroundings(msgspec.Struct, frozen=True, kw_only=True):
    """What the server lends to every operation.

    Parameters: `randbits`, a source of random bits; `sealer`, for secrets at rest; `uses`, facts about last use;
    `token_ring`, the keys of session tokens; `code_attempts`, the wrong codes of MFA devices that this process saw;
    `issuer_url`, the server's own URL as others reach it, below which its token issuers are.
    """

    randbits: RandBits
    sealer: Sealer
    uses: LastUses
    token_ring: TokenRing
    issuer_url: str = ""
    code_attempts: CodeAttempts = msgspec.field(default_factory=CodeAttempts)


class Transaction:
    """One run of one operation.

    Attributes: `caller`; `now`, whole seconds since the epoch, UTC; `region`, the region of the request's credential
    scope; `surroundings`; `prepared`, what the operation's `prepare` returned.
    """

    __slots__ = ("_draft", "caller", "now", "prepared", "region", "surroundings")

    def __init__(
        self,
        draft: Draft,
        *,
        caller: Caller,
        now: int,
        surroundings: Surroundings,
        region: str = "us-east-1",
        prepared: object = None,
    ) -> None:
        self._draft = draft
        self.caller = caller
        self.now = now
        self.region = region
        self.surroundings = surroundings
        self.prepared = prepared

    @property
    def world(self) -> World:
        """The world, with this operation's own changes."""
        return self._draft.world

    @property
    def principal(self) -> AccountPrincipal:
        return self.caller.principal

    @property
    def account(self) -> AccountId:
        """The caller's account."""
        return self.caller.principal.account

    @property
    def token_key(self) -> TokenKey:
        """The key that seals new session tokens."""
        return self.surroundings.token_ring.newest(self.world)

    def put(self, entity: Entity) -> None:
        """Write `entity` under its key."""
        self._draft.put(entity)

    def delete(self, entity: Entity) -> None:
        """Remove `entity`."""
        self._draft.delete(entity)

    def new_id(self, prefix: IdPrefix) -> str:
        """A new unique id."""
        return new_unique_id(prefix, self.surroundings.randbits)

    def new_credentials(self, prefix: IdPrefix, account: AccountId) -> tuple[str, str]:
        """A new access key id and its secret."""
        randbits = self.surroundings.randbits
        return new_access_key_id(prefix, account, randbits), new_secret_access_key(randbits)

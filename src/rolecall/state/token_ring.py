"""The token keys of a world, opened once and kept for as long as the world has the same ones."""

from __future__ import annotations

from collections.abc import Mapping

from rolecall.state.entities import SealedKey
from rolecall.state.indexes import Index
from rolecall.state.seal import Sealer
from rolecall.state.token_keys import NO_ACCOUNT, TokenKey, token_keys
from rolecall.state.world import World


class TokenRing:
    """Gives the opened token keys of any world. Parameters: `sealer`, which opens them."""

    def __init__(self, sealer: Sealer) -> None:
        self._sealer = sealer
        # Which keys there are, the newest of them, and all by id: replaced as one, so that threads need no lock.
        self._known: tuple[object, TokenKey | None, Mapping[str, bytes]] = (None, None, {})

    def newest(self, world: World) -> TokenKey:
        """The key that seals new tokens."""
        newest = self._keys(world)[1]
        if newest is None:
            raise LookupError("the world has no token key")
        return newest

    def by_id(self, world: World) -> Mapping[str, bytes]:
        """Every key that opens tokens, by its id."""
        return self._keys(world)[2]

    def _keys(self, world: World) -> tuple[object, TokenKey | None, Mapping[str, bytes]]:
        # The index entry is the same object until a token key comes or goes.
        which = world.index.get((Index.OWNED, SealedKey.kind, NO_ACCOUNT))
        if which is not self._known[0]:
            keys = token_keys(world, self._sealer)
            self._known = (which, keys[0] if keys else None, {key.id: key.secret for key in keys})
        return self._known

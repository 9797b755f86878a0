"""Who sends this? From a signed request to a caller that exists (SigV4, access keys, session tokens).

Every refusal has AWS's own code (wire.md §2). Secrets are opened here and go nowhere else.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache, partial

from rolecall.errors import ExpiredToken, InvalidClientTokenId
from rolecall.names.ids import IdPrefix
from rolecall.state.caller import EXPIRED_TOKEN, INVALID_TOKEN, Caller, caller_of_key, caller_of_session
from rolecall.state.credentials import AccessKey
from rolecall.state.seal import Sealer
from rolecall.state.sealed_fields import open_secret
from rolecall.state.session import Session
from rolecall.state.token_ring import TokenRing
from rolecall.state.world import World
from rolecall.sts.tokens import open_token
from rolecall.wire.sigv4 import (
    IAM_SCOPE,
    STS_SCOPE,
    HttpRequest,
    ScopeRule,
    SigningKeyCache,
    read_signature,
    verify,
)

RULES: Mapping[str, ScopeRule] = {rule.service: rule for rule in (IAM_SCOPE, STS_SCOPE)}
REMEMBERED_SECRETS = 4096


class Authenticator:
    """Authenticates requests. Parameters: `sealer`, which opens the secrets of access keys; `token_ring`."""

    def __init__(self, sealer: Sealer, token_ring: TokenRing) -> None:
        self._token_ring = token_ring
        self._signing_keys = SigningKeyCache()
        self._secret_of = lru_cache(maxsize=REMEMBERED_SECRETS)(partial(open_secret, sealer))

    def authenticate(self, world: World, request: HttpRequest, service: str, now: float) -> tuple[Caller, str]:
        """The caller, and the region of its credential scope.

        Parameters: `service`, the signing name that the request must be signed for; `now`, seconds since the epoch.
        Raises what `read_signature` raises, then `InvalidClientTokenId`, `ExpiredToken`, `SignatureDoesNotMatch`.
        """
        signature = read_signature(request, now=now, rule=RULES[service])
        if signature.session_token is None:
            access_key = world.get(AccessKey, signature.access_key_id)
            if access_key is None:
                raise InvalidClientTokenId(INVALID_TOKEN)
            caller = caller_of_key(world, access_key)
            secret = self._secret_of(access_key)
        else:
            session = self._session(world, signature.session_token, signature.access_key_id)
            if now >= session.expires_at:
                raise ExpiredToken(EXPIRED_TOKEN)
            caller = caller_of_session(world, session)
            secret = session.secret_access_key
        verify(signature, secret, self._signing_keys)
        return caller, signature.scope.region

    def _session(self, world: World, token: str, access_key_id: str) -> Session:
        if not access_key_id.startswith(IdPrefix.TEMPORARY_KEY):
            raise InvalidClientTokenId(INVALID_TOKEN)
        return open_token(token, access_key_id, self._token_ring.by_id(world))

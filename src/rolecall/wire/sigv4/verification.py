"""The only part that touches a secret: derived keys and the comparison. No look-up of who owns the key."""

from __future__ import annotations

import hashlib
import hmac
from collections import OrderedDict
from threading import Lock

from rolecall.errors import SignatureDoesNotMatch
from rolecall.wire.sigv4.reading import SIGNATURE_MISMATCH, Signature
from rolecall.wire.sigv4.scope import CredentialScope

_CacheKey = tuple[str, bytes, CredentialScope]


class SigningKeyCache:
    """Derived signing keys, the least recently used leaving first. Safe to share between threads.

    A key is found only under everything it was derived from, so a rotated secret never meets an old key. Secrets
    themselves are not kept, only their digests.
    """

    __slots__ = ("_capacity", "_keys", "_lock")

    def __init__(self, capacity: int = 4096) -> None:
        self._capacity = capacity
        self._keys: OrderedDict[_CacheKey, bytes] = OrderedDict()
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._keys)

    def signing_key(self, access_key_id: str, secret_access_key: str, scope: CredentialScope) -> bytes:
        """The signing key of `secret_access_key` for `scope`, derived at most once while it stays in the cache."""
        cache_key = (access_key_id, hashlib.sha256(secret_access_key.encode()).digest(), scope)
        with self._lock:
            key = self._keys.get(cache_key)
            if key is not None:
                self._keys.move_to_end(cache_key)
                return key
        key = derive_signing_key(secret_access_key, scope)
        with self._lock:
            self._keys[cache_key] = key
            if len(self._keys) > self._capacity:
                self._keys.popitem(last=False)
        return key


def derive_signing_key(secret_access_key: str, scope: CredentialScope) -> bytes:
    """The signing key: the secret, bound to each element of the scope in turn."""
    key = b"AWS4" + secret_access_key.encode()
    for element in (scope.date, scope.region, scope.service, scope.terminator):
        key = hmac.digest(key, element.encode(), "sha256")
    return key


def verify(signature: Signature, secret_access_key: str, keys: SigningKeyCache) -> None:
    """Check that `secret_access_key` gives the claimed signature; compares in constant time.

    Raises `SignatureDoesNotMatch`. The text is AWS's newer one, which does not print the canonical request.
    """
    key = keys.signing_key(signature.access_key_id, secret_access_key, signature.scope)
    expected = hmac.digest(key, signature.string_to_sign, "sha256").hex()
    # `replace` turns what is not ASCII into `?`, which no hexadecimal signature holds.
    if not hmac.compare_digest(expected.encode(), signature.signature.encode("ascii", "replace")):
        raise SignatureDoesNotMatch(SIGNATURE_MISMATCH)

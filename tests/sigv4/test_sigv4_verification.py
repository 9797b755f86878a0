"""Derived keys and their cache."""

from __future__ import annotations

import msgspec
import pytest

from rolecall.errors import SignatureDoesNotMatch
from rolecall.wire.sigv4 import IAM_SCOPE, CredentialScope, Signature, SigningKeyCache, read_signature, verify
from rolecall.wire.sigv4.verification import derive_signing_key
from sigv4.signing import ACCESS_KEY_ID, SECRET_ACCESS_KEY, sign, signing_time

SCOPE = CredentialScope("20150830", "us-east-1", "iam")
DOCUMENTED_KEY = "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9"


def a_signature() -> Signature:
    request = sign()
    return read_signature(request, now=signing_time(request), rule=IAM_SCOPE)


def test_the_signing_key_is_the_documented_one() -> None:
    # AWS General Reference, Signature Version 4, task 3: the worked example.
    assert derive_signing_key(SECRET_ACCESS_KEY, SCOPE).hex() == DOCUMENTED_KEY
    assert SigningKeyCache().signing_key(ACCESS_KEY_ID, SECRET_ACCESS_KEY, SCOPE).hex() == DOCUMENTED_KEY


def test_a_key_is_derived_once() -> None:
    keys = SigningKeyCache()
    first = keys.signing_key(ACCESS_KEY_ID, SECRET_ACCESS_KEY, SCOPE)
    assert keys.signing_key(ACCESS_KEY_ID, SECRET_ACCESS_KEY, SCOPE) is first
    assert len(keys) == 1


def test_whatever_a_key_is_derived_from_separates_it_from_others() -> None:
    keys = SigningKeyCache()
    keys.signing_key(ACCESS_KEY_ID, SECRET_ACCESS_KEY, SCOPE)
    others = [
        ("AKIDOTHER", SECRET_ACCESS_KEY, SCOPE),
        (ACCESS_KEY_ID, "another secret", SCOPE),
        (ACCESS_KEY_ID, SECRET_ACCESS_KEY, CredentialScope("20150831", "us-east-1", "iam")),
        (ACCESS_KEY_ID, SECRET_ACCESS_KEY, CredentialScope("20150830", "eu-west-1", "iam")),
        (ACCESS_KEY_ID, SECRET_ACCESS_KEY, CredentialScope("20150830", "us-east-1", "sts")),
    ]
    for access_key_id, secret_access_key, scope in others:
        key = keys.signing_key(access_key_id, secret_access_key, scope)
        assert key == derive_signing_key(secret_access_key, scope)
    assert len(keys) == 1 + len(others)


def test_a_rotated_secret_never_meets_an_old_key() -> None:
    keys, signature = SigningKeyCache(), a_signature()
    verify(signature, SECRET_ACCESS_KEY, keys)
    with pytest.raises(SignatureDoesNotMatch):
        verify(signature, "the new secret", keys)
    verify(signature, SECRET_ACCESS_KEY, keys)


def test_the_cache_holds_no_more_than_its_capacity_and_forgets_the_longest_unused() -> None:
    keys = SigningKeyCache(capacity=2)
    first = keys.signing_key("first", SECRET_ACCESS_KEY, SCOPE)
    second = keys.signing_key("second", SECRET_ACCESS_KEY, SCOPE)
    assert keys.signing_key("first", SECRET_ACCESS_KEY, SCOPE) is first
    keys.signing_key("third", SECRET_ACCESS_KEY, SCOPE)
    assert len(keys) == 2
    assert keys.signing_key("first", SECRET_ACCESS_KEY, SCOPE) is first
    assert keys.signing_key("second", SECRET_ACCESS_KEY, SCOPE) is not second


@pytest.mark.parametrize("claimed", ["", "é" * 64, "\ud800", "\u20ac", "0" * 63, "0" * 65])
def test_a_signature_that_is_none_is_refused(claimed: str) -> None:
    with pytest.raises(SignatureDoesNotMatch):
        verify(msgspec.structs.replace(a_signature(), signature=claimed), SECRET_ACCESS_KEY, SigningKeyCache())


def test_a_signature_in_capitals_is_another_one() -> None:
    signature = a_signature()
    capitals = msgspec.structs.replace(signature, signature=signature.signature.upper())
    with pytest.raises(SignatureDoesNotMatch):
        verify(capitals, SECRET_ACCESS_KEY, SigningKeyCache())

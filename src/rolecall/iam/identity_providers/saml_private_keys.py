"""The private keys that a SAML provider's assertions are decrypted with: read, sealed, listed, removed.

They are never told again, nor logged. Which provider wants them is said in `saml_providers`; AWS's answers
were recorded in radkawar/stackd (saml.json, saml-validation.json).
"""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from rolecall.errors import InvalidInput, LimitExceeded
from rolecall.iam.private_keys import UnusablePrivateKey, private_key_block, tested_key, untested_key
from rolecall.iam.x509 import RSA_BITS
from rolecall.names.ids import SamlIdPrefix, new_saml_id
from rolecall.operations.transaction import Transaction
from rolecall.state.providers import AssertionEncryptionMode, SamlPrivateKey, SamlProvider
from rolecall.state.sealed_fields import purpose

MOST_KEYS = 2


def read_private_key(pem: str) -> bytes:
    """The one unencrypted private key of `pem`, as PKCS #8 in DER.

    RSA or elliptic, as at AWS, which takes both. Takes 0.2 s for RSA with 4096 bits, since its primes are tested: not
    for the writer's turn.

    Raises `InvalidInput` for anything else; AWS's words are not known to us.
    """
    try:
        block = private_key_block(pem)
        key = untested_key(block)
        if isinstance(key, RSAPrivateKey):
            is_usable = key.key_size in RSA_BITS
        else:
            is_usable = isinstance(key, EllipticCurvePrivateKey)
        if not is_usable:
            raise UnusablePrivateKey
        key = tested_key(block, key)
    except UnusablePrivateKey:
        raise InvalidInput("Invalid private key.") from None
    return key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


def private_keys(tx: Transaction, provider: SamlProvider) -> tuple[SamlPrivateKey, ...]:
    """The keys of a provider, oldest first."""
    return tuple(sorted(tx.world.parts_of(SamlPrivateKey, provider.id), key=lambda key: (key.added_at, key.key_id)))


def private_key_list(tx: Transaction, provider: SamlProvider) -> list[dict[str, object]]:
    """The model's `privateKeyList`."""
    return [{"KeyId": key.key_id, "Timestamp": key.added_at} for key in private_keys(tx, provider)]


def add_key(tx: Transaction, provider: SamlProvider, pkcs8: bytes) -> None:
    """Give a provider one more key, be it one that it has. Raises `LimitExceeded` above two."""
    if len(private_keys(tx, provider)) >= MOST_KEYS:
        raise LimitExceeded(f"Private key limit of {MOST_KEYS} is reached.")
    key_id = new_saml_id(SamlIdPrefix.PRIVATE_KEY, tx.surroundings.randbits)
    tx.put(
        SamlPrivateKey(
            account=provider.account,
            key_id=key_id,
            provider_id=provider.id,
            sealed_key=tx.surroundings.sealer.seal(pkcs8, purpose(SamlPrivateKey, key_id)),
            added_at=tx.now,
        )
    )


def remove_key(tx: Transaction, provider: SamlProvider, key_id: str) -> None:
    """Take a key from a provider. Raises `InvalidInput` if it has none of that id, or must keep its last one."""
    keys = {key.key_id: key for key in private_keys(tx, provider)}
    if key_id not in keys:
        # A guess, in the words of the recorded answer below.
        raise InvalidInput("Failed to remove private key because the Key ID does not match a private key.")
    if len(keys) == 1 and provider.assertion_encryption is AssertionEncryptionMode.REQUIRED:
        raise InvalidInput("Failed to remove private key.")
    tx.delete(keys[key_id])

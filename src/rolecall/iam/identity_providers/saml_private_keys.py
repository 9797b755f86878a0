"""The private keys that a SAML provider's assertions are decrypted with: read, sealed, listed, removed.

They are never told again, nor logged. Which provider wants them is said in `saml_providers`; AWS's answers
were recorded in radkawar/stackd (saml.json, saml-validation.json).
"""

from __future__ import annotations

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from rolecall.errors import InvalidInput, LimitExceeded
from rolecall.iam.x509 import RSA_BITS, pem_blocks
from rolecall.names.ids import SamlIdPrefix, new_saml_id
from rolecall.operations.transaction import Transaction
from rolecall.state.providers import AssertionEncryptionMode, SamlPrivateKey, SamlProvider
from rolecall.state.sealed_fields import purpose

MOST_KEYS = 2
LABELS = ("PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY")


def read_private_key(pem: str) -> bytes:
    """The one unencrypted private key of `pem`, as PKCS #8 in DER.

    RSA or elliptic, as at AWS, which takes both. Takes 0.2 s for RSA with 4096 bits, since its primes are tested: not
    for the writer's turn.

    Raises `InvalidInput` for anything else; AWS's words are not known to us.
    """
    try:
        ((label, block),) = pem_blocks(pem)
    except ValueError:
        raise _unusable() from None
    if label not in LABELS:
        raise _unusable()
    # First without testing its primes: that takes minutes for absurd ones.
    key = _load(block, skip_validation=True)
    if isinstance(key, RSAPrivateKey):
        numbers = key.private_numbers()
        if key.key_size not in RSA_BITS or max(numbers.p, numbers.q).bit_length() > key.key_size:
            raise _unusable()
        key = _load(block, skip_validation=False)
    elif not isinstance(key, EllipticCurvePrivateKey):
        raise _unusable()
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


def _load(block: bytes, *, skip_validation: bool) -> PrivateKeyTypes:
    try:
        return load_pem_private_key(block, password=None, unsafe_skip_rsa_key_validation=skip_validation)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        # Without the cause: what is told about a private key goes nowhere.
        raise _unusable() from None


def _unusable() -> InvalidInput:
    return InvalidInput("Invalid private key.")

"""Private keys as requests carry them: one unencrypted PEM block in, `cryptography`'s value out.

What is read is neither kept nor logged here, and no error names a cause: what is told about a private key goes nowhere.
Which AWS error an unusable key is, and which kinds of keys will do, the callers say.
"""

from __future__ import annotations

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from rolecall.iam.x509 import pem_blocks

LABELS = ("PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY")


class UnusablePrivateKey(ValueError):
    """A text that is not one sound, unencrypted private key in PEM."""


def private_key_block(pem: str) -> bytes:
    """The one PEM block of `pem`. Raises `UnusablePrivateKey` if it is not one private key."""
    try:
        ((label, block),) = pem_blocks(pem)
    except ValueError:
        raise UnusablePrivateKey from None
    if label not in LABELS:
        raise UnusablePrivateKey
    return block


def untested_key(block: bytes) -> PrivateKeyTypes:
    """The key of a PEM block, its primes not tested: testing absurd ones takes minutes. Raises `UnusablePrivateKey`."""
    return _load(block, skip_validation=True)


def has_absurd_primes(key: PrivateKeyTypes) -> bool:
    """Is one of its factors longer than its modulus? Measured with a prime of 11,213 bits: 106 s to test."""
    if not isinstance(key, RSAPrivateKey):
        return False
    numbers = key.private_numbers()
    return max(numbers.p, numbers.q).bit_length() > key.key_size


def tested_key(block: bytes, key: PrivateKeyTypes) -> PrivateKeyTypes:
    """`key`, the untested key of `block`, with its primes tested if it has any.

    Takes 0.2 s for RSA with 4096 bits: not for the writer's turn, and only for keys whose size is known to be usual.

    Raises `UnusablePrivateKey`, for absurd primes before they are tested.
    """
    if has_absurd_primes(key):
        raise UnusablePrivateKey
    return _load(block, skip_validation=False) if isinstance(key, RSAPrivateKey) else key


def _load(block: bytes, *, skip_validation: bool) -> PrivateKeyTypes:
    try:
        return load_pem_private_key(block, password=None, unsafe_skip_rsa_key_validation=skip_validation)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise UnusablePrivateKey from None

"""Does a private key, as PEM, belong to a certificate? It is parsed and compared here, and neither kept nor logged."""

from __future__ import annotations

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509 import Certificate

from rolecall.errors import KeyPairMismatch, MalformedCertificate
from rolecall.iam.x509 import pem_blocks

LABELS = ("PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY")


def check_key_pair(certificate: Certificate, private_key: str) -> None:
    """Check that `private_key` is an unencrypted private key in PEM, sound, and that of `certificate`.

    Takes 0.2 s for RSA with 4096 bits, since its primes are tested: not for the writer's turn.

    Raises `MalformedCertificate` for what is no such key (AWS's words are not known to us), `KeyPairMismatch` for
    another one (text recorded in radkawar/stackd, certificates_aws.json).
    """
    block = _block(private_key)
    # First without testing its primes: that takes minutes for absurd ones, so they are looked at before.
    key = _load(block, skip_validation=True)
    if key.public_key() != certificate.public_key() or _has_absurd_primes(key):
        raise KeyPairMismatch(
            "The private key did not match the public key provided. Please verify the key material and try again."
        )
    if isinstance(key, RSAPrivateKey):
        _load(block, skip_validation=False)


def _has_absurd_primes(key: PrivateKeyTypes) -> bool:
    """Is one of its factors longer than its modulus? Measured with a prime of 11,213 bits: 106 s to test."""
    if not isinstance(key, RSAPrivateKey):
        return False
    numbers = key.private_numbers()
    return max(numbers.p, numbers.q).bit_length() > key.key_size


def _block(private_key: str) -> bytes:
    try:
        ((label, block),) = pem_blocks(private_key)
    except ValueError:
        raise _malformed() from None
    if label not in LABELS:
        raise _malformed()
    return block


def _load(block: bytes, *, skip_validation: bool) -> PrivateKeyTypes:
    try:
        return load_pem_private_key(block, password=None, unsafe_skip_rsa_key_validation=skip_validation)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        # Without the cause: what is told about a private key goes nowhere.
        raise _malformed() from None


def _malformed() -> MalformedCertificate:
    return MalformedCertificate("Unable to parse private key. Please ensure the private key is in PEM format.")

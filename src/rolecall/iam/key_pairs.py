"""Does a private key, as PEM, belong to a certificate? It is parsed and compared here, and neither kept nor logged."""

from __future__ import annotations

from cryptography.x509 import Certificate

from rolecall.errors import KeyPairMismatch, MalformedCertificate
from rolecall.iam.private_keys import (
    UnusablePrivateKey,
    has_absurd_primes,
    private_key_block,
    tested_key,
    untested_key,
)


def check_key_pair(certificate: Certificate, private_key: str) -> None:
    """Check that `private_key` is an unencrypted private key in PEM, sound, and that of `certificate`.

    Takes 0.2 s for RSA with 4096 bits, since its primes are tested: not for the writer's turn.

    Raises `MalformedCertificate` for what is no such key (AWS's words are not known to us), `KeyPairMismatch` for
    another one (text recorded in radkawar/stackd, certificates_aws.json).
    """
    try:
        block = private_key_block(private_key)
        key = untested_key(block)
        if key.public_key() != certificate.public_key() or has_absurd_primes(key):
            raise KeyPairMismatch(
                "The private key did not match the public key provided. Please verify the key material and try again."
            )
        tested_key(block, key)
    except UnusablePrivateKey:
        raise MalformedCertificate(
            "Unable to parse private key. Please ensure the private key is in PEM format."
        ) from None

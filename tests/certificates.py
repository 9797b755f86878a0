"""Keys and X.509 certificates as tests need them: made on the spot, in PEM."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from cryptography.x509.oid import NameOID

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey


@dataclass(frozen=True)
class Certificate:
    """A certificate and its key."""

    parsed: x509.Certificate
    key: Key

    @property
    def body(self) -> str:
        return self.parsed.public_bytes(Encoding.PEM).decode()

    @property
    def private_key(self) -> str:
        return private_pem(self.key)


def rsa_key(bits: int = 2048, number: int = 0) -> rsa.RSAPrivateKey:
    """The key of that size and number: always the same one, since they take long to make."""
    return _rsa_key(bits, number)


@cache
def _rsa_key(bits: int, number: int) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, bits)


def ec_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def private_pem(key: Key, form: PrivateFormat = PrivateFormat.PKCS8, password: bytes | None = None) -> str:
    encryption: KeySerializationEncryption = BestAvailableEncryption(password) if password else NoEncryption()
    return key.private_bytes(Encoding.PEM, form, encryption).decode()


def forged_rsa_pem(key: rsa.RSAPrivateKey, **wrong: int) -> str:
    """The key as PKCS #1 with some of its numbers replaced, which no library would write."""
    numbers = key.private_numbers()
    fields = {"version": 0, "n": numbers.public_numbers.n, "e": numbers.public_numbers.e}
    fields |= {name: getattr(numbers, name) for name in ("d", "p", "q", "dmp1", "dmq1", "iqmp")} | wrong
    der = _der(0x30, b"".join(_der(0x02, one.to_bytes(one.bit_length() // 8 + 1, "big")) for one in fields.values()))
    text = base64.encodebytes(der).decode()
    return f"-----BEGIN RSA PRIVATE KEY-----\n{text}-----END RSA PRIVATE KEY-----\n"


def _der(tag: int, content: bytes) -> bytes:
    size = len(content)
    head = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, size] if size < 128 else [tag, 0x80 | len(head), *head]) + content


def public_pem(key: Key, form: PublicFormat = PublicFormat.SubjectPublicKeyInfo) -> str:
    return key.public_key().public_bytes(Encoding.PEM, form).decode()


def openssh(key: Key) -> str:
    return key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()


def certificate(
    name: str = "example.com",
    *,
    now: int,
    issuer: Certificate | None = None,
    key: Key | None = None,
    begins: timedelta = timedelta(hours=-1),
    ends: timedelta = timedelta(days=30),
    is_authority: bool = False,
    path_length: int | None = None,
    may_sign: bool | None = None,
) -> Certificate:
    """A new certificate, self-signed unless it has an issuer.

    Parameters: `now`, seconds since the epoch, from which `begins` and `ends` are counted; `is_authority` gives it
    basic constraints with `path_length`; `may_sign` gives it key usage with or without the right to sign certificates.
    """
    own = key or ec_key()
    moment = datetime.fromtimestamp(now, UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(named(name))
        .issuer_name(issuer.parsed.subject if issuer else named(name))
        .public_key(own.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(moment + begins)
        .not_valid_after(moment + ends)
    )
    if is_authority:
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=path_length), critical=True)
    if may_sign is not None:
        builder = builder.add_extension(
            x509.KeyUsage(
                digital_signature=True,
                content_commitment=False,
                key_encipherment=False,
                data_encipherment=False,
                key_agreement=False,
                key_cert_sign=may_sign,
                crl_sign=False,
                encipher_only=False,
                decipher_only=False,
            ),
            critical=True,
        )
    signer = issuer.key if issuer else own
    digest = None if isinstance(signer, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    return Certificate(builder.sign(signer, digest), own)


def named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])

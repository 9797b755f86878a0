"""What users prove themselves with: keys, passwords, MFA devices, certificates and the like, as records of the world.

A secret that must be used again (to verify a signature or a code) is sealed, see `state.seal`; a password is only ever
compared and kept as a hash. Rules live with the operations. Times are whole seconds since the epoch, UTC.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from rolecall.state.entities import Entity, NamedEntity
from rolecall.state.indexes import Index, IndexKey


class UserCredential(Entity, frozen=True, kw_only=True):
    """What belongs to a user, or to the root user if `user_id` is None."""

    user_id: str | None = None

    def index_keys(self) -> Iterator[IndexKey]:
        yield from super().index_keys()
        yield (Index.OF_USER, self.kind, self.account, self.user_id or "")


class AccessKey(UserCredential, frozen=True, kw_only=True):
    """A long-term key. Its secret is sealed."""

    kind: ClassVar[str] = "access-key"
    sealed_field: ClassVar[str | None] = "sealed_secret"
    access_key_id: str
    sealed_secret: bytes
    is_active: bool = True
    created_at: int

    @property
    def key(self) -> str:
        return self.access_key_id


class LoginProfile(UserCredential, frozen=True, kw_only=True):
    """A password.

    Parameters: `password_hash`, in argon2's own form, parameters and salt included; `previous_hashes`, of the passwords
    before it, newest first; `changed_at`, when the present one was set; `must_reset`, whether the user has to choose
    another one at the next login.
    """

    kind: ClassVar[str] = "login-profile"
    password_hash: str
    previous_hashes: tuple[str, ...] = ()
    created_at: int
    changed_at: int
    must_reset: bool = False

    @property
    def key(self) -> str:
        return self.user_id or self.account


class MfaDevice(NamedEntity, frozen=True, kw_only=True):
    """A virtual MFA device. Its ARN is its serial number; devices are told apart by path and name together.

    Parameters
    ----------
    sealed_seed: the secret that its codes are made from (RFC 6238).
    enabled_at: when it was assigned to a user; None if it is nobody's.
    user_id: of the user that it is assigned to; None for the root user.
    last_step: the time step of the last code that was accepted: that one and those before count no more.
    drift: how many time steps the device's clock is ahead of ours, as the last resynchronization found.
    """

    kind: ClassVar[str] = "mfa-device"
    arn_kind: ClassVar[str] = "mfa"
    sealed_field: ClassVar[str | None] = "sealed_seed"
    sealed_seed: bytes
    enabled_at: int | None = None
    user_id: str | None = None
    last_step: int = 0
    drift: int = 0

    @property
    def unique_name(self) -> str:
        return f"{self.path}{self.name}"

    @property
    def serial_number(self) -> str:
        return str(self.arn)

    def index_keys(self) -> Iterator[IndexKey]:
        yield from super().index_keys()
        if self.enabled_at is not None:
            yield (Index.OF_USER, self.kind, self.account, self.user_id or "")


class SigningCertificate(UserCredential, frozen=True, kw_only=True):
    """An X.509 certificate of a user.

    Parameters: `certificate_id`, made of the certificate alone, so that another account can have the same one; `body`,
    PEM as it was sent; `fingerprint`, the SHA-256 of its DER, in hex.
    """

    kind: ClassVar[str] = "signing-certificate"
    certificate_id: str
    body: str
    fingerprint: str
    is_active: bool = True
    uploaded_at: int

    @property
    def key(self) -> str:
        return f"{self.account}/{self.certificate_id}"


class SshPublicKey(UserCredential, frozen=True, kw_only=True):
    """An SSH public key of a user.

    Parameters: `body`, in OpenSSH's form without a comment; `fingerprint`, that of AWS (MD5, in hex, colons).
    """

    kind: ClassVar[str] = "ssh-public-key"
    public_key_id: str
    body: str
    fingerprint: str
    is_active: bool = True
    uploaded_at: int

    @property
    def key(self) -> str:
        return self.public_key_id


class ServiceSpecificCredential(UserCredential, frozen=True, kw_only=True):
    """A user name and password, or an API key, for one service.

    Parameters: `service`, its principal (`codecommit.amazonaws.com`); `alias`, the user name or key name that the
    service asks for; `secret_digest`, SHA-256 of the secret, which is random and long, so that no slow hash is needed;
    `expires_at`, if it does.
    """

    kind: ClassVar[str] = "service-specific-credential"
    credential_id: str
    service: str
    alias: str
    secret_digest: bytes
    is_active: bool = True
    created_at: int
    expires_at: int | None = None

    @property
    def key(self) -> str:
        return self.credential_id

    @staticmethod
    def unique_name_of(service: str, alias: str) -> str:
        """What no other credential of the account may be called: a service tells its users by the alias."""
        return f"{service}/{alias}"

    def index_keys(self) -> Iterator[IndexKey]:
        yield from super().index_keys()
        yield (Index.NAMED, self.kind, self.account, self.unique_name_of(self.service, self.alias).lower())

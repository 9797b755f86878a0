"""Identity providers and server certificates, as records of the world. Parsing and rules live with the operations.

Times are whole seconds since the epoch, UTC.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import ClassVar

from rolecall.state.entities import Entity, NamedEntity
from rolecall.state.indexes import Index, IndexKey


class OidcProvider(NamedEntity, frozen=True, kw_only=True):
    """An OpenID Connect provider. `name` is its URL without the scheme, as in its ARN.

    Parameters: `client_ids`, the audiences that are accepted, in the order in which they came; `thumbprints`, SHA-1 of
    CA certificates, in lower case, as they were given: nobody looked whether they are any.
    """

    kind: ClassVar[str] = "oidc-provider"
    arn_kind: ClassVar[str] = "oidc-provider"
    client_ids: tuple[str, ...] = ()
    thumbprints: tuple[str, ...] = ()


class AssertionEncryptionMode(StrEnum):
    """Whether assertions in clear text are accepted too (`ALLOWED`) or not."""

    REQUIRED = "Required"
    ALLOWED = "Allowed"


class SamlProvider(NamedEntity, frozen=True, kw_only=True):
    """A SAML 2.0 provider. `id` is AWS's `SAMLProviderUUID`.

    Parameters: `metadata`, the XML as it was sent; `valid_until`, the time that AWS shows, which follows from when the
    metadata came and decides nothing; `assertion_encryption`, what is asked of assertions.
    """

    kind: ClassVar[str] = "saml-provider"
    arn_kind: ClassVar[str] = "saml-provider"
    metadata: str
    valid_until: int
    assertion_encryption: AssertionEncryptionMode = AssertionEncryptionMode.ALLOWED


class SamlPrivateKey(Entity, frozen=True, kw_only=True):
    """A private key with which assertions for a provider are decrypted: PKCS #8 in DER, sealed.

    `provider_id` is the provider's id.
    """

    kind: ClassVar[str] = "saml-private-key"
    sealed_field: ClassVar[str | None] = "sealed_key"
    key_id: str
    provider_id: str
    sealed_key: bytes
    added_at: int

    @property
    def key(self) -> str:
        return self.key_id

    def index_keys(self) -> Iterator[IndexKey]:
        yield from super().index_keys()
        yield (Index.PART_OF, self.kind, self.provider_id)


class ServerCertificate(NamedEntity, frozen=True, kw_only=True):
    """A TLS server certificate with its sealed private key. `body` and `chain` are PEM as they were sent."""

    kind: ClassVar[str] = "server-certificate"
    arn_kind: ClassVar[str] = "server-certificate"
    sealed_field: ClassVar[str | None] = "sealed_private_key"
    body: str
    chain: str | None = None
    sealed_private_key: bytes
    expires_at: int

"""SAML providers: create, read, update, delete.

How metadata is read is said in `rolecall.operations.saml_metadata`, what becomes of private keys in
`saml_private_keys`; tags in `rolecall.iam.tags`. AWS's answers were recorded in radkawar/stackd
(saml.json, saml-validation.json) and localstack (test_iam_saml_providers.snapshot.json).
"""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, datetime
from operator import attrgetter

import msgspec
from msgspec.structs import replace

from rolecall.errors import EntityAlreadyExists, InvalidInput, ValidationError
from rolecall.iam.access import on_all, on_new, on_saml_provider
from rolecall.iam.answers import tag_list
from rolecall.iam.find import find_saml_provider
from rolecall.iam.identity_providers.saml_private_keys import (
    add_key,
    private_key_list,
    private_keys,
    read_private_key,
    remove_key,
)
from rolecall.iam.quotas import SAML_PROVIDERS
from rolecall.iam.registry import operation
from rolecall.iam.tags import TagParameters, new_tags
from rolecall.names.ids import SamlIdPrefix, new_saml_id
from rolecall.operations.registry import Answer
from rolecall.operations.saml_metadata import parse_saml_metadata
from rolecall.operations.transaction import Transaction
from rolecall.state.providers import AssertionEncryptionMode, SamlProvider

YEARS_VALID = 100
SMALLER = "The metadata must fit, with all its escapes, into a request of 1 MiB; AWS takes 10 million characters."


class CheckedMaterial(msgspec.Struct, frozen=True, kw_only=True):
    """What was read before the writer's turn: the new private key in PKCS #8, if there is one.

    Of the metadata nothing is kept but that it can be read: it is stored as it was sent.
    """

    pkcs8: bytes | None


def check_new(
    tx: Transaction,  # noqa: ARG001 - takes what the operation takes
    *,
    saml_metadata_document: str,
    assertion_encryption_mode: str | None = None,
    add_private_key: str | None = None,
    **_: object,
) -> CheckedMaterial:
    """Read the metadata and the private key of a provider to be. Raises `ValidationError` and `InvalidInput`."""
    if assertion_encryption_mode == AssertionEncryptionMode.REQUIRED and add_private_key is None:
        raise ValidationError("Unable to set assertion encryption mode to Required because no private key is provided.")
    return _checked(saml_metadata_document, add_private_key)


def check_update(
    tx: Transaction,  # noqa: ARG001 - takes what the operation takes
    *,
    saml_metadata_document: str | None = None,
    assertion_encryption_mode: str | None = None,
    add_private_key: str | None = None,
    remove_private_key: str | None = None,
    **_: object,
) -> CheckedMaterial:
    """Read what a provider is to get. Raises `ValidationError` if that is nothing, or a key comes while one goes."""
    parts = (saml_metadata_document, assertion_encryption_mode, add_private_key, remove_private_key)
    if all(part is None for part in parts):
        raise ValidationError(
            "Unable to update identity provider. No updates are defined for metadata or encryption assertion."
        )
    if add_private_key is not None and remove_private_key is not None:
        raise ValidationError(
            "Unable to add and remove private keys in the same request. Set a value for only one of the two parameters."
        )
    return _checked(saml_metadata_document, add_private_key)


@operation(
    "CreateSAMLProvider",
    access=on_new(SamlProvider, name="name"),
    writes=True,
    prepare=check_new,
    differs=SMALLER,
)
def create_saml_provider(
    tx: Transaction,
    *,
    saml_metadata_document: str,
    name: str,
    tags: TagParameters | None = None,
    assertion_encryption_mode: str | None = None,
    add_private_key: str | None = None,  # noqa: ARG001 - read by `check_new`
) -> Answer:
    """Make a provider out of its metadata, which `check_new` has found readable."""
    provider_tags = new_tags(SamlProvider, tags)
    if tx.world.named(SamlProvider, tx.account, name) is not None:
        # Seen by users of CreateSAMLProvider (org-formation/aws-resource-providers, issue 59).
        raise EntityAlreadyExists(f"Provider with name {name} already exists.")
    SAML_PROVIDERS.check(tx.world.count(SamlProvider, tx.account) + 1)
    provider = SamlProvider(
        account=tx.account,
        id=new_saml_id(SamlIdPrefix.PROVIDER, tx.surroundings.randbits),
        name=name,
        created_at=tx.now,
        tags=provider_tags,
        metadata=saml_metadata_document,
        valid_until=valid_until(tx.now),
        assertion_encryption=AssertionEncryptionMode(assertion_encryption_mode or AssertionEncryptionMode.ALLOWED),
    )
    tx.put(provider)
    pkcs8 = _material(tx).pkcs8
    if pkcs8 is not None:
        add_key(tx, provider, pkcs8)
    return {"SAMLProviderArn": str(provider.arn), "Tags": tag_list(provider.tags) or None}


@operation("GetSAMLProvider", access=on_saml_provider)
def get_saml_provider(tx: Transaction, *, saml_provider_arn: str) -> Answer:
    """Show a provider with its metadata, but not its private keys."""
    provider = find_saml_provider(tx, saml_provider_arn)
    return {
        "SAMLProviderUUID": provider.id,
        "SAMLMetadataDocument": provider.metadata,
        "CreateDate": provider.created_at,
        "ValidUntil": provider.valid_until,
        "Tags": tag_list(tuple(sorted(provider.tags, key=attrgetter("key")))),
        "AssertionEncryptionMode": provider.assertion_encryption,
        "PrivateKeyList": private_key_list(tx, provider),
    }


@operation("ListSAMLProviders", access=on_all(SamlProvider))
def list_saml_providers(tx: Transaction) -> Answer:
    """List all providers of the account. AWS has no pages here."""
    providers = sorted(tx.world.owned(SamlProvider, tx.account), key=attrgetter("name"))
    return {
        "SAMLProviderList": [
            {"Arn": str(provider.arn), "ValidUntil": provider.valid_until, "CreateDate": provider.created_at}
            for provider in providers
        ]
    }


@operation("UpdateSAMLProvider", access=on_saml_provider, writes=True, prepare=check_update, differs=SMALLER)
def update_saml_provider(
    tx: Transaction,
    *,
    saml_provider_arn: str,
    saml_metadata_document: str | None = None,
    assertion_encryption_mode: str | None = None,
    add_private_key: str | None = None,  # noqa: ARG001 - read by `check_update`
    remove_private_key: str | None = None,
) -> Answer:
    """Replace a provider's metadata, change what it asks of assertions, add a private key or remove one."""
    provider = find_saml_provider(tx, saml_provider_arn)
    if saml_metadata_document is not None:
        provider = replace(provider, metadata=saml_metadata_document, valid_until=valid_until(tx.now))
    pkcs8 = _material(tx).pkcs8
    if pkcs8 is not None:
        add_key(tx, provider, pkcs8)
    if assertion_encryption_mode is not None:
        provider = replace(provider, assertion_encryption=AssertionEncryptionMode(assertion_encryption_mode))
    if provider.assertion_encryption is AssertionEncryptionMode.REQUIRED and not private_keys(tx, provider):
        raise InvalidInput("Failed to set assertion encryption mode to Required because no private key is present.")
    if remove_private_key is not None:
        remove_key(tx, provider, remove_private_key)
    tx.put(provider)
    return {"SAMLProviderArn": str(provider.arn)}


@operation("DeleteSAMLProvider", access=on_saml_provider, writes=True)
def delete_saml_provider(tx: Transaction, *, saml_provider_arn: str) -> Answer:
    """Delete a provider and its private keys. Roles that trust it stay; nobody gets into them through it any more."""
    provider = find_saml_provider(tx, saml_provider_arn)
    for key in private_keys(tx, provider):
        tx.delete(key)
    tx.delete(provider)
    return None


def valid_until(now: int) -> int:
    """What AWS shows as the end of a provider whose metadata came `now`: the same day and time in a hundred years.

    Both in seconds since the epoch. What the metadata says of its own validity plays no part.
    """
    moment = datetime.fromtimestamp(now, UTC)
    year = moment.year + YEARS_VALID
    day = min(moment.day, monthrange(year, moment.month)[1])
    return int(moment.replace(year=year, day=day).timestamp())


def _checked(metadata: str | None, private_key: str | None) -> CheckedMaterial:
    if metadata is not None:
        parse_saml_metadata(metadata)
    return CheckedMaterial(pkcs8=read_private_key(private_key) if private_key is not None else None)


def _material(tx: Transaction) -> CheckedMaterial:
    material = tx.prepared
    assert isinstance(material, CheckedMaterial)
    return material

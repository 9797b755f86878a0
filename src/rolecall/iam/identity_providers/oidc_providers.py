"""OpenID Connect providers: create, read, delete, and the client ids and thumbprints of one.

Whose tokens are believed, that is: they are verified elsewhere, and nothing here contacts an identity provider. Which
URLs are accepted is said in `oidc_urls`; tags in `rolecall.iam.tags`. AWS's answers were recorded in radkawar/stackd
(oidc.json) and localstack (test_iam_oidc.snapshot.json).
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter

from msgspec.structs import replace

from rolecall.errors import EntityAlreadyExists, InvalidInput
from rolecall.iam.access import on_all, on_new_oidc_provider, on_oidc_provider
from rolecall.iam.answers import tag_list
from rolecall.iam.find import find_oidc_provider
from rolecall.iam.identity_providers.oidc_urls import provider_name
from rolecall.iam.quotas import CLIENT_IDS_PER_OIDC_PROVIDER, OIDC_PROVIDERS
from rolecall.iam.registry import operation
from rolecall.iam.tags import TagParameters, new_tags
from rolecall.names.ids import IdPrefix
from rolecall.operations.registry import Answer
from rolecall.operations.transaction import Transaction
from rolecall.state.providers import OidcProvider

MOST_THUMBPRINTS = 5
"""AWS takes five, although it says `fewer than 5`."""


@operation(
    "CreateOpenIDConnectProvider",
    access=on_new_oidc_provider,
    writes=True,
    differs="The identity provider is not contacted: a thumbprint that is not given is not looked up.",
)
def create_open_id_connect_provider(
    tx: Transaction,
    *,
    url: str,
    client_id_list: Sequence[str] | None = None,
    thumbprint_list: Sequence[str] | None = None,
    tags: TagParameters | None = None,
) -> Answer:
    """Make a provider. Its URL must be new in the account, whatever the case of its letters."""
    name = provider_name(url)
    client_ids = tuple(dict.fromkeys(client_id_list or ()))
    CLIENT_IDS_PER_OIDC_PROVIDER.check(len(client_ids))
    thumbprints = _thumbprints(thumbprint_list or ())
    provider_tags = new_tags(OidcProvider, tags)
    if tx.world.named(OidcProvider, tx.account, name) is not None:
        raise EntityAlreadyExists(f"Provider with url {url} already exists.")
    OIDC_PROVIDERS.check(tx.world.count(OidcProvider, tx.account) + 1)
    provider = OidcProvider(
        account=tx.account,
        id=tx.new_id(IdPrefix.OIDC_PROVIDER),
        name=name,
        created_at=tx.now,
        tags=provider_tags,
        client_ids=client_ids,
        thumbprints=thumbprints,
    )
    tx.put(provider)
    return {"OpenIDConnectProviderArn": str(provider.arn), "Tags": tag_list(provider.tags) or None}


@operation("GetOpenIDConnectProvider", access=on_oidc_provider)
def get_open_id_connect_provider(tx: Transaction, *, open_id_connect_provider_arn: str) -> Answer:
    """Show a provider."""
    provider = find_oidc_provider(tx, open_id_connect_provider_arn)
    return {
        "Url": provider.name,
        "ClientIDList": list(provider.client_ids),
        "ThumbprintList": list(provider.thumbprints),
        "CreateDate": provider.created_at,
        "Tags": tag_list(tuple(sorted(provider.tags, key=attrgetter("key")))),
    }


@operation("ListOpenIDConnectProviders", access=on_all(OidcProvider))
def list_open_id_connect_providers(tx: Transaction) -> Answer:
    """List the ARNs of all providers of the account. AWS has no pages here."""
    providers = sorted(tx.world.owned(OidcProvider, tx.account), key=attrgetter("name"))
    return {"OpenIDConnectProviderList": [{"Arn": str(provider.arn)} for provider in providers]}


@operation("AddClientIDToOpenIDConnectProvider", access=on_oidc_provider, writes=True)
def add_client_id_to_open_id_connect_provider(
    tx: Transaction, *, open_id_connect_provider_arn: str, client_id: str
) -> Answer:
    """Accept tokens for one more client. One that is accepted already stays where it is."""
    provider = find_oidc_provider(tx, open_id_connect_provider_arn)
    if client_id not in provider.client_ids:
        CLIENT_IDS_PER_OIDC_PROVIDER.check(len(provider.client_ids) + 1)
        tx.put(replace(provider, client_ids=(*provider.client_ids, client_id)))
    return None


@operation("RemoveClientIDFromOpenIDConnectProvider", access=on_oidc_provider, writes=True)
def remove_client_id_from_open_id_connect_provider(
    tx: Transaction, *, open_id_connect_provider_arn: str, client_id: str
) -> Answer:
    """Accept no more tokens for a client. One that was not accepted does not matter."""
    provider = find_oidc_provider(tx, open_id_connect_provider_arn)
    tx.put(replace(provider, client_ids=tuple(known for known in provider.client_ids if known != client_id)))
    return None


@operation("UpdateOpenIDConnectProviderThumbprint", access=on_oidc_provider, writes=True)
def update_open_id_connect_provider_thumbprint(
    tx: Transaction, *, open_id_connect_provider_arn: str, thumbprint_list: Sequence[str]
) -> Answer:
    """Give a provider other thumbprints in place of all that it has."""
    provider = find_oidc_provider(tx, open_id_connect_provider_arn)
    if not thumbprint_list:
        raise InvalidInput("Thumbprint list must contain at least one entry.")
    tx.put(replace(provider, thumbprints=_thumbprints(thumbprint_list)))
    return None


@operation("DeleteOpenIDConnectProvider", access=on_oidc_provider, writes=True)
def delete_open_id_connect_provider(tx: Transaction, *, open_id_connect_provider_arn: str) -> Answer:
    """Delete a provider. Roles that trust it stay, and nobody gets into them through it any more.

    AWS documents that deleting twice succeeds; it was recorded that it does not.
    """
    tx.delete(
        find_oidc_provider(tx, open_id_connect_provider_arn, missing="OpenId connect Provider {arn} cannot be found.")
    )
    return None


def _thumbprints(given: Sequence[str]) -> tuple[str, ...]:
    """As AWS keeps them: in lower case, repeated ones too, and whatever their 40 characters are."""
    if len(given) > MOST_THUMBPRINTS:
        raise InvalidInput("Thumbprint list must contain fewer than 5 entries.")
    return tuple(thumbprint.lower() for thumbprint in given)

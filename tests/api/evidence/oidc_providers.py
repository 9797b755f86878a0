"""Evidence for OpenID Connect providers and their tags."""

from __future__ import annotations

from api.evidence.families import Caller, ErrorCase, Family, never
from rolecall.iam.quotas import OIDC_PROVIDERS
from rolecall.names.arn import AccountId
from rolecall.state.providers import OidcProvider

URL = "https://login.example.com"
TEAM = [{"Key": "team", "Value": "storage"}]
THUMBPRINT = "A" * 40


def on(caller: Caller, kind: str = "oidc-provider") -> dict[str, str]:
    return {"OpenIDConnectProviderArn": f"arn:aws:iam::{caller.account_id}:{kind}/login.example.com"}


def tour(caller: Caller) -> None:
    iam, provider = caller.iam, on(caller)
    made = iam.create_open_id_connect_provider(
        Url=URL, ClientIDList=["web"], ThumbprintList=[THUMBPRINT] * 5, Tags=TEAM
    )
    assert (made["OpenIDConnectProviderArn"], made["Tags"]) == (provider["OpenIDConnectProviderArn"], TEAM)
    iam.add_client_id_to_open_id_connect_provider(**provider, ClientID="app")
    iam.remove_client_id_from_open_id_connect_provider(**provider, ClientID="web")
    iam.update_open_id_connect_provider_thumbprint(**provider, ThumbprintList=[THUMBPRINT])
    iam.untag_open_id_connect_provider(**provider, TagKeys=["team"])
    iam.tag_open_id_connect_provider(**provider, Tags=[{"Key": "Team", "Value": ""}])
    assert iam.list_open_id_connect_provider_tags(**provider)["Tags"] == [{"Key": "Team", "Value": ""}]
    shown = iam.get_open_id_connect_provider(**provider)
    assert (shown["Url"], shown["ClientIDList"], shown["ThumbprintList"]) == ("login.example.com", ["app"], ["a" * 40])
    listed = iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]
    assert listed == [{"Arn": provider["OpenIDConnectProviderArn"]}]
    iam.delete_open_id_connect_provider(**provider)


def make(caller: Caller, **parameters: object) -> dict[str, str]:
    caller.iam.create_open_id_connect_provider(Url=URL, **parameters)
    return on(caller)


def make_one_too_many(caller: Caller) -> None:
    caller.put(
        *(
            OidcProvider(
                account=AccountId(caller.account_id), id=f"OIDC{caller.account_id}{n}", name=f"{n}.test", created_at=0
            )
            for n in range(OIDC_PROVIDERS.limit)
        )
    )
    make(caller)


def make_one_twice(caller: Caller) -> None:
    make(caller)
    make(caller)


def accept_one_client_too_many(caller: Caller) -> None:
    provider = make(caller, ClientIDList=[f"client{n}" for n in range(100)])
    caller.iam.add_client_id_to_open_id_connect_provider(**provider, ClientID="one-more")


def give_too_many_thumbprints(caller: Caller) -> None:
    provider = make(caller)
    caller.iam.update_open_id_connect_provider_thumbprint(**provider, ThumbprintList=[THUMBPRINT] * 6)


def give_one_too_many_tags(caller: Caller) -> None:
    provider = make(caller, Tags=[{"Key": f"key{n}", "Value": ""} for n in range(50)])
    caller.iam.tag_open_id_connect_provider(**provider, Tags=TEAM)


CALLS: dict[str, tuple[str, dict[str, object]]] = {
    "GetOpenIDConnectProvider": ("get_open_id_connect_provider", {}),
    "DeleteOpenIDConnectProvider": ("delete_open_id_connect_provider", {}),
    "AddClientIDToOpenIDConnectProvider": ("add_client_id_to_open_id_connect_provider", {"ClientID": "app"}),
    "RemoveClientIDFromOpenIDConnectProvider": ("remove_client_id_from_open_id_connect_provider", {"ClientID": "app"}),
    "UpdateOpenIDConnectProviderThumbprint": (
        "update_open_id_connect_provider_thumbprint",
        {"ThumbprintList": [THUMBPRINT]},
    ),
    "TagOpenIDConnectProvider": ("tag_open_id_connect_provider", {"Tags": TEAM}),
    "UntagOpenIDConnectProvider": ("untag_open_id_connect_provider", {"TagKeys": ["team"]}),
    "ListOpenIDConnectProviderTags": ("list_open_id_connect_provider_tags", {}),
}
"""Every operation on one provider: its method, and what it takes besides the ARN."""


def on_none(operation: str) -> ErrorCase:
    method, parameters = CALLS[operation]
    return ErrorCase(operation, "NoSuchEntity", lambda caller: getattr(caller.iam, method)(**on(caller), **parameters))


def on_something_else(operation: str) -> ErrorCase:
    method, parameters = CALLS[operation]
    return ErrorCase(
        operation, "InvalidInput", lambda caller: getattr(caller.iam, method)(**on(caller, "role"), **parameters)
    )


FAMILY = Family(
    operations=frozenset({*CALLS, "CreateOpenIDConnectProvider", "ListOpenIDConnectProviders"}),
    tour=tour,
    errors=(
        *map(on_none, CALLS),
        *map(on_something_else, CALLS),
        ErrorCase("CreateOpenIDConnectProvider", "LimitExceeded", make_one_too_many),
        ErrorCase("CreateOpenIDConnectProvider", "EntityAlreadyExists", make_one_twice),
        ErrorCase(
            "CreateOpenIDConnectProvider",
            "InvalidInput",
            lambda caller: caller.iam.create_open_id_connect_provider(Url="http://login.example.com"),
        ),
        ErrorCase("AddClientIDToOpenIDConnectProvider", "LimitExceeded", accept_one_client_too_many),
        ErrorCase("UpdateOpenIDConnectProviderThumbprint", "InvalidInput", give_too_many_thumbprints),
        ErrorCase("TagOpenIDConnectProvider", "LimitExceeded", give_one_too_many_tags),
    ),
    unreachable=never(
        "OpenIdIdpCommunicationError",
        "the identity provider is not contacted when it is registered",
        "CreateOpenIDConnectProvider",
    ),
)

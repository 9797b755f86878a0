"""Evidence for SAML providers and their tags."""

from __future__ import annotations

from api.evidence.families import Caller, ErrorCase, Family, never
from certificates import ec_key, private_pem
from rolecall.iam.quotas import SAML_PROVIDERS
from rolecall.names.arn import AccountId
from rolecall.state.providers import SamlProvider
from saml_documents import metadata

TEAM = [{"Key": "team", "Value": "storage"}]


def on(caller: Caller, kind: str = "saml-provider") -> dict[str, str]:
    return {"SAMLProviderArn": f"arn:aws:iam::{caller.account_id}:{kind}/idp"}


def make(caller: Caller, **parameters: object) -> dict[str, str]:
    made = caller.iam.create_saml_provider(Name="idp", SAMLMetadataDocument=metadata(), **parameters)
    assert made["SAMLProviderArn"] == on(caller)["SAMLProviderArn"]
    return on(caller)


def tour(caller: Caller) -> None:
    iam = caller.iam
    provider = make(caller, Tags=TEAM, AddPrivateKey=private_pem(ec_key()), AssertionEncryptionMode="Required")
    iam.update_saml_provider(**provider, SAMLMetadataDocument=metadata("urn:other"), AssertionEncryptionMode="Allowed")
    (key,) = iam.get_saml_provider(**provider)["PrivateKeyList"]
    iam.update_saml_provider(**provider, RemovePrivateKey=key["KeyId"])
    iam.untag_saml_provider(**provider, TagKeys=["team"])
    iam.tag_saml_provider(**provider, Tags=[{"Key": "Team", "Value": ""}])
    assert iam.list_saml_provider_tags(**provider)["Tags"] == [{"Key": "Team", "Value": ""}]
    shown = iam.get_saml_provider(**provider)
    assert (shown["SAMLMetadataDocument"], shown["PrivateKeyList"]) == (metadata("urn:other"), [])
    (listed,) = iam.list_saml_providers()["SAMLProviderList"]
    assert listed == {
        "Arn": provider["SAMLProviderArn"],
        "ValidUntil": shown["ValidUntil"],
        "CreateDate": shown["CreateDate"],
    }
    iam.delete_saml_provider(**provider)


def make_one_too_many(caller: Caller) -> None:
    caller.put(
        *(
            SamlProvider(
                account=AccountId(caller.account_id),
                id=f"SAMLSP{caller.account_id}{n}",
                name=f"idp{n}",
                created_at=0,
                metadata="",
                valid_until=0,
            )
            for n in range(SAML_PROVIDERS.limit)
        )
    )
    make(caller)


def make_one_twice(caller: Caller) -> None:
    make(caller)
    make(caller)


def require_encryption_without_a_key(caller: Caller) -> None:
    caller.iam.update_saml_provider(**make(caller), AssertionEncryptionMode="Required")


def give_one_a_third_key(caller: Caller) -> None:
    key = private_pem(ec_key())
    provider = make(caller, AddPrivateKey=key)
    caller.iam.update_saml_provider(**provider, AddPrivateKey=key)
    caller.iam.update_saml_provider(**provider, AddPrivateKey=key)


def give_one_too_many_tags(caller: Caller) -> None:
    provider = make(caller, Tags=[{"Key": f"key{n}", "Value": ""} for n in range(50)])
    caller.iam.tag_saml_provider(**provider, Tags=TEAM)


CALLS: dict[str, tuple[str, dict[str, object]]] = {
    "GetSAMLProvider": ("get_saml_provider", {}),
    "DeleteSAMLProvider": ("delete_saml_provider", {}),
    "UpdateSAMLProvider": ("update_saml_provider", {"AssertionEncryptionMode": "Allowed"}),
    "TagSAMLProvider": ("tag_saml_provider", {"Tags": TEAM}),
    "UntagSAMLProvider": ("untag_saml_provider", {"TagKeys": ["team"]}),
    "ListSAMLProviderTags": ("list_saml_provider_tags", {}),
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
    operations=frozenset({*CALLS, "CreateSAMLProvider", "ListSAMLProviders"}),
    tour=tour,
    errors=(
        *map(on_none, CALLS),
        *map(on_something_else, CALLS),
        ErrorCase("CreateSAMLProvider", "LimitExceeded", make_one_too_many),
        ErrorCase("CreateSAMLProvider", "EntityAlreadyExists", make_one_twice),
        ErrorCase(
            "CreateSAMLProvider",
            "InvalidInput",
            lambda caller: caller.iam.create_saml_provider(Name="idp", SAMLMetadataDocument="<a/>" + " " * 1000),
        ),
        ErrorCase("UpdateSAMLProvider", "InvalidInput", require_encryption_without_a_key),
        ErrorCase("UpdateSAMLProvider", "LimitExceeded", give_one_a_third_key),
        ErrorCase("TagSAMLProvider", "LimitExceeded", give_one_too_many_tags),
    ),
    unreachable=never("LimitExceeded", "deleting uses nothing up", "DeleteSAMLProvider"),
)

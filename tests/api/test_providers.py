"""Identity providers through boto3 against a running server: what is stored, who may, and that no key comes back."""

from __future__ import annotations

import json

import pytest

from api.refusals import denied, refused
from certificates import private_pem, rsa_key
from saml_documents import SHORTEST, metadata

URL = "https://login.example.com/realms/main"


def oidc_arn(account, url: str = URL) -> str:
    return f"arn:aws:iam::{account.id}:oidc-provider/{url.removeprefix('https://')}"


def saml_arn(account, name: str = "idp") -> str:
    return f"arn:aws:iam::{account.id}:saml-provider/{name}"


def allow(action: str, resource: str, **condition: object) -> dict[str, object]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, "Condition": condition}


def test_metadata_comes_back_as_it_was_sent(account):
    sent = metadata("https://idp.example.com/?a=1&amp;b=ü") + "<!-- \t\r\n ]]> 漢字 -->"
    account.iam.create_saml_provider(Name="idp", SAMLMetadataDocument=sent)
    assert account.iam.get_saml_provider(SAMLProviderArn=saml_arn(account))["SAMLMetadataDocument"] == sent


def test_metadata_of_half_a_megabyte_is_taken(account):
    sent = metadata() + "<!--" + "x" * 500_000 + "-->"
    account.iam.create_saml_provider(Name="idp", SAMLMetadataDocument=sent)
    assert account.iam.get_saml_provider(SAMLProviderArn=saml_arn(account))["SAMLMetadataDocument"] == sent


def test_metadata_above_the_bound_of_requests_is_refused(account):
    with refused("RequestEntityTooLarge", 413):
        account.iam.create_saml_provider(Name="idp", SAMLMetadataDocument=metadata() + " " * (1 << 20))


def test_metadata_that_declares_entities_is_refused_quickly(account):
    layers = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 30))
    bomb = f'<!DOCTYPE a [<!ENTITY e0 "ha">{layers}]><a>&e29;</a>' + " " * SHORTEST
    with refused("InvalidInput", 400, "Could not parse metadata"):
        account.iam.create_saml_provider(Name="idp", SAMLMetadataDocument=bomb)


def test_a_private_key_never_comes_back(account):
    key = private_pem(rsa_key())
    account.iam.create_saml_provider(Name="idp", SAMLMetadataDocument=metadata(), AddPrivateKey=key)
    on = {"SAMLProviderArn": saml_arn(account)}
    account.iam.update_saml_provider(**on, AssertionEncryptionMode="Required")
    shown = account.iam.get_saml_provider(**on)
    assert shown["AssertionEncryptionMode"] == "Required"
    assert [set(each) for each in shown["PrivateKeyList"]] == [{"KeyId", "Timestamp"}]
    assert key[40:80] not in json.dumps(shown, default=str)
    assert not [line for line in account.server.log if key[40:80] in line]


def test_who_may_make_one_provider_makes_no_other(account):
    bob = account.user("bob", allow("iam:CreateOpenIDConnectProvider", oidc_arn(account)))
    other = "https://other.example.com"
    with denied("iam:CreateOpenIDConnectProvider on resource: " + oidc_arn(account, other)):
        bob.iam.create_open_id_connect_provider(Url=other)
    with denied("iam:TagOpenIDConnectProvider on resource: " + oidc_arn(account)):
        bob.iam.create_open_id_connect_provider(Url=URL, Tags=[{"Key": "team", "Value": "storage"}])
    made = bob.iam.create_open_id_connect_provider(Url=URL)
    assert made["OpenIDConnectProviderArn"] == oidc_arn(account)


def test_permission_can_hang_on_the_tags_of_a_provider(account):
    for name in ("idp", "other"):
        account.iam.create_saml_provider(
            Name=name, SAMLMetadataDocument=metadata(), Tags=[{"Key": "owner", "Value": name}]
        )
    bob = account.user("bob", allow("iam:UpdateSAMLProvider", "*", StringEquals={"aws:ResourceTag/owner": "idp"}))
    change = {"SAMLMetadataDocument": metadata("urn:new")}
    bob.iam.update_saml_provider(SAMLProviderArn=saml_arn(account), **change)
    with denied("iam:UpdateSAMLProvider on resource: " + saml_arn(account, "other")):
        bob.iam.update_saml_provider(SAMLProviderArn=saml_arn(account, "other"), **change)


@pytest.mark.parametrize(
    ("method", "action", "kind"),
    [
        ("list_open_id_connect_providers", "iam:ListOpenIDConnectProviders", "oidc-provider"),
        ("list_saml_providers", "iam:ListSAMLProviders", "saml-provider"),
    ],
)
def test_listing_takes_permission_on_everything(account, method, action, kind):
    every = f"arn:aws:iam::{account.id}:{kind}/*"
    with denied(f"{action} on resource: {every}"):
        getattr(account.user("bob", allow(action, every)).iam, method)()
    assert getattr(account.user("eve", allow(action, "*")).iam, method)()["ResponseMetadata"]["HTTPStatusCode"] == 200


def test_what_may_not_be_done_says_nothing_about_the_metadata(account):
    bob = account.user("bob")
    with denied("iam:CreateSAMLProvider on resource: " + saml_arn(account)):
        bob.iam.create_saml_provider(Name="idp", SAMLMetadataDocument="nonsense" * 200)


def test_a_role_trusts_providers_of_both_kinds(account):
    account.iam.create_open_id_connect_provider(Url=URL)
    account.iam.create_saml_provider(Name="idp", SAMLMetadataDocument=metadata())
    for name, provider, action in (
        ("web", oidc_arn(account), "sts:AssumeRoleWithWebIdentity"),
        ("office", saml_arn(account), "sts:AssumeRoleWithSAML"),
    ):
        statement = {"Effect": "Allow", "Principal": {"Federated": provider}, "Action": action}
        document = json.dumps({"Version": "2012-10-17", "Statement": statement})
        account.iam.create_role(RoleName=name, AssumeRolePolicyDocument=document)
    account.iam.delete_saml_provider(SAMLProviderArn=saml_arn(account))
    shown = account.iam.get_role(RoleName="office")["Role"]["AssumeRolePolicyDocument"]
    assert shown["Statement"][0]["Principal"] == {"Federated": saml_arn(account)}


def test_other_accounts_have_providers_of_their_own(new_account):
    one, two = new_account(), new_account()
    for account in (one, two):
        account.iam.create_open_id_connect_provider(Url=URL)
    with refused("AccessDenied", 403):
        two.iam.get_open_id_connect_provider(OpenIDConnectProviderArn=oidc_arn(one))

"""OpenID Connect providers. Refusals: tests/cases/iam/refusals_oidc_providers.json."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from iam.harness import ACCOUNT, NOW, Iam, Server
from rolecall.errors import ApiError, LimitExceeded
from rolecall.iam.identity_providers.oidc_urls import provider_name
from rolecall.names.arn import AccountId
from rolecall.state.providers import OidcProvider

CASES = Path(__file__).parent.parent / "cases" / "iam"
URL_CASES = json.loads((CASES / "oidc_urls.json").read_text())
ARN = f"arn:aws:iam::{ACCOUNT}:oidc-provider/login.example.com/path/"
ON = {"open_id_connect_provider_arn": ARN}


def make(iam: Iam, url: str = "https://login.example.com/path/", **parameters: object) -> str:
    arn: str = iam("CreateOpenIDConnectProvider", url=url, **parameters)["OpenIDConnectProviderArn"]
    return arn


def shown(iam: Iam) -> dict[str, Any]:
    return dict(iam("GetOpenIDConnectProvider", **ON))


@pytest.mark.parametrize("case", URL_CASES, ids=lambda case: case["url"])
def test_a_url_names_a_provider_or_is_refused(case: dict[str, str]) -> None:
    if "name" in case:
        assert provider_name(case["url"]) == case["name"]
        return
    with pytest.raises(ApiError) as caught:
        provider_name(case["url"])
    assert (caught.value.code, caught.value.message) == (case["code"], case["message"])


def test_a_new_provider_is_shown_as_aws_shows_it(iam: Iam) -> None:
    # As recorded in radkawar/stackd, oidc.json.
    made = iam(
        "CreateOpenIDConnectProvider",
        url="https://login.example.com/path/",
        client_id_list=("z-client", "a-client", "z-client"),
        thumbprint_list=("A" * 40, "a" * 40, "g" * 40),
        tags=({"key": "key", "value": "value"}, {"key": "Key", "value": "Value"}),
    )
    tags = [{"Key": "key", "Value": "value"}, {"Key": "Key", "Value": "Value"}]
    assert made == {"OpenIDConnectProviderArn": ARN, "Tags": tags}
    assert shown(iam) == {
        "Url": "login.example.com/path/",
        "ClientIDList": ["z-client", "a-client"],
        "ThumbprintList": ["a" * 40, "a" * 40, "g" * 40],
        "CreateDate": NOW,
        "Tags": tags[::-1],
    }


def test_a_provider_needs_nothing_but_its_url(iam: Iam) -> None:
    assert iam("CreateOpenIDConnectProvider", url="https://login.example.com/path/")["Tags"] is None
    assert shown(iam) | {"CreateDate": 0} == {
        "Url": "login.example.com/path/",
        "ClientIDList": [],
        "ThumbprintList": [],
        "CreateDate": 0,
        "Tags": [],
    }


def test_a_slash_at_the_end_makes_another_provider(iam: Iam) -> None:
    arns = {make(iam), make(iam, "https://login.example.com/path")}
    assert arns == {ARN, ARN.removesuffix("/")}
    assert {each["Arn"] for each in iam("ListOpenIDConnectProviders")["OpenIDConnectProviderList"]} == arns


def test_accounts_do_not_see_each_others_providers(server: Server, iam: Iam) -> None:
    make(iam)
    other = server.account("210987654321")
    assert make(other) == ARN.replace(ACCOUNT, "210987654321")
    assert len(iam("ListOpenIDConnectProviders")["OpenIDConnectProviderList"]) == 1


def test_adding_and_removing_a_client_id_twice_is_no_error(iam: Iam) -> None:
    make(iam, client_id_list=("one",))
    for client_id in ("two", "two", "one"):
        iam("AddClientIDToOpenIDConnectProvider", **ON, client_id=client_id)
    assert shown(iam)["ClientIDList"] == ["one", "two"]
    for client_id in ("one", "one"):
        iam("RemoveClientIDFromOpenIDConnectProvider", **ON, client_id=client_id)
    assert shown(iam)["ClientIDList"] == ["two"]


def test_a_client_id_that_is_there_can_be_added_to_a_full_list(iam: Iam) -> None:
    make(iam, client_id_list=tuple(str(number) for number in range(100)))
    iam("AddClientIDToOpenIDConnectProvider", **ON, client_id="7")
    assert len(shown(iam)["ClientIDList"]) == 100


def test_five_thumbprints_replace_those_before(iam: Iam) -> None:
    make(iam, thumbprint_list=("b" * 40,))
    iam("UpdateOpenIDConnectProviderThumbprint", **ON, thumbprint_list=("C" * 40,) * 5)
    assert shown(iam)["ThumbprintList"] == ["c" * 40] * 5


def test_there_are_a_hundred_providers_at_most(iam: Iam) -> None:
    for number in range(100):
        iam.put(OidcProvider(account=AccountId(ACCOUNT), id=f"OIDC{number}", name=f"{number}.test", created_at=NOW))
    with pytest.raises(LimitExceeded, match="Cannot exceed quota for OpenIdConnectProvidersPerAccount: 100"):
        make(iam)


def test_a_deleted_provider_leaves_its_url(iam: Iam) -> None:
    make(iam)
    iam("DeleteOpenIDConnectProvider", **ON)
    assert iam("ListOpenIDConnectProviders") == {"OpenIDConnectProviderList": []}
    assert make(iam) == ARN


def test_a_role_may_trust_a_provider_that_exists(iam: Iam) -> None:
    make(iam)
    trust = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"Federated": ARN}, "Action": "sts:AssumeRoleWithWebIdentity"}],
    }
    iam("CreateRole", role_name="ops", assume_role_policy_document=json.dumps(trust))
    assert iam("GetRole", role_name="ops")["Role"]["RoleName"] == "ops"


def test_creating_asks_for_the_arn_to_be_and_for_tagging(iam: Iam) -> None:
    tags = ({"key": "team", "value": "storage"},)
    checks = iam.checks("CreateOpenIDConnectProvider", url="https://login.example.com:443/path/", tags=tags)
    assert [(check.action, str(check.resource)) for check in checks] == [
        ("iam:CreateOpenIDConnectProvider", ARN),
        ("iam:TagOpenIDConnectProvider", ARN),
    ]
    assert all(check.context["aws:requesttag/team"] == "storage" for check in checks)


def test_a_url_that_names_nothing_takes_permission_on_everything(iam: Iam) -> None:
    assert iam.resources("CreateOpenIDConnectProvider", url="nonsense") == ["*"]


def test_the_other_calls_ask_for_the_provider_with_its_tags(iam: Iam) -> None:
    make(iam, tags=({"key": "team", "value": "storage"},))
    (check,) = iam.checks("RemoveClientIDFromOpenIDConnectProvider", **ON, client_id="one")
    assert (str(check.resource), check.context) == (ARN, {"aws:resourcetag/team": "storage"})


def test_listing_takes_permission_on_everything_and_shows_what_aws_shows(iam: Iam) -> None:
    every = f"arn:aws:iam::{ACCOUNT}:oidc-provider/*"
    assert iam.resources("ListOpenIDConnectProviders") == ["*", every]
    assert {check.shown_resource for check in iam.checks("ListOpenIDConnectProviders")} == {every}

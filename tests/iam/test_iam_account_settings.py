"""Switches of an account: STS's preferences, outbound federation, account properties."""

from __future__ import annotations

import uuid

import pytest

from iam.harness import ACCOUNT, Iam, Server
from rolecall.errors import InvalidInput
from rolecall.state.entities import Role

ROLE_MANAGER = "AWSServiceRoleForIAMRoleManager"


def token_version(iam: Iam) -> int:
    return iam("GetAccountSummary")["SummaryMap"]["GlobalEndpointTokenVersion"]


def is_on(iam: Iam) -> str:
    return iam("GetAccountProperties")["Properties"]["RoleManager/Enabled"]


def test_the_version_of_global_tokens_is_1_until_it_is_chosen(iam: Iam) -> None:
    assert token_version(iam) == 1
    iam("SetSecurityTokenServicePreferences", global_endpoint_token_version="v2Token")
    assert token_version(iam) == 2
    iam("SetSecurityTokenServicePreferences", global_endpoint_token_version="v1Token")
    assert token_version(iam) == 1


def test_an_issuer_is_below_the_server_s_url_and_stays_the_same(iam: Iam) -> None:
    issuer = iam("EnableOutboundWebIdentityFederation")["IssuerIdentifier"]
    url, _, issuer_id = issuer.rpartition("/")
    assert url == f"{iam.server.surroundings.issuer_url}/oidc"
    assert uuid.UUID(issuer_id).version == 4
    told = iam("GetOutboundWebIdentityFederationInfo")
    assert told == {"IssuerIdentifier": issuer, "JwtVendingEnabled": True}
    iam("DisableOutboundWebIdentityFederation")
    assert iam("EnableOutboundWebIdentityFederation")["IssuerIdentifier"] == issuer


def test_every_account_has_an_issuer_of_its_own(iam: Iam, server: Server) -> None:
    issuer = iam("EnableOutboundWebIdentityFederation")["IssuerIdentifier"]
    assert server.account("210987654321")("EnableOutboundWebIdentityFederation")["IssuerIdentifier"] != issuer


def test_the_role_manager_is_off_until_it_is_turned_on(iam: Iam) -> None:
    assert iam("GetAccountProperties") == {"Properties": {"RoleManager/Enabled": "false"}}
    iam("PutAccountProperties", properties={"RoleManager/Enabled": "true"})
    assert is_on(iam) == "true"
    iam("PutAccountProperties", properties={"RoleManager/Enabled": "false"})
    assert is_on(iam) == "false"


def test_other_properties_beside_enabled_are_ignored(iam: Iam) -> None:
    iam("PutAccountProperties", properties={"RoleManager/Enabled": "true", "RoleManager/Other": "x"})
    assert iam("GetAccountProperties") == {"Properties": {"RoleManager/Enabled": "true"}}


def test_the_role_manager_gets_its_role_once_and_keeps_it(iam: Iam) -> None:
    iam("PutAccountProperties", properties={"RoleManager/Enabled": "true"})
    role = iam("GetRole", role_name=ROLE_MANAGER)["Role"]
    assert role["Path"] == "/aws-service-role/role-manager.iam.amazonaws.com/"
    for value in ("true", "false"):
        iam("PutAccountProperties", properties={"RoleManager/Enabled": value})
        assert iam("GetRole", role_name=ROLE_MANAGER)["Role"]["RoleId"] == role["RoleId"]


def test_the_role_manager_takes_no_role_of_others_for_its_own(iam: Iam) -> None:
    iam.put(Role(account=ACCOUNT, id="AROA0", name=ROLE_MANAGER.lower(), created_at=0, trust_policy="{}"))
    with pytest.raises(InvalidInput, match=f"Service role name {ROLE_MANAGER} has been taken"):
        iam("PutAccountProperties", properties={"RoleManager/Enabled": "true"})
    assert is_on(iam) == "false"


def test_properties_are_asked_for_with_their_namespaces(iam: Iam) -> None:
    for name, parameters in (
        ("GetAccountProperties", {}),
        ("PutAccountProperties", {"properties": {"RoleManager/Enabled": "false"}}),
    ):
        (check,) = iam.checks(name, **parameters)
        assert (check.resource, check.context) == (None, {"iam:accountpropertynamespaces": ("RoleManager",)})


def test_turning_the_role_manager_on_takes_the_permission_to_make_its_role(iam: Iam) -> None:
    path = "role/aws-service-role/role-manager.iam.amazonaws.com"
    for _ in range(2):  # also when the role is there
        _, check = iam.checks("PutAccountProperties", properties={"RoleManager/Enabled": "true"})
        assert (check.action, str(check.resource)) == (
            "iam:CreateServiceLinkedRole",
            f"arn:aws:iam::{ACCOUNT}:{path}/{ROLE_MANAGER}",
        )
        assert check.context == {"iam:awsservicename": "role-manager.iam.amazonaws.com"}
        iam("PutAccountProperties", properties={"RoleManager/Enabled": "true"})

"""Evidence for the switches of an account: STS's preferences, outbound federation, account properties."""

from __future__ import annotations

from api.evidence.families import Caller, ErrorCase, Family


def tour(caller: Caller) -> None:
    iam = caller.iam
    iam.set_security_token_service_preferences(GlobalEndpointTokenVersion="v2Token")
    assert iam.get_account_summary()["SummaryMap"]["GlobalEndpointTokenVersion"] == 2
    issuer = iam.enable_outbound_web_identity_federation()["IssuerIdentifier"]
    assert iam.get_outbound_web_identity_federation_info()["IssuerIdentifier"] == issuer
    iam.disable_outbound_web_identity_federation()
    iam.put_account_properties(Properties={"RoleManager/Enabled": "true"})
    assert iam.get_account_properties()["Properties"] == {"RoleManager/Enabled": "true"}


def enable_federation_twice(caller: Caller) -> None:
    caller.iam.enable_outbound_web_identity_federation()
    caller.iam.enable_outbound_web_identity_federation()


FAMILY = Family(
    operations=frozenset(
        {
            "SetSecurityTokenServicePreferences",
            "EnableOutboundWebIdentityFederation",
            "DisableOutboundWebIdentityFederation",
            "GetOutboundWebIdentityFederationInfo",
            "PutAccountProperties",
            "GetAccountProperties",
        }
    ),
    tour=tour,
    errors=(
        ErrorCase("EnableOutboundWebIdentityFederation", "FeatureEnabled", enable_federation_twice),
        ErrorCase(
            "DisableOutboundWebIdentityFederation",
            "FeatureDisabled",
            lambda caller: caller.iam.disable_outbound_web_identity_federation(),
        ),
        ErrorCase(
            "GetOutboundWebIdentityFederationInfo",
            "FeatureDisabled",
            lambda caller: caller.iam.get_outbound_web_identity_federation_info(),
        ),
        ErrorCase(
            "PutAccountProperties",
            "InvalidInput",
            lambda caller: caller.iam.put_account_properties(Properties={"Other/Enabled": "true"}),
        ),
    ),
    unreachable={("GetAccountProperties", "InvalidInput"): "the operation has no input"},
)

"""Evidence for the root access features of organizations."""

from __future__ import annotations

import functools

from api.evidence.families import Caller, ErrorCase, Family, never
from rolecall.names.arn import AccountId
from rolecall.state.organizations import Organization

MANAGEMENT = AccountId("999999999999")
CALLS = {
    "EnableOrganizationsRootCredentialsManagement": "enable_organizations_root_credentials_management",
    "DisableOrganizationsRootCredentialsManagement": "disable_organizations_root_credentials_management",
    "EnableOrganizationsRootSessions": "enable_organizations_root_sessions",
    "DisableOrganizationsRootSessions": "disable_organizations_root_sessions",
    "ListOrganizationsFeatures": "list_organizations_features",
}
"""The client's methods for the operations."""


def organize(caller: Caller, account: str, **more: object) -> None:
    """An organization that `account` manages, with trusted access for IAM unless said otherwise."""
    caller.put(
        Organization(
            **{
                "account": AccountId(account),
                "id": f"o-{caller.account_id}",
                "root_id": "r-aaaa",
                "created_at": 0,
                "trusts_iam": True,
                **more,
            }
        )
    )


def tour(caller: Caller) -> None:
    organize(caller, caller.account_id)
    for method in CALLS.values():
        assert getattr(caller.iam, method)()["OrganizationId"] == f"o-{caller.account_id}"


def without_an_organization(method: str, caller: Caller) -> None:
    getattr(caller.iam, method)()


def without_trusted_access(method: str, caller: Caller) -> None:
    organize(caller, caller.account_id, trusts_iam=False)
    getattr(caller.iam, method)()


def as_a_member(method: str, caller: Caller) -> None:
    organize(caller, MANAGEMENT, member_accounts=(caller.account_id,))
    getattr(caller.iam, method)()


def as_a_delegated_administrator(method: str, caller: Caller) -> None:
    both = (caller.account_id,)
    organize(caller, MANAGEMENT, member_accounts=both, delegated_administrators=both)
    getattr(caller.iam, method)()


PROVOCATIONS = {
    "OrganizationNotFoundException": without_an_organization,
    "ServiceAccessNotEnabledException": without_trusted_access,
    "AccountNotManagementOrDelegatedAdministratorException": as_a_member,
    "CallerIsNotManagementAccountException": as_a_delegated_administrator,
}

FAMILY = Family(
    operations=frozenset(CALLS),
    tour=tour,
    errors=tuple(
        ErrorCase(operation, code, functools.partial(provoke, method))
        for operation, method in CALLS.items()
        for code, provoke in PROVOCATIONS.items()
        if operation.startswith("Enable") or code != "CallerIsNotManagementAccountException"
    ),
    unreachable=never(
        "OrganizationNotInAllFeaturesModeException", "an organization always has all features here", *CALLS
    ),
)

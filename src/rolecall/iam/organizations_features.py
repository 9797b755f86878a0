"""Centralized root access: the two features that an organization's management account turns on for its members.

Only the switches: what they allow is STS's. Organizations themselves are the operator's (`organization_changes`).
Rules and messages are AWS's, as recorded by radkawar/stackd (`testdata/aws/iam/root_sessions.json`) unless marked as a
guess.
"""

from __future__ import annotations

import functools
from collections.abc import Set
from enum import StrEnum

from msgspec.structs import replace

from rolecall.errors import (
    AccountNotManagementOrDelegatedAdministrator,
    CallerIsNotManagementAccount,
    OrganizationNotFound,
    ServiceAccessNotEnabled,
)
from rolecall.iam.registry import operation
from rolecall.operations.registry import Answer, on_account
from rolecall.operations.transaction import Transaction
from rolecall.state.organizations import Organization


class Feature(StrEnum):
    """The features, in the order in which AWS lists them; also their words in the operations' names."""

    ROOT_SESSIONS = "RootSessions"
    ROOT_CREDENTIALS_MANAGEMENT = "RootCredentialsManagement"


DIFFERS = "Organizations are made by the operator, `rolecall organization`."


@operation("ListOrganizationsFeatures", access=on_account, differs=DIFFERS)
def list_organizations_features(tx: Transaction) -> Answer:
    """List the features that are on."""
    return _answer(_find_organization(tx))


def _enable(feature: Feature, tx: Transaction) -> Answer:
    """Turn a feature on; only the management account may."""
    organization = _find_organization(tx)
    if tx.account != organization.account:
        raise CallerIsNotManagementAccount(
            f"Caller account {tx.account} is not management account of the organization and cannot enable IAM features."
        )
    return _put(tx, organization, {*organization.root_features, feature})


def _disable(feature: Feature, tx: Transaction) -> Answer:
    """Turn a feature off."""
    organization = _find_organization(tx)
    return _put(tx, organization, {*organization.root_features} - {feature})


for _feature in Feature:
    for _verb, _run in (("Enable", _enable), ("Disable", _disable)):
        operation(f"{_verb}Organizations{_feature}", access=on_account, writes=True, differs=DIFFERS)(
            functools.partial(_run, _feature)
        )


def _put(tx: Transaction, organization: Organization, features: Set[str]) -> Answer:
    changed = replace(organization, root_features=tuple(feature.value for feature in Feature if feature in features))
    tx.put(changed)
    return _answer(changed)


def _find_organization(tx: Transaction) -> Organization:
    """The organization that the caller's account may act for: its own as management account, or by delegation."""
    organization = tx.world.organization_of(tx.account)
    if organization is None:
        # A guess, after the words of the others.
        raise OrganizationNotFound(f"Input account {tx.account} does not belong to an organization.")
    if not organization.trusts_iam:
        raise ServiceAccessNotEnabled(
            f"Trusted Access for IAM not enabled by organization of input account {tx.account}."
        )
    if tx.account not in {organization.account, *organization.delegated_administrators}:
        raise AccountNotManagementOrDelegatedAdministrator(
            f"Input account {tx.account} is neither management account nor delegated admin."
        )
    return organization


def _answer(organization: Organization) -> Answer:
    return {"OrganizationId": organization.id, "EnabledFeatures": list(organization.root_features)}

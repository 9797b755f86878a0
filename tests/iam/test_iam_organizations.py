"""Organizations: the operator's changes, and the root access features that management accounts turn on."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

import pytest

from iam.harness import ACCOUNT, NOW, Iam, Server
from rolecall.errors import (
    AccountNotManagementOrDelegatedAdministrator,
    ApiError,
    CallerIsNotManagementAccount,
    ServiceAccessNotEnabled,
    SettingsError,
)
from rolecall.iam import organization_changes as changes
from rolecall.state.draft import Draft
from rolecall.state.organizations import Organization

MEMBER = "222222222222"
OTHER = "333333333333"
SWITCHES = [
    f"{verb}Organizations{feature}"
    for verb in ("Enable", "Disable")
    for feature in ("RootCredentialsManagement", "RootSessions")
]
OPERATIONS = ["ListOrganizationsFeatures", *SWITCHES]


def change(server: Server, make: Callable[[Draft], Organization]) -> Organization:
    draft = Draft(server.world)
    organization = make(draft)
    server.world = draft.world
    return organization


def create(server: Server, account: str = ACCOUNT, *, trusts_iam: bool = True) -> Organization:
    randbits = random.Random(account).getrandbits
    return change(
        server,
        lambda draft: changes.create_organization(draft, account, trusts_iam=trusts_iam, now=NOW, randbits=randbits),
    )


@pytest.fixture
def organization(server: Server, iam: Iam) -> Organization:
    """An organization of two accounts; a third account has none."""
    server.account(MEMBER)
    server.account(OTHER)
    create(server)
    return change(server, lambda draft: changes.add_account(draft, MEMBER, ACCOUNT))


def features(iam: Iam) -> list[str]:
    return iam("ListOrganizationsFeatures")["EnabledFeatures"]


def test_an_organization_has_ids_as_aws_forms_them(organization: Organization) -> None:
    assert re.fullmatch("o-[a-z0-9]{10}", organization.id)
    assert re.fullmatch("r-[a-z0-9]{4}", organization.root_id)


def test_both_accounts_find_it_and_a_third_does_not(server: Server, organization: Organization) -> None:
    found = [server.world.organization_of(account) for account in (ACCOUNT, MEMBER, OTHER)]
    assert found == [organization, organization, None]


def test_the_features_are_turned_on_and_off_one_by_one(iam: Iam, organization: Organization) -> None:
    assert iam("ListOrganizationsFeatures") == {"OrganizationId": organization.id, "EnabledFeatures": []}
    answer = iam("EnableOrganizationsRootCredentialsManagement")
    assert answer == {"OrganizationId": organization.id, "EnabledFeatures": ["RootCredentialsManagement"]}
    both = ["RootSessions", "RootCredentialsManagement"]
    assert iam("EnableOrganizationsRootSessions")["EnabledFeatures"] == both
    assert iam("EnableOrganizationsRootSessions")["EnabledFeatures"] == both
    assert iam("DisableOrganizationsRootCredentialsManagement")["EnabledFeatures"] == ["RootSessions"]
    assert iam("DisableOrganizationsRootCredentialsManagement")["EnabledFeatures"] == ["RootSessions"]
    assert iam("DisableOrganizationsRootSessions")["EnabledFeatures"] == []


def test_a_delegated_administrator_lists_and_turns_off_but_not_on(
    iam: Iam, server: Server, organization: Organization
) -> None:
    iam("EnableOrganizationsRootSessions")
    change(server, lambda draft: changes.delegate(draft, MEMBER))
    member = server.account(MEMBER)
    assert features(member) == ["RootSessions"]
    with pytest.raises(CallerIsNotManagementAccount) as caught:
        member("EnableOrganizationsRootCredentialsManagement")
    assert caught.value.message == (
        f"Caller account {MEMBER} is not management account of the organization and cannot enable IAM features."
    )
    assert member("DisableOrganizationsRootSessions")["EnabledFeatures"] == []


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_member_may_nothing(server: Server, organization: Organization, name: str) -> None:
    with pytest.raises(AccountNotManagementOrDelegatedAdministrator) as caught:
        server.account(MEMBER)(name)
    assert caught.value.message == f"Input account {MEMBER} is neither management account nor delegated admin."


@pytest.mark.parametrize("name", OPERATIONS)
def test_without_trusted_access_nobody_may_anything(
    iam: Iam, server: Server, organization: Organization, name: str
) -> None:
    change(server, lambda draft: changes.set_trusted_access(draft, ACCOUNT, trusts_iam=False))
    with pytest.raises(ServiceAccessNotEnabled) as caught:
        iam(name)
    assert caught.value.message == f"Trusted Access for IAM not enabled by organization of input account {ACCOUNT}."


def test_features_outlast_the_loss_of_trusted_access(iam: Iam, server: Server, organization: Organization) -> None:
    iam("EnableOrganizationsRootSessions")
    for trusts_iam in (False, True):
        change(server, lambda draft, on=trusts_iam: changes.set_trusted_access(draft, ACCOUNT, trusts_iam=on))
    assert features(iam) == ["RootSessions"]


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_account_without_an_organization_may_nothing(server: Server, organization: Organization, name: str) -> None:
    with pytest.raises(ApiError) as caught:
        server.account(OTHER)(name)
    assert caught.value.code == "OrganizationNotFoundException"


@pytest.mark.parametrize("name", OPERATIONS)
def test_each_operation_is_asked_for_on_everything(iam: Iam, name: str) -> None:
    (check,) = iam.checks(name)
    assert (check.action, check.resource) == (f"iam:{name}", None)


def test_a_removed_account_is_in_no_organization_and_no_delegate(server: Server, organization: Organization) -> None:
    change(server, lambda draft: changes.delegate(draft, MEMBER))
    left = change(server, lambda draft: changes.remove_account(draft, MEMBER))
    assert (left.member_accounts, left.delegated_administrators) == ((), ())
    assert server.world.organization_of(MEMBER) is None
    assert create(server, MEMBER).account == MEMBER


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda draft: changes.add_account(draft, MEMBER, ACCOUNT), f"`{MEMBER}` is in the organization `o-"),
        (lambda draft: changes.add_account(draft, ACCOUNT, ACCOUNT), f"`{ACCOUNT}` is in the organization `o-"),
        (lambda draft: changes.add_account(draft, "444444444444", ACCOUNT), "`444444444444` does not exist here"),
        (lambda draft: changes.add_account(draft, OTHER, MEMBER), f"`{MEMBER}` manages no organization"),
        (lambda draft: changes.remove_account(draft, ACCOUNT), "is the management account: name a member"),
        (lambda draft: changes.remove_account(draft, OTHER), f"`{OTHER}` is in no organization"),
        (lambda draft: changes.delegate(draft, ACCOUNT), "is the management account: name a member"),
        (lambda draft: changes.withdraw(draft, MEMBER), f"`{MEMBER}` is no delegated administrator"),
        (lambda draft: changes.set_trusted_access(draft, OTHER, trusts_iam=True), "manages no organization"),
    ],
)
def test_what_makes_no_sense_is_refused(
    server: Server, organization: Organization, make: Callable[[Draft], Organization], message: str
) -> None:
    with pytest.raises(SettingsError, match=re.escape(message)):
        change(server, make)


def test_an_account_manages_one_organization(server: Server, organization: Organization) -> None:
    for account in (ACCOUNT, MEMBER):
        with pytest.raises(SettingsError, match="already"):
            create(server, account)


def test_delegation_and_trusted_access_hang_together(server: Server, organization: Organization) -> None:
    change(server, lambda draft: changes.set_trusted_access(draft, ACCOUNT, trusts_iam=False))
    with pytest.raises(SettingsError, match="trusted-access"):
        change(server, lambda draft: changes.delegate(draft, MEMBER))
    change(server, lambda draft: changes.set_trusted_access(draft, ACCOUNT, trusts_iam=True))
    change(server, lambda draft: changes.delegate(draft, MEMBER))
    with pytest.raises(SettingsError, match="delegated administrator already"):
        change(server, lambda draft: changes.delegate(draft, MEMBER))
    with pytest.raises(SettingsError, match="withdraw"):
        change(server, lambda draft: changes.set_trusted_access(draft, ACCOUNT, trusts_iam=False))
    assert change(server, lambda draft: changes.withdraw(draft, MEMBER)).delegated_administrators == ()

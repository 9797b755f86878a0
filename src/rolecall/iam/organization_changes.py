"""Making and changing organizations: what the operator does, since there is no Organizations API here yet.

An account is in one organization at most, as management account or as member. Every function changes a draft, gives the
organization as it is afterwards, and raises `SettingsError` for what makes no sense.
"""

from __future__ import annotations

from msgspec.structs import replace

from rolecall.errors import SettingsError
from rolecall.names.arn import AccountId
from rolecall.names.ids import RandBits
from rolecall.state.draft import Draft
from rolecall.state.entities import Account
from rolecall.state.organizations import Organization

_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
ORGANIZATION_ID_LENGTH = 10
ROOT_ID_LENGTH = 4
"""Letters after `o-` and `r-`: the fewest that AWS uses."""


def create_organization(
    draft: Draft, management_account: str, *, trusts_iam: bool, now: int, randbits: RandBits
) -> Organization:
    """Make an organization without members. `trusts_iam` gives IAM trusted access."""
    account = _free_account(draft, management_account)
    organization = Organization(
        account=account,
        id=_new_id("o-", ORGANIZATION_ID_LENGTH, randbits),
        root_id=_new_id("r-", ROOT_ID_LENGTH, randbits),
        created_at=now,
        trusts_iam=trusts_iam,
    )
    if draft.world.get(Organization, organization.id) is not None:
        raise SettingsError("the random id is taken: try again")
    return _put(draft, organization)


def add_account(draft: Draft, account_id: str, management_account: str) -> Organization:
    """Make an account a member of the organization that `management_account` manages."""
    organization = _managed_by(draft, management_account)
    account = _free_account(draft, account_id)
    return _put(draft, replace(organization, member_accounts=(*organization.member_accounts, account)))


def remove_account(draft: Draft, account_id: str) -> Organization:
    """Take a member out of its organization, and from it what was delegated to it."""
    organization = _of_member(draft, account_id)
    return _put(
        draft,
        replace(
            organization,
            member_accounts=_without(organization.member_accounts, account_id),
            delegated_administrators=_without(organization.delegated_administrators, account_id),
        ),
    )


def delegate(draft: Draft, account_id: str) -> Organization:
    """Make a member a delegated administrator for IAM. IAM must have trusted access, as at AWS."""
    organization = _of_member(draft, account_id)
    if not organization.trusts_iam:
        raise SettingsError(
            f"IAM has no trusted access to the organization `{organization.id}`: turn it on first,"
            " with `rolecall organization trusted-access`"
        )
    if account_id in organization.delegated_administrators:
        raise SettingsError(f"the account `{account_id}` is a delegated administrator already")
    administrators = (*organization.delegated_administrators, AccountId(account_id))
    return _put(draft, replace(organization, delegated_administrators=administrators))


def withdraw(draft: Draft, account_id: str) -> Organization:
    """Take from a member what was delegated to it."""
    organization = _of_member(draft, account_id)
    if account_id not in organization.delegated_administrators:
        raise SettingsError(f"the account `{account_id}` is no delegated administrator")
    administrators = _without(organization.delegated_administrators, account_id)
    return _put(draft, replace(organization, delegated_administrators=administrators))


def set_trusted_access(draft: Draft, management_account: str, *, trusts_iam: bool) -> Organization:
    """Give IAM trusted access, or take it. AWS does not take it while an account is delegated; nor do we."""
    organization = _managed_by(draft, management_account)
    if organization.delegated_administrators and not trusts_iam:
        first = organization.delegated_administrators[0]
        raise SettingsError(
            f"the account `{first}` is a delegated administrator: withdraw that first,"
            " with `rolecall organization withdraw`"
        )
    return _put(draft, replace(organization, trusts_iam=trusts_iam))


def _put(draft: Draft, organization: Organization) -> Organization:
    draft.put(organization)
    return organization


def _free_account(draft: Draft, account_id: str) -> AccountId:
    """The account of that id, if it is there and in no organization."""
    account = draft.world.get(Account, account_id)
    if account is None:
        raise SettingsError(f"the account `{account_id}` does not exist here: `rolecall account list` shows all")
    organization = draft.world.organization_of(account.account)
    if organization is not None:
        raise SettingsError(f"the account `{account_id}` is in the organization `{organization.id}` already")
    return account.account


def _managed_by(draft: Draft, account_id: str) -> Organization:
    organization = draft.world.organization_of(AccountId(account_id))
    if organization is None or organization.account != account_id:
        raise SettingsError(f"the account `{account_id}` manages no organization")
    return organization


def _of_member(draft: Draft, account_id: str) -> Organization:
    organization = draft.world.organization_of(AccountId(account_id))
    if organization is None:
        raise SettingsError(f"the account `{account_id}` is in no organization")
    if organization.account == account_id:
        raise SettingsError(f"the account `{account_id}` is the management account: name a member")
    return organization


def _without(accounts: tuple[AccountId, ...], account_id: str) -> tuple[AccountId, ...]:
    return tuple(account for account in accounts if account != account_id)


def _new_id(prefix: str, length: int, randbits: RandBits) -> str:
    number = randbits(8 * length)
    return prefix + "".join(_LETTERS[number // len(_LETTERS) ** at % len(_LETTERS)] for at in range(length))

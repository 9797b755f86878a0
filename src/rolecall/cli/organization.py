"""`rolecall organization`: organizations of accounts, on a data directory, whether or not a server runs on it."""

from __future__ import annotations

import json
import os
import secrets
import time
from collections.abc import Callable
from pathlib import Path

import click

from rolecall.cli.options import command_errors, data_dir_option, existing_data_dir, json_option
from rolecall.iam import organization_changes as changes
from rolecall.server.data_directory import open_data
from rolecall.state.draft import Draft
from rolecall.state.gather import iso_time
from rolecall.state.organizations import Organization

management_account_option = click.option(
    "--management-account", required=True, metavar="ACCOUNT", help="The account that manages the organization."
)


@click.group()
def organization() -> None:
    """Make, change and show organizations of accounts."""


@organization.command()
@data_dir_option
@management_account_option
@click.option("--no-trusted-access", is_flag=True, help="Do not let IAM act for the organization.")
@json_option
@command_errors
def create(data_dir: Path, management_account: str, no_trusted_access: bool, as_json: bool) -> None:
    """Make an organization, without members yet."""

    def change(draft: Draft) -> Organization:
        return changes.create_organization(
            draft,
            management_account,
            trusts_iam=not no_trusted_access,
            now=int(time.time()),
            randbits=secrets.randbits,
        )

    _carry_out(change, data_dir, as_json)


@organization.command(name="add-account")
@data_dir_option
@management_account_option
@click.argument("account")
@json_option
@command_errors
def add_account(data_dir: Path, management_account: str, account: str, as_json: bool) -> None:
    """Make ACCOUNT a member."""
    _carry_out(lambda draft: changes.add_account(draft, account, management_account), data_dir, as_json)


@organization.command(name="remove-account")
@data_dir_option
@click.argument("account")
@json_option
@command_errors
def remove_account(data_dir: Path, account: str, as_json: bool) -> None:
    """Take the member ACCOUNT out of its organization."""
    _carry_out(lambda draft: changes.remove_account(draft, account), data_dir, as_json)


@organization.command()
@data_dir_option
@click.argument("account")
@json_option
@command_errors
def delegate(data_dir: Path, account: str, as_json: bool) -> None:
    """Make the member ACCOUNT a delegated administrator for IAM."""
    _carry_out(lambda draft: changes.delegate(draft, account), data_dir, as_json)


@organization.command()
@data_dir_option
@click.argument("account")
@json_option
@command_errors
def withdraw(data_dir: Path, account: str, as_json: bool) -> None:
    """Take from the member ACCOUNT what was delegated to it."""
    _carry_out(lambda draft: changes.withdraw(draft, account), data_dir, as_json)


@organization.command(name="trusted-access")
@data_dir_option
@management_account_option
@click.argument("state", metavar="on|off", type=click.Choice(["on", "off"]))
@json_option
@command_errors
def trusted_access(data_dir: Path, management_account: str, state: str, as_json: bool) -> None:
    """Let IAM act for the organization, or not."""

    def change(draft: Draft) -> Organization:
        return changes.set_trusted_access(draft, management_account, trusts_iam=state == "on")

    _carry_out(change, data_dir, as_json)


@organization.command()
@data_dir_option
@json_option
@command_errors
def show(data_dir: Path, as_json: bool) -> None:
    """Show every organization."""
    store = open_data(existing_data_dir(data_dir), os.environ)
    try:
        world = store.view()
    finally:
        store.close()
    found = {world.organization_of(account.account) for account in world.accounts()}
    shown = sorted((each for each in found if each is not None), key=lambda each: each.id)
    if as_json:
        click.echo(json.dumps([_members(each) for each in shown]))
    else:
        click.echo("\n\n".join(map(_text, shown)) or "no organizations")


def _carry_out(change: Callable[[Draft], Organization], data_dir: Path, as_json: bool) -> None:
    store = open_data(existing_data_dir(data_dir), os.environ)
    try:
        changed = store.write(change).result().value
    finally:
        store.close()
    click.echo(json.dumps(_members(changed)) if as_json else _text(changed))


def _members(shown: Organization) -> dict[str, object]:
    return {
        "OrganizationId": shown.id,
        "RootId": shown.root_id,
        "ManagementAccountId": shown.account,
        "CreatedAt": iso_time(shown.created_at),
        "MemberAccountIds": list(shown.member_accounts),
        "DelegatedAdministratorIds": list(shown.delegated_administrators),
        "TrustedAccess": shown.trusts_iam,
        "EnabledFeatures": list(shown.root_features),
    }


def _text(shown: Organization) -> str:
    return (
        f"organization              {shown.id}\n"
        f"root                      {shown.root_id}\n"
        f"management account        {shown.account}\n"
        f"member accounts           {', '.join(shown.member_accounts) or 'none'}\n"
        f"delegated administrators  {', '.join(shown.delegated_administrators) or 'none'}\n"
        f"trusted access for IAM    {'on' if shown.trusts_iam else 'off'}\n"
        f"root access features      {', '.join(shown.root_features) or 'none'}"
    )

"""`rolecall account`: make and list accounts, on a data directory, whether or not a server runs on it."""

from __future__ import annotations

import json
import os
import secrets
import time
from collections.abc import Callable
from pathlib import Path

import click

from rolecall.cli.options import command_errors, data_dir_option, existing_data_dir, json_option
from rolecall.iam.provisioning import NewAccount, create_account, create_root_key, plan_account
from rolecall.server.data_directory import open_data
from rolecall.state.draft import Draft
from rolecall.state.gather import iso_time


@click.group()
def account() -> None:
    """Make and list accounts."""


@account.command()
@data_dir_option
@click.option("--id", "account_id", help="Twelve digits; random if not given.")
@json_option
@command_errors
def create(data_dir: Path, account_id: str | None, as_json: bool) -> None:
    """Make an account and print its id and its root access key. The secret is shown this once."""
    plan = plan_account(secrets.randbits, account=account_id)
    _carry_out(create_account, plan, data_dir)
    click.echo(json.dumps(_credentials(plan)) if as_json else _text(plan))


@account.command(name="root-key")
@data_dir_option
@click.argument("account_id", metavar="ACCOUNT")
@json_option
@command_errors
def root_key(data_dir: Path, account_id: str, as_json: bool) -> None:
    """Make another root access key of ACCOUNT and print it, for when the last one is lost or deleted."""
    plan = plan_account(secrets.randbits, account=account_id)
    _carry_out(create_root_key, plan, data_dir)
    click.echo(json.dumps(_credentials(plan)) if as_json else _text(plan))


@account.command(name="list")
@data_dir_option
@json_option
@command_errors
def list_accounts(data_dir: Path, as_json: bool) -> None:
    """List the accounts of a data directory."""
    store = open_data(existing_data_dir(data_dir), os.environ)
    try:
        world = store.view()
    finally:
        store.close()
    accounts = sorted(world.accounts(), key=lambda each: each.account)
    if as_json:
        rows = [
            {"AccountId": each.account, "Alias": each.alias, "CreatedAt": iso_time(each.created_at)}
            for each in accounts
        ]
        click.echo(json.dumps(rows))
        return
    for each in accounts:
        click.echo(f"{each.account}  {iso_time(each.created_at)}  {each.alias or ''}".rstrip())


def _carry_out(change: Callable[..., None], plan: NewAccount, data_dir: Path) -> None:
    store = open_data(existing_data_dir(data_dir), os.environ)

    def job(draft: Draft) -> None:
        change(draft, plan, now=int(time.time()), sealer=store.sealer)

    try:
        store.write(job).result()
    finally:
        store.close()


def _credentials(plan: NewAccount) -> dict[str, str]:
    return {
        "AccountId": plan.account,
        "AccessKeyId": plan.access_key_id,
        "SecretAccessKey": plan.secret_access_key,
    }


def _text(plan: NewAccount) -> str:
    return (
        f"account               {plan.account}\n"
        f"root access key id    {plan.access_key_id}\n"
        f"root secret key       {plan.secret_access_key}"
    )

"""`rolecall env`: what a shell needs so that `aws`, boto3 and Terraform talk to this server."""

from __future__ import annotations

import os
import shlex
from pathlib import Path

import click

from rolecall.cli.options import command_errors, data_dir_option, existing_data_dir
from rolecall.names.arn import AccountId
from rolecall.server.data_directory import noted_endpoint, open_data
from rolecall.state.credentials import AccessKey
from rolecall.state.sealed_fields import open_secret
from rolecall.state.world import World


@click.command()
@data_dir_option
@click.option("--account", "account_id", help="Whose root credentials; the oldest account's if not given.")
@click.option("--endpoint-url", help="The server's address; the one that last served this data directory if not given.")
@command_errors
def env(data_dir: Path, account_id: str | None, endpoint_url: str | None) -> None:
    """Print exports for a shell: endpoints, region, root credentials. Use: eval "$(rolecall env)"."""
    endpoint = endpoint_url or noted_endpoint(existing_data_dir(data_dir))
    if endpoint is None:
        raise click.ClickException(f"no server has served `{data_dir}` yet: start one, or give --endpoint-url")
    store = open_data(data_dir, os.environ)
    try:
        access_key = _root_key(store.view(), account_id)
        secret = open_secret(store.sealer, access_key)
    finally:
        store.close()
    exports = {
        "AWS_ENDPOINT_URL_IAM": endpoint,
        "AWS_ENDPOINT_URL_STS": endpoint,
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": access_key.access_key_id,
        "AWS_SECRET_ACCESS_KEY": secret,
    }
    for name, value in exports.items():
        click.echo(f"export {name}={shlex.quote(value)}")
    click.echo("unset AWS_SESSION_TOKEN AWS_PROFILE")


def _root_key(world: World, account_id: str | None) -> AccessKey:
    if account_id is None:
        oldest = min(world.accounts(), key=lambda each: (each.created_at, each.account), default=None)
        if oldest is None:
            raise click.ClickException("there is no account here yet: start `rolecall serve` once")
        account_id = oldest.account
    keys = [key for key in world.of_user(AccessKey, AccountId(account_id), None) if key.is_active]
    if not keys:
        raise click.ClickException(
            f"account `{account_id}` does not exist here or has no active root access key: "
            "`rolecall account list` shows the accounts, `rolecall account root-key` makes a key"
        )
    return min(keys, key=lambda key: (key.created_at, key.access_key_id))

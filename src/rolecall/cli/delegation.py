"""`rolecall delegation`: what AWS would send to a partner's SNS topic, for the operator to hand on."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import click

from rolecall.cli.options import command_errors, data_dir_option, existing_data_dir, json_option
from rolecall.errors import SettingsError
from rolecall.names.arn import AccountId
from rolecall.server.data_directory import open_data
from rolecall.state.delegation import DelegationRequest, ExchangeToken
from rolecall.state.entities import Account
from rolecall.state.gather import iso_time
from rolecall.state.sealed_fields import purpose


@click.group()
def delegation() -> None:
    """See the delegation requests of a requestor and take out exchange tokens."""


@delegation.command(name="list")
@data_dir_option
@click.argument("account_id", metavar="ACCOUNT")
@json_option
@command_errors
def list_requests(data_dir: Path, account_id: str, as_json: bool) -> None:
    """List the requests that ACCOUNT made: id, state, workflow id."""
    store = open_data(existing_data_dir(data_dir), os.environ)
    try:
        world = store.view()
        if world.get(Account, account_id) is None:
            raise SettingsError(f"the account `{account_id}` does not exist here: `rolecall account list` shows all")
        requests = world.owned(DelegationRequest, AccountId(account_id))
    finally:
        store.close()
    now = int(time.time())
    shown = [
        {
            "RequestId": each.request_id,
            "RequestorWorkflowId": each.workflow_id,
            "State": each.state(now).value,
            "OwnerAccountId": each.owner_account,
            "UpdatedAt": iso_time(each.updated_at),
        }
        for each in sorted(requests, key=lambda request: (request.created_at, request.request_id))
    ]
    if as_json:
        click.echo(json.dumps(shown))
        return
    if not shown:
        click.echo("no delegation requests")
    for each in shown:
        click.echo(f"{each['RequestId']}  {each['State']}  {json.dumps(each['RequestorWorkflowId'])}")


@delegation.command()
@data_dir_option
@click.argument("request_id", metavar="REQUEST")
@command_errors
def token(data_dir: Path, request_id: str) -> None:
    """Print the notification that AWS would send for REQUEST, once its token is released: JSON with the token in it."""
    store = open_data(existing_data_dir(data_dir), os.environ)
    try:
        world = store.view()
        request, released = world.get(DelegationRequest, request_id), world.get(ExchangeToken, request_id)
        if request is None or released is None:
            raise click.ClickException(
                f"the request `{request_id}` does not exist or its token is not released: "
                "its owner calls SendDelegationToken after somebody accepted it"
            )
        opened = store.sealer.open(released.sealed_token, purpose(ExchangeToken, released.key)).decode()
    finally:
        store.close()
    message = {
        "Type": "ExchangeToken",
        "RequestId": request_id,
        "RequestorWorkflowId": request.workflow_id,
        "State": request.stored_state.value,
        "OwnerAccountId": request.owner_account,
        "ExchangeToken": opened,
        "ExpiresAt": iso_time(released.expires_at),
        "UpdatedAt": iso_time(released.released_at),
    }
    click.echo(json.dumps(message))

"""What `rolecall export` and `rolecall import` share: the account that they are about, and what operations are lent."""

from __future__ import annotations

import secrets

import click

from rolecall.iam.transfer.details import AccountFileError
from rolecall.names.arn import AccountId
from rolecall.operations.transaction import Surroundings
from rolecall.state.store import Store
from rolecall.state.token_ring import TokenRing
from rolecall.state.world import World


def surroundings_of(store: Store) -> Surroundings:
    """What the server would lend to operations, for those that run in a command."""
    return Surroundings(
        randbits=secrets.randbits, sealer=store.sealer, uses=store.uses, token_ring=TokenRing(store.sealer)
    )


def chosen_account(world: World, account_id: str | None) -> AccountId:
    """The account of that id, or the only one. Raises a usage error if there are several to choose from."""
    if account_id is not None:
        return AccountId(account_id)
    accounts = world.accounts()
    if len(accounts) > 1:
        raise click.UsageError("there are several accounts: name one with --account")
    if not accounts:
        raise AccountFileError("there is no account here yet: start `rolecall serve` once")
    return accounts[0].account

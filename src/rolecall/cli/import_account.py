"""`rolecall import`: make an account what a JSON document says."""

from __future__ import annotations

import json
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import BinaryIO

import click
import msgspec

from rolecall.cli.options import command_errors, data_dir_option, existing_data_dir, json_option
from rolecall.cli.transfer import surroundings_of
from rolecall.iam.transfer.details import LONGEST_FILE, AccountDetails, AccountFileError, read_account_details
from rolecall.iam.transfer.outcomes import Change, ImportPlan
from rolecall.iam.transfer.writing import write_import
from rolecall.names.arn import AccountId
from rolecall.policy_tests.printable import printable
from rolecall.server.data_directory import open_data
from rolecall.state.store import Store

DONE, FAILED, WOULD_CHANGE = 0, 1, 3
"""Exit statuses. Two is click's, for a command line that is wrong."""

HINT = (
    "Hint: trust policies may name only whom this server knows. --rewrite-account puts this account in place of the "
    "dumped one; --drop-unknown-principals leaves the others out."
)


@click.command(name="import")
@data_dir_option
@click.argument("file", type=click.File("rb"))
@click.option("--account", "account_id", metavar="ID", required=True, help="The account to import into.")
@click.option("--plan", "plans_only", is_flag=True, help="Tell what would change, and change nothing.")
@click.option("--keep-going", is_flag=True, help="Leave out what is refused and import the rest.")
@click.option(
    "--rewrite-account",
    "rewrites_account",
    is_flag=True,
    help="In policy documents, put the id of the account in place of that of the dumped one.",
)
@click.option(
    "--drop-unknown-principals",
    "drops_unknown_principals",
    is_flag=True,
    help="Leave whoever does not exist here out of trust policies, instead of refusing the role.",
)
@json_option
@command_errors
def import_account(
    data_dir: Path,
    file: BinaryIO,
    account_id: str,
    plans_only: bool,
    keep_going: bool,
    rewrites_account: bool,
    drops_unknown_principals: bool,
    as_json: bool,
) -> None:
    """Make an account what FILE says: users, groups, roles, policies. `-` reads standard input.

    FILE is made by `rolecall export` or by `aws iam get-account-authorization-details`. All of it is imported, or
    nothing. Exit status: 0 if it is done, or with --plan if nothing would change; 3 with --plan if something would;
    1 if anything is refused.
    """
    account = AccountId(account_id)
    details = _read(file)
    store = open_data(existing_data_dir(data_dir), os.environ)
    make_plan = partial(
        _plan,
        store,
        details,
        account,
        rewrites_account=rewrites_account,
        drops_unknown_principals=drops_unknown_principals,
    )
    try:
        plan = make_plan() if plans_only else write_import(store, make_plan, account=account, keeps_going=keep_going)
    finally:
        store.close()
    is_written = not plans_only and (keep_going or not plan.failures)
    _show(plan, account, is_written=is_written, lists_all=plans_only, as_json=as_json)
    if plan.failures:
        if not drops_unknown_principals and any("Invalid principal" in failure.detail for failure in plan.failures):
            click.echo(HINT, err=True)
        click.get_current_context().exit(FAILED)
    click.get_current_context().exit(WOULD_CHANGE if plans_only and plan.changes_anything else DONE)


def _read(file: BinaryIO) -> AccountDetails:
    try:
        content = file.read(LONGEST_FILE + 1)
    except OSError as error:
        raise click.ClickException(f"{file.name}: {error.strerror}") from error
    try:
        if len(content) > LONGEST_FILE:
            raise AccountFileError(f"longer than {LONGEST_FILE} bytes")
        return read_account_details(content)
    except AccountFileError as error:
        raise click.ClickException(printable(f"{file.name}: {error}")) from error


def _plan(
    store: Store,
    details: AccountDetails,
    account: AccountId,
    *,
    rewrites_account: bool,
    drops_unknown_principals: bool,
) -> ImportPlan:
    from rolecall.iam.transfer.plan import plan_import  # here, since it loads all of IAM

    world = store.view()
    try:
        with _progress(details) as advance:
            return plan_import(
                world,
                details,
                account=account,
                now=int(time.time()),
                surroundings=surroundings_of(store),
                rewrites_account=rewrites_account,
                drops_unknown_principals=drops_unknown_principals,
                advance=advance,
            )
    except AccountFileError as error:
        raise click.ClickException(printable(str(error))) from error


@contextmanager
def _progress(details: AccountDetails) -> Iterator[Callable[[], None]]:
    """A bar on standard error, if that is a terminal; gives what moves it on by one entity."""
    if not sys.stderr.isatty():
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    total = (
        len(details.user_detail_list)
        + len(details.group_detail_list)
        + len(details.role_detail_list)
        + sum(1 for _ in details.own_policies())
        + sum(1 for _ in details.instance_profiles())
    )
    columns = (TextColumn("importing"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=total)
        yield lambda: bar.advance(task)


def _show(plan: ImportPlan, account: AccountId, *, is_written: bool, lists_all: bool, as_json: bool) -> None:
    for failure in plan.failures:
        click.echo(printable(f"Error: {failure.kind} {failure.name}: {failure.detail}"), err=True)
    if as_json:
        entities = [msgspec.to_builtins(outcome) for outcome in plan.outcomes]
        click.echo(json.dumps({"account": account, "isWritten": is_written, "entities": entities}, indent=2))
        return
    for outcome in plan.outcomes:
        if outcome.change is not Change.FAIL and (lists_all or outcome.note or outcome.change is Change.SKIP):
            told = "; ".join(filter(None, (outcome.detail, outcome.note)))
            click.echo(printable(f"{outcome.change:<9}  {outcome.kind:<16}  {outcome.name}{told and f'  ({told})'}"))
    for line in _table(plan):
        click.echo(line)
    click.echo(f"account {account}: {'imported' if is_written else 'nothing was written'}")


def _table(plan: ImportPlan) -> Iterator[str]:
    """How many entities of each kind come to what."""
    counts = Counter((outcome.kind, outcome.change) for outcome in plan.outcomes)
    yield " " * 16 + "".join(f"{change:>11}" for change in Change)
    for kind in dict.fromkeys(outcome.kind for outcome in plan.outcomes):
        yield f"{kind:<16}" + "".join(f"{counts[kind, change]:>11}" for change in Change)

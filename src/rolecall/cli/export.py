"""`rolecall export`: what an account holds, as one JSON document."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import click

from rolecall.cli.options import command_errors, data_dir_option, existing_data_dir
from rolecall.cli.transfer import chosen_account, surroundings_of
from rolecall.server.data_directory import open_data
from rolecall.state.files import open_private


@click.command()
@data_dir_option
@click.option("--account", "account_id", metavar="ID", help="Which account; the only one if not given.")
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="A new file; standard output if not given."
)
@command_errors
def export(data_dir: Path, account_id: str | None, output: Path | None) -> None:
    """Write an account as one JSON document: users, groups, roles, policies. Secrets are never in it.

    The form is that of `aws iam get-account-authorization-details`; `rolecall import` reads it.
    """
    from rolecall.iam.transfer.export import export_account  # it loads all of IAM, which other commands do not need

    store = open_data(existing_data_dir(data_dir), os.environ)
    try:
        world = store.view()
        account = chosen_account(world, account_id)
        content = export_account(world, account, now=int(time.time()), surroundings=surroundings_of(store))
    finally:
        store.close()
    if output is None:
        # Not through `sys.stdout`, which would try once more at the exit what failed here.
        with os.fdopen(os.dup(sys.stdout.fileno()), "wb") as file:
            file.write(content)
        return
    try:
        descriptor = open_private(output, exclusively=True)
    except OSError as error:
        raise click.ClickException(f"cannot make `{output}`: {error.strerror}") from error
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
    except OSError as error:
        output.unlink()
        raise click.ClickException(f"cannot write `{output}`: {error.strerror}") from error
    click.echo(f"{output}: account {account}", err=True)

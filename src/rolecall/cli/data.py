"""`rolecall backup`, `restore` and `master-key reseal`: the care of a data directory."""

from __future__ import annotations

import os
from pathlib import Path

import click

from rolecall.cli.options import command_errors, data_dir_option, existing_data_dir
from rolecall.server.data_directory import open_data
from rolecall.state import backup as backups
from rolecall.state.draft import Draft
from rolecall.state.sealed_fields import reseal


@click.command()
@data_dir_option
@click.argument("target", type=click.Path(dir_okay=False, path_type=Path))
@command_errors
def backup(data_dir: Path, target: Path) -> None:
    """Copy the database to the new file TARGET, also while a server runs. The master key is not in it."""
    backups.backup(existing_data_dir(data_dir), target)
    click.echo(f"{target}: complete and checked; it can be opened only with the master key, which is not in it")


@click.command()
@data_dir_option
@click.argument("source", type=click.Path(dir_okay=False, path_type=Path))
@command_errors
def restore(data_dir: Path, source: Path) -> None:
    """Make a new data directory from the backup SOURCE. Put the master key there first, or set ROLECALL_MASTER_KEY."""
    revision = backups.restore(source, data_dir, environment=os.environ)
    click.echo(f"{data_dir}: restored at revision {revision}")


@click.group(name="master-key")
def master_key() -> None:
    """Care for the master key."""


@master_key.command(name="reseal")
@data_dir_option
@command_errors
def reseal_secrets(data_dir: Path) -> None:
    """Seal every secret anew under the first master key, so that older ones can be taken away."""
    store = open_data(existing_data_dir(data_dir), os.environ)

    def job(draft: Draft) -> int:
        return reseal(draft, store.sealer)

    try:
        count = store.write(job).result().value
    finally:
        store.close()
    click.echo(f"{count} secrets sealed anew; all open with the first master key alone")

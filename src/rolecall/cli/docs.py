"""`rolecall docs`: the reference pages that are made from the code."""

from __future__ import annotations

from pathlib import Path

import click

from rolecall.cli.options import command_errors


@click.command()
@click.option(
    "--write",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="Folder for the pages.",
)
@command_errors
def docs(folder: Path) -> None:
    """Write the generated reference pages: operations, settings, command line, error codes."""
    from rolecall.cli.reference import pages

    folder.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (folder / name).write_text(text, encoding="utf-8")
        click.echo(folder / name)

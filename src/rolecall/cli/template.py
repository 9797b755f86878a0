"""`rolecall template`: register and switch the templates of a server, whether or not one runs on the data directory."""

from __future__ import annotations

import json
import os
import secrets
import time
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, TypeVar
from urllib.parse import unquote

import click

from rolecall.cli.options import command_errors, data_dir_option, existing_data_dir, json_option
from rolecall.iam.templates.registration import (
    Template,
    all_templates,
    find_any_template,
    put_template,
    read_template,
    switch_template,
)
from rolecall.iam.templates.role_templates import shown_version
from rolecall.server.data_directory import open_data
from rolecall.state.delegation import PolicyTemplate, RoleTemplate
from rolecall.state.draft import Draft
from rolecall.state.gather import iso_time
from rolecall.state.world import World

T = TypeVar("T")

DOCUMENTS = ("AssumeRolePolicyDocumentTemplate", "PolicyDocument")
TIMES = ("CreateTimestamp", "UpdateTimestamp")

minor_version_option = click.option("--minor-version", type=int, help="One version of a role template only.")


@click.group()
def template() -> None:
    """Register templates of roles and of delegation requests."""


@template.command()
@data_dir_option
@click.argument("file", type=click.File("rb"))
@command_errors
def put(data_dir: Path, file: BinaryIO) -> None:
    """Register the template in FILE (`-` reads standard input), or a new version of it."""
    read = read_template(file.read(), now=int(time.time()), randbits=secrets.randbits)
    stored = _write(data_dir, lambda draft: put_template(draft, read))
    version = f" version {stored.default_minor_version}" if isinstance(stored, RoleTemplate) else ""
    click.echo(f"{stored.arn}{version}")


@template.command(name="list")
@data_dir_option
@json_option
@command_errors
def list_templates(data_dir: Path, as_json: bool) -> None:
    """List the templates."""
    templates = all_templates(_view(data_dir))
    if as_json:
        click.echo(json.dumps([{"Arn": str(each.arn), "Enabled": each.is_enabled} for each in templates]))
        return
    for each in templates:
        click.echo(f"{each.arn}{'' if each.is_enabled else '  disabled'}")


@template.command()
@data_dir_option
@click.argument("arn")
@minor_version_option
@command_errors
def show(data_dir: Path, arn: str, minor_version: int | None) -> None:
    """Print the template ARN as a file that `put` takes; of a role template its default version."""
    click.echo(json.dumps(_file(find_any_template(_view(data_dir), arn), minor_version), indent=2))


@template.command()
@data_dir_option
@click.argument("arn")
@minor_version_option
@command_errors
def disable(data_dir: Path, arn: str, minor_version: int | None) -> None:
    """Let nothing more be made from the template ARN. What was made from it stays."""
    _write(data_dir, lambda draft: switch_template(draft, arn, is_enabled=False, minor_version=minor_version))


@template.command()
@data_dir_option
@click.argument("arn")
@minor_version_option
@command_errors
def enable(data_dir: Path, arn: str, minor_version: int | None) -> None:
    """Take back `disable`."""
    _write(data_dir, lambda draft: switch_template(draft, arn, is_enabled=True, minor_version=minor_version))


def _file(stored: Template, minor_version: int | None) -> dict[str, object]:
    if isinstance(stored, PolicyTemplate):
        shape = {
            "TemplateArn": str(stored.arn),
            "RequestorName": stored.requestor_name,
            "RequestorAccountIds": list(stored.requestor_accounts),
            "PolicyDocumentTemplate": json.loads(stored.document),
            "Enabled": stored.is_enabled,
        }
        return {"PolicyTemplate": shape}
    version = stored.version(minor_version)
    if version is None:
        raise click.ClickException(f"the template `{stored.arn}` has no minor version {minor_version}")
    shown = shown_version(stored, version)
    del shown["DefaultMinorVersion"]  # a file says it of its own version only
    return {"RoleTemplateVersion": _readable(shown)}


def _readable(value: object) -> object:
    """An answer's shape as the `aws` command shows it: documents as JSON, times as texts, nothing that is not there."""
    if isinstance(value, list):
        return [_readable(item) for item in value]
    if not isinstance(value, dict):
        return value
    shown: dict[str, object] = {}
    for name, inner in value.items():
        if name in DOCUMENTS:
            shown[name] = json.loads(unquote(inner))
        elif name in TIMES:
            shown[name] = iso_time(inner)
        elif inner is not None:
            shown[name] = _readable(inner)
    return shown


def _view(data_dir: Path) -> World:
    store = open_data(existing_data_dir(data_dir), os.environ)
    try:
        return store.view()
    finally:
        store.close()


def _write(data_dir: Path, job: Callable[[Draft], T]) -> T:
    store = open_data(existing_data_dir(data_dir), os.environ)
    try:
        return store.write(job).result().value
    finally:
        store.close()

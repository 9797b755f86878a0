"""Options that several commands share, and how an error of ours ends a command."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from pathlib import Path
from typing import ParamSpec, TypeVar

import click

from rolecall.errors import ApiError, RolecallError
from rolecall.server.settings import refuse_unknown
from rolecall.state.opening import DATABASE_FILE

P = ParamSpec("P")
R = TypeVar("R")

DEFAULT_DATA_DIR = Path(".rolecall")

data_dir_option = click.option(
    "--data-dir",
    type=click.Path(file_okay=False, path_type=Path),
    envvar="ROLECALL_DATA_DIR",
    default=DEFAULT_DATA_DIR,
    show_default=True,
    help="Folder that holds the database and the master key.",
)

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def existing_data_dir(data_dir: Path) -> Path:
    """`data_dir` if a server has used it already. Raises a usage error otherwise: only `serve` makes one."""
    if not (data_dir / DATABASE_FILE).is_file():
        raise click.ClickException(
            f"no data directory at `{data_dir}`: start `rolecall serve` there, or give --data-dir"
        )
    return data_dir


def command_errors(command: Callable[P, R]) -> Callable[P, R]:
    """Let a command end with one plain line, and status 1, when something of ours refuses."""

    @functools.wraps(command)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            refuse_unknown(os.environ)
            return command(*args, **kwargs)
        except ApiError as error:
            raise click.ClickException(f"{error.code}: {error.message}") from error
        except RolecallError as error:
            raise click.ClickException(str(error)) from error
        except BrokenPipeError:
            raise  # click ends quietly when nobody reads any more
        except OSError as error:
            raise click.ClickException(f"cannot read or write: {error}") from error

    return guarded

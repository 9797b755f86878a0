"""`rolecall serve`."""

from __future__ import annotations

import os
from pathlib import Path

import click

from rolecall.cli.options import command_errors, data_dir_option
from rolecall.server.settings import DEFAULT_PORT, DESCRIPTIONS, LOG_LEVELS, read_settings


@click.command()
@data_dir_option
@click.option("--host", help=f"{DESCRIPTIONS['HOST']} [default: 127.0.0.1]")
@click.option("--port", type=int, help=f"{DESCRIPTIONS['PORT']} [default: {DEFAULT_PORT}]")
@click.option("--workers", type=int, help=f"{DESCRIPTIONS['WORKERS']} [default: 1]")
@click.option(
    "--tls-certificate", type=click.Path(dir_okay=False, path_type=Path), help=DESCRIPTIONS["TLS_CERTIFICATE"]
)
@click.option("--tls-key", type=click.Path(dir_okay=False, path_type=Path), help=DESCRIPTIONS["TLS_KEY"])
@click.option("--log-level", type=click.Choice(LOG_LEVELS), help="Least important lines to log [default: info]")
@command_errors
def serve(
    data_dir: Path,
    host: str | None,
    port: int | None,
    workers: int | None,
    tls_certificate: Path | None,
    tls_key: Path | None,
    log_level: str | None,
) -> None:
    """Start the server. On the first start, make an account and print its root credentials, once."""
    from rolecall.server import serving  # here, since it loads the whole server, which other commands do not need

    settings = read_settings(
        os.environ,
        data_dir=data_dir,
        host=host,
        port=port,
        workers=workers,
        tls_certificate=tls_certificate,
        tls_key=tls_key,
        log_level=log_level,
    )
    serving.serve(settings, dict(os.environ), click.echo)

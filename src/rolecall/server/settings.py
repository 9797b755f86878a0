"""What the server can be told: command-line options and `ROLECALL_…` environment variables. An unknown one is an error.

Each setting has one name: the option `--data-dir` is the variable `ROLECALL_DATA_DIR`. An option wins over a variable.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from rolecall.errors import SettingsError

PREFIX = "ROLECALL_"
DEFAULT_PORT = 8750


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The server's settings. `docs/reference/settings.md` is made of `DESCRIPTIONS`."""

    data_dir: Path
    host: str = "127.0.0.1"
    port: int = DEFAULT_PORT
    workers: int = 1
    tls_certificate: Path | None = None
    tls_key: Path | None = None
    issuer_url: str | None = None
    metrics_token: str | None = None
    log_level: str = "info"

    @property
    def is_loopback(self) -> bool:
        """Does the server listen to its own machine only?"""
        return self.host in {"localhost", "::1"} or self.host.startswith("127.")


DESCRIPTIONS: Mapping[str, str] = {
    "DATA_DIR": "folder that holds the database and, unless one is given otherwise, the master key",
    "HOST": "address to listen on",
    "PORT": "port to listen on; 0 takes a free one",
    "WORKERS": "server processes that share the port and the data directory",
    "TLS_CERTIFICATE": "PEM file with the server's certificate chain; with it the server speaks HTTPS",
    "TLS_KEY": "PEM file with the certificate's private key",
    "ISSUER_URL": "URL at which others reach this server, with which the names of its token issuers begin",
    "METRICS_TOKEN": "bearer token that `/metrics` wants; without it only callers on this machine may read it",
    "LOG_LEVEL": "`debug`, `info`, `warning` or `error`",
}
"""The variables that `Settings` is made of, without their prefix, and what each says."""

FIRST_START: Mapping[str, str] = {
    "ACCOUNT_ID": "id of the account that the first start makes; random if not given",
    "ROOT_ACCESS_KEY_ID": "access key id of its root user; random if not given",
    "ROOT_SECRET_ACCESS_KEY": "secret access key of its root user; random, and printed once, if not given",
}
"""Variables that only the first start on a data directory reads."""

ELSEWHERE: Mapping[str, str] = {
    "MASTER_KEY": "master key, 32 bytes in base64; several, separated by commas, while keys are rotated",
    "MASTER_KEY_COMMAND": "command that prints the master key",
    "TERRAFORM_MIRROR": "folder with Terraform's AWS provider; read by the tests only",
}
"""Variables that other rooms read."""

LOG_LEVELS = ("debug", "info", "warning", "error")


def read_settings(environment: Mapping[str, str], **options: object) -> Settings:
    """The settings that `options` (None: not given) and `environment` make.

    Raises `SettingsError` for an unknown variable and for a value that makes no sense.
    """
    refuse_unknown(environment)
    values: dict[str, object] = {}
    for name in DESCRIPTIONS:
        option = options.get(name.lower())
        value = option if option is not None else environment.get(PREFIX + name)
        if value is not None:
            values[name.lower()] = value
    if "data_dir" not in values:
        raise SettingsError("no data directory: give --data-dir or set ROLECALL_DATA_DIR")
    for number in ("port", "workers"):
        if number in values:
            values[number] = _number(number, values[number])
    for path in ("data_dir", "tls_certificate", "tls_key"):
        if path in values:
            values[path] = Path(str(values[path]))
    settings = Settings(**values)  # type: ignore[arg-type] # checked one by one above and below
    _check(settings)
    return settings


def refuse_unknown(environment: Mapping[str, str]) -> None:
    """Raises `SettingsError` if a `ROLECALL_…` variable is none of ours: a misspelt setting must not be ignored."""
    known = {*DESCRIPTIONS, *FIRST_START, *ELSEWHERE}
    unknown = sorted(name for name in environment if name.startswith(PREFIX) and name.removeprefix(PREFIX) not in known)
    if unknown:
        raise SettingsError(f"unknown setting `{unknown[0]}`: see `rolecall serve --help` for those that exist")


def as_environment(settings: Settings) -> dict[str, str]:
    """The variables that make `read_settings` give `settings`: how worker processes learn them."""
    values = {name: getattr(settings, name.lower()) for name in DESCRIPTIONS}
    return {PREFIX + name: str(value) for name, value in values.items() if value is not None}


def _number(name: str, value: object) -> int:
    text = str(value)
    if not (text.isascii() and text.isdigit()):
        raise SettingsError(f"{name} must be a whole number, got `{text}`")
    return int(text)


def _check(settings: Settings) -> None:
    if settings.port > 65535:
        raise SettingsError(f"port must be at most 65535, got `{settings.port}`")
    if not 1 <= settings.workers <= 64:
        raise SettingsError(f"workers must be from 1 to 64, got `{settings.workers}`")
    if settings.log_level not in LOG_LEVELS:
        raise SettingsError(f"log level must be one of {', '.join(LOG_LEVELS)}, got `{settings.log_level}`")
    if (settings.tls_certificate is None) != (settings.tls_key is None):
        raise SettingsError("TLS needs both a certificate and its key")
    if settings.issuer_url is not None and not _is_server_url(settings.issuer_url):
        raise SettingsError(
            f"the issuer URL `{settings.issuer_url}` is not like https://iam.example.com: "
            "give a scheme and a host, a port and a path if needed, and no slash at the end"
        )
    if settings.metrics_token is not None and len(settings.metrics_token) < 16:
        raise SettingsError("the metrics token is too short: use at least 16 characters")


def _is_server_url(text: str) -> bool:
    """Is `text` an HTTP URL to which a path can be added?"""
    try:
        url = urlsplit(text)
        has_host = bool(url.hostname) and (url.port is None or url.port > 0)
    except ValueError:
        return False
    is_whole = text == f"{url.scheme}://{url.netloc}{url.path}" and url.username is None
    is_plain = text.isascii() and text.isprintable() and " " not in text and not text.endswith("/")
    return url.scheme in {"http", "https"} and has_host and is_whole and is_plain

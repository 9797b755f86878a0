"""Serving: the first start, the banner, the socket, the worker processes. What a request meets is `app`."""

from __future__ import annotations

import multiprocessing
import os
import secrets
import signal
import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from tempfile import TemporaryDirectory

import uvicorn
from msgspec.structs import replace
from uvicorn.supervisors import Multiprocess

from rolecall import __version__
from rolecall.errors import SettingsError
from rolecall.iam.provisioning import NewAccount, create_account, plan_account
from rolecall.server.app import App
from rolecall.server.data_directory import note_endpoint, open_data
from rolecall.server.metrics import SHARED_FOLDER
from rolecall.server.protocol import BoundedHttpProtocol
from rolecall.server.settings import PREFIX, Settings, as_environment, read_settings
from rolecall.state.draft import Draft

EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - what an operator may ask for
"""Addresses to listen on that are none to connect to, and where a program on this machine connects instead."""

KEEP_ALIVE = 75
"""Seconds for which an idle connection is kept."""

BACKLOG = 2048
"""Connections that may wait to be accepted."""

SHUTDOWN_PATIENCE = 10
"""Seconds that calls under way get to finish."""


def make_worker() -> App:
    """The application of a worker process, which finds its settings in the environment."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    settings = read_settings(os.environ)
    return App(settings, lambda: open_data(settings.data_dir, os.environ))


def serve(settings: Settings, environment: Mapping[str, str], say: Callable[[str], None]) -> None:
    """Serve until told to stop (SIGINT, SIGTERM).

    Parameters: `say`, prints a line to the operator. Raises `SettingsError` or `StoreError` before serving if something
    is wrong.
    """
    _check_tls(settings)
    listener = _listen(settings)
    # Last of what can fail: the secret that a first start makes is shown by that start or never.
    first = prepare(settings, environment)
    reached_at = _endpoint(settings, EVERYWHERE.get(settings.host, settings.host), listener)
    os.environ.update(as_environment(replace(settings, issuer_url=settings.issuer_url or reached_at)))
    config = uvicorn.Config(
        "rolecall.server.serving:make_worker",
        factory=True,
        workers=settings.workers,
        http=BoundedHttpProtocol,
        loop="auto",
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        # The peer of the connection is the source address: a header must not be able to change it.
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE,
        timeout_graceful_shutdown=SHUTDOWN_PATIENCE,
        ssl_certfile=settings.tls_certificate,
        ssl_keyfile=settings.tls_key,
    )
    # Before uvicorn handles signals, and after it, when it raises them again: a stop that was asked for is a success.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _end)
    endpoint = _endpoint(settings, settings.host, listener)
    note_endpoint(settings.data_dir, reached_at)
    for line in banner(settings, endpoint, first):
        say(line)
    if settings.workers == 1:
        uvicorn.Server(config).run(sockets=[listener])
        return
    with TemporaryDirectory(prefix="rolecall-metrics-") as folder:
        os.environ[SHARED_FOLDER] = folder
        Multiprocess(config, sockets=[listener]).run()


def prepare(settings: Settings, environment: Mapping[str, str]) -> NewAccount | None:
    """Open the data directory once, and make the first account if there is none; gives it if so."""
    store = open_data(settings.data_dir, environment)
    try:
        if store.view().accounts():
            return None
        plan = plan_account(
            secrets.randbits,
            account=environment.get(PREFIX + "ACCOUNT_ID"),
            access_key_id=environment.get(PREFIX + "ROOT_ACCESS_KEY_ID"),
            secret_access_key=environment.get(PREFIX + "ROOT_SECRET_ACCESS_KEY"),
        )

        def make_first(draft: Draft) -> bool:
            # Two servers may start on one new directory: the one that comes second makes nothing.
            if draft.world.accounts():
                return False
            create_account(draft, plan, now=int(time.time()), sealer=store.sealer)
            return True

        return plan if store.write(make_first).result().value else None
    finally:
        store.close()


def banner(settings: Settings, endpoint: str, first: NewAccount | None) -> tuple[str, ...]:
    """What the operator reads at the start: where, in which mode, and, on the first start, the root credentials."""
    reach = "this machine only" if settings.is_loopback else "every machine that reaches this address"
    transport = "HTTPS" if settings.tls_certificate is not None else "plain HTTP"
    lines = [
        f"Rolecall {__version__}",
        f"  endpoint   {endpoint}",
        f"  data       {settings.data_dir}",
        "  mode       enforcing: every call must be signed (SigV4) and allowed by the policies stored here",
        f"  listening  to {reach}, {transport}, {settings.workers} worker{'s' if settings.workers > 1 else ''}",
    ]
    if not settings.is_loopback and settings.tls_certificate is None:
        lines.append("  WARNING    session tokens cross the network unencrypted: set --tls-certificate and --tls-key")
    if first is not None:
        lines += ["", *_first_start(first)]
    return tuple(lines)


def _first_start(first: NewAccount) -> tuple[str, ...]:
    """The new account. A secret that the operator chose is known already, and does not belong into a journal."""
    made = (f"  account               {first.account}", f"  root access key id    {first.access_key_id}")
    if not first.is_secret_random:
        return "First start. This account was made, with the root secret that was set:", *made
    return (
        "First start. This account was made; its root secret is shown now and never again:",
        *made,
        f"  root secret key       {first.secret_access_key}",
    )


def _end_with(parent: multiprocessing.process.BaseProcess) -> None:
    """Stop this worker when its parent is gone: killed, it cannot tell, and an orphan would hold the port for ever."""
    parent.join()
    os.kill(os.getpid(), signal.SIGTERM)


def _end(*_: object) -> None:
    raise SystemExit(0)


def _check_tls(settings: Settings) -> None:
    """Raise `SettingsError` if the certificate and its key cannot be used: uvicorn would find out too late."""
    if settings.tls_certificate is None:
        return
    for path in (settings.tls_certificate, settings.tls_key):
        if path is not None and not os.access(path, os.R_OK):
            raise SettingsError(f"cannot read `{path}`: give a PEM file that this user may read")
    try:
        # The empty password refuses a key that has one; OpenSSL would ask for it at the terminal.
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(
            settings.tls_certificate, settings.tls_key, password=""
        )
    except OSError as error:
        raise SettingsError(
            f"cannot use the certificate `{settings.tls_certificate}` with the key `{settings.tls_key}` ({error}): "
            "give a certificate chain and its key, both as PEM, the key without a password"
        ) from error


def _listen(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
    except OSError as error:
        listener.close()
        raise SettingsError(
            f"cannot listen on {settings.host}, port {settings.port} ({error.strerror}): "
            "choose another --host or --port"
        ) from error
    # From here on clients may connect; they are answered as soon as a worker is up.
    listener.listen(BACKLOG)
    listener.set_inheritable(True)
    return listener


def _endpoint(settings: Settings, host: str, listener: socket.socket) -> str:
    scheme = "https" if settings.tls_certificate is not None else "http"
    name = f"[{host}]" if ":" in host else host
    return f"{scheme}://{name}:{listener.getsockname()[1]}"

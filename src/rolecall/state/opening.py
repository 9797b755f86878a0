"""Opening a data directory: what must be there is made, what is there must fit, or it is refused.

No accounts are made here. The order matters: nothing is sealed before the master key is on disk, and nobody gets a
store whose secrets it could not open.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from rolecall.errors import StoreError
from rolecall.names.ids import RandBits
from rolecall.state.draft import Draft
from rolecall.state.files import PRIVATE_DIRECTORY
from rolecall.state.keyring import MASTER_KEY, MASTER_KEY_FILE, find_keyring, make_keyring
from rolecall.state.log import LogEngine
from rolecall.state.replica import world_of
from rolecall.state.seal import Keyring, Sealer
from rolecall.state.sealed_fields import has_sealed, require_master_key
from rolecall.state.sqlite import SqliteLog
from rolecall.state.store import Store
from rolecall.state.token_keys import make_token_key, token_keys

DATABASE_FILE = "rolecall.db"


def open_store(
    data_dir: Path, *, clock: Callable[[], float], randbits: RandBits, environment: Mapping[str, str]
) -> Store:
    """Open the store of `data_dir`; on the first start make the directory, the database, the master key, a token key.

    Parameters: `clock`, seconds since the epoch; `randbits`, the source of keys, ids and nonces (`secrets.randbits`);
    `environment`, the settings (`ROLECALL_MASTER_KEY`, `ROLECALL_MASTER_KEY_COMMAND`). Several processes may open the
    same directory. Raises `StoreError` if it cannot be used as it is, `SettingsError` for a setting that is wrong.
    """
    make_data_dir(data_dir)
    log = SqliteLog(data_dir / DATABASE_FILE)
    try:
        return store_of(log, _keyring(data_dir, environment, randbits, log), clock, randbits)
    except BaseException:
        log.close()
        raise


def make_data_dir(data_dir: Path) -> None:
    """Make the directory, for its owner only, if it is missing. Raises `StoreError`."""
    try:
        data_dir.mkdir(mode=PRIVATE_DIRECTORY, parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"cannot make the data directory `{data_dir}`: {error}") from error


def store_of(log: LogEngine, keyring: Keyring, clock: Callable[[], float], randbits: RandBits) -> Store:
    """The store on any engine, with a token key in it. Raises `StoreError` if `keyring` does not open its secrets."""
    sealer = Sealer(keyring, randbits)

    def ensure_token_key(draft: Draft) -> None:
        # A job, so it sees what a process that was first has made: two first starts make one key.
        require_master_key(draft.world, keyring)
        if not token_keys(draft.world, sealer):
            make_token_key(draft, sealer, now=int(clock()), randbits=randbits)

    store = Store(log, sealer=sealer, clock=clock)
    try:
        store.write(ensure_token_key).result()
    except BaseException:
        store.close()
        raise
    return store


def _keyring(data_dir: Path, environment: Mapping[str, str], randbits: RandBits, log: LogEngine) -> Keyring:
    keyring = find_keyring(data_dir, environment)
    if keyring is None and not has_sealed(world_of(log.snapshot())):
        return make_keyring(data_dir, randbits)
    # Another process may have made both the key and what is sealed under it since the first look.
    keyring = keyring or find_keyring(data_dir, environment)
    if keyring is None:
        raise StoreError(
            f"the master key is missing: put `{MASTER_KEY_FILE}` back into `{data_dir}`, or set {MASTER_KEY}; without "
            "it the secrets in the database cannot be opened"
        )
    return keyring

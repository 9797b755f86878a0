"""Where the master keys come from: a setting, a command, or a file in the data directory. Never from the database.

The text is the same in all three: each key as 32 bytes in base64, separated by white space or commas; the first seals,
all open. No message ever quotes it.
"""

from __future__ import annotations

import base64
import binascii
import os
import re
import shlex
import stat
import subprocess
from collections.abc import Mapping
from pathlib import Path

from rolecall.errors import SettingsError, StoreError
from rolecall.names.ids import RandBits
from rolecall.state.files import open_private, sync
from rolecall.state.seal import KEY_LENGTH, Keyring, MasterKey

MASTER_KEY = "ROLECALL_MASTER_KEY"
MASTER_KEY_COMMAND = "ROLECALL_MASTER_KEY_COMMAND"
MASTER_KEY_FILE = "master.key"

COMMAND_PATIENCE = 30.0
"""Seconds that the command may take."""


def find_keyring(data_dir: Path, environment: Mapping[str, str]) -> Keyring | None:
    """The master keys that are set, or those of the file in `data_dir`; None if there is neither.

    Raises `SettingsError` for a setting that gives no key, `StoreError` for a file that others may read or that holds
    none.
    """
    text, command = environment.get(MASTER_KEY), environment.get(MASTER_KEY_COMMAND)
    if text is not None and command is not None:
        raise SettingsError(f"{MASTER_KEY} and {MASTER_KEY_COMMAND} are both set: keep one of them")
    if text is not None:
        return _setting(MASTER_KEY, text)
    if command is not None:
        return _setting(f"the output of {MASTER_KEY_COMMAND}", _output(command, environment))
    return _read(data_dir / MASTER_KEY_FILE)


def make_keyring(data_dir: Path, randbits: RandBits) -> Keyring:
    """Make the key file of `data_dir`, readable for its owner only; if another process was first, use its file.

    The name appears at once with the whole content, on disk: nobody reads half a key, and no secret is ever sealed
    under a key that a power loss takes away.
    """
    path = data_dir / MASTER_KEY_FILE
    draft = data_dir / f"{MASTER_KEY_FILE}.{randbits(64):016x}"
    key = MasterKey(randbits(8 * KEY_LENGTH).to_bytes(KEY_LENGTH, "big"))
    try:
        descriptor = open_private(draft, exclusively=True)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(base64.b64encode(key.secret) + b"\n")
                file.flush()
                os.fsync(file.fileno())
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
        sync(data_dir)
    except OSError as error:
        raise StoreError(f"cannot make the master key `{path}`: {error}") from error
    keyring = _read(path)
    if keyring is None:
        raise StoreError(f"the master key `{path}` has vanished")
    return keyring


def parse_keyring(text: str) -> Keyring:
    """Read keys in base64, separated by white space or commas. Raises `ValueError`, which quotes nothing of `text`."""
    words = re.split(r"[\s,]+", text.strip(" \t\r\n,"))
    try:
        return Keyring(tuple(MasterKey(base64.b64decode(word, validate=True)) for word in words))
    except (binascii.Error, ValueError):
        raise ValueError(f"it must hold keys of {KEY_LENGTH} bytes in base64") from None


def _setting(name: str, text: str) -> Keyring:
    try:
        return parse_keyring(text)
    except ValueError as error:
        raise SettingsError(f"{name} gives no master key: {error}") from None


def _output(command: str, environment: Mapping[str, str]) -> str:
    try:
        words = shlex.split(command)
        if not words:
            raise ValueError("the command is empty")
        done = subprocess.run(  # noqa: S603 - the operator's own command, run without a shell
            words, env=dict(environment), capture_output=True, timeout=COMMAND_PATIENCE, check=True
        )
        return done.stdout.decode()
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        # The error's text may hold the command's output, so only its kind is told.
        raise SettingsError(f"the command of {MASTER_KEY_COMMAND} failed ({type(error).__name__})") from None


def _read(path: Path) -> Keyring | None:
    try:
        with path.open("rb") as file:
            if stat.S_IMODE(os.fstat(file.fileno()).st_mode) & 0o077:
                raise StoreError(f"others may read the master key `{path}`: run `chmod 600 {shlex.quote(str(path))}`")
            return parse_keyring(file.read().decode())
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise StoreError(f"the file `{path}` holds no master key: {error}") from None
    except OSError as error:
        raise StoreError(f"cannot read the master key `{path}`: {error}") from error

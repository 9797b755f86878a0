"""Where master keys come from, and what is refused."""

from __future__ import annotations

import base64
import os
import random
import shlex
import stat
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from rolecall.errors import SettingsError, StoreError
from rolecall.state.keyring import (
    MASTER_KEY,
    MASTER_KEY_COMMAND,
    MASTER_KEY_FILE,
    find_keyring,
    make_keyring,
    parse_keyring,
)
from rolecall.state.seal import Keyring, MasterKey

ONE, TWO = MasterKey(b"\x01" * 32), MasterKey(b"\x02" * 32)
ONE_TEXT, TWO_TEXT = (base64.b64encode(key.secret).decode() for key in (ONE, TWO))


def random_bits() -> object:
    return random.Random(5).getrandbits


@pytest.mark.parametrize("text", ["{0},{1}", "{0}\n{1}\n", " {0}\t {1} ", "{0}, {1},"])
def test_keys_are_separated_by_white_space_or_commas(text: str) -> None:
    assert parse_keyring(text.format(ONE_TEXT, TWO_TEXT)) == Keyring((ONE, TWO))


@pytest.mark.parametrize("text", ["", " \n", "hunter2", ONE_TEXT[:-4], ONE_TEXT + ONE_TEXT, "!" * 44, "é" * 44])
def test_anything_but_keys_of_32_bytes_is_refused_without_being_quoted(text: str) -> None:
    with pytest.raises(ValueError, match="keys of 32 bytes in base64") as caught:
        parse_keyring(text)
    assert not text.strip() or text.strip() not in str(caught.value)


def test_without_setting_and_file_there_is_no_keyring(tmp_path: Path) -> None:
    assert find_keyring(tmp_path, {}) is None


def test_the_setting_gives_the_key(tmp_path: Path) -> None:
    assert find_keyring(tmp_path, {MASTER_KEY: ONE_TEXT}) == Keyring((ONE,))


def test_the_command_gives_the_key(tmp_path: Path) -> None:
    script = tmp_path / "kms.py"
    script.write_text(f"print('{ONE_TEXT}')")
    command = f"{shlex.quote(sys.executable)} {shlex.quote(str(script))}"
    assert find_keyring(tmp_path, {MASTER_KEY_COMMAND: command}) == Keyring((ONE,))


@pytest.mark.parametrize("command", ["false", "/nowhere/kms", "'unbalanced", "", "printf '\\377'"])
def test_a_command_that_gives_nothing_usable_is_a_settings_error(tmp_path: Path, command: str) -> None:
    with pytest.raises(SettingsError, match=MASTER_KEY_COMMAND):
        find_keyring(tmp_path, {MASTER_KEY_COMMAND: command, "PATH": os.environ["PATH"]})


def test_a_setting_that_is_no_key_is_a_settings_error(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=MASTER_KEY) as caught:
        find_keyring(tmp_path, {MASTER_KEY: "hunter2"})
    assert "hunter2" not in str(caught.value)


def test_two_settings_at_once_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="both set"):
        find_keyring(tmp_path, {MASTER_KEY: ONE_TEXT, MASTER_KEY_COMMAND: "true"})


def test_a_made_key_is_found_again_and_readable_for_its_owner_only(tmp_path: Path) -> None:
    made = make_keyring(tmp_path, random_bits())
    assert find_keyring(tmp_path, {}) == made
    assert stat.S_IMODE((tmp_path / MASTER_KEY_FILE).stat().st_mode) == 0o600
    assert [file.name for file in tmp_path.iterdir()] == [MASTER_KEY_FILE]


def test_a_key_that_is_there_is_never_replaced(tmp_path: Path) -> None:
    made = make_keyring(tmp_path, random.Random(1).getrandbits)
    assert make_keyring(tmp_path, random.Random(2).getrandbits) == made


def test_many_first_starts_at_once_end_with_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda seed: make_keyring(tmp_path, random.Random(seed).getrandbits), range(8)))
    assert len(set(made)) == 1
    assert [file.name for file in tmp_path.iterdir()] == [MASTER_KEY_FILE]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_a_key_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    make_keyring(tmp_path, random_bits())
    (tmp_path / MASTER_KEY_FILE).chmod(mode)
    with pytest.raises(StoreError, match="chmod 600"):
        find_keyring(tmp_path, {})


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"hunter2"])
def test_a_file_that_holds_no_key_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / MASTER_KEY_FILE
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(StoreError, match="holds no master key"):
        find_keyring(tmp_path, {})


def test_a_key_that_cannot_be_read_or_made_is_a_store_error(tmp_path: Path) -> None:
    (tmp_path / MASTER_KEY_FILE).mkdir()
    with pytest.raises(StoreError, match="cannot read the master key"):
        find_keyring(tmp_path, {})
    with pytest.raises(StoreError, match="cannot make the master key"):
        make_keyring(tmp_path / "missing", random_bits())

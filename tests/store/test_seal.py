"""Sealing: only the right key, for the right purpose, of an unaltered text, opens."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rolecall.errors import StoreError
from rolecall.state.seal import Keyring, MasterKey, Sealer

ONE, TWO = MasterKey(b"\x01" * 32), MasterKey(b"\x02" * 32)
SECRET = b"wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"


def sealer_of(*keys: MasterKey) -> Sealer:
    return Sealer(Keyring(keys), random.Random(3).getrandbits)


@given(st.binary(max_size=200), st.text(st.characters(codec="utf-8"), max_size=50))
def test_what_was_sealed_opens_for_its_purpose(plaintext: bytes, purpose: str) -> None:
    sealer = sealer_of(ONE)
    sealed = sealer.seal(plaintext, purpose)
    assert sealer.open(sealed, purpose) == plaintext
    assert len(sealed) == 1 + 8 + 12 + len(plaintext) + 16


def test_a_sealed_text_does_not_show_the_plaintext_and_never_repeats() -> None:
    sealer = sealer_of(ONE)
    one, two = sealer.seal(SECRET, "key:1"), sealer.seal(SECRET, "key:1")
    assert SECRET not in one
    assert one != two


@given(st.integers(0, 1 + 8 + 12 + len(SECRET) + 16 - 1), st.integers(1, 255))
def test_no_altered_byte_goes_unnoticed(at: int, difference: int) -> None:
    sealer = sealer_of(ONE)
    sealed = bytearray(sealer.seal(SECRET, "key:1"))
    sealed[at] ^= difference
    with pytest.raises(StoreError):
        sealer.open(bytes(sealed), "key:1")


@given(st.integers(0, 1 + 8 + 12 + len(SECRET) + 16 - 1))
def test_a_truncated_text_does_not_open(length: int) -> None:
    sealer = sealer_of(ONE)
    with pytest.raises(StoreError):
        sealer.open(sealer.seal(SECRET, "key:1")[:length], "key:1")


def test_a_sealed_text_does_not_open_for_another_owner() -> None:
    sealer = sealer_of(ONE)
    with pytest.raises(StoreError, match="has been altered"):
        sealer.open(sealer.seal(SECRET, "access-key:AKIA1"), "access-key:AKIA2")


def test_another_master_key_does_not_open() -> None:
    with pytest.raises(StoreError, match="a master key that this server does not hold"):
        sealer_of(TWO).open(sealer_of(ONE).seal(SECRET, "key:1"), "key:1")


def test_the_first_key_seals_and_all_keys_open() -> None:
    old = sealer_of(ONE).seal(SECRET, "key:1")
    both = sealer_of(TWO, ONE)
    new = both.seal(SECRET, "key:1")
    assert both.open(old, "key:1") == both.open(new, "key:1") == SECRET
    assert (both.is_current(old), both.is_current(new)) == (False, True)
    assert sealer_of(TWO).open(new, "key:1") == SECRET


def test_a_master_key_is_never_shown() -> None:
    shown = repr(Keyring((MasterKey(SECRET[:32]),)))
    assert "wJalr" not in shown


@pytest.mark.parametrize("length", [0, 16, 31, 33])
def test_a_master_key_has_32_bytes(length: int) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        MasterKey(b"x" * length)


def test_a_keyring_is_not_empty() -> None:
    with pytest.raises(ValueError, match="needs a key"):
        Keyring(())

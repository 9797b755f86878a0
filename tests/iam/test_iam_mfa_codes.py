"""The codes of MFA devices: RFC 6238, how far a clock may be off, and that no code counts twice."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iam.harness import ACCOUNT, NOW, Iam, Server
from rolecall.decision.principal import RootUser
from rolecall.errors import InvalidAuthenticationCode
from rolecall.operations.code_attempts import (
    FIRST_WAIT,
    FORGOTTEN_AFTER,
    FREE_TRIES,
    LONGEST_WAIT,
    CodeAttempts,
    wait_after,
)
from rolecall.operations.mfa_codes import SYNCHRONIZATION_RANGE, TOLERANCE, accept_code, seal_seed, synchronize
from rolecall.operations.transaction import Transaction
from rolecall.state.caller import Caller
from rolecall.state.credentials import MfaDevice
from rolecall.state.draft import Draft
from totp import STEP, Authenticator

RFC = json.loads((Path(__file__).parent.parent / "cases" / "iam" / "totp.json").read_text())
STEP_NOW = NOW // STEP
SEED = bytes(range(40))
APP = Authenticator(b"AAAQEAYEAUDAOCAJBIFQYDIOB4IBCEQTCQKRMFYYDENBWHA5DYPSAIJCEMSCKJRH")


def call(server: Server, now: int = NOW) -> Transaction:
    """A call of root at that time."""
    caller = Caller(principal=RootUser(ACCOUNT), access_key_id="AKIAQQQQQQQQQQQQQQQQ")
    return Transaction(Draft(server.world), caller=caller, now=now, surroundings=server.surroundings)


def device(server: Server, seed: bytes = SEED, **members: int) -> MfaDevice:
    sealed = seal_seed(call(server), "1", seed)
    return MfaDevice(account=ACCOUNT, id="1", name="phone", created_at=0, sealed_seed=sealed, **members)


@pytest.mark.parametrize("case", RFC["cases"], ids=lambda case: str(case["at"]))
def test_codes_are_those_of_the_rfc(server: Server, case: dict[str, int | str]) -> None:
    at = int(case["at"])
    accepted = accept_code(call(server, at), device(server, RFC["seed"].encode()), str(case["code"]))
    assert accepted is not None
    assert accepted.last_step == at // STEP


@given(offset=st.integers(-30, 30), second_of_step=st.integers(0, STEP - 1), drift=st.integers(-10, 10))
def test_a_code_may_be_one_step_early_or_late(offset: int, second_of_step: int, drift: int) -> None:
    server = Server()
    now = STEP_NOW * STEP + second_of_step
    accepted = accept_code(call(server, now), device(server, drift=drift), APP.code(STEP_NOW + drift + offset))
    assert (accepted is not None) == (abs(offset) <= TOLERANCE)


def test_a_code_counts_once_and_none_before_it(server: Server) -> None:
    fresh = device(server)
    used = accept_code(call(server), fresh, APP.code(STEP_NOW))
    assert used is not None
    assert accept_code(call(server), used, APP.code(STEP_NOW)) is None
    assert accept_code(call(server), used, APP.code(STEP_NOW - 1)) is None
    assert accept_code(call(server), used, APP.code(STEP_NOW + 1)) is not None


@pytest.mark.parametrize("code", ["", "1", "1234567", "\u0661\u0662\u0663\u0664\u0665\u0666"])
def test_what_is_no_code_is_refused(server: Server, code: str) -> None:
    assert accept_code(call(server), device(server), code) is None


@given(offset=st.integers(-30, 30))
def test_two_consecutive_codes_tell_by_how_much_a_clock_is_off(offset: int) -> None:
    server = Server()
    first, second = APP.code(STEP_NOW + offset), APP.code(STEP_NOW + offset + 1)
    synchronized = synchronize(call(server), device(server), first, second)
    if abs(offset) > SYNCHRONIZATION_RANGE:
        assert synchronized is None
        return
    assert synchronized is not None
    assert synchronized.last_step == STEP_NOW + offset + 1
    assert synchronized.drift == (offset + 1 if abs(offset + 1) > TOLERANCE else 0)


@given(first=st.integers(-15, 15), second=st.integers(-15, 15), last=st.integers(-15, 15))
def test_codes_synchronize_if_they_follow_each_other_and_are_new(first: int, second: int, last: int) -> None:
    server = Server()
    codes = APP.code(STEP_NOW + first), APP.code(STEP_NOW + second)
    synchronized = synchronize(call(server), device(server, last_step=STEP_NOW + last), *codes)
    is_new = last < first and abs(first) <= SYNCHRONIZATION_RANGE
    assert (synchronized is not None) == (second == first + 1 and is_new)


def test_after_a_synchronization_the_codes_of_a_clock_that_is_off_count(server: Server, iam: Iam) -> None:
    serial = f"arn:aws:iam::{ACCOUNT}:mfa/phone"
    iam("CreateUser", user_name="bob")
    made = iam("CreateVirtualMFADevice", virtual_mfa_device_name="phone")["VirtualMFADevice"]
    app = Authenticator(made["Base32StringSeed"])

    def codes(step: int) -> dict[str, str]:
        first, second = app.code(step), app.code(step + 1)
        return {"authentication_code1": first, "authentication_code2": second}

    iam("EnableMFADevice", user_name="bob", serial_number=serial, **codes(STEP_NOW - 1))
    server.now += 100 * STEP
    ahead = STEP_NOW + 105
    before = server.world.named(MfaDevice, ACCOUNT, "/phone")
    assert before is not None
    assert accept_code(call(server, server.now), before, app.code(ahead)) is None
    iam("ResyncMFADevice", user_name="bob", serial_number=serial, **codes(ahead - 1))
    after = server.world.named(MfaDevice, ACCOUNT, "/phone")
    assert after is not None
    assert (after.drift, after.last_step) == (5, ahead)
    assert accept_code(call(server, server.now + STEP), after, app.code(ahead + 1)) is not None
    with pytest.raises(InvalidAuthenticationCode):
        iam("ResyncMFADevice", user_name="bob", serial_number=serial, **codes(ahead))


# Guessing


def test_after_some_wrong_codes_no_code_is_looked_at_for_a_while(server: Server) -> None:
    phone = device(server)
    for _ in range(FREE_TRIES):
        assert accept_code(call(server), phone, APP.wrong_code(STEP_NOW)) is None
    assert accept_code(call(server), phone, APP.code(STEP_NOW)) is not None
    for _ in range(FREE_TRIES + 1):
        assert accept_code(call(server), phone, APP.wrong_code(STEP_NOW)) is None
    late = NOW + FIRST_WAIT - 1
    assert accept_code(call(server, late), phone, APP.code(late // STEP)) is None
    assert accept_code(call(server, late + 1), phone, APP.code((late + 1) // STEP)) is not None


def test_the_wait_doubles_and_ends_at_an_hour() -> None:
    waits = [wait_after(count) for count in range(1, FREE_TRIES + 10)]
    assert waits == [0] * FREE_TRIES + [30, 60, 120, 240, 480, 960, 1920, 3600, 3600]
    assert wait_after(10**9) == LONGEST_WAIT


def test_codes_that_are_not_looked_at_do_not_make_the_wait_longer() -> None:
    attempts = CodeAttempts()
    for _ in range(FREE_TRIES + 1):
        attempts.failed("phone", NOW)
    assert attempts.are_refused("phone", NOW)
    assert not attempts.are_refused("phone", NOW + FIRST_WAIT)
    assert not attempts.are_refused("tablet", NOW)


def test_wrong_codes_are_forgotten_after_a_day() -> None:
    attempts = CodeAttempts()
    for _ in range(FREE_TRIES + 8):
        attempts.failed("phone", NOW)
    later = NOW + FORGOTTEN_AFTER
    attempts.failed("phone", later)
    assert attempts.are_refused("phone", later)
    attempts.failed("phone", later + FORGOTTEN_AFTER + 1)
    assert not attempts.are_refused("phone", later + FORGOTTEN_AFTER + 1)

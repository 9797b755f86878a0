"""Texts read as values: everything that a policy may hold is read, and nothing raises."""

from __future__ import annotations

import ipaddress
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from rolecall.decision.values import (
    parse_address,
    parse_binary,
    parse_instant,
    parse_network,
    parse_number,
    parse_truth,
)
from rolecall.language.dates import is_date

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DATE_CHARACTERS = st.text("0123456789-:TtZz+.", max_size=30)


@given(st.datetimes(datetime(1, 1, 3), datetime(9999, 12, 29)), st.integers(-23 * 60, 23 * 60))  # noqa: DTZ001
def test_an_instant_is_that_of_the_standard_library(moment: datetime, offset: int) -> None:
    zone = f"{'-' if offset < 0 else '+'}{abs(offset) // 60:02}:{abs(offset) % 60:02}"
    since_epoch = moment.replace(tzinfo=UTC) - timedelta(minutes=offset) - EPOCH
    assert parse_instant(f"{moment.isoformat()}{zone}") == since_epoch // timedelta(microseconds=1) * 1000


@given(DATE_CHARACTERS | st.integers(0, 2**63).map(str) | st.dates().map(str))
def test_every_date_that_a_policy_may_hold_is_read(text: str) -> None:
    if is_date(text):
        assert parse_instant(text) is not None


@given(st.ip_addresses(), st.integers(0, 128))
def test_a_network_contains_the_address_it_was_made_from(address: object, length: int) -> None:
    found = parse_address(str(address))
    assert found is not None
    network = parse_network(f"{address}/{min(length, 32 if found.version == 4 else 128)}")
    assert network is not None
    assert (network.version, network.prefix) == (found.version, found.number >> network.shift)


@given(st.text() | DATE_CHARACTERS | st.text("0123456789abcdef:./%eE+-"))
def test_no_text_raises(text: str) -> None:
    for parse in (parse_address, parse_binary, parse_instant, parse_network, parse_number, parse_truth):
        parse(text)


def test_malformed_networks_are_none() -> None:
    for text in ("", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/x", "10.0.0.0/8/8", "::/129", "10.0.0.0/0008"):
        assert parse_network(text) is None


@given(
    st.ip_addresses().map(str)
    | st.lists(st.integers(-1, 300).map(str) | st.sampled_from(["", "00", "1 ", "٣"])).map(".".join)
)
def test_an_address_is_that_of_the_standard_library(text: str) -> None:
    found = parse_address(text)
    try:
        expected = ipaddress.ip_address(text)
    except ValueError:
        assert found is None
    else:
        assert found == (expected.version, int(expected))


def test_numbers_without_dots_between_them_are_no_address() -> None:
    assert parse_address("1 2 3 4") is None

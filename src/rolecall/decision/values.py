"""Texts of condition values read as numbers, instants, addresses, bytes and truth values.

Every function is total: a text that is no such value gives None, and None matches nothing. All that
`rolecall.language` accepts as a date or a network is read here. Source: policy-language.md §4.
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
import re
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,6})?")
_EPOCH = re.compile(r"[0-9]{1,3}|[0-9]{5,19}")
_DATE = re.compile(
    r"""
    (?P<year> -?[0-9]{1,9} )
    (?: - (?P<month> [0-9]{1,2} ) (?: - (?P<day> [0-9]{1,2} ) )? )?
    (?: [Tt]
        (?: (?P<hour> [0-9]{1,2} )
            (?: : (?P<minute> [0-9]{1,2} ) (?: : (?P<second> [0-9]{1,2} ) (?: \. (?P<fraction> [0-9]{1,9} ) )? )? )?
        )?
        (?: [Zz] | (?P<sign> [+-] ) (?P<offset_hour> [0-9]{2} ) (?: : (?P<offset_minute> [0-9]{2} ) )? )?
    )?
    """,
    re.VERBOSE,
)
_YEARS = range(-292_275_054, 292_278_994)
_GREATEST_EPOCH = 2**63 - 1
_NANOSECONDS = 10**9
_OCTETS = {str(octet): octet for octet in range(256)}


class Address(NamedTuple):
    """An IP address: version 4 or 6, and its number."""

    version: int
    number: int


class Network(NamedTuple):
    """A block of addresses: those whose number, shifted right by `shift` bits, is `prefix`."""

    version: int
    prefix: int
    shift: int


@lru_cache(maxsize=4096)
def parse_number(text: str) -> Decimal | None:
    """Read an integer or a decimal fraction, exactly."""
    return Decimal(text) if _NUMBER.fullmatch(text) else None


def parse_truth(text: str) -> bool | None:
    """Read `true` or `false`, in any case."""
    return {"true": True, "false": False}.get(text.lower())


def parse_binary(text: str) -> bytes | None:
    """Read base64."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


@lru_cache(maxsize=4096)
def parse_instant(text: str) -> int | None:
    """Read a date, or whole seconds of the epoch, as nanoseconds since 1970-01-01T00:00:00Z.

    Four digits alone are a year. What a date leaves out is the least possible: the first month, day, hour; UTC. A day
    that the month does not have counts on into the next one, for policies may hold such.
    """
    if _EPOCH.fullmatch(text):
        return int(text) * _NANOSECONDS if int(text) <= _GREATEST_EPOCH else None
    found = _DATE.fullmatch(text)
    if found is None:
        return None
    year, month, day = int(found["year"]), int(found["month"] or 1), int(found["day"] or 1)
    hour, minute, second = (int(found[part] or 0) for part in ("hour", "minute", "second"))
    offset_hour, offset_minute = int(found["offset_hour"] or 0), int(found["offset_minute"] or 0)
    if not (year in _YEARS and 1 <= month <= 12 and 1 <= day <= 31):
        return None
    if max(hour, offset_hour) > 23 or max(minute, second, offset_minute) > 59:
        return None
    offset = (offset_hour * 60 + offset_minute) * (-1 if found["sign"] == "-" else 1)
    seconds = ((_days_since_epoch(year, month, day) * 24 + hour) * 60 + minute - offset) * 60 + second
    return seconds * _NANOSECONDS + int((found["fraction"] or "").ljust(9, "0"))


def _days_since_epoch(year: int, month: int, day: int) -> int:
    """Count days in the proleptic Gregorian calendar, for years far beyond those of `datetime`."""
    # A year counted from March puts the leap day last, so that the days before a month do not depend on the year.
    year -= month <= 2
    days_before_month = (153 * ((month - 3) % 12) + 2) // 5
    return 365 * year + year // 4 - year // 100 + year // 400 + days_before_month + day - 1 - 719468


@lru_cache(maxsize=4096)
def parse_address(text: str) -> Address | None:
    """Read one IPv4 or IPv6 address, without zone."""
    try:
        # Most requests come from an address that was not seen before; reading it here takes a tenth of `ipaddress`.
        first, second, third, fourth = text.split(".")
        number = _OCTETS[first] << 24 | _OCTETS[second] << 16 | _OCTETS[third] << 8 | _OCTETS[fourth]
    except (ValueError, KeyError):
        return _parse_any_address(text)
    return Address(4, number)


def _parse_any_address(text: str) -> Address | None:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    return None if "%" in text else Address(address.version, int(address))


def parse_network(text: str) -> Network | None:
    """Read an address, or a block in CIDR form; bits behind the prefix are ignored."""
    start, slash, length = text.partition("/")
    address = parse_address(start)
    if address is None:
        return None
    width = 32 if address.version == 4 else 128
    if not slash:
        return Network(address.version, address.number, 0)
    if not (length.isascii() and length.isdigit() and len(length) <= 3 and int(length) <= width):
        return None
    shift = width - int(length)
    return Network(address.version, address.number >> shift, shift)

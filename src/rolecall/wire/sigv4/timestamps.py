"""When a request was signed, and whether that is recent enough. The current time is always an argument.

Times are whole seconds since 1970 (UTC) and, on the wire, ISO 8601 basic format: `20150830T123600Z`.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import lru_cache

from rolecall.errors import IncompleteSignature, RequestExpired, SignatureDoesNotMatch

CLOCK_WINDOW = 15 * 60
"""Seconds that the clocks of signer and server may differ, either way."""

MAX_EXPIRES = 7 * 24 * 60 * 60
"""The longest `X-Amz-Expires`, in seconds."""

_BASIC_FORMAT = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})T([0-9]{2})([0-9]{2})([0-9]{2})Z")
_HTTP_DATE = re.compile(
    r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), ([0-9]{2}) ([A-Z][a-z]{2}) ([0-9]{4}) ([0-9]{2}):([0-9]{2}):([0-9]{2})"
    r" (?:GMT|[+-]0000)"
)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@lru_cache(maxsize=256)
def parse_timestamp(text: str) -> int:
    """Seconds since 1970 of an ISO 8601 basic timestamp.

    Raises `IncompleteSignature` with AWS's text if `text` is anything else, or names a day or time that does not exist.
    """
    match = _BASIC_FORMAT.fullmatch(text)
    if match is None:
        raise _bad_date(text)
    year, month, day, hour, minute, second = map(int, match.groups())
    try:
        return int(datetime(year, month, day, hour, minute, second, tzinfo=UTC).timestamp())
    except ValueError:
        raise _bad_date(text) from None


def timestamp_of_date_header(text: str) -> str:
    """The basic-format timestamp of a `Date` header: it may be in that format already, or an HTTP date.

    Raises `IncompleteSignature` for an unreadable HTTP date; a basic timestamp is not looked at here.
    """
    match = _HTTP_DATE.fullmatch(text)
    if match is None:
        return text
    day, month, year, hour, minute, second = match.groups()
    if month not in _MONTHS:
        raise _bad_date(text)
    return f"{year}{_MONTHS.index(month) + 1:02d}{day}T{hour}{minute}{second}Z"


def format_timestamp(seconds: int) -> str:
    """`seconds` since 1970 in ISO 8601 basic format."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y%m%dT%H%M%SZ")


def parse_expires(text: str) -> int:
    """`X-Amz-Expires` in seconds. Raises `IncompleteSignature` unless it is a whole number from 1 to 604800."""
    if len(text) > len(str(MAX_EXPIRES)) or not (text.isascii() and text.isdigit() and 1 <= int(text) <= MAX_EXPIRES):
        raise IncompleteSignature(f"`X-Amz-Expires` must be a number of seconds from 1 to {MAX_EXPIRES}")
    return int(text)


def check_window(timestamp: str, expires: int | None, now: float) -> None:
    """Refuse a signature from outside the clock window, or a presigned one past its own expiry.

    A presigned request lives for the shorter of `expires` and the clock window. AWS honours fifteen minutes whatever a
    shorter `X-Amz-Expires` says; we take the signer's word where it grants less.

    Raises `SignatureDoesNotMatch` or, within the window but past `expires`, `RequestExpired`.
    """
    signed_at, current = parse_timestamp(timestamp), int(now)
    earliest, latest = current - CLOCK_WINDOW, current + CLOCK_WINDOW
    if signed_at < earliest:
        raise SignatureDoesNotMatch(
            f"Signature expired: {timestamp} is now earlier than {format_timestamp(earliest)}"
            f" ({format_timestamp(current)} - 15 min.)"
        )
    if signed_at > latest:
        raise SignatureDoesNotMatch(
            f"Signature not yet current: {timestamp} is still later than {format_timestamp(latest)}"
            f" ({format_timestamp(current)} + 15 min.)"
        )
    if expires is not None and current > signed_at + expires:
        raise RequestExpired("Request has expired.")


def _bad_date(text: str) -> IncompleteSignature:
    return IncompleteSignature(
        f"Date must be in ISO-8601 'basic format'. Got '{text}'. See http://en.wikipedia.org/wiki/ISO_8601"
    )

"""The dates that a policy may hold: is this text one? Instants and their comparison belong to the decision engine.

Source: policy-language.md §4, "Date forms accepted by validation".
"""

from __future__ import annotations

import re

_YEARS = range(-292_275_054, 292_278_994)
_EPOCH_SECONDS_MAXIMUM = 2**63 - 1

_EPOCH = re.compile(r"[0-9]{1,19}")
_DATE = re.compile(
    r"""
    (?P<year> -?[0-9]{1,9} )
    (?: - (?P<month> [0-9]{1,2} ) (?: - (?P<day> [0-9]{1,2} ) )? )?
    (?: [Tt]
        (?: (?P<hour> [0-9]{1,2} )
            (?: : (?P<minute> [0-9]{1,2} ) (?: : (?P<second> [0-9]{1,2} ) (?: \. [0-9]{1,9} )? )? )?
        )?
        (?: [Zz] | \+ (?P<offset_hour> [0-9]{2} ) (?: : (?P<offset_minute> [0-9]{2} ) )? )?
    )?
    """,
    re.VERBOSE,
)
_RANGES = {
    "year": _YEARS,
    "month": range(1, 13),
    "day": range(1, 32),
    "hour": range(24),
    "minute": range(60),
    "second": range(60),
    "offset_hour": range(24),
    "offset_minute": range(60),
}


def is_date(text: str) -> bool:
    """Is `text` a date that AWS's legacy parser takes?

    Either seconds since 1970, or `YYYY[-MM[-DD]][Thh[:mm[:ss[.fraction]]][Z|+hh[:mm]]]`. The days of a month are not
    counted: 31 February passes, as it does there.
    """
    if _EPOCH.fullmatch(text):
        return int(text) <= _EPOCH_SECONDS_MAXIMUM
    match = _DATE.fullmatch(text)
    if not match:
        return False
    fields = match.groupdict()
    return all(fields[name] is None or int(fields[name]) in allowed for name, allowed in _RANGES.items())

"""The texts of policies and their comparison: patterns, variables, ARNs, and the condition operators.

The lower half of the second evaluator (see `evaluator.py`, whose docstring tells how the rules are cited); it knows
texts and a request's context, no statements, principals or policies, and, like all of it, nothing of `rolecall`.
"""

from __future__ import annotations

import base64
import ipaddress
import operator
import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

Context = dict[str, str | list[str]]  # keys in lower case; a list is a multivalued key
Piece = tuple[str, bool]  # a stretch of a pattern, and whether it is plain: wildcards in a plain one are characters


class NotUnderstoodError(ValueError):
    """The question holds something that the rules here do not speak of."""


# --- Texts: patterns, variables, ARNs ---

VARIABLE = re.compile(r"\$\{(?:(?P<special>[*?$])|(?P<key>[^{}*?$,]+)(?:, '(?P<default>[^']*)')?)\}")


def written(pieces: list[Piece]) -> str:
    """The text of a pattern whose variables are known."""
    return "".join(piece for piece, _ in pieces)


def glob(pieces: list[Piece], text: str) -> bool:
    """language §3: `*` is any run of characters, `?` exactly one, over the whole text."""
    if not any("*" in piece or "?" in piece for piece, plain in pieces if not plain):
        return text == written(pieces)  # without wildcards a pattern matches itself alone
    escaped = ((re.escape(piece), plain) for piece, plain in pieces)
    expression = "".join(it if plain else it.replace(r"\*", ".*").replace(r"\?", ".") for it, plain in escaped)
    return re.fullmatch(expression, text, re.DOTALL) is not None


def expand(text: str, version: str, context: Context) -> list[Piece] | None:
    """language §2, §5: the pieces of a text with variables; None if one has no value.

    semantics, Variables: what is substituted is plain text; a multivalued key has no value, nor is its default used.
    """
    if version != "2012-10-17":
        return [(text, False)]
    pieces: list[Piece] = []
    end = 0
    for found in VARIABLE.finditer(text):
        value = found["special"] or context.get(found["key"].lower(), found["default"])
        if value is None or isinstance(value, list):
            return None
        pieces += [(text[end : found.start()], False), (value, True)]
        end = found.end()
    pieces.append((text[end:], False))
    if any("${" in piece for piece, plain in pieces if not plain):
        raise NotUnderstoodError(f"a variable in {text!r}")
    return pieces


def parts_of_arn(pieces: list[Piece]) -> list[list[Piece]]:
    """language §3: split at the first five colons of its own; with fewer colons there are fewer than six parts."""
    parts: list[list[Piece]] = [[]]
    for piece, plain in pieces:
        first, *others = piece.split(":", 6 - len(parts)) if not plain else [piece]
        parts[-1].append((first, plain))
        parts.extend([(other, plain)] for other in others)
    return parts


def arn_matches(parts: list[list[Piece]], arn: str) -> bool:
    """language §3: each of the six parts is matched by itself, case-sensitive; the last crosses `/` and `:` freely."""
    return all(glob(part, text) for part, text in zip(parts, arn.split(":", 5), strict=True))


def is_arn(text: str) -> bool:
    """Six parts, of which the first is `arn`."""
    return text.startswith("arn:") and text.count(":") >= 5


# --- Condition operators (language §4) ---

DATE = re.compile(
    r"(?P<year>-?\d{1,9})(-(?P<month>\d{1,2})(-(?P<day>\d{1,2}))?)?"
    r"([Tt]((?P<hour>\d{1,2})(:(?P<minute>\d{1,2})(:(?P<second>\d{1,2})(\.(?P<fraction>\d{1,9}))?)?)?)?"
    r"([Zz]|(?P<sign>[+-])(?P<zone_hours>\d{2})(:(?P<zone_minutes>\d{2}))?)?)?",
    re.ASCII,
)


def number_of(text: str) -> Decimal | None:
    """An integer or decimal, exact; semantics: exponents up to six digits."""
    return Decimal(text) if re.fullmatch(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,6})?", text) else None


def instant_of(text: str) -> int | None:
    """Epoch seconds, or a date whose missing parts are at their first moment in UTC: as nanoseconds since 1970.

    semantics, Conditions: four digits are a year, and 31 February counts on into March.
    """
    if re.fullmatch(r"[0-9]+", text) and len(text) != 4:
        return int(text) * 10**9 if int(text) < 2**63 else None
    found = DATE.fullmatch(text)
    if found is None or not -292275054 <= int(found["year"]) <= 292278993:
        return None
    month, day = int(found["month"] or 1), int(found["day"] or 1)
    hour, minute, second, zone_hours, zone_minutes = (
        int(found[name] or 0) for name in ("hour", "minute", "second", "zone_hours", "zone_minutes")
    )
    is_day = 1 <= month <= 12 and 1 <= day <= 31
    if not is_day or max(hour, zone_hours) > 23 or max(minute, second, zone_minutes) > 59:
        return None
    # The calendar repeats after 400 years of 146,097 days; `date` knows the years 1 to 9999 alone.
    cycles, year = divmod(int(found["year"]), 400)
    days = date(2000 + year, month, 1).toordinal() + (cycles - 5) * 146_097 + day - 1 - date(1970, 1, 1).toordinal()
    zone = (zone_hours * 60 + zone_minutes) * (-1 if found["sign"] == "-" else 1)
    seconds = ((days * 24 + hour) * 60 + minute - zone) * 60 + second
    return seconds * 10**9 + int((found["fraction"] or "").ljust(9, "0"))


def truth_of(text: str) -> bool | None:
    """`true` or `false` in any case."""
    return {"true": True, "false": False}.get(text.lower())


def bytes_of(text: str) -> bytes | None:
    """The bytes that a text encodes as base64."""
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        return None


def compared(read: Callable[[str], Any], compare: Callable[[Any, Any], bool]) -> Callable[[str, str], bool]:
    """Operators on values that are read from texts: what cannot be read, on either side, matches nothing."""

    def matches(wanted: str, given: str) -> bool:
        left, right = read(given), read(wanted)
        return left is not None and right is not None and compare(left, right)

    return matches


def address_in(network: str, address: str) -> bool:
    """A network or a single address; IPv4 and IPv6 never match each other; no masks, no zones (`%eth0`)."""
    if "%" in network + address or not re.fullmatch(r"[^/]+(/[0-9]+)?", network):
        return False
    try:
        return ipaddress.ip_address(address) in ipaddress.ip_network(network, strict=False)
    except ValueError:
        return False


def arn_like(pattern: list[Piece], value: str) -> bool:
    """Six parts against six parts; semantics: the pattern's own colons bound them, and a lone `*` is every ARN."""
    parts = [[("*", False)]] * 6 if pattern == [("*", False)] else parts_of_arn(pattern)
    return len(parts) == 6 and is_arn(value) and arn_matches(parts, value)


# Positive comparisons, and the name of each one's complement. The first table's take variables (language §5).
OF_PATTERNS: dict[str, tuple[str, Callable[[list[Piece], str], bool]]] = {
    "StringEquals": ("StringNotEquals", lambda pattern, value: written(pattern) == value),
    "StringEqualsIgnoreCase": ("StringNotEqualsIgnoreCase", lambda it, value: written(it).lower() == value.lower()),
    "StringLike": ("StringNotLike", glob),
    "ArnEquals": ("ArnNotEquals", arn_like),
    "ArnLike": ("ArnNotLike", arn_like),
}
OF_TEXTS: dict[str, tuple[str, Callable[[str, str], bool]]] = {
    "Bool": ("", compared(truth_of, operator.eq)),
    "BinaryEquals": ("", compared(bytes_of, operator.eq)),
    "IpAddress": ("NotIpAddress", address_in),
}
for _type, _read in (("Numeric", number_of), ("Date", instant_of)):
    OF_TEXTS[f"{_type}Equals"] = (f"{_type}NotEquals", compared(_read, operator.eq))
    OF_TEXTS[f"{_type}LessThan"] = ("", compared(_read, operator.lt))
    OF_TEXTS[f"{_type}LessThanEquals"] = ("", compared(_read, operator.le))
    OF_TEXTS[f"{_type}GreaterThan"] = ("", compared(_read, operator.gt))
    OF_TEXTS[f"{_type}GreaterThanEquals"] = ("", compared(_read, operator.ge))
POSITIVE_OF = {negated: name for table in (OF_PATTERNS, OF_TEXTS) for name, (negated, _) in table.items() if negated}


def value_matches(comparison: str, wanted: str, given: str, version: str, context: Context) -> bool:
    """One value of the policy against one of the request; a variable without value matches nothing (language §5)."""
    if comparison in OF_PATTERNS:
        pattern = expand(wanted, version, context)
        return pattern is not None and OF_PATTERNS[comparison][1](pattern, given)
    if comparison in OF_TEXTS:
        return OF_TEXTS[comparison][1](wanted, given)
    raise NotUnderstoodError(f"the comparison {comparison!r}")


def condition_holds(name: str, key: str, wanted: list[str], version: str, context: Context) -> bool:
    """One operator and one key: the tables of language §4, cell by cell."""
    prefix, _, unprefixed = name.rpartition(":")
    base = unprefixed.removesuffix("IfExists")
    comparison, is_negated = POSITIVE_OF.get(base, base), base in POSITIVE_OF
    is_known = comparison in OF_PATTERNS or comparison in OF_TEXTS or unprefixed == "Null"  # there is no NullIfExists
    if prefix not in {"", "ForAllValues", "ForAnyValue"} or not is_known:
        raise NotUnderstoodError(f"the operator {name!r}")
    present = context.get(key.lower())
    if unprefixed == "Null":  # semantics: an empty multivalued key is absent, and a prefix changes nothing
        if any(truth_of(each) is None for each in wanted):
            raise NotUnderstoodError(f"the values {wanted!r} of Null")
        return any(truth_of(each) is (present is None or present == []) for each in wanted)

    def some_matches(value: str) -> bool:
        return any(value_matches(comparison, each, value, version, context) for each in wanted)

    if present is None:
        if prefix == "ForAllValues" or unprefixed.endswith("IfExists"):
            return True
        return is_negated and prefix == ""
    values = present if isinstance(present, list) else [present]
    if prefix and values == [""]:
        values = []  # semantics: under a prefix a lone empty text is the empty set
    if prefix == "ForAllValues":
        return all(some_matches(value) is not is_negated for value in values)
    if prefix == "ForAnyValue":
        return any(some_matches(value) is not is_negated for value in values)
    # semantics: without a prefix some value of the request matches, or, negated, none does
    return any(some_matches(value) for value in values) is not is_negated

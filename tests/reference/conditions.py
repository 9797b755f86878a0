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
    # What stands between two stars may take the first place where it fits, as that leaves most to what follows. So no
    # place is tried twice: each star opens an atomic group, `(?>…)`, and only the last one has to reach the end.
    escaped = ((re.escape(piece), plain) for piece, plain in pieces)
    expression = "".join(it if plain else it.replace(r"\*", ")(?>.*?").replace(r"\?", ".") for it, plain in escaped)
    return re.fullmatch(rf"(?>{expression}\Z)", text, re.DOTALL) is not None


def expand(text: str, version: str, context: Context) -> list[Piece] | None:
    """language §2, §5; semantics, Variables: a text with its variables' values, which are plain; None if one has none.

    A multivalued key has no value, nor is its default used.
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


def completed(pattern: list[Piece]) -> list[Piece]:
    """language §3: an ARN with less than six parts is completed with `*`; a lone `*` thus is every ARN."""
    return [*pattern, (":*" * (5 - sum(piece.count(":") for piece, plain in pattern if not plain)), False)]


def arn_matches(pattern: list[Piece], arn: str) -> bool:
    """language §3: each of the six parts is matched by itself, case-sensitive; the last crosses `/` and `:` freely."""
    parts: list[list[Piece]] = [[]]
    for piece, plain in pattern:  # semantics, Variables: the pattern's own colons bound its parts
        first, *others = [piece] if plain else piece.split(":", 6 - len(parts))
        parts[-1].append((first, plain))
        parts.extend([(other, plain)] for other in others)
    texts = arn.split(":", 5)
    return texts[0] == "arn" and len(parts) == len(texts) == 6 and all(map(glob, parts, texts))


DATE = re.compile(
    r"(?P<year>-?\d{1,9})(-(?P<month>0?[1-9]|1[0-2])(-(?P<day>0?[1-9]|[12]\d|3[01]))?)?"
    r"([Tt]((?P<hour>[01]?\d|2[0-3])(:(?P<minute>[0-5]?\d)(:(?P<second>[0-5]?\d)(\.(?P<fraction>\d{1,9}))?)?)?)?"
    r"([Zz]|(?P<sign>[+-])(?P<zone_hours>[01]\d|2[0-3])(:(?P<zone_minutes>[0-5]\d))?)?)?",
    re.ASCII,
)


def instant_of(text: str) -> int | None:
    """Epoch seconds, or a date whose missing parts are at their first moment in UTC: as nanoseconds since 1970."""
    if re.fullmatch(r"[0-9]+", text) and len(text) != 4:  # semantics, Conditions: four digits are a year
        return int(text) * 10**9 if int(text) < 2**63 else None
    found = DATE.fullmatch(text)
    if found is None or not -292275054 <= int(found["year"]) <= 292278993:
        return None
    year, month, day = (int(found[name] or 1) for name in ("year", "month", "day"))
    hour, minute, second, zone_hours, zone_minutes = (
        int(found[name] or 0) for name in ("hour", "minute", "second", "zone_hours", "zone_minutes")
    )
    # The calendar repeats after 400 years of 146,097 days; `date` knows the years 1 to 9999 alone. 31 February counts
    # on into March (semantics, Conditions).
    days = date(2000 + year % 400, month, 1).toordinal() + (year // 400 - 5) * 146_097 + day - 1
    zone = (zone_hours * 60 + zone_minutes) * (-1 if found["sign"] == "-" else 1)
    seconds = (((days - date(1970, 1, 1).toordinal()) * 24 + hour) * 60 + minute - zone) * 60 + second
    return seconds * 10**9 + int((found["fraction"] or "").ljust(9, "0"))


def bytes_of(text: str) -> bytes | None:
    """The bytes that a text encodes as base64, with its padding."""
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        return None


def compared(read: Callable[[str], Any], compare: Callable[[Any, Any], bool]) -> Callable[[list[Piece], str], bool]:
    """Operators on values that are read from texts: what cannot be read, on either side, matches nothing."""

    def matches(wanted: list[Piece], given: str) -> bool:
        left, right = read(given), read(written(wanted))
        return left is not None and right is not None and compare(left, right)

    return matches


def address_in(wanted: list[Piece], address: str) -> bool:
    """A network or a single address; IPv4 and IPv6 never match each other; no masks, no zones (`%eth0`)."""
    network = written(wanted)
    if "%" in network + address or not re.fullmatch(r"[^/]+(/[0-9]+)?", network):
        return False
    try:
        return ipaddress.ip_address(address) in ipaddress.ip_network(network, strict=False)
    except ValueError:
        return False


def arn_like(pattern: list[Piece], value: str) -> bool:
    """Six parts against six parts; semantics, Conditions: a lone `*` is completed, nothing else."""
    return arn_matches(completed(pattern) if pattern == [("*", False)] else pattern, value)


TRUTHS = {"true": True, "false": False}
NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,6})?")  # semantics: exponents up to six digits
ORDERS = {"Equals": operator.eq, "LessThan": operator.lt, "LessThanEquals": operator.le}
ORDERS |= {"GreaterThan": operator.gt, "GreaterThanEquals": operator.ge}
POSITIVE: dict[str, Callable[[list[Piece], str], bool]] = {
    "StringEquals": lambda wanted, given: written(wanted) == given,
    "StringEqualsIgnoreCase": lambda wanted, given: written(wanted).lower() == given.lower(),
    "StringLike": glob,
    "ArnEquals": arn_like,
    "ArnLike": arn_like,
    "IpAddress": address_in,
    "Bool": compared(lambda text: TRUTHS.get(text.lower()), operator.eq),
    "BinaryEquals": compared(bytes_of, operator.eq),
}
for _name, _order in ORDERS.items():
    POSITIVE[f"Numeric{_name}"] = compared(lambda text: Decimal(text) if NUMBER.fullmatch(text) else None, _order)
    POSITIVE[f"Date{_name}"] = compared(instant_of, _order)
NEGATED = {"StringNotEquals", "StringNotEqualsIgnoreCase", "StringNotLike", "ArnNotEquals", "ArnNotLike"}
NEGATED |= {"NumericNotEquals", "DateNotEquals", "NotIpAddress"}


def condition_holds(name: str, key: str, wanted: list[str], version: str, context: Context) -> bool:
    """One operator and one key: the tables of language §4, cell by cell."""
    prefix, _, unprefixed = name.rpartition(":")
    base = unprefixed.removesuffix("IfExists")
    is_negated = base in NEGATED
    comparison = base.replace("Not", "") if is_negated else base
    is_known = comparison in POSITIVE or unprefixed == "Null"  # there is no NullIfExists
    if prefix not in {"", "ForAllValues", "ForAnyValue"} or not is_known:
        raise NotUnderstoodError(f"the operator {name!r}")
    present = context.get(key.lower())
    if unprefixed == "Null":  # semantics: an empty multivalued key is absent, and a prefix changes nothing
        if any(each.lower() not in TRUTHS for each in wanted):
            raise NotUnderstoodError(f"the values {wanted!r} of Null")
        return (present is None or present == []) in [TRUTHS[each.lower()] for each in wanted]
    if present is None:
        return prefix == "ForAllValues" or unprefixed.endswith("IfExists") or (is_negated and prefix == "")

    def some_matches(value: str) -> bool:  # language §5: texts and ARNs take variables; one without value matches none
        takes_variables = comparison.startswith(("String", "Arn"))
        patterns = (expand(each, version, context) if takes_variables else [(each, False)] for each in wanted)
        return any(pattern is not None and POSITIVE[comparison](pattern, value) for pattern in patterns)

    values = present if isinstance(present, list) else [present]
    if prefix == "":  # semantics: some value of the request matches, or, negated, none does
        return any(map(some_matches, values)) is not is_negated
    of_each = [some_matches(value) is not is_negated for value in values if values != [""]]
    return all(of_each) if prefix == "ForAllValues" else any(of_each)  # semantics: a lone empty text is the empty set

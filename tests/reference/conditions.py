"""The texts of policies and their comparison: patterns, variables, ARNs, and the condition operators.

The lower half of the second evaluator (`evaluator.py` tells how the rules are cited). It knows texts and a request's
context; no statements, principals or policies must live here, and nothing of `rolecall`.
"""

from __future__ import annotations

import base64
import ipaddress
import operator
import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

Context = dict[str, str | list[str]]  # keys in lower case; a list is a multivalued key
Piece = tuple[str, bool]  # a stretch of a pattern, and whether it is plain: wildcards in a plain one are characters


class NotUnderstoodError(ValueError):
    """The question holds something that the rules here do not speak of."""


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
    """language §2, §5; semantics, Variables: values are plain text; None if one is missing or has several."""
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


def arn_matches(pattern: list[Piece], arn: str, *, may_be_short: bool) -> bool:
    """language §3: each of the six parts is matched by itself, case-sensitive; the last crosses `/` and `:` freely."""
    parts: list[list[Piece]] = [[]]
    for piece, plain in pattern:  # semantics, Variables: the pattern's own colons bound its parts
        first, *others = [piece] if plain else piece.split(":", 6 - len(parts))
        parts[-1].append((first, plain))
        parts.extend([(other, plain)] for other in others)
    parts += [[("*", False)]] * (6 - len(parts)) if may_be_short else []
    texts = arn.split(":", 5)
    return texts[0] == "arn" and len(parts) == len(texts) == 6 and all(map(glob, parts, texts))


DATE = re.compile(
    r"(-?\d{1,9})(?:-(0?[1-9]|1[0-2])(?:-(0?[1-9]|[12]\d|3[01]))?)?"
    r"(?:[Tt](?:([01]?\d|2[0-3])(?::([0-5]?\d)(?::([0-5]?\d)(?:\.(\d{1,9}))?)?)?)?"
    r"(?:[Zz]|([+-])([01]\d|2[0-3])(?::([0-5]\d))?)?)?",
    re.ASCII,
)


def instant_of(text: str) -> int | None:
    """Epoch seconds, or a date whose missing parts are at their first moment in UTC: as nanoseconds since 1970."""
    if re.fullmatch(r"[0-9]+", text) and len(text) != 4:  # semantics, Conditions: four digits are a year
        return int(text) * 10**9 if int(text) < 2**63 else None
    found = DATE.fullmatch(text)
    if found is None or not -292275054 <= int(found[1]) <= 292278993:
        return None
    year, month, day, hour, minute, second, fraction, sign, zone_hours, zone_minutes = found.groups("0")
    # `date` knows the years 1 to 9999; the calendar repeats after 400. Semantics: 31 February counts on into March.
    days = date(2000 + int(year) % 400, int(month) or 1, 1).toordinal() + (int(day) or 1) - 1
    days += (int(year) // 400 - 5) * 146_097 - date(1970, 1, 1).toordinal()
    zone = (int(zone_hours) * 60 + int(zone_minutes)) * (-1 if sign == "-" else 1)
    seconds = ((days * 24 + int(hour)) * 60 + int(minute) - zone) * 60 + int(second)
    return seconds * 10**9 + int(fraction.ljust(9, "0"))


def of_form(form: str, read: Callable[[str], Any]) -> Callable[[str], Any]:
    """Reads texts of one form, and gives None for others."""
    return lambda text: read(text) if re.fullmatch(form, text) else None


def compared(read: Callable[[str], Any], compare: Callable[[Any, Any], bool], wanted: list[Piece], given: str) -> bool:
    """Operators on values that are read from texts: what cannot be read, on either side, matches nothing."""
    left, right = read(given), read(written(wanted))
    return left is not None and right is not None and compare(left, right)


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
    """Six parts against six parts; semantics, Conditions: a lone `*` is every ARN."""
    return arn_matches(pattern, value, may_be_short=pattern == [("*", False)])


truth_of = of_form(r"(?ai:true|false)", str.lower)
# As Python's strict decoder, also with surplus padding behind whole groups: `YWJj==` in a request is `YWJj`.
bytes_of = of_form(r"([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|(?<=.)=*)?", base64.b64decode)
number_of = of_form(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,6})?", Decimal)  # semantics: exponents up to six digits
ORDERS = {"Equals": operator.eq, "LessThan": operator.lt, "LessThanEquals": operator.le}
ORDERS |= {"GreaterThan": operator.gt, "GreaterThanEquals": operator.ge}

POSITIVE: dict[str, Callable[[list[Piece], str], bool]] = {
    "StringEquals": lambda wanted, given: written(wanted) == given,
    "StringEqualsIgnoreCase": lambda wanted, given: written(wanted).lower() == given.lower(),
    "StringLike": glob,
    "ArnEquals": arn_like,
    "ArnLike": arn_like,
    "IpAddress": address_in,
    "Bool": partial(compared, truth_of, operator.eq),
    "BinaryEquals": partial(compared, bytes_of, operator.eq),
}
for _name, _order in ORDERS.items():
    POSITIVE[f"Numeric{_name}"] = partial(compared, number_of, _order)
    POSITIVE[f"Date{_name}"] = partial(compared, instant_of, _order)
NEGATED = {"StringNotEquals", "StringNotEqualsIgnoreCase", "StringNotLike", "ArnNotEquals", "ArnNotLike"}
NEGATED |= {"NumericNotEquals", "DateNotEquals", "NotIpAddress"}


def condition_holds(name: str, key: str, wanted: list[str], version: str, context: Context) -> bool:
    """One operator and one key: the tables of language §4, cell by cell."""
    prefix, _, unprefixed = name.rpartition(":")  # there is no NullIfExists
    base = unprefixed.removesuffix("IfExists")
    is_negated = base in NEGATED
    comparison = base.replace("Not", "") if is_negated else base
    if prefix not in {"", "ForAllValues", "ForAnyValue"} or (comparison not in POSITIVE and unprefixed != "Null"):
        raise NotUnderstoodError(f"the operator {name!r}")
    present = context.get(key.lower())
    if unprefixed == "Null":  # semantics: an empty multivalued key is absent, and a prefix changes nothing
        if None in map(truth_of, wanted):
            raise NotUnderstoodError(f"the values {wanted!r} of Null")
        return ("true" if present is None or present == [] else "false") in map(truth_of, wanted)
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

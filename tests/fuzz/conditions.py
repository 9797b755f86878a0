"""`Condition` elements and request contexts: every operator, with fitting keys and values, and some that do not fit."""

from __future__ import annotations

import re
from collections.abc import Mapping
from random import Random
from typing import Any, NamedTuple

from fuzz.patterns import arn_pattern, covering, missing, with_variable
from fuzz.vocabulary import NETWORKS, UNREADABLE, VALUES, ConditionKey, Kind, pick

Json = dict[str, Any]


class Circumstances(NamedTuple):
    """The context of a request, as the question holds it, and the keys that policies may ask for."""

    context: Json
    present: tuple[ConditionKey, ...]
    absent: tuple[ConditionKey, ...]


_ORDERED = ("Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals")
_TEXT_OPERATORS = (
    "StringEquals",
    "StringNotEquals",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
    "StringLike",
    "StringNotLike",
)
_ARN_OPERATORS = ("ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike")
OPERATORS: dict[Kind, tuple[str, ...]] = {
    Kind.TEXT: _TEXT_OPERATORS,
    Kind.NUMBER: tuple(f"Numeric{name}" for name in _ORDERED),
    Kind.DATE: tuple(f"Date{name}" for name in _ORDERED),
    Kind.TRUTH: ("Bool",),
    Kind.ADDRESS: ("IpAddress", "NotIpAddress"),
    Kind.ARN: (*_ARN_OPERATORS, "StringLike", "StringEquals"),
    Kind.BINARY: ("BinaryEquals",),
}
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_EVERY_OPERATOR = tuple(name for names in OPERATORS.values() for name in names)
_ARN_PATTERNS = ("arn:aws:*:*:*:*", "arn:*:s3:::*", "arn:aws:iam::*:user/*", "*", "arn:aws:s3:::${made:up-absent, '*'}")
_DATES = (
    "2024-01-02T03:04:05Z",
    "2024-01-02T03:04Z",
    "2024-01-02T03:04:00Z",
    "2024-01-02T03Z",
    "2024-01-02t05:04:05.000000001+02:00",
    "2024-01-02",
    "2024-02",
    "2024-02-31",
    "2024",
    "1704164645",
    "2024-12-30T00:00:59Z",
    "-0001-01-01",
    "9223372036854775807",
    1704164646,
    0,
)


def request_context(rng: Random, said: Mapping[str, Any], keys: tuple[ConditionKey, ...], nonsense: bool) -> Json:
    """A context with most of what the caller's requests carry (`said`), and some of `keys`."""
    context = {key: value for key, value in said.items() if rng.random() < 0.8}
    for key in keys:
        if key.name not in context:
            context[key.name] = _context_value(rng, key, nonsense)
    if rng.random() < 0.1:
        context = {pick(rng, (key.lower(), key.upper(), key)): value for key, value in context.items()}
    return context


def condition_block(rng: Random, found: Circumstances, *, hit: bool, variables: bool) -> Json:
    """A `Condition` of one to three keys. With `hit` it is likely to hold; else its last key is likely to fail."""
    block: dict[str, Json] = {}
    for left in reversed(range(pick(rng, (1, 1, 1, 2, 2, 3)))):
        operator, key, values = _condition(rng, found, hit=hit or left > 0, variables=variables)
        block.setdefault(operator, {})[key] = values
    return block


def _context_value(rng: Random, key: ConditionKey, nonsense: bool) -> Any:
    pool = VALUES[key.kind]
    if nonsense and rng.random() < 0.4:
        return pick(rng, (*UNREADABLE, 5, 1.5, True, False, [], [""], ["red", ""], "名", 10**18, 1e-7))
    if key.is_multivalued or rng.random() < 0.03:
        return [pick(rng, pool) for _ in range(int(rng.random() * 4))]
    if key.kind is Kind.TRUTH and rng.random() < 0.3:
        return rng.random() < 0.5
    if key.kind is Kind.NUMBER and rng.random() < 0.3:
        return pick(rng, (0, 5, 10, 12.5, -3))
    return pick(rng, pool)


def _condition(rng: Random, found: Circumstances, *, hit: bool, variables: bool) -> tuple[str, str, Any]:
    is_present = bool(found.present) and rng.random() < 0.75
    key = pick(rng, found.present if is_present else found.absent)
    name = key.name if rng.random() < 0.9 else pick(rng, (key.name.lower(), key.name.upper()))
    if rng.random() < 0.08:
        wanted = ("false" if is_present else "true") if hit else pick(rng, ("true", "false"))
        return (
            pick(rng, ("Null", "Null", "ForAllValues:Null", "ForAnyValue:Null")),
            name,
            pick(rng, (wanted, [wanted], wanted == "true")),
        )
    operator = pick(rng, OPERATORS[key.kind] if rng.random() < 0.94 else _EVERY_OPERATOR)
    is_negated = "Not" in operator
    values = _policy_values(rng, operator, key, found.context, hit=hit is not is_negated, variables=variables)
    if rng.random() < (0.6 if key.is_multivalued else 0.08):
        operator = pick(rng, ("ForAllValues:", "ForAnyValue:")) + operator
    if rng.random() < (0.5 if hit and not is_present and not is_negated else 0.12):
        operator += "IfExists"
    return operator, name, values


def _policy_values(
    rng: Random, operator: str, key: ConditionKey, context: Mapping[str, Any], *, hit: bool, variables: bool
) -> Any:
    """Values of a policy; with `hit` one of them is likely to match the key's value in `context`."""
    count = pick(rng, (1, 1, 1, 2, 3))
    values = [_policy_value(rng, operator, pick(rng, VALUES[key.kind]), hit=False) for _ in range(count)]
    found = context.get(key.name)
    if isinstance(found, list):
        found = pick(rng, found) if found else None
    if hit and found is not None:
        values[-1] = _policy_value(rng, operator, found, hit=True)
    if variables and rng.random() < 0.1 and isinstance(values[0], str) and operator.startswith(("String", "Arn")):
        values[0] = with_variable(rng, values[0], context)
    return values[0] if len(values) == 1 and rng.random() < 0.7 else values


def _policy_value(rng: Random, operator: str, found: Any, *, hit: bool) -> Any:
    """A value for `operator` made from `found`, the value of a request."""
    text = found if isinstance(found, str) else str(found).lower()
    if rng.random() < 0.005:
        return pick(rng, UNREADABLE)
    if operator.startswith("Date"):
        return pick(rng, _DATES)
    if operator.endswith("IpAddress"):
        return pick(rng, NETWORKS)
    if operator.startswith("Numeric"):
        known = text if _NUMBER.fullmatch(text) else "5"
        return pick(rng, (known, known, *VALUES[Kind.NUMBER], 5, 5.0, 12.5, -3))
    if operator == "Bool":
        known = text if text.lower() in ("true", "false") else "true"
        return pick(rng, (known, known.upper(), True, False, "True"))
    if operator == "BinaryEquals":
        return pick(rng, ("QmluYXJ5", "QmluYXJ5", "QmluYXJ6", "Zg==", "w6k="))
    if operator.startswith("Arn"):
        return _without_variables(arn_pattern(rng, text, hit=hit)) if text.count(":") > 4 else pick(rng, _ARN_PATTERNS)
    if operator.endswith("IgnoreCase"):
        return _without_variables(text.swapcase())
    if operator.endswith("Like"):
        return _without_variables(covering(rng, text) if hit else missing(rng, text))
    return _without_variables(text)


def _without_variables(text: str) -> str:
    """A `$` taken from a request, or cut apart by wildcards, must not begin a malformed variable."""
    return text.replace("${", "${$}{")

"""The condition operators, as one table.

An operator is a comparison and three flags; nothing is spelled out twice. What a comparison does with its values is in
`rolecall.decision.conditions`. Source: policy-language.md §4.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec


class Comparison(StrEnum):
    """What is compared, and how."""

    STRING_EQUALS = "StringEquals"
    STRING_EQUALS_IGNORE_CASE = "StringEqualsIgnoreCase"
    STRING_LIKE = "StringLike"
    NUMERIC_EQUALS = "NumericEquals"
    NUMERIC_LESS_THAN = "NumericLessThan"
    NUMERIC_LESS_THAN_EQUALS = "NumericLessThanEquals"
    NUMERIC_GREATER_THAN = "NumericGreaterThan"
    NUMERIC_GREATER_THAN_EQUALS = "NumericGreaterThanEquals"
    DATE_EQUALS = "DateEquals"
    DATE_LESS_THAN = "DateLessThan"
    DATE_LESS_THAN_EQUALS = "DateLessThanEquals"
    DATE_GREATER_THAN = "DateGreaterThan"
    DATE_GREATER_THAN_EQUALS = "DateGreaterThanEquals"
    BOOL = "Bool"
    BINARY_EQUALS = "BinaryEquals"
    IP_ADDRESS = "IpAddress"
    ARN_LIKE = "ArnLike"
    NULL = "Null"


class Quantifier(StrEnum):
    """How the values of a multivalued key are taken together."""

    FOR_ALL_VALUES = "ForAllValues"
    FOR_ANY_VALUE = "ForAnyValue"


class ConditionOperator(msgspec.Struct, frozen=True):
    """One operator. `name` is its exact spelling, e.g. `ForAnyValue:StringNotLikeIfExists`."""

    name: str
    comparison: Comparison
    negated: bool = False
    if_exists: bool = False
    quantifier: Quantifier | None = None


_PLAIN: dict[str, tuple[Comparison, bool]] = {
    **{comparison.value: (comparison, False) for comparison in Comparison},
    "StringNotEquals": (Comparison.STRING_EQUALS, True),
    "StringNotEqualsIgnoreCase": (Comparison.STRING_EQUALS_IGNORE_CASE, True),
    "StringNotLike": (Comparison.STRING_LIKE, True),
    "NumericNotEquals": (Comparison.NUMERIC_EQUALS, True),
    "DateNotEquals": (Comparison.DATE_EQUALS, True),
    "NotIpAddress": (Comparison.IP_ADDRESS, True),
    "ArnEquals": (Comparison.ARN_LIKE, False),
    "ArnNotEquals": (Comparison.ARN_LIKE, True),
    "ArnNotLike": (Comparison.ARN_LIKE, True),
}


def _table() -> dict[str, ConditionOperator]:
    table: dict[str, ConditionOperator] = {}
    for plain, (comparison, negated) in _PLAIN.items():
        for suffix in ("",) if comparison is Comparison.NULL else ("", "IfExists"):
            for quantifier in (None, *Quantifier):
                name = f"{quantifier}:{plain}{suffix}" if quantifier else plain + suffix
                table[name] = ConditionOperator(name, comparison, negated, bool(suffix), quantifier)
    return table


OPERATORS: dict[str, ConditionOperator] = _table()
"""Every operator by its exact spelling."""

"""`Condition`: operators, keys and values. What they mean for a request is in `rolecall.decision.conditions`.

Source: policy-language.md §1, §4 and §5.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import ip_network

from rolecall.language import messages
from rolecall.language.dates import is_date
from rolecall.language.document import Condition, Pattern
from rolecall.language.findings import Check
from rolecall.language.json_text import JsonArray, JsonNumber, JsonObject, JsonString, JsonValue, JsonWord
from rolecall.language.operators import OPERATORS, Comparison, ConditionOperator
from rolecall.language.review import Review
from rolecall.language.templates import MalformedVariable, parse_template

_WITH_WILDCARDS = frozenset({Comparison.STRING_LIKE, Comparison.ARN_LIKE})
_WITH_VARIABLES = _WITH_WILDCARDS | {Comparison.STRING_EQUALS, Comparison.STRING_EQUALS_IGNORE_CASE}
_DATES = frozenset(comparison for comparison in Comparison if comparison.startswith("Date"))
_SPELLINGS = {name.lower(): name for name in OPERATORS}
_NETWORK = re.compile(r"[0-9A-Fa-f:.]{2,45}(?:/[0-9]{1,3})?")


def parse_conditions(value: JsonValue, review: Review) -> tuple[Condition, ...]:
    """Read a `Condition` element: one `Condition` for each key under each operator, in the order of the text.

    As AWS does, an operator without keys is passed over, even one that does not exist.
    """
    if not isinstance(value, JsonObject):
        review.refuse(Check.SYNTAX, value, "`Condition` must be an object of operators")
        return ()
    return tuple(condition for key, body in value.members for condition in _operator(key, body, review))


def _operator(key: JsonString, body: JsonValue, review: Review) -> Iterator[Condition]:
    if not isinstance(body, JsonObject):
        review.refuse(Check.SYNTAX, body, f"`{key.text}` must be an object of condition keys")
        return
    operator = OPERATORS.get(key.text)
    if operator is None:
        if body.members:
            spelling = _SPELLINGS.get(key.text.lower())
            hint = f": write `{spelling}`" if spelling else ""
            review.refuse(Check.SYNTAX, key, f"there is no condition operator `{key.text}`{hint}")
        return
    for name, values in body.members:
        if not name.text:
            review.refuse(Check.SYNTAX, name, "a condition key must have a name")
        patterns = tuple(pattern for item in _items(values) for pattern in _value(operator, item, review))
        yield Condition(operator, name.text.lower(), name.text, patterns, review.span(name))


def _items(values: JsonValue) -> tuple[JsonValue, ...]:
    return values.items if isinstance(values, JsonArray) else (values,)


def _value(operator: ConditionOperator, value: JsonValue, review: Review) -> Iterator[Pattern]:
    text = _text(value)
    if text is None:
        review.refuse(Check.SYNTAX, value, "the value of a condition key must be a string, a number or a boolean")
        return
    if refusal := _refusal(operator.comparison, text):
        check, detail = refusal
        message = messages.LEGACY_PARSING if check is Check.LEGACY_PARSING else messages.SYNTAX
        review.refuse(check, value, detail, message)
        return
    try:
        template = parse_template(
            text,
            wildcards=operator.comparison in _WITH_WILDCARDS,
            variables=review.has_variables and operator.comparison in _WITH_VARIABLES,
        )
    except MalformedVariable as error:
        review.refuse(Check.SYNTAX, value, str(error))
        return
    yield Pattern(text, template, review.span(value))


def _text(value: JsonValue) -> str | None:
    match value:
        case JsonString(text=text) | JsonNumber(text=text):
            return text
        case JsonWord(value=bool(truth)):
            return "true" if truth else "false"
        case _:
            return None


def _refusal(comparison: Comparison, text: str) -> tuple[Check, str] | None:
    """Why `text` cannot be compared, for those comparisons where that is known when the policy is written.

    AWS refuses bad dates. For addresses and `Null` it is not known; refused here, because a value that never matches
    would make a Deny, or an Allow with the negated operator, open what it was to close.
    """
    match comparison:
        case _ if comparison in _DATES and not is_date(text):
            return Check.LEGACY_PARSING, f"`{text}` is not a date: write `2026-01-31T12:00:00Z`, or seconds since 1970"
        case Comparison.IP_ADDRESS if not _is_network(text):
            return Check.LEGACY_PARSING, f"`{text}` is not an address range: write `203.0.113.0/24` or one address"
        case Comparison.NULL if text.lower() not in ("true", "false"):
            return Check.SYNTAX, f"`Null` compares with `true` or `false`, not with `{text}`"
        case _:
            return None


def _is_network(text: str) -> bool:
    if not _NETWORK.fullmatch(text):
        return False
    try:
        ip_network(text, strict=False)
    except ValueError:
        return False
    return True

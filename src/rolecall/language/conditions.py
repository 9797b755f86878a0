"""`Condition`: operators, keys and values.

Which values an operator can compare is in `condition_values`; what they mean for a request, in
`rolecall.decision.conditions`. Source: policy-language.md §1, §4 and §5.
"""

from __future__ import annotations

from collections.abc import Iterator

from rolecall.language.condition_values import ANY_ARN, value_fault
from rolecall.language.document import Condition, Pattern
from rolecall.language.findings import Check
from rolecall.language.grammar import check_folding
from rolecall.language.json_text import JsonArray, JsonNumber, JsonObject, JsonString, JsonValue, JsonWord
from rolecall.language.operators import OPERATORS, Comparison, ConditionOperator
from rolecall.language.review import Review
from rolecall.language.templates import MalformedVariable, parse_template

_WITH_WILDCARDS = frozenset({Comparison.STRING_LIKE, Comparison.ARN_LIKE})
_WITH_VARIABLES = _WITH_WILDCARDS | {Comparison.STRING_EQUALS, Comparison.STRING_EQUALS_IGNORE_CASE}
_SPELLINGS = {name.lower(): name for name in OPERATORS}


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
        check_folding(name, review)
        patterns = tuple(pattern for item in _items(values) for pattern in _value(operator, item, review))
        yield Condition(operator, name.text.lower(), name.text, patterns, review.span(name))


def _items(values: JsonValue) -> tuple[JsonValue, ...]:
    return values.items if isinstance(values, JsonArray) else (values,)


def _value(operator: ConditionOperator, value: JsonValue, review: Review) -> Iterator[Pattern]:
    text = _text(value)
    if text is None:
        review.refuse(Check.SYNTAX, value, "the value of a condition key must be a string, a number or a boolean")
        return
    has_wildcards = operator.comparison in _WITH_WILDCARDS
    has_variables = review.has_variables and operator.comparison in _WITH_VARIABLES
    try:
        template = parse_template(text, wildcards=has_wildcards, variables=has_variables)
    except MalformedVariable as error:
        review.refuse(Check.SYNTAX, value, str(error))
        return
    if fault := value_fault(operator.comparison, text, template):
        review.refuse(fault.check, value, fault.detail, fault.message)
        return
    if operator.comparison is Comparison.ARN_LIKE and text == "*":
        template = parse_template(ANY_ARN, wildcards=True, variables=False)
    yield Pattern(text, template, review.span(value))


def _text(value: JsonValue) -> str | None:
    match value:
        case JsonString(text=text) | JsonNumber(text=text):
            return text
        case JsonWord(value=bool(truth)):
            return "true" if truth else "false"
        case _:
            return None

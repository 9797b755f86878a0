"""Condition blocks: negation, `IfExists`, quantifiers and missing keys, in one place for all comparisons.

What a comparison does with a single value is in `comparisons`. Source: the tables of policy-language.md §4.
"""

from __future__ import annotations

import msgspec

from rolecall.decision.comparisons import prepare
from rolecall.decision.request import RequestContext
from rolecall.decision.templates import TextTest
from rolecall.language.document import Condition
from rolecall.language.operators import Comparison, ConditionOperator, Quantifier

_EMPTY_SETS: tuple[tuple[str, ...], ...] = ((), ("",))
"""To a quantifier a lone empty text is a set without values."""


class CompiledCondition(msgspec.Struct, frozen=True):
    """One key under one operator, its policy values prepared: `matches` tells whether one context value fits any."""

    key: str
    operator: ConditionOperator
    matches: TextTest


def compile_condition(condition: Condition) -> CompiledCondition:
    """Prepare a condition."""
    operator = condition.operator
    return CompiledCondition(condition.key, operator, prepare(operator.comparison, condition.values))


def are_satisfied(conditions: tuple[CompiledCondition, ...], context: RequestContext, missing: set[str]) -> bool:
    """Do all `conditions` hold?

    If only absent keys stand in the way, or nothing does, the absent keys asked for are added to `missing`.
    """
    failed = [condition.key for condition in conditions if not is_satisfied(condition, context)]
    absent = [condition.key for condition in conditions if condition.key not in context]
    if absent and all(key not in context for key in failed):
        missing.update(absent)
    return not failed


def is_satisfied(condition: CompiledCondition, context: RequestContext) -> bool:
    """Does one condition hold?"""
    operator, matches = condition.operator, condition.matches
    present = context.get(condition.key)
    if operator.comparison is Comparison.NULL:
        is_absent = present is None or present == ()
        return matches("true" if is_absent else "false", context)
    if present is None:
        return _holds_without_key(operator)
    values = (present,) if isinstance(present, str) else present
    if operator.quantifier is None:
        return any(matches(value, context) for value in values) is not operator.negated
    if values in _EMPTY_SETS:
        return operator.quantifier is Quantifier.FOR_ALL_VALUES
    outcomes = (matches(value, context) is not operator.negated for value in values)
    return all(outcomes) if operator.quantifier is Quantifier.FOR_ALL_VALUES else any(outcomes)


def _holds_without_key(operator: ConditionOperator) -> bool:
    if operator.if_exists or operator.quantifier is Quantifier.FOR_ALL_VALUES:
        return True
    return operator.negated and operator.quantifier is None

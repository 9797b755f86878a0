"""Condition blocks: negation, `IfExists`, quantifiers and missing keys, in one place for all comparisons.

What a comparison does with a single value is in `comparisons`. Source: the tables of policy-language.md §4.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import msgspec

from rolecall.decision.comparisons import prepare
from rolecall.decision.request import ContextValues, RequestContext
from rolecall.decision.templates import CompiledPatterns
from rolecall.language.document import Condition
from rolecall.language.operators import Comparison, ConditionOperator, Quantifier

ConditionTest = Callable[[RequestContext], bool]
"""Does a condition hold?"""

_EMPTY_SETS: tuple[ContextValues, ...] = ((), ("",), "")
"""To a quantifier a lone empty text is a set without values."""


class CompiledCondition(msgspec.Struct, frozen=True):
    """One key under one operator, its policy values prepared. `needs_key`: it never holds if the key is absent."""

    source: Condition
    key: str
    holds: ConditionTest
    needs_key: bool


def compile_condition(condition: Condition) -> CompiledCondition:
    """Prepare a condition."""
    operator = condition.operator
    without_key = _holds_without_key(operator)
    values = prepare(operator.comparison, condition.values)
    if operator.comparison is Comparison.NULL:
        return CompiledCondition(condition, condition.key, _presence_test(condition.key, values.fits), needs_key=False)
    make = _TESTS[operator.quantifier]
    holds = make(condition.key, values, negated=operator.negated, without_key=without_key)
    return CompiledCondition(condition, condition.key, holds, needs_key=not without_key)


def _holds_without_key(operator: ConditionOperator) -> bool:
    if operator.if_exists or operator.quantifier is Quantifier.FOR_ALL_VALUES:
        return True
    return operator.negated and operator.quantifier is None


def _presence_test(key: str, fits: Callable[[str], bool]) -> ConditionTest:
    """`Null`: the policy's values tell whether the key is to be absent. A multivalued key without values is."""
    return lambda context: fits("true" if context.get(key) in (None, ()) else "false")


def _single_value_test(key: str, values: CompiledPatterns, *, negated: bool, without_key: bool) -> ConditionTest:
    """No quantifier: some value of the request fits; with a negated operator, none does."""
    fits, has_variables = values.fits, values.has_variables

    def holds(context: RequestContext) -> bool:
        present = context.get(key)
        if present is None:
            return without_key
        if isinstance(present, str):
            return (values.fit(present, context) if has_variables else fits(present)) is not negated
        return values.some_fit(present, context) is not negated

    return holds


def _set_test(key: str, values: CompiledPatterns, *, negated: bool, without_key: bool, of_each: bool) -> ConditionTest:
    """A quantifier: each value of the request fits, or some value does; with a negated operator, does not fit.

    That each does not fit is that none fits; that some does not fit is that not all fit.
    """
    fit = values.all_fit if of_each is not negated else values.some_fit

    def holds(context: RequestContext) -> bool:
        present = context.get(key)
        if present is None:
            return without_key
        if present in _EMPTY_SETS:
            return of_each
        return fit((present,) if isinstance(present, str) else present, context) is not negated

    return holds


_TESTS: dict[Quantifier | None, Callable[..., ConditionTest]] = {
    None: _single_value_test,
    Quantifier.FOR_ALL_VALUES: partial(_set_test, of_each=True),
    Quantifier.FOR_ANY_VALUE: partial(_set_test, of_each=False),
}


def absent_keys(conditions: tuple[CompiledCondition, ...], context: RequestContext) -> list[str]:
    """The keys that `conditions` ask for and the request does not have."""
    return [condition.key for condition in conditions if condition.key not in context]


def keys_that_would_do(
    failed: CompiledCondition, conditions: tuple[CompiledCondition, ...], context: RequestContext
) -> list[str]:
    """The absent keys, if nothing but absent keys stands in the way of `conditions`, of which one has failed."""
    if failed.key in context:
        return []
    absent = absent_keys(conditions, context)
    return absent if all(it.key in absent or it.holds(context) for it in conditions) else []

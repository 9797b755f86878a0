"""What a trust policy must ask of identity providers that many organizations share.

Everyone's workflows get their tokens from the same issuer there; a role that trusts the issuer alone trusts everyone.
Source: policy-language.md §10, last row.
"""

from __future__ import annotations

from rolecall.language import messages
from rolecall.language.document import AnyOne, AnyRun, Condition, Effect, FederatedProvider, Pattern, Statement
from rolecall.language.findings import Check
from rolecall.language.json_text import JsonValue
from rolecall.language.operators import Comparison
from rolecall.language.review import Review

_NARROWING_KEYS = {
    "token.actions.githubusercontent.com": (
        "token.actions.githubusercontent.com:sub",
        "token.actions.githubusercontent.com:job_workflow_ref",
    )
}
"""For each issuer, the condition keys of which one must narrow whom the statement lets in."""

_NARROWING_COMPARISONS = frozenset(
    {Comparison.STRING_EQUALS, Comparison.STRING_EQUALS_IGNORE_CASE, Comparison.STRING_LIKE}
)


def check_shared_providers(statement: Statement, value: JsonValue, review: Review) -> None:
    """Refuse an Allow `statement` that trusts a shared provider without narrowing it; `value` is its source."""
    if statement.effect is not Effect.ALLOW or statement.principals is None:
        return
    for entry in statement.principals.entries:
        if not isinstance(entry.pattern, FederatedProvider):
            continue
        keys = _NARROWING_KEYS.get(entry.text.rpartition(":oidc-provider/")[2], ())
        if keys and not any(_narrows(condition, keys) for condition in statement.conditions):
            detail = f"many organizations share `{entry.text}`: say in a condition which of its users you trust"
            review.refuse(Check.TRUST_CONDITION, value, detail, messages.shared_provider(entry.text, keys))


def _narrows(condition: Condition, keys: tuple[str, ...]) -> bool:
    operator = condition.operator
    return (
        condition.key in keys
        and operator.comparison in _NARROWING_COMPARISONS
        and not operator.negated
        and bool(condition.values)
        and not any(_is_scoped_to_all(value) for value in condition.values)
    )


def _is_scoped_to_all(value: Pattern) -> bool:
    return value.text == "*" or all(isinstance(part, AnyRun | AnyOne) for part in value.template)

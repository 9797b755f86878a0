"""The policy of a delegation request: made of a registered template and the requestor's parameters, and looked into.

The language of templates is `policy_templates`. Source: IAM user guide, "Policy templates" and "IAM temporary
delegation"; texts of errors are guesses.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rolecall.errors import InvalidInput, MalformedPolicyDocument
from rolecall.iam.documents import parse_identity_policy
from rolecall.iam.quotas import DELEGATION_POLICY_SIZE
from rolecall.iam.templates.policy_templates import TemplateError, Value, fill_policy, policy_parameters
from rolecall.language.document import Condition, Effect, PolicyDocument, Statement
from rolecall.language.operators import Comparison
from rolecall.language.size import policy_size
from rolecall.names.wildcard import matches
from rolecall.operations.transaction import Transaction
from rolecall.state.delegation import PARTNER_ACCOUNT, PolicyParameter, PolicyTemplate

STRING = "string"

ROLE_MAKING_ACTIONS = ("iam:createrole", "iam:putrolepermissionsboundary")
"""What a boundary is tied to: a role that outlives the delegation has one (IAM user guide)."""

BOUNDARY_KEY = "iam:permissionsboundary"
NAMING = frozenset({Comparison.STRING_EQUALS, Comparison.STRING_LIKE, Comparison.ARN_LIKE})
SHORTEST_ARN = 20

_LONGEST_PATTERN = 128
"""Characters of an action pattern that is looked into; none of IAM's actions needs a longer one."""


def make_policy(
    tx: Transaction, permissions: Mapping[str, Any]
) -> tuple[PolicyTemplate, tuple[PolicyParameter, ...], str]:
    """The template, parameters and finished policy of the model's `DelegationPermission`.

    Raises `InvalidInput` if the caller's account may not use such a template, or the parameters do not fit it;
    `LimitExceeded` if the policy is too large.
    """
    template = _find_template(tx, permissions.get("policy_template_arn") or "")
    parameters = tuple(_parameter(given) for given in permissions.get("parameters") or ())
    given = {parameter.name: parameter for parameter in parameters}
    if len(given) < len(parameters):
        raise InvalidInput("A policy parameter is given twice.")
    wanted = policy_parameters(template.document)
    unknown = sorted(given.keys() - set(wanted))
    if unknown:
        raise InvalidInput(f"Failed to render template: Unrecognized parameter: {unknown[0]}")
    values = {name: Value(each.values, each.type != STRING) for name, each in given.items()}
    try:
        policy = fill_policy(template.document, values)
        if policy is None:
            raise InvalidInput("The permission policy has no statement that is enabled.")
        # First, since the parameters can make it so large that parsing it would keep the writer for half a second.
        DELEGATION_POLICY_SIZE.check(policy_size(policy))
        parse_identity_policy(policy)
    except (TemplateError, MalformedPolicyDocument) as error:
        raise InvalidInput(f"Failed to render template: {error}") from None
    return template, parameters, policy


def permissions_boundaries(document: PolicyDocument) -> tuple[str, ...]:
    """The boundaries that the policy ties the making of roles to: the model's `RolePermissionRestrictionArns`."""
    named = (
        value.text
        for statement in document.statements
        if makes_roles(statement)
        for condition in _on_boundary(statement)
        for value in condition.values
    )
    return tuple(dict.fromkeys(text for text in named if len(text) >= SHORTEST_ARN))


def makes_roles(statement: Statement) -> bool:
    """Does the statement allow making roles, or giving them boundaries?"""
    if statement.effect is not Effect.ALLOW:
        return False
    patterns = [pattern.text.lower() for pattern in statement.actions.patterns if len(pattern.text) <= _LONGEST_PATTERN]
    named = {action for action in ROLE_MAKING_ACTIONS if any(matches(pattern, action) for pattern in patterns)}
    return len(named) < len(ROLE_MAKING_ACTIONS) if statement.actions.negated else bool(named)


def has_boundary(statement: Statement) -> bool:
    """Does the statement hold only for roles with certain boundaries?"""
    return any(True for _ in _on_boundary(statement))


def _on_boundary(statement: Statement) -> Iterator[Condition]:
    for condition in statement.conditions:
        operator = condition.operator
        is_loose = operator.negated or operator.if_exists or operator.quantifier is not None
        if condition.key == BOUNDARY_KEY and operator.comparison in NAMING and not is_loose:
            yield condition


def _find_template(tx: Transaction, arn: str) -> PolicyTemplate:
    """The template, for an account that may use it: to others it looks as if there were none."""
    templates = tx.world.owned(PolicyTemplate, PARTNER_ACCOUNT)
    template = next((each for each in templates if str(each.arn) == arn), None)
    if template is None or not template.is_enabled or tx.account not in template.requestor_accounts:
        raise InvalidInput(f"The policy template {arn} is not registered for account {tx.account}.")
    return template


def _parameter(given: Mapping[str, Any]) -> PolicyParameter:
    name, kind, values = given.get("name"), given.get("type"), tuple(given.get("values") or ())
    if name is None or kind is None or not values:
        raise InvalidInput("A policy parameter needs a name, a type and a value.")
    if kind == STRING and len(values) != 1:
        raise InvalidInput(f"{name} replacement value must contain exactly one value, got {len(values)}")
    return PolicyParameter(name, kind, values)

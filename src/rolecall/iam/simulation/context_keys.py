"""The condition keys that policies refer to: GetContextKeysForCustomPolicy and GetContextKeysForPrincipalPolicy.

Only names are collected; no key has a value here. Source: AWS's answers recorded in September 2026 (radkawar/stackd,
internal/services/iam/testdata/context_keys_aws.json) and the examples of both operations' documentation.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from rolecall.errors import InvalidInput, PolicyError
from rolecall.iam.registry import operation
from rolecall.iam.simulation.sources import on_policy_source, read_source
from rolecall.language.document import PolicyDocument, PolicyType, Statement, Template, Variable
from rolecall.language.parser import parse_policy
from rolecall.operations.registry import Answer, on_account
from rolecall.operations.transaction import Transaction

_VARIABLE = re.compile(r"\$\{([^},]+)")

# AWS lists the keys of resource-based and trust policies too. The grammar of endpoint policies takes whatever that of
# identity-based and of resource-based policies takes.
_GRAMMARS = (PolicyType.VPC_ENDPOINT, PolicyType.TRUST)


@operation("GetContextKeysForCustomPolicy", access=on_account, is_slow=True)
def get_context_keys_for_custom_policy(tx: Transaction, *, policy_input_list: Sequence[str]) -> Answer:  # noqa: ARG001
    """List the keys of the given policies."""
    return _answer(_parse(number, text) for number, text in enumerate(policy_input_list, 1))


@operation("GetContextKeysForPrincipalPolicy", access=on_policy_source, is_slow=True)
def get_context_keys_for_principal_policy(
    tx: Transaction, *, policy_source_arn: str, policy_input_list: Sequence[str] = ()
) -> Answer:
    """List the keys of the given policies and of all that a user (through groups too), group or role has.

    The boundary's keys count, as they do at AWS.
    """
    given = [_parse(number, text) for number, text in enumerate(policy_input_list, 1)]
    source = read_source(tx, policy_source_arn)
    own = {policy.key: policy.document for policy in source.identity}
    if source.boundary is not None:
        own.setdefault(source.boundary.key, source.boundary.document)
    return _answer((*given, *own.values()))


def referenced_keys(document: PolicyDocument) -> tuple[str, ...]:
    """The keys that a policy's conditions and variables name, as written, each spelling once, in the policy's order."""
    return tuple(dict.fromkeys(key for statement in document.statements for key in _keys(statement)))


def _answer(documents: Iterable[PolicyDocument]) -> Answer:
    # AWS answers a key once for each policy that names it.
    return {"ContextKeyNames": [key for document in documents for key in referenced_keys(document)]}


def _keys(statement: Statement) -> Iterator[str]:
    if statement.resources is not None:
        for resource in statement.resources.patterns:
            for template in resource.parts or ():
                yield from _variables(resource.text, template)
    for condition in statement.conditions:
        yield condition.key_text
        for value in condition.values:
            yield from _variables(value.text, value.template)


def _variables(text: str, template: Template) -> Iterator[str]:
    """The names of a template's variables in the spelling of its source text, which the template has not kept."""
    names = {part.key for part in template if isinstance(part, Variable)}
    if names:
        yield from (name for name in _VARIABLE.findall(text) if name.lower() in names)


def _parse(number: int, text: str) -> PolicyDocument:
    for policy_type in _GRAMMARS:
        try:
            return parse_policy(text, policy_type)
        except PolicyError:
            continue
    raise InvalidInput(f"Policy input list item {number} has invalid content")

"""May the caller do this? Puts an operation's checks to the decision engine and words its denials as AccessDenied.

The engine decides; this module only gathers what it needs and words its answer (sts.md, "AccessDenied message forms").
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial

import msgspec

from rolecall.decision.evaluate import evaluate
from rolecall.decision.explain import denial_suffix
from rolecall.decision.policies import ApplicablePolicies
from rolecall.decision.request import AuthorizationRequest, ContextValues, LazyContext
from rolecall.decision.result import EvaluationResult
from rolecall.errors import AccessDenied, RequestHeaderSectionTooLarge
from rolecall.operations.access import AccessCheck
from rolecall.operations.registry import Operation, Parameters, always
from rolecall.operations.transaction import Transaction
from rolecall.server.exchange import Exchange
from rolecall.state.gather import applicable_policies, iso_time, principal_keys

LONGEST_HEADER = 4096
"""Characters of a header that becomes a condition key. Policies can hold thousands of patterns to compare it with."""


def request_keys(exchange: Exchange) -> dict[str, ContextValues]:
    """The condition keys that tell how a request came. Source: policy-language.md §6.

    The address is the connection's peer; no header that a client can set changes it. Raises
    `RequestHeaderSectionTooLarge` for a header that is too long for a key.
    """
    now = int(exchange.now)
    keys: dict[str, ContextValues] = {
        "aws:currenttime": iso_time(now),
        "aws:epochtime": str(now),
        "aws:securetransport": "true" if exchange.is_secure else "false",
        "aws:sourceip": exchange.client_ip,
        "aws:requestedregion": exchange.region,
    }
    for key, header in (("aws:useragent", "user-agent"), ("aws:referer", "referer")):
        value = exchange.header(header)
        if value is None:
            continue
        if len(value) > LONGEST_HEADER:
            raise RequestHeaderSectionTooLarge(f"the header `{header}` is longer than {LONGEST_HEADER} characters")
        keys[key] = value
    return keys


def authorize_call(
    tx: Transaction, operation: Operation, action: str, parameters: Parameters, keys: Mapping[str, ContextValues]
) -> None:
    """Let the caller call `operation`, or raise as `authorize`; nothing is asked of the few that need no permission."""
    if operation.access is not always:
        authorize(tx, operation.access(tx, action, parameters), keys)


def authorize(tx: Transaction, checks: Iterable[AccessCheck], keys: Mapping[str, ContextValues]) -> None:
    """Let every one of `checks` pass, or raise `AccessDenied` for the first that does not.

    Parameters: `keys`, see `request_keys`.

    Raises `LookupError` if there is nothing to pass: an operation that asks for nothing is a mistake of ours.
    """
    policies: ApplicablePolicies | None = None
    for check in checks:
        if policies is None:
            policies = applicable_policies(tx.world, tx.caller)
        request = AuthorizationRequest(
            principal=tx.principal,
            action=check.action,
            resource=check.resource,
            resource_account=check.resource_account,
            context=LazyContext(partial(_context, tx, check, keys)),
        )
        result = evaluate(
            request,
            msgspec.structs.replace(
                policies,
                resource=check.resource_policy,
                requires_resource_policy=check.requires_resource_policy,
            ),
        )
        if not result.is_allowed:
            raise AccessDenied(denial_text(tx, check, result))
    if policies is None:
        raise LookupError(f"nobody said what permission {tx.principal.arn} needs")


def _context(tx: Transaction, check: AccessCheck, keys: Mapping[str, ContextValues]) -> dict[str, ContextValues]:
    caller_keys = principal_keys(tx.world, tx.caller, tx.now)
    return {**caller_keys, **keys, "aws:resourceaccount": check.resource_account, **check.context}


def denial_text(tx: Transaction, check: AccessCheck, result: EvaluationResult) -> str:
    """AWS's sentence about a denial. Why is told within an account only: another's policies are not ours to tell."""
    resource = check.shown_resource or ("*" if check.resource is None else str(check.resource))
    text = f"User: {tx.principal.arn} is not authorized to perform: {check.action} on resource: {resource}"
    if check.resource_account != tx.account:
        return text
    return f"{text} {denial_suffix(result, check.action)}"

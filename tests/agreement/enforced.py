"""Golden cases put to a server: as a call that it enforces, and as `rolecall check` and `rolecall explain` ask."""

from __future__ import annotations

from collections.abc import Mapping

from agreement.answers import Answer, account_in, answer, has_required_policy, overheard
from agreement.worlds import NOW, CaseWorld, GoldenCase
from iam.harness import Server
from rolecall.decision.request import AuthorizationRequest, ContextValues
from rolecall.decision.result import Decision, EvaluationResult
from rolecall.errors import AccessDenied
from rolecall.operations.access import AccessCheck
from rolecall.operations.transaction import Transaction
from rolecall.server import asking, enforcement
from rolecall.state.draft import Draft
from rolecall.state.policy_sets import trust_policy_set

_SURROUNDINGS = Server().surroundings
_TRANSPORT_KEYS = asking.default_request_keys(NOW)


def by_enforcement(case: GoldenCase) -> Answer:
    """As a call to a server whose world holds the caller, its policies, and the role that it is to assume."""
    stored, asked, policies = case.stored, case.request, case.policies
    check = AccessCheck(
        action=asked.action,
        resource=asked.resource,
        resource_account=case.resource_account,
        resource_policy=policies.resource if stored.trusting is None else trust_policy_set(stored.trusting),
        requires_resource_policy=policies.requires_resource_policy,
        context={key: value for key, value in stored.given.items() if key not in _TRANSPORT_KEYS},
    )
    transport = {key: value for key, value in stored.given.items() if key in _TRANSPORT_KEYS}
    with overheard(enforcement) as decided:
        refusal = _refusal(stored, check, {**_TRANSPORT_KEYS, **transport})
    ((request, result),) = decided
    assert (refusal is None) is result.is_allowed
    if refusal is not None and check.resource_account == stored.caller.principal.account:
        assert ("with an explicit deny" in refusal) is (result.decision is Decision.EXPLICIT_DENY)
    return answer(request, result)


def why_not_enforced(case: GoldenCase) -> str | None:
    """Organizations and VPC endpoints have no operations yet, so nothing can hold their policies."""
    members = ("service_control", "resource_control", "vpc_endpoint")
    return next((f"nothing stores {it}" for it in members if case.said.get(it) is not None), None) or case.why_unstored


def _refusal(stored: CaseWorld, check: AccessCheck, keys: Mapping[str, ContextValues]) -> str | None:
    draft = Draft(stored.world, writable=False)
    tx = Transaction(draft, caller=stored.caller, now=NOW, surroundings=_SURROUNDINGS)
    try:
        enforcement.authorize(tx, [check], keys)
    except AccessDenied as denial:
        return denial.message
    return None


# `rolecall check` and `rolecall explain`


def by_check(case: GoldenCase) -> Answer:
    """As `rolecall check PRINCIPAL ACTION RESOURCE`, with `-c` for what does not follow from who calls."""
    return answer(*_checked(case, asking.Circumstances(now=NOW, given=case.stored.given)))


def by_check_told_everything(case: GoldenCase) -> Answer:
    """As `rolecall check`, with `-c` and `--without` for exactly the condition keys of the case."""
    return answer(*explained_by_check(case))


def explained_by_check(case: GoldenCase) -> tuple[AuthorizationRequest, EvaluationResult]:
    """What `rolecall explain` puts into words, told exactly the condition keys of the case."""
    told, usual = case.request.context, by_check(case).request.context
    without = frozenset(usual.keys() - told.keys())
    return _checked(case, asking.Circumstances(now=NOW, given=told, without=without))


def _checked(case: GoldenCase, circumstances: asking.Circumstances) -> tuple[AuthorizationRequest, EvaluationResult]:
    world, caller = case.stored.world, case.stored.caller
    return asking.ask(world, caller, case.said["action"], case.said.get("resource") or "*", circumstances)


def why_not_checked(case: GoldenCase) -> str | None:
    """Only the policies of the world count, and of resources those of roles alone are in it."""
    reason = why_not_enforced(case)
    if reason is not None:
        return reason
    asked = case.request
    if case.said.get("resource_policy") is not None:
        return "no policies of resources are stored"
    if case.policies.requires_resource_policy is not has_required_policy(asked):
        return "only roles and keys require their own policy"
    if (account_in(asked.resource) or asked.principal.account) != case.resource_account:
        return "the account of a resource is that in its ARN"
    return None

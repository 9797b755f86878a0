"""What is heard when a golden case is asked, whichever way. The ways are in `ways`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from unittest import mock

import msgspec

from rolecall.decision.evaluate import evaluate
from rolecall.decision.policies import ApplicablePolicies, PolicySet
from rolecall.decision.request import AuthorizationRequest, is_key, is_trusted_role
from rolecall.decision.result import Decision, EvaluationResult
from rolecall.names.arn import AccountId, Arn, is_account_id


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What was decided, and the request that was really decided, with all its condition keys."""

    decision: Decision
    request: AuthorizationRequest


def answer(request: AuthorizationRequest, result: EvaluationResult) -> Answer:
    """The answer of whoever hands out the engine's own result."""
    return Answer(decision=result.decision, request=request)


@contextmanager
def overheard(module: ModuleType) -> Iterator[list[tuple[AuthorizationRequest, EvaluationResult]]]:
    """What `module` asks the engine, and what it hears."""
    decided: list[tuple[AuthorizationRequest, EvaluationResult]] = []

    def evaluate_and_tell(
        request: AuthorizationRequest, policies: ApplicablePolicies, *, traced: bool = False
    ) -> EvaluationResult:
        result = evaluate(request, policies, traced=traced)
        decided.append((request, result))
        return result

    with mock.patch.object(module, "evaluate", evaluate_and_tell):
        yield decided


def texts(policies: PolicySet) -> tuple[str, ...]:
    """The texts of policies."""
    return tuple(policy.document.text for policy in policies.policies)


def has_required_policy(asked: AuthorizationRequest) -> bool:
    """Does Rolecall know of the resource that it grants nothing without its own policy?"""
    return is_trusted_role(asked.action, asked.resource) or is_key(asked.resource)


def account_in(resource: Arn | None) -> AccountId | None:
    """The account that the ARN of a resource tells."""
    return AccountId(resource.account) if resource is not None and is_account_id(resource.account) else None

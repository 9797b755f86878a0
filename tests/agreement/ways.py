"""The ways in which a golden case can be asked: the library, a JSON question, and all that a server offers.

Each says which cases it cannot express, and why, in a function of its own. Which answers have to be the same is told in
`tests/differential/test_agreement.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache

import msgspec

import rolecall
from agreement.answers import Answer, answer
from agreement.enforced import by_check, by_check_told_everything, by_enforcement, why_not_checked, why_not_enforced
from agreement.simulated import (
    by_custom_simulation,
    by_principal_simulation,
    why_not_simulated,
    why_not_simulated_from_texts,
)
from agreement.worlds import GoldenCase
from differential.cases_as_questions import question_of
from rolecall.decision.evaluate import evaluate
from rolecall.decision.policies import ApplicablePolicies
from rolecall.decision.request import AuthorizationRequest
from rolecall.decision.result import Decision, EvaluationResult
from rolecall.questions.answers import answer_of
from rolecall.questions.reading import read_question


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """A way to ask.

    Parameters
    ----------
    ask: put a case that can be expressed.
    why_not: why a case cannot be expressed; None if it can.
    """

    ask: Callable[[GoldenCase], Answer]
    why_not: Callable[[GoldenCase], str | None]


def in_library(case: GoldenCase) -> Answer:
    """By `import rolecall`."""
    request, result = in_library_as(case, case.request)
    return answer(request, result)


def in_library_as(
    case: GoldenCase, asked: AuthorizationRequest, *, traced: bool = False
) -> tuple[AuthorizationRequest, EvaluationResult]:
    """By `import rolecall`, about another request than the case's."""
    request = rolecall.request(
        asked.principal,
        asked.action,
        asked.resource,
        resource_account=asked.resource_account or asked.principal.account,
        context=dict(asked.context),
    )
    return request, rolecall.evaluate(request, library_policies(case), traced=traced)


@cache
def library_policies(case: GoldenCase) -> ApplicablePolicies:
    """The policies of a case, compiled by the library from their JSON."""
    question = question_of(case.said)
    attached = question.get("resourcePolicy")
    return rolecall.compile(
        identity=question.get("identityPolicies", ()),
        resource=None if "trust" in case.said else attached,
        trust=attached if "trust" in case.said else None,
        requires_resource_policy=question["resourcePolicyRequired"],
        permissions_boundary=question.get("permissionsBoundaries"),
        session=question.get("sessionPolicies"),
        service_control=question.get("serviceControlPolicies"),
        resource_control=question.get("resourceControlPolicies"),
        vpc_endpoint=question.get("vpcEndpointPolicies"),
    )


def as_question(case: GoldenCase) -> Answer:
    """As one line of `rolecall evaluate`."""
    question = read_question(question_of(case.said))
    line = answer_of(evaluate(question.request, question.policies))
    return Answer(decision=Decision(str(line["decision"])), request=question.request)


def _always(_case: GoldenCase) -> None:
    return None


WAYS: Mapping[str, Way] = {
    "library": Way(ask=in_library, why_not=_always),
    "question": Way(ask=as_question, why_not=_always),
    "enforcement": Way(ask=by_enforcement, why_not=why_not_enforced),
    "check": Way(ask=by_check, why_not=why_not_checked),
    "check, told everything": Way(ask=by_check_told_everything, why_not=why_not_checked),
    "SimulatePrincipalPolicy": Way(ask=by_principal_simulation, why_not=why_not_simulated),
    "SimulateCustomPolicy": Way(ask=by_custom_simulation, why_not=why_not_simulated_from_texts),
}

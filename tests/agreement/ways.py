"""The ways in which a golden case can be asked: as a library, as a JSON question, by enforcement, by `rolecall check`
and by both simulations.

Each says which cases it cannot express, and why, in a function of its own; which answers have to be the same is told
in `tests/differential/test_agreement.py`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import ModuleType
from typing import Any
from unittest import mock

import msgspec

import rolecall
from agreement.worlds import NOW, CaseWorld, Json, why_unstored, world_of
from decision.decision_worlds import policies_of, principal_of, request_of
from iam.harness import Iam, Server
from reference.cases_as_questions import question_of
from rolecall.decision.evaluate import evaluate
from rolecall.decision.policies import ApplicablePolicies, PolicySet
from rolecall.decision.principal import AssumedRole, IamUser, RootUser
from rolecall.decision.request import AuthorizationRequest, ContextValues
from rolecall.decision.result import Decision, EvaluationResult
from rolecall.errors import AccessDenied
from rolecall.iam import simulation
from rolecall.names.arn import AccountId, Arn, is_account_id, parse_arn, root_arn
from rolecall.operations.access import AccessCheck
from rolecall.operations.transaction import Transaction
from rolecall.questions.answers import answer_of
from rolecall.questions.reading import is_key, is_trusted_role, read_question
from rolecall.server import asking, enforcement
from rolecall.state.draft import Draft
from rolecall.state.policy_sets import trust_policy_set

SURROUNDINGS = Server().surroundings


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What was decided, and the request that was really decided, with all its condition keys."""

    decision: Decision
    request: AuthorizationRequest


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """A way to ask.

    Parameters
    ----------
    ask: put a case that can be expressed.
    why_not: why a case cannot be expressed; None if it can.
    """

    ask: Callable[[Json], Answer]
    why_not: Callable[[Json], str | None]


# The library


def in_library(case: Json) -> Answer:
    """By `import rolecall`."""
    asked = request_of(case)
    request = _library_request(case, asked)
    return Answer(decision=rolecall.evaluate(request, library_policies(case)).decision, request=request)


def in_library_as(case: Json, request: AuthorizationRequest) -> EvaluationResult:
    """By `import rolecall`, about exactly that request, with near misses."""
    return rolecall.evaluate(_library_request(case, request), library_policies(case), traced=True)


def library_policies(case: Json) -> ApplicablePolicies:
    """The policies of a case, compiled by the library from their JSON."""
    question = question_of(case)
    attached = question.get("resourcePolicy")
    return rolecall.compile(
        identity=question.get("identityPolicies", ()),
        resource=None if "trust" in case else attached,
        trust=attached if "trust" in case else None,
        requires_resource_policy=question["resourcePolicyRequired"],
        permissions_boundary=question.get("permissionsBoundaries"),
        session=question.get("sessionPolicies"),
        service_control=question.get("serviceControlPolicies"),
        resource_control=question.get("resourceControlPolicies"),
        vpc_endpoint=question.get("vpcEndpointPolicies"),
    )


def _library_request(case: Json, request: AuthorizationRequest) -> AuthorizationRequest:
    account = request.resource_account or request.principal.account
    return rolecall.request(
        request.principal, request.action, request.resource, resource_account=account, context=dict(request.context)
    )


def as_question(case: Json) -> Answer:
    """As one line of `rolecall evaluate`."""
    question = read_question(question_of(case))
    answer = answer_of(evaluate(question.request, question.policies))
    return Answer(decision=Decision(str(answer["decision"])), request=question.request)


def _always(_case: Json) -> None:
    return None


# Enforcement


def by_enforcement(case: Json) -> Answer:
    """As a call to a server whose world holds the caller, its policies, and the role that it is to assume."""
    stored, asked, policies = world_of(case), request_of(case), policies_of(case)
    check = AccessCheck(
        action=asked.action,
        resource=asked.resource,
        resource_account=_resource_account(case),
        resource_policy=policies.resource if stored.trusting is None else trust_policy_set(stored.trusting),
        requires_resource_policy=policies.requires_resource_policy,
        context={key: value for key, value in stored.given.items() if key not in TRANSPORT_KEYS},
    )
    transport = {key: value for key, value in stored.given.items() if key in TRANSPORT_KEYS}
    with _overheard(enforcement) as decided:
        refusal = _refusal(stored, check, {**TRANSPORT_KEYS, **transport})
    (request, result) = decided[0]
    assert (refusal is None) is result.is_allowed
    if refusal is not None and check.resource_account == stored.caller.principal.account:
        assert ("with an explicit deny" in refusal) is (result.decision is Decision.EXPLICIT_DENY)
    return Answer(decision=result.decision, request=request)


def why_not_enforced(case: Json) -> str | None:
    """Organizations and VPC endpoints have no operations yet, so nothing can hold their policies."""
    members = ("service_control", "resource_control", "vpc_endpoint")
    return next((f"nothing stores {it}" for it in members if case.get(it) is not None), None) or why_unstored(case)


TRANSPORT_KEYS = asking.default_request_keys(NOW)


def _refusal(stored: CaseWorld, check: AccessCheck, keys: Mapping[str, ContextValues]) -> str | None:
    draft = Draft(stored.world, writable=False)
    tx = Transaction(draft, caller=stored.caller, now=NOW, surroundings=SURROUNDINGS)
    try:
        enforcement.authorize(tx, [check], keys)
    except AccessDenied as denial:
        return denial.message
    return None


# `rolecall check` and `rolecall explain`


def by_check(case: Json) -> Answer:
    """As `rolecall check` does, but for callers that have no name there too: sessions with policies, federated users."""
    stored = world_of(case)
    circumstances = asking.Circumstances(now=NOW, given=stored.given)
    resource = case.get("resource") or "*"
    request, result = asking.ask(stored.world, stored.caller, case["action"], resource, circumstances)
    return Answer(decision=result.decision, request=request)


def why_not_checked(case: Json) -> str | None:
    """Only the policies of the world count, and of resources those of roles alone are in it."""
    reason = why_not_enforced(case)
    if reason is not None:
        return reason
    asked, is_of_role = request_of(case), "trust" in case
    if case.get("resource_policy") is not None:
        return "no policies of resources are stored"
    if case.get("requires_resource_policy", False) is not is_key(asked.resource) and not is_of_role:
        return "only roles and keys require their own policy"
    if is_of_role is not is_trusted_role(asked.action, asked.resource):
        return "only what STS does to a role asks its trust policy"
    if _account_told_by(asked.resource, asked) != _resource_account(case):
        return "the account of a resource is that in its ARN"
    if isinstance(asked.principal, RootUser) and asked.action.lower() == "sts:assumerole":
        return "root may not assume roles, whatever policies say"
    return None


# Simulation


def by_principal_simulation(case: Json) -> Answer:
    """As SimulatePrincipalPolicy, with the circumstances of the same call to the server."""
    stored, enforced = world_of(case), by_enforcement(case).request
    source = stored.caller.principal
    assert isinstance(source, IamUser | AssumedRole)
    return _simulated(
        "SimulatePrincipalPolicy", stored, case, enforced.context, policy_source_arn=str(_entity_arn(source))
    )


def why_not_simulated(case: Json) -> str | None:
    """The user or role has to be stored, with nothing but identity-based policies and a boundary."""
    return why_not_enforced(case) or _why_not_in_simulation(case, request_of(case))


def by_custom_simulation(case: Json) -> Answer:
    """As SimulateCustomPolicy, which takes service control policies too."""
    stored, policies = world_of(case), policies_of(case)
    source = stored.caller.principal
    assert isinstance(source, IamUser | AssumedRole)
    boundary = policies.permissions_boundary
    levels = policies.service_control or ()
    return _simulated(
        "SimulateCustomPolicy",
        stored,
        case,
        request_of(case).context,
        policy_input_list=_texts(policies.identity),
        permissions_boundary_policy_input_list=() if boundary is None else _texts(boundary),
        ordered_organization_policy_input_list=tuple(
            {"service_control_policy_input_list": _texts(level)} for level in levels
        ),
        caller_arn=str(_entity_arn(source)),
    )


def why_not_simulated_from_texts(case: Json) -> str | None:
    """Levels of an organization without any policy cannot be written down."""
    if any(case.get(it) is not None for it in ("resource_control", "vpc_endpoint")):
        return "RCPs and endpoint policies are not simulated"
    if not all(case.get("service_control") or ("some",)) or case.get("service_control") == []:
        return "each level has a policy"
    return why_unstored(case) or _why_not_in_simulation(case, request_of(case))


def _why_not_in_simulation(case: Json, asked: AuthorizationRequest) -> str | None:
    policies, is_of_role = policies_of(case), is_trusted_role(asked.action, asked.resource)
    if not isinstance(asked.principal, IamUser | AssumedRole):
        return "only users and roles are simulated"
    if policies.session is not None:
        return "session policies are not simulated"
    if () in asked.context.values():
        return "a context entry has a value"
    if policies.resource is not None:
        if asked.resource is None:
            return "a resource policy needs a resource"
        if any("assumed-role/" in text for text in _texts(policies.resource)):
            return "which session of a role calls is not known"
    is_required = policies.resource is not None and (is_of_role or is_key(asked.resource))
    if policies.requires_resource_policy is not is_required:
        return "only roles and keys whose policy is given require it"
    if asked.resource is None and _resource_account(case) != asked.principal.account:
        return "no resource belongs to the caller's account"
    if asked.resource is not None and _account_told_by(asked.resource, None) not in (None, _resource_account(case)):
        return "the account of a resource is that in its ARN"
    return None


def _simulated(
    operation: str, stored: CaseWorld, case: Json, context: Mapping[str, ContextValues], **parameters: Any
) -> Answer:
    asked, server = request_of(case), Server()
    server.world = stored.world
    own = policies_of(case).resource
    if own is not None:
        (parameters["resource_policy"],) = _texts(own)
    if asked.resource is not None:
        parameters["resource_arns"] = (str(asked.resource),)
        parameters["resource_owner"] = str(root_arn(_resource_account(case)))
    with _overheard(simulation) as decided:
        answer = Iam(server, RootUser(stored.caller.principal.account))(
            operation, action_names=(asked.action,), context_entries=tuple(_entries(context)), **parameters
        )
    ((request, _),) = decided
    (result,) = answer["EvaluationResults"]
    for one in result.get("ResourceSpecificResults", ()):
        assert one["EvalResourceDecision"] == result["EvalDecision"]
    return Answer(decision=Decision(result["EvalDecision"]), request=request)


def _entries(context: Mapping[str, ContextValues]) -> Iterator[Json]:
    for key, value in context.items():
        is_list = isinstance(value, tuple)
        yield {
            "context_key_name": key,
            "context_key_type": "stringList" if is_list else "string",
            "context_key_values": value if is_list else (value,),
        }


def _entity_arn(principal: IamUser | AssumedRole) -> Arn:
    return principal.arn if isinstance(principal, IamUser) else principal.role_arn


# What several ways need


@contextmanager
def _overheard(module: ModuleType) -> Iterator[list[tuple[AuthorizationRequest, EvaluationResult]]]:
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


def _texts(policies: PolicySet) -> tuple[str, ...]:
    return tuple(policy.document.text for policy in policies.policies)


def _resource_account(case: Json) -> AccountId:
    """Whose the resource of a case is: the caller's, unless the case says otherwise."""
    asked = request_of(case)
    account = asked.resource_account or asked.principal.account
    assert account is not None
    return AccountId(account)


def _account_told_by(resource: Arn | None, asked: AuthorizationRequest | None) -> AccountId | None:
    if resource is not None and is_account_id(resource.account):
        return AccountId(resource.account)
    return None if asked is None else asked.principal.account


WAYS: Mapping[str, Way] = {
    "library": Way(ask=in_library, why_not=_always),
    "question": Way(ask=as_question, why_not=_always),
    "enforcement": Way(ask=by_enforcement, why_not=why_not_enforced),
    "check": Way(ask=by_check, why_not=why_not_checked),
    "SimulatePrincipalPolicy": Way(ask=by_principal_simulation, why_not=why_not_simulated),
    "SimulateCustomPolicy": Way(ask=by_custom_simulation, why_not=why_not_simulated_from_texts),
}

"""Golden cases put to SimulatePrincipalPolicy and SimulateCustomPolicy."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from agreement.answers import Answer, account_in, has_required_policy, overheard, texts
from agreement.enforced import by_enforcement, why_not_enforced
from agreement.worlds import GoldenCase, Json
from iam.harness import Iam, Server
from rolecall.decision.principal import AssumedRole, IamUser, RootUser
from rolecall.decision.request import RequestContext
from rolecall.decision.result import Decision
from rolecall.iam.simulation import simulate
from rolecall.names.arn import Arn, root_arn


def by_principal_simulation(case: GoldenCase) -> Answer:
    """As SimulatePrincipalPolicy, with the circumstances of the same call to the server."""
    source, enforced = case.request.principal, by_enforcement(case).request
    assert isinstance(source, IamUser | AssumedRole)
    return _simulated("SimulatePrincipalPolicy", case, enforced.context, policy_source_arn=str(_entity_arn(source)))


def why_not_simulated(case: GoldenCase) -> str | None:
    """The user or role has to be stored, with nothing but identity-based policies and a boundary."""
    return why_not_enforced(case) or _why_not_in_simulation(case)


def by_custom_simulation(case: GoldenCase) -> Answer:
    """As SimulateCustomPolicy, which takes service control policies too."""
    source, policies = case.request.principal, case.policies
    assert isinstance(source, IamUser | AssumedRole)
    boundary, levels = policies.permissions_boundary, policies.service_control or ()
    return _simulated(
        "SimulateCustomPolicy",
        case,
        case.request.context,
        policy_input_list=texts(policies.identity),
        permissions_boundary_policy_input_list=() if boundary is None else texts(boundary),
        ordered_organization_policy_input_list=tuple(
            {"service_control_policy_input_list": texts(level)} for level in levels
        ),
        caller_arn=str(_entity_arn(source)),
    )


def why_not_simulated_from_texts(case: GoldenCase) -> str | None:
    """Levels of an organization without any policy cannot be written down."""
    if any(case.said.get(it) is not None for it in ("resource_control", "vpc_endpoint")):
        return "RCPs and endpoint policies are not simulated"
    levels = case.said.get("service_control")
    if levels is not None and not (levels and all(levels)):
        return "each level has a policy"
    return case.why_unstored or _why_not_in_simulation(case)


def _why_not_in_simulation(case: GoldenCase) -> str | None:
    asked, policies = case.request, case.policies
    if not isinstance(asked.principal, IamUser | AssumedRole):
        return "only users and roles are simulated"
    if policies.session is not None:
        return "session policies are not simulated"
    if () in asked.context.values():
        return "a context entry has a value"
    if policies.resource is not None:
        if asked.resource is None:
            return "a resource policy needs a resource"
        if any("assumed-role/" in text for text in texts(policies.resource)):
            return "which session of a role calls is not known"
    is_required = policies.resource is not None and has_required_policy(asked)
    if policies.requires_resource_policy is not is_required:
        return "only roles and keys whose policy is given require it"
    if account_in(asked.resource) not in (None, case.resource_account):
        return "the account of a resource is that in its ARN"
    return None


def _simulated(operation: str, case: GoldenCase, context: RequestContext, **parameters: Any) -> Answer:
    """Run the operation as the root user of the caller's account."""
    asked, server = case.request, Server()
    server.world = case.stored.world
    own = case.policies.resource
    if own is not None:
        (parameters["resource_policy"],) = texts(own)
    if asked.resource is not None:
        parameters["resource_arns"] = (str(asked.resource),)
        parameters["resource_owner"] = str(root_arn(case.resource_account))
    with overheard(simulate) as decided:
        entries = tuple(_entries(context))
        root = Iam(server, RootUser(case.stored.caller.principal.account))
        found = root(operation, action_names=(asked.action,), context_entries=entries, **parameters)
    ((request, _),) = decided
    (result,) = found["EvaluationResults"]
    for one in result.get("ResourceSpecificResults", ()):
        assert one["EvalResourceDecision"] == result["EvalDecision"]
    return Answer(decision=Decision(result["EvalDecision"]), request=request)


def _entries(context: RequestContext) -> Iterator[Json]:
    for key, value in context.items():
        is_list = isinstance(value, tuple)
        yield {
            "context_key_name": key,
            "context_key_type": "stringList" if is_list else "string",
            "context_key_values": value if is_list else (value,),
        }


def _entity_arn(principal: IamUser | AssumedRole) -> Arn:
    return principal.arn if isinstance(principal, IamUser) else principal.role_arn

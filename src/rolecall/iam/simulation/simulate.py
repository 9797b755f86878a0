"""SimulateCustomPolicy and SimulatePrincipalPolicy: what would the engine say?

The engine that decides real calls decides these too; nothing is decided here. Requests are read in `simulation_inputs`
and `simulation_sources`, answers written in `simulation_results`. The choices that the model leaves open are listed in
docs/guides/simulation.md.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from rolecall.catalog.actions import takes_resources
from rolecall.decision.evaluate import evaluate
from rolecall.decision.policies import ApplicablePolicies, AppliedPolicy, PolicySet
from rolecall.decision.request import AuthorizationRequest
from rolecall.decision.result import MatchedStatement
from rolecall.errors import InvalidInput
from rolecall.iam.registry import operation
from rolecall.iam.simulation.context_keys import referenced_keys
from rolecall.iam.simulation.inputs import Request, Simulation, read_simulation
from rolecall.iam.simulation.results import Outcome, ShownStatement, evaluation_result, outcome, statement_shower
from rolecall.iam.simulation.sources import SourcePolicy, on_policy_source, read_source
from rolecall.language.document import PolicyType
from rolecall.names.arn import AccountId, Arn, is_account_id
from rolecall.names.case import lower_name
from rolecall.operations.registry import Answer, on_account
from rolecall.operations.transaction import Transaction

DEFAULT_PAGE = 100
PAGE_WORK = 16 << 20
"""How much work is done for a page, and so how long an answer gets. A request may name a million pairs of an action and
a resource; AWS too may return fewer results than asked for."""

LEAST_WORK = 4096
STATEMENT_WORK = 1000
"""What a decision costs: the characters of all policies, something for each statement (it may be shown), and at least
so much."""

_MARKER = "simulation:"


@operation("SimulateCustomPolicy", access=on_account, is_slow=True)
def simulate_custom_policy(
    tx: Transaction,
    *,
    policy_input_list: Sequence[str],
    action_names: Sequence[str],
    permissions_boundary_policy_input_list: Sequence[str] = (),
    ordered_organization_policy_input_list: Sequence[Mapping[str, Any]] = (),
    resource_arns: Sequence[str] = (),
    resource_policy: str | None = None,
    resource_owner: str | None = None,
    caller_arn: str | None = None,
    context_entries: Sequence[Mapping[str, Any]] = (),
    resource_handling_option: str | None = None,
    max_items: int | None = None,
    marker: str | None = None,
) -> Answer:
    """Tell what policies given as texts would allow."""
    request = Request(
        action_names=action_names,
        policy_input_list=policy_input_list,
        permissions_boundary_policy_input_list=permissions_boundary_policy_input_list,
        ordered_organization_policy_input_list=ordered_organization_policy_input_list,
        resource_arns=resource_arns,
        resource_policy=resource_policy,
        resource_owner=resource_owner,
        caller_arn=caller_arn,
        context_entries=context_entries,
        resource_handling_option=resource_handling_option,
    )
    return _page(read_simulation(tx, request), max_items, marker)


@operation("SimulatePrincipalPolicy", access=on_policy_source, is_slow=True)
def simulate_principal_policy(
    tx: Transaction,
    *,
    policy_source_arn: str,
    action_names: Sequence[str],
    policy_input_list: Sequence[str] = (),
    permissions_boundary_policy_input_list: Sequence[str] = (),
    policy_exclusion_list: Sequence[Mapping[str, Any]] = (),
    resource_arns: Sequence[str] = (),
    resource_policy: str | None = None,
    resource_owner: str | None = None,
    caller_arn: str | None = None,
    context_entries: Sequence[Mapping[str, Any]] = (),
    resource_handling_option: str | None = None,
    max_items: int | None = None,
    marker: str | None = None,
) -> Answer:
    """Tell what a user, group or role may do, with further policies if any are given.

    A boundary in the request takes the place of the attached one.
    """
    request = Request(
        action_names=action_names,
        policy_input_list=policy_input_list,
        permissions_boundary_policy_input_list=permissions_boundary_policy_input_list,
        resource_arns=resource_arns,
        resource_policy=resource_policy,
        resource_owner=resource_owner,
        caller_arn=caller_arn,
        context_entries=context_entries,
        resource_handling_option=resource_handling_option,
    )
    source = read_source(tx, policy_source_arn, policy_exclusion_list)
    return _page(read_simulation(tx, request, source), max_items, marker)


# One page of results


def _page(simulation: Simulation, max_items: int | None, marker: str | None) -> Answer:
    """Simulate as many actions as fit on a page, from where `marker` says."""
    start, count = _read_marker(marker) if marker is not None else 0, len(simulation.actions)
    work_of_pair = _work(simulation)
    work = work_of_pair * max(1, len(simulation.resources))
    if work > PAGE_WORK:
        raise InvalidInput(
            f"name at most {PAGE_WORK // work_of_pair} resources in a simulation with policies of this size"
        )
    end = min(start + (max_items or DEFAULT_PAGE), start + PAGE_WORK // work, count)
    answer: dict[str, object] = {
        "EvaluationResults": list(_results(simulation, simulation.actions[start:end])),
        "IsTruncated": end < count,
    }
    if end < count:
        answer["Marker"] = _make_marker(end)
    return answer


def _work(simulation: Simulation) -> int:
    """The work for one pair of an action and a resource; never more than a page has room for."""
    levels = simulation.service_control or ()
    policies = (*simulation.shown_policies(), *(policy for level in levels for policy in level))
    statements = sum(len(policy.document.statements) for policy in policies)
    characters = sum(len(policy.document.text) for policy in policies)
    return min(max(LEAST_WORK, characters + STATEMENT_WORK * statements), PAGE_WORK)


def _make_marker(place: int) -> str:
    return base64.urlsafe_b64encode(f"{_MARKER}{place}".encode()).decode()


def _read_marker(marker: str) -> int:
    """The place in the list of actions at which a page begins. Raises `InvalidInput` for what no page gave out."""
    try:
        text = base64.b64decode(marker, altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError):
        text = ""
    place = text.removeprefix(_MARKER)
    if place == text or not (place.isascii() and place.isdigit() and len(place) < 10):
        raise InvalidInput("Invalid marker for pagination.")
    return int(place)


def _results(simulation: Simulation, actions: Sequence[str]) -> Iterator[dict[str, object]]:
    shown = simulation.shown_policies()
    policies = _applicable_policies(simulation)
    show = statement_shower({(policy.document.type, policy.key): policy for policy in shown})
    unsupplied = _unsupplied_keys(simulation)
    for action in actions:
        is_of_resources = takes_resources(action)
        outcomes = [
            _outcome(simulation, policies, action, resource, is_of_resources, show, unsupplied)
            for resource in simulation.resources or (None,)
        ]
        yield evaluation_result(action, simulation.resources, outcomes)


def _outcome(
    simulation: Simulation,
    policies: ApplicablePolicies,
    action: str,
    resource: Arn | None,
    is_of_resources: bool,
    show: Callable[[MatchedStatement], ShownStatement],
    unsupplied_keys: tuple[str, ...],
) -> Outcome:
    """Ask the engine. Parameters: see `outcome`; `is_of_resources`, can the action be limited to resources at all?"""
    account = _resource_account(simulation, resource)
    result = evaluate(
        AuthorizationRequest(
            principal=simulation.principal,
            action=action,
            resource=resource if is_of_resources else None,
            resource_account=account,
            context=simulation.context,
        ),
        policies,
    )
    is_across_accounts = account is not None and account != simulation.principal.account
    return outcome(result, show, is_across_accounts=is_across_accounts, unsupplied_keys=unsupplied_keys)


def _resource_account(simulation: Simulation, resource: Arn | None) -> AccountId | None:
    """The account that owns the resource; None for the caller's own."""
    if resource is None or not simulation.compares_accounts:
        return None
    return AccountId(resource.account) if is_account_id(resource.account) else simulation.resource_owner


def _unsupplied_keys(simulation: Simulation) -> tuple[str, ...]:
    """The condition keys that policies other than SCPs name and that the request's entries do not supply."""
    named = (key for policy in simulation.shown_policies() for key in referenced_keys(policy.document))
    return tuple(dict.fromkeys(key for key in named if lower_name(key) not in simulation.supplied_keys))


# The policies as the engine takes them


def _applicable_policies(simulation: Simulation) -> ApplicablePolicies:
    own, boundary, levels = simulation.resource_policy, simulation.boundary, simulation.service_control
    return ApplicablePolicies(
        identity=_set(PolicyType.IDENTITY, simulation.identity),
        resource=None if own is None else _set(own.document.type, (own,)),
        # Without a resource policy AWS's simulator answers for the identity side alone, for roles and keys too.
        requires_resource_policy=None if own is not None else False,
        permissions_boundary=None if boundary is None else _set(PolicyType.PERMISSIONS_BOUNDARY, (boundary,)),
        service_control=None if levels is None else tuple(_set(PolicyType.SERVICE_CONTROL, level) for level in levels),
    )


def _set(policy_type: PolicyType, policies: Sequence[SourcePolicy]) -> PolicySet:
    return PolicySet(policy_type, (AppliedPolicy(policy.key, policy.document) for policy in policies))

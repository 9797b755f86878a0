"""A request to simulate, read into one typed value.

Everything that AWS refuses is refused here and in `simulation_context`, which reads who calls under which
circumstances. What the policies mean is the decision engine's affair, and what the answer looks like is in
`simulation_results`. Messages, unless marked, are AWS's, recorded in September 2026 (radkawar/stackd,
testdata/aws/iam/simulation.json and simulation_inputs.json).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from rolecall.decision.principal import AccountPrincipal
from rolecall.decision.request import RequestContext, is_trusted_role
from rolecall.errors import InvalidArn, InvalidInput, PolicyError
from rolecall.iam.simulation.context import read_caller, read_context
from rolecall.iam.simulation.sources import Source, SourcePolicy
from rolecall.language.document import PolicyDocument, PolicyType
from rolecall.language.parser import parse_policy
from rolecall.names.arn import AccountId, Arn, is_account_id, parse_arn
from rolecall.operations.transaction import Transaction

ANY_RESOURCE = "*"

HANDLING_OPTIONS: dict[str, frozenset[str]] = {
    "EC2-VPC-InstanceStore": frozenset({"instance", "image", "security-group", "network-interface"}),
    "EC2-VPC-InstanceStore-Subnet": frozenset({"instance", "image", "security-group", "network-interface", "subnet"}),
    "EC2-VPC-EBS": frozenset({"instance", "image", "security-group", "network-interface", "volume"}),
    "EC2-VPC-EBS-Subnet": frozenset({"instance", "image", "security-group", "network-interface", "subnet", "volume"}),
}
"""The types of resources that each scenario of `ResourceHandlingOption` must have. Source: the model."""

_HANDLED_ACTION = "ec2:runinstances"
_HANDLING_REFUSED = (
    "Invalid input resource handling options. Action does not support resource handling options: {action}. "
    "Please refer to the documentation for more details: "
    "https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulateCustomPolicy.html"
)


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """The parameters that both operations have, as in the model."""

    action_names: Sequence[str]
    policy_input_list: Sequence[str]
    permissions_boundary_policy_input_list: Sequence[str]
    ordered_organization_policy_input_list: Sequence[Mapping[str, Any]] = ()
    resource_arns: Sequence[str]
    resource_policy: str | None
    resource_owner: str | None
    caller_arn: str | None
    context_entries: Sequence[Mapping[str, Any]]
    resource_handling_option: str | None


class Simulation(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be simulated.

    Parameters
    ----------
    actions: in AWS's spelling or any other.
    resources: none stands for `*`.
    resource_owner: the account of resources whose ARNs name none.
    principal: who calls.
    compares_accounts: does it matter whose the resources are? Not if nobody in particular calls.
    context: the condition keys; `supplied_keys` are those of the request itself.
    identity, boundary, service_control, resource_policy: the policies.
    """

    actions: tuple[str, ...]
    resources: tuple[Arn, ...]
    resource_owner: AccountId | None
    principal: AccountPrincipal
    compares_accounts: bool
    context: RequestContext
    supplied_keys: frozenset[str]
    identity: tuple[SourcePolicy, ...]
    boundary: SourcePolicy | None
    service_control: tuple[tuple[SourcePolicy, ...], ...] | None
    resource_policy: SourcePolicy | None

    def shown_policies(self) -> tuple[SourcePolicy, ...]:
        """The policies that an answer speaks of: all but SCPs."""
        others = (self.boundary, self.resource_policy)
        return (*self.identity, *(policy for policy in others if policy is not None))


def read_simulation(tx: Transaction, request: Request, source: Source | None = None) -> Simulation:
    """Read a request.

    Parameters: `source`, the user, group or role whose policies are simulated; None for given policies alone.

    Raises `InvalidInput` for whatever AWS would refuse.
    """
    actions, resources = _read_actions(request.action_names), _read_resources(request.resource_arns)
    _check_handling_option(request.resource_handling_option, actions, resources)
    caller_arn = request.caller_arn or (str(source.arn) if source is not None else None)
    principal, caller_keys = read_caller(tx, caller_arn)
    supplied = read_context(request.context_entries)
    is_of_roles = _is_about_assuming_roles(actions, resources)
    resource_policy = _read_resource_policy(request.resource_policy, caller_arn, resources, is_of_roles)
    boundary = _read_boundary(request.permissions_boundary_policy_input_list)
    return Simulation(
        actions=actions,
        resources=resources,
        resource_owner=_read_resource_owner(request.resource_owner),
        principal=principal,
        compares_accounts=caller_arn is not None or request.resource_owner is not None,
        context={**caller_keys, **supplied},
        supplied_keys=frozenset(supplied),
        identity=(*(source.identity if source is not None else ()), *_read_policies(request.policy_input_list)),
        boundary=source.boundary if boundary is None and source is not None else boundary,
        service_control=_read_service_control(request.ordered_organization_policy_input_list),
        resource_policy=resource_policy,
    )


def _is_about_assuming_roles(actions: tuple[str, ...], resources: tuple[Arn, ...]) -> bool:
    """Are all resources roles and all actions of STS? Then a resource policy is a role's trust policy."""
    # Each by itself and not each with each: there may be a million pairs.
    return (
        bool(resources)
        and all(is_trusted_role("sts:AssumeRole", arn) for arn in resources)
        and all(is_trusted_role(action, resources[0]) for action in actions)
    )


# Policies


def _read_policies(texts: Iterable[str]) -> tuple[SourcePolicy, ...]:
    return tuple(
        _source(f"PolicyInputList.{number}", _parse(text, PolicyType.IDENTITY, f"Policy input list item {number}"))
        for number, text in enumerate(texts, 1)
    )


def _read_boundary(texts: Sequence[str]) -> SourcePolicy | None:
    if len(texts) > 1:
        raise InvalidInput("The list of Permissions Boundary policies cannot exceed 1 items.")
    what = "Permissions boundary policy input list item 1"  # how AWS calls it here is not known
    documents = [_parse(text, PolicyType.PERMISSIONS_BOUNDARY, what) for text in texts]
    return _source("PermissionsBoundaryPolicyInputList.1", documents[0]) if documents else None


def _read_service_control(levels: Sequence[Mapping[str, Any]]) -> tuple[tuple[SourcePolicy, ...], ...] | None:
    return tuple(_level(number, level) for number, level in enumerate(levels, 1)) or None


def _level(number: int, level: Mapping[str, Any]) -> tuple[SourcePolicy, ...]:
    what = f"Organization policy at index {number}"
    texts = level.get("service_control_policy_input_list") or ()
    if not texts:
        raise InvalidInput(f"{what} must contain at least one service control policy")
    return tuple(
        _source(f"OrderedOrganizationPolicyInputList.{number}.{place}", _parse(text, PolicyType.SERVICE_CONTROL, what))
        for place, text in enumerate(texts, 1)
    )


def _read_resource_policy(
    text: str | None, caller_arn: str | None, resources: tuple[Arn, ...], is_of_roles: bool
) -> SourcePolicy | None:
    """The policy that every simulated resource has. It needs somebody who calls, and resources to be attached to."""
    if text is None:
        return None
    if caller_arn is None:
        raise InvalidInput("Invalid caller - Caller cannot be null or empty.")
    if not resources:
        raise InvalidInput(f"Invalid Entity Arn: {ANY_RESOURCE} does not clearly define entity type and name.")
    policy_type = PolicyType.TRUST if is_of_roles else PolicyType.RESOURCE
    return _source("ResourcePolicy", _parse(text, policy_type, "Resource policy"))  # the name in the error is ours


def _source(source_id: str, document: PolicyDocument) -> SourcePolicy:
    return SourcePolicy(source_id, source_id, document)


def _parse(text: str, policy_type: PolicyType, what: str) -> PolicyDocument:
    try:
        return parse_policy(text, policy_type)
    except PolicyError as error:
        raise InvalidInput(f"{what} has invalid content") from error


# Actions and resources


def _read_actions(names: Sequence[str]) -> tuple[str, ...]:
    """AWS takes each name as it is written, `*` and names of no action included, if only it has a service."""
    if not all(":" in name for name in names):
        raise InvalidInput("The action is invalid since it is missing names")
    return tuple(names)


def _read_resources(texts: Sequence[str]) -> tuple[Arn, ...]:
    """The ARNs; none for `*`, which may only stand alone."""
    return () if tuple(texts) == (ANY_RESOURCE,) else tuple(map(_resource, texts))


def _resource(text: str) -> Arn:
    try:
        return parse_arn(text)
    except InvalidArn:
        raise InvalidInput(f"ResourceNames are not in a valid ARN format: {text}.") from None


def _read_resource_owner(text: str | None) -> AccountId | None:
    if text is None:
        return None
    try:
        arn = parse_arn(text)
    except InvalidArn:
        arn = None
    if arn is None or arn.service != "iam" or not is_account_id(arn.account):
        raise InvalidInput(f"'{text}' is not a valid as a Resource Owner.")
    return AccountId(arn.account)


def _check_handling_option(option: str | None, actions: Iterable[str], resources: Iterable[Arn]) -> None:
    """Refuse a `ResourceHandlingOption` that is unknown, or that lacks a resource of its scenario.

    AWS documents that it enforces this, but was seen not to. Only the message about the action is AWS's.
    """
    if option is None:
        return
    needed = HANDLING_OPTIONS.get(option)
    if needed is None:
        raise InvalidInput(f"the resource handling option `{option}` is not one of {', '.join(HANDLING_OPTIONS)}")
    for action in actions:
        if action.lower() != _HANDLED_ACTION:
            raise InvalidInput(_HANDLING_REFUSED.format(action=action))
    missing = needed - {arn.resource_type for arn in resources if arn.service == "ec2"}
    if missing:
        raise InvalidInput(f"the resource handling option `{option}` needs resources: {', '.join(sorted(missing))}")

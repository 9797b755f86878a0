"""The decision: which layers apply to a request, and how their answers combine. Source: evaluation.md §2–§14.

A pure function of its arguments; on parsed policies it never raises. What one layer says by itself is in `layers`; how
the answer reads is in `explain`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from rolecall.decision.layers import Layer, ask, ask_levels
from rolecall.decision.matching import PrincipalMatch
from rolecall.decision.near_misses import near_misses
from rolecall.decision.policies import ApplicablePolicies, PolicySet
from rolecall.decision.principal import AccountPrincipal, AssumedRole, FederatedUser, RootUser
from rolecall.decision.request import AuthorizationRequest, is_key, is_trusted_role
from rolecall.decision.result import (
    ALLOWED,
    EXPLICIT_DENY,
    IMPLICIT_DENY,
    Block,
    Decision,
    EvaluationResult,
    MatchedStatement,
    NearMiss,
)
from rolecall.language.document import PolicyType

ALWAYS_ALLOWED = frozenset({"sts:getcalleridentity", "sts:getsessiontoken"})
"""Actions on which policies have no effect for whoever can sign a request, not even an explicit deny (§13)."""

_OF_RESOURCES = frozenset({PolicyType.RESOURCE, PolicyType.TRUST})
_NO_POLICY = PolicySet(PolicyType.RESOURCE)
_NO_SESSION_POLICY = PolicySet(PolicyType.SESSION)


def evaluate(request: AuthorizationRequest, policies: ApplicablePolicies, *, traced: bool = False) -> EvaluationResult:
    """Decide one request under the policies that apply to it.

    An explicit deny in any layer wins; otherwise every layer that has to allow must do so. All layers are asked even
    after one has blocked, so that the result names every layer that stands in the way. With `traced` it also keeps the
    statements that nearly applied; all else is the same.
    """
    action = request.action
    if request.principal.account is not None and action.lower() in ALWAYS_ALLOWED and action.isascii():
        return EvaluationResult(decision=ALLOWED)
    consulted, resource = _ask_layers(request, policies)
    excused, void = _NONE_EXCUSED if resource is None else _weigh(resource, request, policies)
    denying: list[Layer] = []
    lacking: list[Layer] = []
    allows: list[MatchedStatement] = []
    answers: list[tuple[PolicyType, Decision]] = []
    missing: list[str] = []
    for layer in consulted:
        answers.append((layer.type, layer.decision))
        allows += layer.allows
        missing += layer.missing_keys
        if layer.denies:
            denying.append(layer)
        elif (layer.decision is IMPLICIT_DENY or layer is void) and layer.type not in excused:
            lacking.append(layer)
    return EvaluationResult(
        decision=EXPLICIT_DENY if denying else IMPLICIT_DENY if lacking else ALLOWED,
        matched_statements=tuple(statement for layer in denying for statement in layer.denies)
        if denying
        else tuple(allows),
        blocks=tuple(_blocks(denying, lacking)) if denying or lacking else (),
        layers=tuple(answers),
        missing_context_keys=tuple(sorted(set(missing))) if missing else (),
        near_misses=tuple(_near_misses(request, policies, consulted)) if traced else (),
    )


def _blocks(denying: Iterable[Layer], lacking: Iterable[Layer]) -> Iterator[Block]:
    for layer in denying:
        yield Block(policy_type=layer.type, explicit=True, statements=layer.denies)
    for layer in lacking:
        yield Block(policy_type=layer.type, explicit=False)


def _near_misses(
    request: AuthorizationRequest, policies: ApplicablePolicies, layers: Iterable[Layer]
) -> Iterator[NearMiss]:
    is_bounded = policies.permissions_boundary is not None
    for layer in layers:
        for asked in layer.asked:
            yield from near_misses(asked, request, is_bounded=is_bounded)


# Which layers apply


def _ask_layers(request: AuthorizationRequest, policies: ApplicablePolicies) -> tuple[list[Layer], Layer | None]:
    """The answers of the layers that apply to the request, in AWS's order; and which of them is the resource's."""
    boundary = policies.permissions_boundary
    is_bounded = boundary is not None
    answers: list[Layer] = []
    resource: Layer | None = None
    if policies.resource_control is not None:
        answers += _ask_resource_control(request, policies.resource_control, is_bounded=is_bounded)
    if policies.service_control is not None:
        answers += _ask_service_control(request, policies.service_control, is_bounded=is_bounded)
    if policies.vpc_endpoint is not None:
        answers.append(ask(policies.vpc_endpoint, request, is_bounded=is_bounded))
    resource_policy = _resource_policy(request, policies)
    if resource_policy is not None:
        resource = ask(resource_policy, request, is_bounded=is_bounded)
        answers.append(resource)
    if request.principal.has_own_policies:
        answers.append(ask(policies.identity, request, is_bounded=is_bounded))
        if boundary is not None:
            answers.append(ask(boundary, request, is_bounded=is_bounded))
    session = _session_policies(request, policies)
    if session is not None:
        answers.append(ask(session, request, is_bounded=is_bounded))
    return answers, resource


def _ask_resource_control(
    request: AuthorizationRequest, levels: tuple[PolicySet, ...], *, is_bounded: bool
) -> Iterator[Layer]:
    """RCPs: for everyone but service-linked roles. They only deny: `RCPFullAWSAccess` is attached everywhere (§9)."""
    if _is_by_service_linked_role(request):
        return
    layer = ask_levels(PolicyType.RESOURCE_CONTROL, levels, request, is_bounded=is_bounded)
    yield layer if layer.denies else msgspec.structs.replace(layer, decision=ALLOWED)


def _ask_service_control(
    request: AuthorizationRequest, levels: tuple[PolicySet, ...], *, is_bounded: bool
) -> Iterator[Layer]:
    """SCPs: for the users, roles and root users of member accounts, but not for service-linked roles (§9)."""
    if request.principal.account is not None and not _is_by_service_linked_role(request):
        yield ask_levels(PolicyType.SERVICE_CONTROL, levels, request, is_bounded=is_bounded)


def _resource_policy(request: AuthorizationRequest, policies: ApplicablePolicies) -> PolicySet | None:
    """The resource's policy. Where one must allow and there is none, an empty one is asked."""
    if policies.resource is not None:
        return policies.resource
    return _NO_POLICY if not _is_within_account(request) or _requires_its_own(request, policies) else None


def _requires_its_own(request: AuthorizationRequest, policies: ApplicablePolicies) -> bool:
    """Does the resource grant nothing without its own policy (§7, §8)?"""
    if policies.requires_resource_policy is None:
        return is_key(request.resource) or is_trusted_role(request.action, request.resource)
    return policies.requires_resource_policy


def _session_policies(request: AuthorizationRequest, policies: ApplicablePolicies) -> PolicySet | None:
    """Those of the session. A federated user without any may do nothing by them (§2 step 7); others are not limited."""
    if policies.session is None:
        return _NO_SESSION_POLICY if isinstance(request.principal, FederatedUser) else None
    return None if request.principal.account is None else policies.session


# Which layers have to allow


_EXCUSED: dict[PrincipalMatch, frozenset[PolicyType]] = {
    PrincipalMatch.NONE: _OF_RESOURCES,
    PrincipalMatch.ACCOUNT: _OF_RESOURCES,
    PrincipalMatch.ENTITY: _OF_RESOURCES | {PolicyType.IDENTITY},
    PrincipalMatch.DIRECT: _OF_RESOURCES | {PolicyType.IDENTITY, PolicyType.PERMISSIONS_BOUNDARY, PolicyType.SESSION},
}
"""What need not allow within one account, by the form in which the resource's policy grants (the table of §4)."""


_NONE_EXCUSED: tuple[frozenset[PolicyType], None] = (frozenset(), None)


def _weigh(
    resource: Layer, request: AuthorizationRequest, policies: ApplicablePolicies
) -> tuple[frozenset[PolicyType], Layer | None]:
    """The types of layers that need not allow, and the resource's layer if its Allow is worth nothing.

    Within one account resource policy and identity policies are a union (§2), unless the resource demands its own.
    Across accounts each side has to allow, and no form of naming the caller replaces its own policies (§3). A caller
    without an account has none: the resource's side decides alone.
    """
    grant = resource.grant
    if grant is PrincipalMatch.ACCOUNT and resource.type is PolicyType.TRUST and _acts_on_its_own_role(request):
        grant = PrincipalMatch.NONE  # a role may assume itself only if its trust policy names it (§7)
    if not _is_within_account(request):
        return frozenset(), resource if grant is PrincipalMatch.NONE or _crosses_partitions(request) else None
    if grant is PrincipalMatch.NONE and _requires_its_own(request, policies):
        return frozenset({PolicyType.IDENTITY}), resource
    if isinstance(request.principal, RootUser):
        # The root user never gets past a session policy: that is the task to which AssumeRoot limits it (§10).
        return _EXCUSED[grant] - {PolicyType.SESSION}, None
    return _EXCUSED[grant], None


# Who asks, and from where


def _is_by_service_linked_role(request: AuthorizationRequest) -> bool:
    return isinstance(request.principal, AssumedRole) and request.principal.is_service_linked


def _is_within_account(request: AuthorizationRequest) -> bool:
    """Does the caller belong to the account that owns the resource?"""
    account = request.principal.account
    return account is not None and request.resource_account in (None, account)


def _acts_on_its_own_role(request: AuthorizationRequest) -> bool:
    return isinstance(request.principal, AssumedRole) and request.principal.role_arn == request.resource


def _crosses_partitions(request: AuthorizationRequest) -> bool:
    """Do caller and resource live in different partitions? There is no delegation between those (§3)."""
    if request.resource is None or not isinstance(request.principal, AccountPrincipal):
        return False
    return request.principal.arn.partition != request.resource.partition

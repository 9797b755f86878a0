"""The decision: which layers apply to a request, and how their answers combine. Source: evaluation.md §2–§14.

A pure function of its arguments; on parsed policies it never raises. What one layer says by itself is in `layers`; how
the answer reads is in `explain`.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from rolecall.decision.layers import Layer, Question, ask, ask_levels, question_of
from rolecall.decision.matching import PrincipalMatch
from rolecall.decision.policies import ApplicablePolicies, PolicySet
from rolecall.decision.principal import AccountPrincipal, AssumedRole, FederatedUser, IamUser, Principal, RootUser
from rolecall.decision.request import AuthorizationRequest
from rolecall.decision.result import Block, Decision, EvaluationResult
from rolecall.language.document import PolicyType

ALWAYS_ALLOWED = frozenset({"sts:getcalleridentity", "sts:getsessiontoken"})
"""Actions on which policies have no effect for whoever can sign a request, not even an explicit deny (§13)."""


_NO_RESOURCE_POLICY = Layer(PolicyType.RESOURCE, Decision.IMPLICIT_DENY, (), (), PrincipalMatch.NONE, frozenset())


class Layers(msgspec.Struct, frozen=True):
    """The answers of all layers, in AWS's order; None where a layer does not apply to the request."""

    resource_control: Layer | None
    service_control: Layer | None
    vpc_endpoint: Layer | None
    resource: Layer | None
    identity: Layer | None
    permissions_boundary: Layer | None
    session: Layer | None

    def consulted(self) -> tuple[Layer, ...]:
        """Those that apply, in order."""
        every = (
            self.resource_control,
            self.service_control,
            self.vpc_endpoint,
            self.resource,
            self.identity,
            self.permissions_boundary,
            self.session,
        )
        return tuple(layer for layer in every if layer is not None)


def evaluate(request: AuthorizationRequest, policies: ApplicablePolicies) -> EvaluationResult:
    """Decide one request under the policies that apply to it.

    An explicit deny in any layer wins; otherwise every layer that has to allow must do so. All layers are asked even
    after one has blocked, so that the result names every layer that stands in the way.
    """
    if isinstance(request.principal, AccountPrincipal) and request.action.lower() in ALWAYS_ALLOWED:
        return EvaluationResult(decision=Decision.ALLOWED)
    layers = _ask_layers(request, policies)
    consulted = layers.consulted()
    denying = [layer for layer in consulted if layer.denies]
    denied_types = {layer.type for layer in denying}
    lacking = [kind for kind in _lacking_allows(request, policies, layers) if kind not in denied_types]
    explicit = [Block(policy_type=layer.type, explicit=True, statements=layer.denies) for layer in denying]
    implicit = [Block(policy_type=kind, explicit=False) for kind in lacking]
    matched = [layer.denies if denying else layer.allows for layer in consulted]
    missing = {key for layer in consulted for key in layer.missing_keys}
    return EvaluationResult(
        decision=Decision.EXPLICIT_DENY if explicit else Decision.IMPLICIT_DENY if implicit else Decision.ALLOWED,
        matched_statements=tuple(statement for statements in matched for statement in statements),
        blocks=(*explicit, *implicit),
        layers=tuple((layer.type, layer.decision) for layer in consulted),
        missing_context_keys=tuple(sorted(missing)),
    )


# Which layers apply


def _ask_layers(request: AuthorizationRequest, policies: ApplicablePolicies) -> Layers:
    question = question_of(request, policies)
    principal = request.principal
    has_own_policies = _has_own_policies(principal)
    return Layers(
        resource_control=_ask_resource_control(principal, policies, question),
        service_control=_ask_service_control(principal, policies, question),
        vpc_endpoint=_ask(PolicyType.VPC_ENDPOINT, policies.vpc_endpoint, question),
        resource=_ask_resource(request, policies, question),
        identity=_ask(PolicyType.IDENTITY, policies.identity if has_own_policies else None, question),
        permissions_boundary=_ask(
            PolicyType.PERMISSIONS_BOUNDARY, policies.permissions_boundary if has_own_policies else None, question
        ),
        session=_ask(PolicyType.SESSION, _session_policies(principal, policies), question),
    )


def _ask(kind: PolicyType, policies: PolicySet | None, question: Question) -> Layer | None:
    return None if policies is None else ask(kind, policies, question)


def _ask_resource_control(principal: Principal, policies: ApplicablePolicies, question: Question) -> Layer | None:
    """RCPs: for everyone but service-linked roles. They only deny: `RCPFullAWSAccess` is attached everywhere (§9)."""
    if policies.resource_control is None or _is_service_linked(principal):
        return None
    layer = ask_levels(PolicyType.RESOURCE_CONTROL, policies.resource_control, question)
    return (
        msgspec.structs.replace(layer, decision=Decision.ALLOWED) if layer.decision is Decision.IMPLICIT_DENY else layer
    )


def _ask_service_control(principal: Principal, policies: ApplicablePolicies, question: Question) -> Layer | None:
    """SCPs: for the users, roles and root users of member accounts, but not for service-linked roles (§9)."""
    if policies.service_control is None or not isinstance(principal, AccountPrincipal) or _is_service_linked(principal):
        return None
    return ask_levels(PolicyType.SERVICE_CONTROL, policies.service_control, question)


def _ask_resource(request: AuthorizationRequest, policies: ApplicablePolicies, question: Question) -> Layer | None:
    """The resource's policy. Where one must allow and there is none, the layer is asked and is empty."""
    if policies.resource is not None:
        return ask(policies.resource.document.type, (policies.resource,), question)
    is_needed = policies.requires_resource_policy or not _is_within_account(request)
    return ask(PolicyType.RESOURCE, (), question) if is_needed else None


def _session_policies(principal: Principal, policies: ApplicablePolicies) -> PolicySet | None:
    """Those of the session. A federated user without any may do nothing by them (§2 step 7); others are not limited."""
    if not isinstance(principal, AccountPrincipal):
        return None
    if policies.session is None and isinstance(principal, FederatedUser):
        return ()
    return policies.session


# Which layers have to allow


def _lacking_allows(
    request: AuthorizationRequest, policies: ApplicablePolicies, layers: Layers
) -> Iterator[PolicyType]:
    """The types of the layers that have to allow and do not, in AWS's order; explicit denies left aside."""
    yield from _lacking_among(layers.service_control, layers.vpc_endpoint)
    if _is_within_account(request):
        yield from _lacking_within_account(request, policies, layers)
    else:
        yield from _lacking_across_accounts(request, layers)


def _lacking_within_account(
    request: AuthorizationRequest, policies: ApplicablePolicies, layers: Layers
) -> Iterator[PolicyType]:
    """One account: resource policy and identity policies are a union, unless the resource demands its own (§2, §4)."""
    resource = layers.resource or _NO_RESOURCE_POLICY
    grant = resource.grant
    if grant is PrincipalMatch.ACCOUNT and _acts_on_its_own_role(request):
        grant = PrincipalMatch.NONE  # a role may assume itself only if its trust policy names it (§7)
    if grant < PrincipalMatch.ENTITY:
        if policies.requires_resource_policy and grant is PrincipalMatch.NONE:
            yield resource.type
        else:
            yield from _lacking_among(layers.identity)
    # The root user never gets past a session policy: that is the task to which AssumeRoot limits it (§10).
    if grant is not PrincipalMatch.DIRECT or isinstance(request.principal, RootUser):
        yield from _lacking_among(layers.permissions_boundary, layers.session)


def _lacking_across_accounts(request: AuthorizationRequest, layers: Layers) -> Iterator[PolicyType]:
    """Two accounts: each side has to allow, and no form of naming the caller replaces its own policies (§3).

    A caller without an account has no policies of its own: the resource's side decides alone.
    """
    resource = layers.resource or _NO_RESOURCE_POLICY
    if resource.grant is PrincipalMatch.NONE or _crosses_partitions(request):
        yield resource.type
    yield from _lacking_among(layers.identity, layers.permissions_boundary, layers.session)


def _lacking_among(*layers: Layer | None) -> Iterator[PolicyType]:
    return (layer.type for layer in layers if layer is not None and layer.decision is Decision.IMPLICIT_DENY)


# Who asks, and from where


def _has_own_policies(principal: Principal) -> bool:
    """Can identity-based policies and a boundary apply? Root has none, nor a session that root made (§10)."""
    if isinstance(principal, FederatedUser):
        return isinstance(principal.issuer, IamUser)
    return isinstance(principal, IamUser | AssumedRole)


def _is_service_linked(principal: Principal) -> bool:
    return isinstance(principal, AssumedRole) and principal.is_service_linked


def _is_within_account(request: AuthorizationRequest) -> bool:
    """Does the caller belong to the account that owns the resource?"""
    if not isinstance(request.principal, AccountPrincipal):
        return False
    return request.resource_account in (None, request.principal.account)


def _acts_on_its_own_role(request: AuthorizationRequest) -> bool:
    return isinstance(request.principal, AssumedRole) and request.principal.role_arn == request.resource


def _crosses_partitions(request: AuthorizationRequest) -> bool:
    """Do caller and resource live in different partitions? There is no delegation between those (§3)."""
    if request.resource is None or not isinstance(request.principal, AccountPrincipal):
        return False
    return request.principal.arn.partition != request.resource.partition

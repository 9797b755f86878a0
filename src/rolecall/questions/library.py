"""What `import rolecall` offers beside the engine itself: policies and requests from what a program has in hand.

Texts, dictionaries and values that are parsed already may be mixed. Nothing is decided here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rolecall.decision.policies import ApplicablePolicies, AppliedPolicy, PolicySet
from rolecall.decision.principal import Principal
from rolecall.decision.request import AuthorizationRequest
from rolecall.errors import PolicyError
from rolecall.language.document import PolicyDocument, PolicyType
from rolecall.names.arn import Arn
from rolecall.questions.json_values import checked
from rolecall.questions.policies import parse_value
from rolecall.questions.principals import read_principal
from rolecall.questions.question_error import QuestionError
from rolecall.questions.requests import request_of

Policy = str | Mapping[str, object] | PolicyDocument | AppliedPolicy
"""A policy: its text, its JSON object, parsed, or parsed and with the name under which results report it."""

Policies = Policy | Sequence[Policy]
"""Policies of one type. In results they are called by their parameter and place: `identity`, or `identity[0]`, …"""

ContextValue = str | int | float | bool


def parse(policy: str | Mapping[str, object], type: PolicyType = PolicyType.IDENTITY) -> PolicyDocument:
    """Parse a policy.

    Parameters
    ----------
    policy: its text, or its JSON object. Only a text keeps the lines and columns of its author.
    type: where it is attached, which decides its grammar.

    Raises `PolicyError` with everything that AWS would refuse, and `QuestionError` for an object that is not JSON.

    >>> document = parse('{"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "*", "Resource": "*"}}')
    >>> document.statements[0].effect
    <Effect.DENY: 'Deny'>
    """
    return parse_value(policy if isinstance(policy, str) else checked(policy), type)


def compile_policies(
    *,
    identity: Policies = (),
    resource: Policy | None = None,
    trust: Policy | None = None,
    requires_resource_policy: bool | None = None,
    permissions_boundary: Policies | None = None,
    session: Policies | None = None,
    service_control: Sequence[Policies] | None = None,
    resource_control: Sequence[Policies] | None = None,
    vpc_endpoint: Policies | None = None,
) -> ApplicablePolicies:
    """Prepare the policies that apply to requests: once, for as many requests as there are.

    None says that a kind of policy does not apply; an empty sequence says that it applies and allows nothing.

    Parameters
    ----------
    identity: the policies of the user or role, those of the user's groups included.
    resource: the policy of the resource.
    trust: instead of `resource`, the trust policy of the role that is to be assumed.
    requires_resource_policy: the resource grants nothing without its own policy. If not told: roles that are to be
        assumed and KMS keys, as at AWS.
    permissions_boundary: the boundary of the user or role.
    session: the session policies of the caller's session.
    service_control, resource_control: SCPs and RCPs, level by level, from the organization's root to the account.
    vpc_endpoint: the policy of the VPC endpoint through which requests come.

    Raises `PolicyError`; a note on it names the policy. `QuestionError` for an object that is not JSON.
    """
    if resource is not None and trust is not None:
        raise QuestionError("a resource has one policy: give `resource` or `trust`")
    kind, attached = (PolicyType.RESOURCE, resource) if trust is None else (PolicyType.TRUST, trust)
    return ApplicablePolicies(
        identity=_set(PolicyType.IDENTITY, identity, "identity"),
        resource=_optional_set(kind, attached, "resource" if trust is None else "trust"),
        requires_resource_policy=requires_resource_policy,
        permissions_boundary=_optional_set(
            PolicyType.PERMISSIONS_BOUNDARY, permissions_boundary, "permissions_boundary"
        ),
        session=_optional_set(PolicyType.SESSION, session, "session"),
        service_control=_levels(PolicyType.SERVICE_CONTROL, service_control, "service_control"),
        resource_control=_levels(PolicyType.RESOURCE_CONTROL, resource_control, "resource_control"),
        vpc_endpoint=_optional_set(PolicyType.VPC_ENDPOINT, vpc_endpoint, "vpc_endpoint"),
    )


def request(
    principal: Principal | str | Mapping[str, object],
    action: str,
    resource: Arn | str | None = None,
    *,
    resource_account: str | None = None,
    context: Mapping[str, ContextValue | Sequence[ContextValue]] | None = None,
) -> AuthorizationRequest:
    """Describe a request.

    Parameters
    ----------
    principal: a `Principal`, or as in a JSON question: an ARN, an account id, a service, an object with `type`.
    action: `service:Name`.
    resource: an ARN; None or `*` for no particular one. An action of AWS's that cannot be limited to resources never
        has one, whatever is given.
    resource_account: who owns the resource; if not told, the account in its ARN, else that of the principal.
    context: condition keys, in any case; a list or tuple makes a multivalued key.

    Raises `QuestionError`.

    >>> request("arn:aws:iam::111122223333:user/ann", "s3:GetObject", "arn:aws:s3:::reports/may.pdf").resource
    Arn(partition='aws', service='s3', region='', account='', resource='reports/may.pdf')
    """
    members = {
        "action": action,
        "resource": None if resource is None else str(resource),
        "resourceAccount": resource_account,
        "context": context,
    }
    who = principal if isinstance(principal, Principal) else read_principal(checked(principal), "principal")
    return request_of(who, checked(members), "request")


def _levels(kind: PolicyType, levels: Sequence[Policies] | None, name: str) -> tuple[PolicySet, ...] | None:
    return None if levels is None else tuple(_set(kind, it, f"{name}[{at}]") for at, it in enumerate(levels))


def _optional_set(kind: PolicyType, policies: Policies | None, name: str) -> PolicySet | None:
    return None if policies is None else _set(kind, policies, name)


def _set(kind: PolicyType, policies: Policies, name: str) -> PolicySet:
    if isinstance(policies, str | Mapping | PolicyDocument | AppliedPolicy):
        return PolicySet(kind, [_applied(kind, policies, name)])
    return PolicySet(kind, (_applied(kind, policy, f"{name}[{at}]") for at, policy in enumerate(policies)))


def _applied(kind: PolicyType, policy: Policy, name: str) -> AppliedPolicy:
    try:
        match policy:
            case AppliedPolicy(name, document):
                return AppliedPolicy(name, _of_type(kind, document))
            case PolicyDocument():
                return AppliedPolicy(name, _of_type(kind, policy))
            case _:
                return AppliedPolicy(name, parse(policy, kind))
    except PolicyError as error:
        error.add_note(f"in the policy `{name}`")
        raise


def _of_type(kind: PolicyType, document: PolicyDocument) -> PolicyDocument:
    """`document`, read again if it was parsed as a policy of another type."""
    return document if document.type is kind else parse(document.text, kind)

"""Everything that applies to one request, by type. Values only; gathered by `rolecall.state`, or made by hand.

`None` says that a kind of policy does not apply; an empty tuple says that it applies and grants nothing.
"""

from __future__ import annotations

import msgspec

from rolecall.language.document import PolicyDocument


class AppliedPolicy(msgspec.Struct, frozen=True):
    """A policy and the name under which results report it (an ARN, or the name of an inline policy)."""

    name: str
    document: PolicyDocument


PolicySet = tuple[AppliedPolicy, ...]
"""Policies of one type: a union of Allows, any Deny denies."""


class ApplicablePolicies(msgspec.Struct, frozen=True, kw_only=True):
    """The policies of one request.

    Parameters
    ----------
    identity: identity-based policies of the user or role, those of the user's groups included.
    resource: the resource's own policy; None if it has none.
    requires_resource_policy: the resource grants nothing without its own policy (roles, KMS keys).
    permissions_boundary: the boundary of the user or role.
    session: the session's policies, inline and managed together; None if none were passed.
    service_control: SCPs, one set for each level from the organization's root down to the account.
    resource_control: RCPs of the resource's account, by level. `RCPFullAWSAccess` is implied.
    vpc_endpoint: the policy of the VPC endpoint through which the request came.
    """

    identity: PolicySet = ()
    resource: AppliedPolicy | None = None
    requires_resource_policy: bool = False
    permissions_boundary: PolicySet | None = None
    session: PolicySet | None = None
    service_control: tuple[PolicySet, ...] | None = None
    resource_control: tuple[PolicySet, ...] | None = None
    vpc_endpoint: PolicySet | None = None

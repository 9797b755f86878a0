"""Which permission an operation needs: a question to the decision engine, except for who asks. Values only."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from rolecall.decision.policies import PolicySet
from rolecall.decision.request import ContextValues
from rolecall.names.arn import AccountId, Arn


class AccessCheck(msgspec.Struct, frozen=True, kw_only=True):
    """One (action, resource) that the caller must be allowed.

    Parameters
    ----------
    action: `service:Name`.
    resource: what is acted on; None for actions without resource-level support.
    shown_resource: how AWS names it in a denial, where that is not the ARN: by what the caller wrote, so that the
        answer does not tell whether it exists, on which path, and how it is spelled.
    resource_account: the account that owns the resource.
    resource_policy: the resource's own policy, e.g. a role's trust policy.
    requires_resource_policy: without an Allow in `resource_policy` there is no access (roles).
    context: condition keys of this request and resource, names in lower case; the caller's own keys are added later.
    """

    action: str
    resource: Arn | None
    shown_resource: str | None = None
    resource_account: AccountId
    resource_policy: PolicySet | None = None
    requires_resource_policy: bool = False
    context: Mapping[str, ContextValues] = {}

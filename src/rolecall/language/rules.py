"""Which elements a policy of each type may and must have, as one table.

Source: policy-language.md §1 and evaluation.md §9. Only the differences between the types are here; what an element
must look like is in the module named after it.

Service control policies have the whole language but `Principal` and `NotPrincipal`, as AWS's since September 2025.
Ours, where AWS's rule is unknown or depends on the service that keeps the policy: policies of resources and VPC
endpoints may hold `NotPrincipal`, for the engine knows what it means; resource control policies may name any service,
for all they can do is deny.
"""

from __future__ import annotations

from enum import Enum, auto

import msgspec

from rolecall.language.document import Effect, PolicyType
from rolecall.language.json_text import MAXIMUM_LENGTH


class Presence(Enum):
    REQUIRED = auto()
    OPTIONAL = auto()
    FORBIDDEN = auto()


class Wording(Enum):
    """Who answers, and so in which words: AWS has three parsers for policies."""

    IDENTITY = auto()
    TRUST = auto()
    ORGANIZATIONS = auto()


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """The rules of one policy type.

    Parameters
    ----------
    wording: the family of messages.
    requires_2012: `Version` must be there and be 2012-10-17.
    principal, resource: whether those elements must, may or must not be there.
    not_principal, not_action, policy_id: may those elements be there?
    only_everyone: `Principal` must be `"*"`; no statement may name whom it concerns.
    star_principal: may `Principal` be a bare `"*"`?
    effects: the effects a statement may have.
    lone_star_action: may an action be `*`, all actions of all services?
    trust: only STS actions, and only principals that can assume a role.
    alphanumeric_sid: a `Sid` must be letters and digits.
    latin_1: no character beyond U+00FF may stand in the text (it may be escaped).
    variables_in_arn: tolerate `${` before an ARN's fifth colon, as text that matches nothing.
    maximum_length: how long the text may be, in characters.
    """

    wording: Wording = Wording.IDENTITY
    requires_2012: bool = True
    principal: Presence = Presence.FORBIDDEN
    resource: Presence = Presence.REQUIRED
    not_principal: bool = False
    not_action: bool = True
    policy_id: bool = True
    only_everyone: bool = False
    star_principal: bool = True
    effects: tuple[Effect, ...] = (Effect.ALLOW, Effect.DENY)
    lone_star_action: bool = True
    trust: bool = False
    alphanumeric_sid: bool = True
    latin_1: bool = True
    variables_in_arn: bool = False
    maximum_length: int = MAXIMUM_LENGTH


_IDENTITY = Rules()
_TRUST = Rules(
    wording=Wording.TRUST,
    requires_2012=False,
    principal=Presence.REQUIRED,
    resource=Presence.FORBIDDEN,
    not_action=False,
    star_principal=False,
    trust=True,
)
_RESOURCE = Rules(
    requires_2012=False, principal=Presence.REQUIRED, not_principal=True, alphanumeric_sid=False, latin_1=False
)
_VPC_ENDPOINT = msgspec.structs.replace(_RESOURCE, principal=Presence.OPTIONAL)
_SERVICE_CONTROL = Rules(wording=Wording.ORGANIZATIONS, policy_id=False)
_RESOURCE_CONTROL = Rules(
    wording=Wording.ORGANIZATIONS,
    principal=Presence.REQUIRED,
    not_action=False,
    policy_id=False,
    only_everyone=True,
    effects=(Effect.DENY,),
    lone_star_action=False,
)

RULES: dict[PolicyType, Rules] = {
    PolicyType.IDENTITY: _IDENTITY,
    PolicyType.PERMISSIONS_BOUNDARY: _IDENTITY,
    PolicyType.SESSION: _IDENTITY,
    PolicyType.TRUST: _TRUST,
    PolicyType.RESOURCE: _RESOURCE,
    PolicyType.VPC_ENDPOINT: _VPC_ENDPOINT,
    PolicyType.SERVICE_CONTROL: _SERVICE_CONTROL,
    PolicyType.RESOURCE_CONTROL: _RESOURCE_CONTROL,
}


def rules_of(policy_type: PolicyType, *, published_by_aws: bool) -> Rules:
    """The rules of `policy_type`, with the liberties that AWS takes in the policies it publishes itself."""
    rules = RULES[policy_type]
    if not published_by_aws:
        return rules
    return msgspec.structs.replace(
        rules,
        effects=tuple(Effect),  # RCPFullAWSAccess allows everyone everything, as no one else's may
        lone_star_action=True,
        variables_in_arn=True,
        maximum_length=8 * MAXIMUM_LENGTH,
    )

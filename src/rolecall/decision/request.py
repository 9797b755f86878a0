"""What is asked: who, which action, on what, under which circumstances. Values only; nothing is decided here."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from rolecall.decision.principal import Principal
from rolecall.names.arn import AccountId, Arn

ContextValues = str | tuple[str, ...]
"""A single-valued key holds a str, a multivalued one a tuple. Values are text, as on the wire: `true`, `12.5`,
`2024-01-02T03:04:05Z`, `203.0.113.9`; binary values are base64."""

RequestContext = Mapping[str, ContextValues]
"""The condition keys of a request; names in lower case."""


class AuthorizationRequest(msgspec.Struct, frozen=True, kw_only=True):
    """One question to the engine.

    Parameters
    ----------
    principal: who asks.
    action: `service:Name` in AWS's spelling.
    resource: the ARN acted on; None for an action without resource-level support, which only `*` covers.
    resource_account: the account that owns the resource; None means that of the principal.
    context: the condition keys.
    """

    principal: Principal
    action: str
    resource: Arn | None
    resource_account: AccountId | None = None
    context: RequestContext = {}

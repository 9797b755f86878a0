"""What is asked: who, which action, on what, under which circumstances. Values only; nothing is decided here."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

import msgspec

from rolecall.decision.principal import Principal
from rolecall.names.arn import AccountId, Arn

ContextValues = str | tuple[str, ...]
"""A single-valued key holds a str, a multivalued one a tuple. Values are text, as on the wire: `true`, `12.5`,
`2024-01-02T03:04:05Z`, `203.0.113.9`; binary values are base64."""

RequestContext = Mapping[str, ContextValues]
"""The condition keys of a request; names in lower case."""


Default = TypeVar("Default")


class LazyContext(Mapping[str, ContextValues]):
    """Condition keys that are gathered when the first one is asked for: most decisions ask for none."""

    __slots__ = ("_gather", "_keys")

    def __init__(self, gather: Callable[[], Mapping[str, ContextValues]]) -> None:
        self._gather = gather
        self._keys: Mapping[str, ContextValues] | None = None

    def _gathered(self) -> Mapping[str, ContextValues]:
        if self._keys is None:
            self._keys = self._gather()
        return self._keys

    def __getitem__(self, key: str) -> ContextValues:
        return self._gathered()[key]

    def get(self, key: str, default: ContextValues | Default | None = None) -> ContextValues | Default | None:  # type: ignore[override]
        # Mapping's own asks by catching a KeyError, which costs more than most conditions.
        return self._gathered().get(key, default)

    def __contains__(self, key: object) -> bool:
        return key in self._gathered()

    def __iter__(self) -> Iterator[str]:
        return iter(self._gathered())

    def __len__(self) -> int:
        return len(self._gathered())


def is_trusted_role(action: str, resource: Arn | None) -> bool:
    """Is it a role that is to be assumed? Its own policy is its trust policy, without which it grants nothing."""
    if resource is None or not action.lower().startswith("sts:"):
        return False
    return resource.service == "iam" and resource.resource.startswith("role/")


def is_key(resource: Arn | None) -> bool:
    """Is it a KMS key? Without its key policy nobody has access."""
    return resource is not None and resource.service == "kms" and resource.resource.startswith("key/")


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

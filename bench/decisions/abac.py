"""py-abac, with policies in its memory storage."""

from __future__ import annotations

import warnings
from typing import Any

from bench.decisions.engines import ONE_KIND, Engine, Loaded
from bench.decisions.workloads import Grant, Question, Variant, Workload

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of marshmallow, at each field
    from py_abac import PDP, AccessRequest, Policy
    from py_abac.storage.memory import MemoryStorage


def write(workload: Workload) -> list[dict[str, Any]]:
    """The workload as py-abac's JSON."""
    return [_policy(number, grant) for number, grant in enumerate(workload.grants)]


def load(policies: list[dict[str, Any]]) -> Loaded:
    """Make the policies and add them to the storage."""
    storage = MemoryStorage()
    for policy in policies:
        storage.add(Policy.from_json(policy))
    return Loaded(PDP(storage).is_allowed, _request, bool)


def _policy(number: int, grant: Grant) -> dict[str, Any]:
    resource: dict[str, Any] = {"$.arn": {"condition": "StartsWith", "value": grant.prefix}}
    if grant.own_folder:
        resource["$.folder"] = {"condition": "EqualsAttribute", "ace": "subject", "path": "$.user"}
    return {
        "uid": str(number),
        "effect": "deny" if grant.denies else "allow",
        "rules": {
            "subject": {"$.team": {"condition": "Equals", "value": grant.team}},
            "resource": resource,
            "action": {"$.name": {"condition": "IsIn", "values": list(grant.actions)}},
            "context": {"$.address": {"condition": "CIDR", "value": grant.network}},
        },
        "targets": {},
    }


def _request(question: Question) -> tuple[Any, ...]:
    request = AccessRequest(
        subject={"id": question.session, "attributes": {"team": question.team, "user": question.user}},
        resource={"id": question.resource, "attributes": {"arn": question.resource, "folder": question.folder}},
        action={"id": question.action, "attributes": {"name": question.action}},
        context={"address": question.address},
    )
    return (request,)


PY_ABAC = Engine(name="py-abac", packages=("py-abac",), source=write, load=load, lacks={Variant.FIVE_TYPES: ONE_KIND})

"""Cedar, by cedarpy, with policies and entities parsed once into handles.

A text can be matched by `like` only where it is an attribute, so the ARN is given in the context. Each policy tests
first what fails most cheaply. There are no entities: the questions need none, so their handle is empty.
"""

from __future__ import annotations

from typing import Any

from cedarpy import AuthzResult, Entities, PolicySet, is_authorized

from bench.decisions.engines import ONE_KIND, Engine, Loaded
from bench.decisions.workloads import Grant, Question, Variant, Workload


def write(workload: Workload) -> str:
    """The workload in Cedar's language."""
    return "\n".join(map(_policy, workload.grants))


def load(text: str) -> Loaded:
    """Parse into handles."""
    policies, entities = PolicySet.from_str(text), Entities.from_json_str("[]")

    def arguments(question: Question) -> tuple[Any, ...]:
        return _request(question), policies, entities

    return Loaded(is_authorized, arguments, _is_allowed)


def _policy(grant: Grant) -> str:
    effect = "forbid" if grant.denies else "permit"
    actions = ", ".join(f'Action::"{action}"' for action in grant.actions)
    tests = [
        f'context.team == "{grant.team}"',
        f'context.arn like "{grant.prefix}*"',
        *(["context.folder == context.user"] if grant.own_folder else []),
        f'context.address.isInRange(ip("{grant.network}"))',
    ]
    return f"{effect}(principal, action in [{actions}], resource) when {{ {' && '.join(tests)} }};"


def _request(question: Question) -> dict[str, Any]:
    return {
        "principal": {"type": "Session", "id": question.session},
        "action": {"type": "Action", "id": question.action},
        "resource": {"type": "Bucket", "id": question.bucket},
        "context": {
            "team": question.team,
            "user": question.user,
            "arn": question.resource,
            "folder": question.folder,
            "address": {"__extn": {"fn": "ip", "arg": question.address}},
        },
    }


def _is_allowed(result: AuthzResult) -> bool:
    return result.allowed


CEDAR = Engine(
    name="cedarpy",
    packages=("cedarpy",),
    source=write,
    load=load,
    lacks={Variant.FIVE_TYPES: ONE_KIND},
    is_python=False,
)

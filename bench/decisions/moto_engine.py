"""moto's IAMPolicy, doing less than the others: without conditions.

It refuses a request over the condition of any statement that has its action, whatever the statement's resource, and it
takes an operator that it does not know, such as IpAddress, as fulfilled.
"""

from __future__ import annotations

import json
from typing import Any

from moto.iam.access_control import IAMPolicy, PermissionResult

from bench.decisions.engines import ONE_KIND, Engine, Loaded
from bench.decisions.workloads import Change, Question, Variant, Workload


def write(workload: Workload) -> str:
    """The workload as one policy, in AWS's policy language but without conditions."""
    statements = [
        {"Effect": "Allow", "Action": list(grant.actions), "Resource": f"{grant.prefix}*"} for grant in workload.grants
    ]
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def load(text: str) -> Loaded:
    """Read the policy."""
    return Loaded(IAMPolicy(text).is_action_permitted, _arguments, _is_allowed)


def _arguments(question: Question) -> tuple[Any, ...]:
    return question.action, question.resource


def _is_allowed(result: PermissionResult) -> bool:
    return result is PermissionResult.PERMITTED


MOTO = Engine(
    name="moto*",
    packages=("moto",),
    source=write,
    load=load,
    lacks={
        Variant.FIVE_TYPES: ONE_KIND,
        Variant.DENIES: "without conditions the Deny would hold for every question",
        Variant.VARIABLES: "does not know policy variables",
    },
    ignores=frozenset({Change.TEAM, Change.ADDRESS}),
)

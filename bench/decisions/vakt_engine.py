"""vakt, with policies of rules in its memory storage."""

from __future__ import annotations

from typing import Any

import vakt
from vakt.rules import CIDR, Eq, In, StartsWith, SubjectEqual
from vakt.rules import Any as Anyone

from bench.decisions.engines import ONE_KIND, Engine, Loaded
from bench.decisions.workloads import Grant, Question, Variant, Workload


def load(grants: tuple[Grant, ...]) -> Loaded:
    """Make a policy of each grant and add it to the storage."""
    storage = vakt.MemoryStorage()
    for number, grant in enumerate(grants):
        storage.add(_policy(number, grant))
    guard = vakt.Guard(storage, vakt.RulesChecker())
    return Loaded(guard.is_allowed, _inquiry, bool)


def _policy(number: int, grant: Grant) -> vakt.Policy:
    resource = {"arn": StartsWith(grant.prefix)}
    if grant.own_folder:
        resource["folder"] = SubjectEqual()
    return vakt.Policy(
        number,
        effect=vakt.DENY_ACCESS if grant.denies else vakt.ALLOW_ACCESS,
        subjects=[Anyone()],
        actions=[In(*grant.actions)],
        resources=[resource],
        context={"team": Eq(grant.team), "address": CIDR(grant.network)},
    )


def _inquiry(question: Question) -> tuple[Any, ...]:
    inquiry = vakt.Inquiry(
        subject=question.user,
        action=question.action,
        resource={"arn": question.resource, "folder": question.folder},
        context={"team": question.team, "address": question.address},
    )
    return (inquiry,)


def _grants(workload: Workload) -> tuple[Grant, ...]:
    return workload.grants


VAKT = Engine(name="vakt", packages=("vakt",), source=_grants, load=load, lacks={Variant.FIVE_TYPES: ONE_KIND})

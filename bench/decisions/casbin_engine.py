"""pycasbin, as its FastEnforcer: rules are found by their action, the others are not looked at.

A rule has one action, so each grant gives three. The matcher tests first what fails most cheaply.
"""

from __future__ import annotations

from typing import Any

import casbin
from casbin.model import FastModel

from bench.decisions.engines import ONE_KIND, Engine, Loaded
from bench.decisions.workloads import Question, Variant, Workload

Rule = list[str]

MODEL = """
[request_definition]
r = act, obj, team, address, folder, user

[policy_definition]
p = act, obj, team, net, eft

[policy_effect]
e = {effect}

[matchers]
m = r.team == p.team && keyMatch(r.obj, p.obj){folder} && ipMatch(r.address, p.net)
"""
ALLOWED = "some(where (p.eft == allow))"
ALLOWED_NOT_DENIED = "some(where (p.eft == allow)) && !some(where (p.eft == deny))"
OWN_FOLDER = " && r.folder == r.user"
BY_ACTION = (0,)


def write(workload: Workload) -> tuple[str, list[Rule]]:
    """The model that says what the workload needs and no more, and the rules."""
    denies = any(grant.denies for grant in workload.grants)
    own_folder = any(grant.own_folder for grant in workload.grants)
    model = MODEL.format(effect=ALLOWED_NOT_DENIED if denies else ALLOWED, folder=OWN_FOLDER if own_folder else "")
    rules = [
        [action, f"{grant.prefix}*", grant.team, grant.network, "deny" if grant.denies else "allow"]
        for grant in workload.grants
        for action in grant.actions
    ]
    return model, rules


def load(source: tuple[str, list[Rule]]) -> Loaded:
    """Read the model and add the rules."""
    text, rules = source
    model = FastModel(BY_ACTION)
    model.load_model_from_text(text)
    enforcer = casbin.FastEnforcer(model, cache_key_order=BY_ACTION)
    enforcer.add_policies(rules)
    return Loaded(enforcer.enforce, _values, bool)


def _values(question: Question) -> tuple[Any, ...]:
    return (
        question.action,
        question.resource,
        question.team,
        question.address,
        question.folder,
        question.user,
    )


CASBIN = Engine(name="pycasbin", packages=("casbin",), source=write, load=load, lacks={Variant.FIVE_TYPES: ONE_KIND})

"""Policy documents of each type, biased to concern one request. What AWS would refuse is rare, and by accident."""

from __future__ import annotations

import json
from enum import Enum, auto
from random import Random
from typing import Any, NamedTuple

from fuzz.callers import CANONICAL_USER, STRANGERS, Caller
from fuzz.conditions import Circumstances, condition_block
from fuzz.patterns import action_pattern, resource_pattern
from fuzz.vocabulary import pick

Json = dict[str, Any]


class Grammar(Enum):
    """Which elements a policy may have."""

    IDENTITY = auto()
    RESOURCE = auto()
    TRUST = auto()
    ENDPOINT = auto()
    RESOURCE_CONTROL = auto()


class Scene(NamedTuple):
    """The request that policies are made for. `resource` is an ARN, or None if there is no particular one."""

    caller: Caller
    action: str
    resource: str | None
    circumstances: Circumstances


class Mood(NamedTuple):
    """How likely the policies are to allow, as probabilities.

    `allows`: an Allow concerns the request. `denials`: a statement is a Deny. `denies`: a Deny concerns the request.
    `plain`: an element is as wide as can be. `layers`: a limiting type of policy applies.
    """

    allows: float
    denials: float
    denies: float
    plain: float
    layers: float


LARGE = 0.04
"""Documents so long that the engine looks statements up by their resources."""

_TRUST_ACTIONS = ("sts:AssumeRole", "sts:*", "sts:Assume*", "sts:TagSession", "sts:AssumeRoleWith*", "STS:assumerole")
_BESIDE_THE_STAR: tuple[tuple[str, ...], ...] = ((), (), (), (), ("arn:aws:s3:::orders/*",), ("arn:aws:sqs",))
_ELEMENTS = ("action", "resource", "principal", "condition")


def document(rng: Random, scene: Scene, grammar: Grammar, mood: Mood) -> Json | str:
    """One policy, as an object or now and then as text."""
    version = _version(rng, grammar)
    variables = version == "2012-10-17"
    is_large = rng.random() < LARGE
    size = 5 + int(rng.random() * 16) if is_large else pick(rng, (1, 1, 2, 2, 3))
    main = int(rng.random() * size)
    # Of many statements most are to be beside the point, or some Deny would always be to it.
    others = mood._replace(denies=mood.denies / 4, plain=mood.plain / 4) if is_large else mood
    statements = [
        _statement(rng, scene, grammar, mood if at == main else others, main=at == main, variables=variables)
        for at in range(size)
    ]
    said: Json = {"Version": version} if version else {}
    said["Statement"] = statements[0] if len(statements) == 1 and rng.random() < 0.3 else statements
    return json.dumps(said, ensure_ascii=False) if rng.random() < 0.04 else said


def _version(rng: Random, grammar: Grammar) -> str | None:
    if grammar in (Grammar.IDENTITY, Grammar.RESOURCE_CONTROL):
        return "2012-10-17"
    return pick(rng, ("2012-10-17", "2012-10-17", "2012-10-17", "2008-10-17", None))


def _statement(rng: Random, scene: Scene, grammar: Grammar, mood: Mood, *, main: bool, variables: bool) -> Json:
    """One statement. If it is not to concern the request, one element alone fails: nearly matching tells most."""
    is_deny = grammar is Grammar.RESOURCE_CONTROL or (rng.random() < mood.denials and not main)
    # Resource control policies hold nothing but Deny: were these as often to the point, they would drown the others.
    weight = 0.4 if grammar is Grammar.RESOURCE_CONTROL else 1
    concerns = rng.random() < (mood.denies * weight if is_deny else mood.allows)
    failing = None if concerns else pick(rng, _ELEMENTS)
    said: Json = {"Effect": "Deny" if is_deny else "Allow"}
    if rng.random() < 0.1:
        said = {"Sid": f"Sid{int(rng.random() * 1e6)}", **said}
    if grammar in (Grammar.RESOURCE, Grammar.TRUST, Grammar.RESOURCE_CONTROL) or (
        grammar is Grammar.ENDPOINT and rng.random() < 0.7
    ):
        said |= _principal(rng, scene.caller, grammar, mood, is_deny=is_deny, hit=failing != "principal")
    said |= _action(rng, scene.action, grammar, mood, hit=failing != "action")
    if grammar is not Grammar.TRUST:
        said |= _resource(rng, scene, mood, hit=failing != "resource")
    if failing == "condition" or rng.random() < 0.35:
        hit = failing != "condition"
        said["Condition"] = condition_block(rng, scene.circumstances, hit=hit, variables=variables)
    return said


def _principal(rng: Random, caller: Caller, grammar: Grammar, mood: Mood, *, is_deny: bool, hit: bool) -> Json:
    if grammar is Grammar.RESOURCE_CONTROL:
        return {"Principal": "*"}
    may_be_negated = grammar is not Grammar.TRUST
    if may_be_negated and rng.random() < (0.2 if is_deny else 0.04):
        return {"NotPrincipal": _named(rng, _spared(rng, caller, is_deny=is_deny, hit=hit))}
    if hit and rng.random() < (0.15 if caller.names else 0.9) * (1 + mood.plain):
        everyone = ({"AWS": "*"}, {"AWS": ["*"]}) if grammar is Grammar.TRUST else ("*", "*", {"AWS": "*"})
        return {"Principal": pick(rng, everyone)}
    names = [pick(rng, STRANGERS) for _ in range(pick(rng, (0, 0, 1, 2) if hit and caller.names else (1, 2)))]
    if hit and caller.names:
        names.append(pick(rng, caller.names))
    elif rng.random() < 0.05 and grammar is not Grammar.TRUST:
        names.append(CANONICAL_USER)
    return {"Principal": _named(rng, names)}


def _spared(rng: Random, caller: Caller, *, is_deny: bool, hit: bool) -> list[tuple[str, str]]:
    """Whom `NotPrincipal` lists: with `hit` not the caller, or only some of its names; else every name of it."""
    names = [name for name in caller.names if not hit or (is_deny and rng.random() < 0.5)]
    return [*names, pick(rng, STRANGERS)] if not names or rng.random() < 0.3 else names


def _named(rng: Random, names: list[tuple[str, str]]) -> dict[str, Any]:
    kinds: dict[str, list[str]] = {}
    for kind, value in names:
        kinds.setdefault(kind, []).append(value)
    return {kind: values[0] if len(values) == 1 and rng.random() < 0.7 else values for kind, values in kinds.items()}


def _action(rng: Random, action: str, grammar: Grammar, mood: Mood, *, hit: bool) -> Json:
    if grammar is Grammar.TRUST:
        wanted = [action if hit else pick(rng, _TRUST_ACTIONS), pick(rng, _TRUST_ACTIONS)]
        return {"Action": wanted[: pick(rng, (1, 2))] if rng.random() < 0.5 else wanted[0]}
    negated = rng.random() < 0.1 and grammar is not Grammar.RESOURCE_CONTROL
    if hit and not negated and rng.random() < mood.plain and grammar is not Grammar.RESOURCE_CONTROL:
        return {"Action": pick(rng, ("*", "*", ["*"], "*:*"))}
    return _element(rng, "Action", [action_pattern(rng, action, hit=it) for it in _hits(rng, hit, negated)], negated)


def _resource(rng: Random, scene: Scene, mood: Mood, *, hit: bool) -> Json:
    negated = rng.random() < 0.1
    if hit is not negated and (scene.resource is None or rng.random() < mood.plain):
        return _element(rng, "Resource", [*pick(rng, _BESIDE_THE_STAR), "*"], negated)
    target = scene.resource or "arn:aws:s3:::orders/a"
    context = scene.circumstances.context
    patterns = [resource_pattern(rng, target, context, hit=it) for it in _hits(rng, hit, negated)]
    return _element(rng, "Resource", patterns, negated)


def _hits(rng: Random, hit: bool, negated: bool) -> list[bool]:
    """For each pattern of an element whether it is to cover: the last one decides."""
    return [False] * pick(rng, (0, 0, 0, 1, 2)) + [hit is not negated]


def _element(rng: Random, name: str, values: list[str], negated: bool) -> Json:
    said: Any = values[0] if len(values) == 1 and rng.random() < 0.7 else values
    return {f"Not{name}" if negated else name: said}

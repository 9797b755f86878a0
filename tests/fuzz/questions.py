"""Questions to the decision engine, made at random from a seed: `docs/reference/questions.md` has their form.

Type-directed: the action comes from AWS's catalog, its resource and condition keys fit it, and the policies are about
the request, more or less. One in ten is nonsense on purpose. Each world of policies is asked several requests. The same
seed gives the same questions as long as the catalog stays the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

from fuzz.callers import Caller, caller
from fuzz.conditions import Circumstances, request_context
from fuzz.documents import Grammar, Mood, Scene, document
from fuzz.vocabulary import (
    CALLERS_ACCOUNT,
    GLOBAL_KEYS,
    OTHER_ACCOUNT,
    CatalogAction,
    catalog_actions,
    fill,
    pick,
)

Question = dict[str, Any]

REQUESTS_PER_WORLD = 4
NONSENSE = 0.1

_MOODS = (
    Mood(allows=0.97, denials=0.25, denies=0.03, plain=0.5, layers=0.3),
    Mood(allows=0.97, denials=0.25, denies=0.03, plain=0.5, layers=0.3),
    Mood(allows=0.75, denials=0.25, denies=0.1, plain=0.2, layers=0.2),
    Mood(allows=0.85, denials=0.6, denies=0.6, plain=0.25, layers=0.25),
)
_ODD_ACTIONS = (
    "s3:GetObjekt",
    "nosuch:Action",
    "S3:getOBJECT",
    "sts:assumerole",
    "STS:GETCALLERIDENTITY",
)
_ODD_RESOURCES = (
    "*",
    None,
    "arn:aws:s3:::orders:a:b",
    "arn:aws:iam::111111111111:root",
    "arn:aws:s3:::${aws:username}",
    "arn:aws:s3:::*",
    "arn:x:y:z:w:v/u:t",
    "arn:aws:sqs:us-east-1::orders",
    "arn:aws:kms:us-east-1:222222222222:key/*",
    "arn:aws:iam::222222222222:role/été",
)
_ASSUMING = (
    "sts:AssumeRole",
    "sts:AssumeRole",
    "sts:AssumeRoleWithSAML",
    "sts:AssumeRoleWithWebIdentity",
    "sts:TagSession",
)


def questions(seed: int) -> Iterator[Question]:
    """Questions without end."""
    rng = Random(seed)
    while True:
        nonsense = rng.random() < NONSENSE
        scene = _scene(rng, nonsense)
        question = _question(rng, scene, pick(rng, _MOODS))
        yield question
        for _ in range(REQUESTS_PER_WORLD - 1):
            yield question | {"request": _another_request(rng, question["request"], scene, nonsense)}


def _scene(rng: Random, nonsense: bool) -> Scene:
    asking = caller(rng)
    action = _action(rng)
    resource = _resource(rng, action, asking)
    name = action.name
    if nonsense and rng.random() < 0.3:
        name = pick(rng, _ODD_ACTIONS)
    if nonsense and rng.random() < 0.3:
        resource = pick(rng, _ODD_RESOURCES)
    return Scene(asking, name, None if resource == "*" else resource, _circumstances(rng, asking, action, nonsense))


def _action(rng: Random) -> CatalogAction:
    services = catalog_actions()
    if rng.random() < 0.1:
        wanted = pick(rng, _ASSUMING)
        return next((action for action in services[2] if action.name == wanted), services[2][0])
    return pick(rng, pick(rng, services))


def _resource(rng: Random, action: CatalogAction, asking: Caller) -> str | None:
    if not action.arn_templates:
        return pick(rng, ("*", None, "*", "arn:aws:s3:::orders"))
    own_role = next((name for _kind, name in asking.names if ":role/" in name), None)
    if own_role and action.name.startswith("sts:Assume") and rng.random() < 0.3:
        return own_role
    account = CALLERS_ACCOUNT if rng.random() < 0.7 else OTHER_ACCOUNT
    partition = asking.partition if rng.random() < 0.97 else "aws-us-gov"
    return fill(rng, pick(rng, action.arn_templates), partition, account)


def _circumstances(rng: Random, asking: Caller, action: CatalogAction, nonsense: bool) -> Circumstances:
    pool = (*action.keys[:12], *GLOBAL_KEYS)
    keys = tuple(dict.fromkeys(pick(rng, pool) for _ in range(int(rng.random() * 6))))
    context = request_context(rng, asking.context, keys, nonsense)
    names = {name.lower() for name in context}
    present = tuple(key for key in pool if key.name.lower() in names)
    return Circumstances(context, present, tuple(key for key in pool if key.name.lower() not in names))


def _request(rng: Random, scene: Scene) -> dict[str, Any]:
    request: dict[str, Any] = {"principal": scene.caller.said, "action": scene.action, "resource": scene.resource}
    if scene.resource is None and rng.random() < 0.5:
        request["resource"] = "*"
    if rng.random() < 0.15:
        request["resourceAccount"] = pick(rng, (CALLERS_ACCOUNT, CALLERS_ACCOUNT, OTHER_ACCOUNT, None))
    return request | {"context": scene.circumstances.context}


def _another_request(rng: Random, request: dict[str, Any], scene: Scene, nonsense: bool) -> dict[str, Any]:
    """A request like the first but for one thing: what the policies were not made for."""
    context = scene.circumstances.context
    match int(rng.random() * 5):
        case 0:
            asking = caller(rng)
            theirs = {key.lower() for key in asking.context}
            ours = {key: value for key, value in context.items() if key.lower() not in theirs}
            return request | {"principal": asking.said, "context": ours | asking.context}
        case 1 if not _is_trust(scene):
            action = _action(rng)
            return request | {"action": action.name, "resource": _resource(rng, action, scene.caller)}
        case 2 if scene.resource is not None:
            head, colon, name = scene.resource.rpartition(":")
            other = pick(rng, (name + "x", name.swapcase(), name[:-1], name + "/a"))
            return request | {"resource": head + colon + other}
        case _:
            keys = (*scene.circumstances.present, pick(rng, GLOBAL_KEYS))
            return request | {"context": request_context(rng, {}, keys[int(rng.random() * 3) :], nonsense)}


def _question(rng: Random, scene: Scene, mood: Mood) -> Question:
    has_account = scene.caller.account is not None
    question: Question = {"request": _request(rng, scene)}
    if rng.random() < (0.95 if has_account else 0.2):
        question["identityPolicies"] = _set(rng, scene, Grammar.IDENTITY, mood, (1, 1, 2))
    if rng.random() < _need_of_resource_policy(scene):
        grammar = Grammar.TRUST if _is_trust(scene) else Grammar.RESOURCE
        question["resourcePolicy"] = document(rng, scene, grammar, mood)
    if rng.random() < mood.layers:
        question["permissionsBoundaries"] = _set(rng, scene, Grammar.IDENTITY, mood, (1, 1, 1, 2, 0))
    if rng.random() < (0.6 if "federated" in str(scene.caller.said) else mood.layers):
        question["sessionPolicies"] = _set(rng, scene, Grammar.IDENTITY, mood, (1, 1, 2, 3, 0))
    if rng.random() < mood.layers:
        question["serviceControlPolicies"] = _levels(rng, scene, Grammar.IDENTITY, mood)
    if rng.random() < mood.layers:
        question["resourceControlPolicies"] = _levels(rng, scene, Grammar.RESOURCE_CONTROL, mood)
    if rng.random() < mood.layers / 2:
        question["vpcEndpointPolicies"] = _set(rng, scene, Grammar.ENDPOINT, mood, (1, 1, 1, 2, 0))
    if rng.random() < 0.05:
        question["resourcePolicyRequired"] = rng.random() < 0.5
    return question


def _is_trust(scene: Scene) -> bool:
    resource = scene.resource or ""
    return scene.action.lower().startswith("sts:") and ":iam::" in resource and ":role/" in resource


def _need_of_resource_policy(scene: Scene) -> float:
    resource = scene.resource or ""
    crosses = scene.caller.account is None or OTHER_ACCOUNT in resource
    return 0.9 if crosses or ":role/" in resource or ":key/" in resource else 0.35


def _set(rng: Random, scene: Scene, grammar: Grammar, mood: Mood, sizes: tuple[int, ...]) -> list[Any]:
    return [document(rng, scene, grammar, mood) for _ in range(pick(rng, sizes))]


def _levels(rng: Random, scene: Scene, grammar: Grammar, mood: Mood) -> list[list[Any]]:
    if rng.random() < 0.03:
        return pick(rng, ([], [[]]))
    return [_set(rng, scene, grammar, mood, (1, 1, 1, 2)) for _ in range(pick(rng, (1, 1, 2, 3)))]

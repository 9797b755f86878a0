"""Trust policies of a file: whom they name must exist here, as for the API, or be left out if the operator says so.

An account's dump names accounts, providers and roles that are not on this server. A policy that could name them would
wait for whoever gets the name one day, so they are never stored.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from rolecall.errors import ApiError, MalformedPolicyDocument
from rolecall.iam.documents import parse_trust_policy
from rolecall.iam.trust_policies import resolve_principals
from rolecall.state.world import World

TRUSTS_NOBODY = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}]}'
)


def without_unknown_principals(world: World, document: str) -> tuple[str, tuple[str, ...]]:
    """The trust policy `document` without the principals that do not exist, and who those are.

    A statement that names nobody else goes too; if none is left, the policy trusts nobody. Nothing is taken out of a
    `NotPrincipal`, which would widen it. A text that is no policy stays as it is, for the operation to refuse.
    """
    try:
        parse_trust_policy(document)
    except ApiError:
        return document, ()
    policy = json.loads(document)
    statements = policy["Statement"]
    left: list[dict[str, Any]] = []
    gone: list[str] = []
    for statement in statements if isinstance(statements, list) else [statements]:
        principals = statement.get("Principal")
        if not isinstance(principals, dict):
            left.append(statement)
            continue
        unknown = [(kind, name) for kind, name in _names(principals) if not _exists(world, kind, name)]
        gone += [name for _, name in unknown]
        known = _known(principals, unknown)
        if known:
            left.append({**statement, "Principal": known})
    if not gone:
        return document, ()
    text = json.dumps({**policy, "Statement": left}, separators=(",", ":"), ensure_ascii=False)
    return text if left else TRUSTS_NOBODY, tuple(dict.fromkeys(gone))


def _names(principals: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for kind, names in principals.items():
        yield from ((kind, name) for name in (names if isinstance(names, list) else [names]))


def _known(principals: dict[str, Any], unknown: list[tuple[str, str]]) -> dict[str, Any]:
    kept = {
        kind: [name for name in (names if isinstance(names, list) else [names]) if (kind, name) not in unknown]
        for kind, names in principals.items()
    }
    return {kind: names if len(names) > 1 else names[0] for kind, names in kept.items() if names}


def _exists(world: World, kind: str, name: str) -> bool:
    """Would the API take a trust policy that names just this one?"""
    statement = {"Effect": "Allow", "Principal": {kind: name}, "Action": "sts:AssumeRole"}
    try:
        resolve_principals(world, json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    except MalformedPolicyDocument:
        return False
    return True

"""Which services and actions do permissions policies leave open? For the last-accessed reports, never for a decision.

The question is asked of the policies' own statements, without a request: conditions may hold and restrict nothing, only
an unconditional Deny does. Source: AWS's answers recorded in September 2026 (radkawar/stackd,
testdata/aws/iam/last_access.json). Policies that are written to be costly to read are read more coarsely, so that they
show too much and never too little.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import lru_cache

import msgspec

from rolecall.catalog.services import Format, all_resource_formats, resource_formats
from rolecall.decision.matching import CompiledActions, compile_actions
from rolecall.decision.templates import pieces_of
from rolecall.language.document import Effect, PolicyDocument, ResourcePattern, Resources, Statement, Variable
from rolecall.names.overlaps import overlap
from rolecall.names.wildcard import Token, Wild, compile_tokens

PATTERNS_COMPARED = 100
"""So many ARN patterns of a set of policies are compared in all their parts; further ones only by their service."""

STATEMENTS_FOR_ALL = 500
"""So many statements may concern every service. Each costs a look at each of AWS's actions."""

_HOLE = "\0"
"""Stands for a wildcard in a pattern that is itself matched; only a run of another pattern covers it."""

Parts = tuple[tuple[Token, ...], ...]
"""The six parts of an ARN pattern. A variable in it may be any text."""


class _Rule(msgspec.Struct, frozen=True):
    """A statement: its actions, and the patterns of its resources; None if they may be all."""

    actions: CompiledActions
    patterns: tuple[Parts, ...] | None


class Permissions:
    """The actions that a set of policies leaves open. Parameters: `documents`, all that apply together."""

    def __init__(self, documents: Iterable[PolicyDocument]) -> None:
        grants, bans = _rules(documents)
        self._grants, self._bans = _ByService(grants), _ByService(bans)
        self._compared = _first_patterns(grants), _first_patterns(bans)
        self.are_too_many = max(len(self._grants.for_all), len(self._bans.for_all)) > STATEMENTS_FOR_ALL
        """Whether it would take too long to ask for their actions."""

    def open_actions(self, namespace: str, names: Iterable[str]) -> Iterator[str]:
        """Those of the actions `names` of a service that some statement may allow on some resource."""
        grants, bans = self._grants.concerning(namespace), self._bans.concerning(namespace)
        if not grants:
            return
        for name in names:
            action = f"{namespace}:{name}".lower()
            banned = [ban for ban in bans if ban.actions.match(action)]
            if any(ban.patterns is None for ban in banned):
                continue
            if any(self._is_open(grant, banned, namespace, name) for grant in grants if grant.actions.match(action)):
                yield name

    def _is_open(self, grant: _Rule, banned: list[_Rule], namespace: str, name: str) -> bool:
        if grant.patterns is None:
            return True
        compared, excluding = self._compared
        formats = resource_formats(namespace, name)
        return any(
            _fits_some(pattern, formats, in_detail=pattern in compared)
            and not (pattern in compared and any(_covers(ban, pattern, excluding) for ban in banned))
            for pattern in grant.patterns
        )


class _ByService:
    """Rules by the service that they concern."""

    def __init__(self, rules: Iterable[_Rule]) -> None:
        self._of_one: defaultdict[str, list[_Rule]] = defaultdict(list)
        self.for_all: list[_Rule] = []
        for rule in rules:
            services = {text.partition(":")[0] for text in _texts(rule.actions)}
            if rule.actions.negated or "*" in services:
                self.for_all.append(rule)
                continue
            for service in services:
                self._of_one[service].append(rule)

    def concerning(self, namespace: str) -> list[_Rule]:
        return self._of_one.get(namespace.lower(), []) + self.for_all


def grants_service(document: PolicyDocument, namespace: str) -> bool:
    """Does one policy by itself let something of a service be used?

    It need not name an action that exists. Only a Deny of the whole service on all resources takes its Allows back.
    """
    grants, bans = _rules((document,))
    if any(ban.patterns is None and _is_whole(ban.actions, namespace) for ban in bans):
        return False
    return any(_concerns(grant, namespace) for grant in grants)


def _concerns(grant: _Rule, namespace: str) -> bool:
    if grant.actions.negated:
        concerns = not _is_whole(msgspec.structs.replace(grant.actions, negated=False), namespace)
    else:
        concerns = any(text.partition(":")[0] in {namespace, "*"} for text in _texts(grant.actions))
    if not concerns or grant.patterns is None:
        return concerns
    formats = all_resource_formats(namespace)
    return any(_fits_some(pattern, formats, in_detail=False) for pattern in grant.patterns)


def _is_whole(actions: CompiledActions, namespace: str) -> bool:
    """Are all actions of the service covered?"""
    return not actions.negated and any(text in {"*", "*:*", f"{namespace}:*"} for text in _texts(actions))


def _texts(actions: CompiledActions) -> Iterator[str]:
    yield from actions.names
    for text, _ in actions.patterns:
        yield text


def _rules(documents: Iterable[PolicyDocument]) -> tuple[tuple[_Rule, ...], tuple[_Rule, ...]]:
    """What is allowed, and what is denied whatever the circumstances; each once, however often it is said."""
    grants: dict[object, _Rule] = {}
    bans: dict[object, _Rule] = {}
    for document in documents:
        for statement in document.statements:
            rule = _Rule(compile_actions(statement.actions), _patterns(statement.resources))
            said = (frozenset(_texts(rule.actions)), rule.actions.negated, rule.patterns)
            if statement.effect is Effect.ALLOW:
                grants[said] = rule
            elif _is_definite(statement):
                bans[said] = rule
    return tuple(grants.values()), tuple(bans.values())


def _is_definite(statement: Statement) -> bool:
    """Does the statement apply to everything that it names, whoever asks?"""
    resources = statement.resources
    if statement.conditions or resources is None:
        return False
    variables = (part for pattern in resources.patterns for parts in pattern.parts or () for part in parts)
    return not resources.negated and not any(isinstance(part, Variable) for part in variables)


def _patterns(resources: Resources | None) -> tuple[Parts, ...] | None:
    if resources is None or resources.negated or any(pattern.parts is None for pattern in resources.patterns):
        return None
    return tuple(_parts(pattern) for pattern in resources.patterns)


def _parts(pattern: ResourcePattern) -> Parts:
    templates = pattern.parts or ()
    return (
        ("arn",),
        *(
            tuple(Wild.ANY_RUN if isinstance(piece, Variable) else piece for piece in pieces_of(template))
            for template in templates
        ),
    )


def _first_patterns(rules: Iterable[_Rule]) -> frozenset[Parts]:
    distinct = dict.fromkeys(pattern for rule in rules for pattern in rule.patterns or ())
    return frozenset(list(distinct)[:PATTERNS_COMPARED])


def _fits_some(pattern: Parts, formats: Iterable[Format], *, in_detail: bool) -> bool:
    """Can something that is called by one of `formats` fit the pattern? Without `in_detail`, only by its service."""
    return any(
        _overlap(pattern[2], form[2]) and (not in_detail or all(map(_overlap, pattern, form))) for form in formats
    )


@lru_cache(maxsize=16384)
def _overlap(one: tuple[Token, ...], other: tuple[Token, ...]) -> bool:
    return overlap(one, other)


def _covers(ban: _Rule, pattern: Parts, compared: frozenset[Parts]) -> bool:
    """Is everything that fits the pattern banned?"""
    return any(each in compared and all(map(_covers_part, each, pattern)) for each in ban.patterns or ())


@lru_cache(maxsize=16384)
def _covers_part(wider: tuple[Token, ...], narrower: tuple[Token, ...]) -> bool:
    if wider == narrower:
        return True
    if Wild.ANY_ONE in wider:
        return False  # it might stand for a hole
    return compile_tokens(wider).matches("".join(_HOLE if isinstance(token, Wild) else token for token in narrower))

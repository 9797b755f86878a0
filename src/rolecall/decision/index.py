"""From an action and a resource to the few statements that may concern them.

The index is a short-cut: what it leaves out cannot match; what it finds is still to be tested on its resources,
principals and conditions. So the cost of a decision does not grow with the statements that do not concern it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from operator import attrgetter

import msgspec

from rolecall.decision.compile import CompiledStatement
from rolecall.decision.conditions import CompiledCondition
from rolecall.decision.matching import CompiledPrincipals
from rolecall.decision.resources import ResourceTest
from rolecall.decision.result import MatchedStatement
from rolecall.names.arn import Arn
from rolecall.names.case import lower_name

REMEMBERED_ACTIONS = 1024
FEWEST_INDEXED = 3
"""So many statements are found faster by testing them all than by looking up their resources."""


class AppliedStatement(msgspec.Struct, frozen=True, eq=False):
    """A compiled statement among those of a whole set of policies, its matchers at hand.

    Parameters
    ----------
    place: where it stands in the set, from 0.
    compiled: the statement.
    is_deny: its effect.
    has_optional_keys: it may apply to a request that lacks a key of its conditions.
    reported: how results name it.
    """

    place: int
    compiled: CompiledStatement
    covers: ResourceTest
    principals: CompiledPrincipals | None
    conditions: tuple[CompiledCondition, ...]
    is_deny: bool
    has_optional_keys: bool
    reported: MatchedStatement


Statements = tuple[AppliedStatement, ...]
_place = attrgetter("place")


class ActionIndex:
    """The statements of a set of policies by the actions they concern.

    A statement is found in one way only: by the plain name of an action, by a pattern of its service, or, if it may
    concern any service, among those that are tested for every action. What was found for an action is remembered.
    """

    __slots__ = ("_by_name", "_by_service", "_for_all", "_known")

    def __init__(self, statements: Iterable[AppliedStatement]) -> None:
        self._by_name: defaultdict[str, list[AppliedStatement]] = defaultdict(list)
        self._by_service: defaultdict[str, list[AppliedStatement]] = defaultdict(list)
        self._for_all: list[AppliedStatement] = []
        self._known: dict[str, ResourceIndex] = {}
        for statement in statements:
            actions = statement.compiled.actions
            services = {_service_of(text) for text, _matcher in actions.patterns}
            if actions.negated or None in services:
                self._for_all.append(statement)
                continue
            for service in services:
                self._by_service[str(service)].append(statement)
            for name in actions.names:
                self._by_name[name].append(statement)

    def candidates(self, action: str, resource: Arn | None) -> Statements:
        """The statements that cover `action` and may cover `resource`, in their order."""
        index = self._known.get(action)
        if index is None:
            index = self._remember(action)
        return index.candidates(resource)

    def _remember(self, action: str) -> ResourceIndex:
        if len(self._known) >= REMEMBERED_ACTIONS:
            self._known.clear()
        index = self._known[action] = ResourceIndex(self._covering(lower_name(action)))
        return index

    def _covering(self, action: str) -> Statements:
        found = list(self._by_name.get(action, ()))
        of_service = self._by_service.get(action.partition(":")[0], ())
        found += [statement for statement in of_service if statement.compiled.actions.match_by_pattern_only(action)]
        found += [statement for statement in self._for_all if statement.compiled.actions.match(action)]
        return tuple(sorted(found, key=_place))


class ResourceIndex:
    """Statements by the resource parts of the ARNs that they cover: by the whole text, or by how it begins.

    Those of which this cannot be told (`*`, `NotResource`, a pattern that begins with a wildcard) are found always.
    """

    __slots__ = ("_always", "_by_head", "_by_text")

    def __init__(self, statements: Statements) -> None:
        always: list[AppliedStatement] = []
        by_text: defaultdict[str, list[AppliedStatement]] = defaultdict(list)
        by_head: defaultdict[int, defaultdict[str, list[AppliedStatement]]] = defaultdict(lambda: defaultdict(list))
        are_few = len(statements) <= FEWEST_INDEXED
        for statement in statements:
            keys = statement.compiled.resources.keys
            if are_few or keys is None:
                always.append(statement)
                continue
            for key in set(keys):
                (by_text if key.whole else by_head[len(key.text)])[key.text].append(statement)
        self._always = tuple(always)
        self._by_text = _frozen(by_text)
        self._by_head = tuple((length, _frozen(heads)) for length, heads in by_head.items())

    def candidates(self, resource: Arn | None) -> Statements:
        """The statements that may cover `resource`, in their order."""
        found = self._always
        if resource is None:
            return found
        text = resource.resource
        is_mixed = False
        more = self._by_text.get(text)
        if more is not None:
            found, is_mixed = found + more, bool(found)
        for length, heads in self._by_head:
            more = heads.get(text[:length])
            if more is not None:
                found, is_mixed = found + more, is_mixed or bool(found)
        return _in_order(found) if is_mixed else found


def _in_order(statements: Statements) -> Statements:
    """Each of `statements` once, in their order."""
    by_place = {statement.place: statement for statement in statements}
    return tuple(by_place[place] for place in sorted(by_place))


def _service_of(pattern: str) -> str | None:
    """The service to whose actions a pattern is limited; None if it is not limited to one."""
    service, colon, _name = pattern.partition(":")
    return service if colon and "*" not in service and "?" not in service else None


def _frozen(lists: dict[str, list[AppliedStatement]]) -> dict[str, Statements]:
    return {key: tuple(statements) for key, statements in lists.items()}

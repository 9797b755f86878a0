"""Does a resource fit what a statement says about it? Prepared once for each statement.

Which statements are looked at in the first place is decided by `index`. Source: policy-language.md §3.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable

import msgspec

from rolecall.decision.request import RequestContext
from rolecall.decision.templates import (
    Piece,
    compile_arns,
    compile_patterns,
    constant,
    literal_head,
    literal_text,
    pieces_of,
)
from rolecall.language.document import Resources
from rolecall.names.arn import Arn
from rolecall.names.pattern_sets import FEW

ResourceTest = Callable[[Arn | None, RequestContext], bool]
"""Is a resource covered? None is an action without resource-level support."""

Head = tuple[str, str, str, str]
"""The first parts of an ARN: partition, service, region, account."""


class ResourceKey(msgspec.Struct, frozen=True):
    """What the resource part of an ARN has to be, or to begin with, so that a statement can cover it."""

    text: str
    whole: bool


class CompiledResources(msgspec.Struct, frozen=True):
    """`Resource` or `NotResource`.

    `keys` are for the index: every resource that is covered has one of them. None: nothing can be said beforehand.
    """

    covers: ResourceTest
    keys: tuple[ResourceKey, ...] | None


def compile_resources(resources: Resources | None) -> CompiledResources:
    """Prepare the resources of a statement. None stands for the resource that the policy is attached to."""
    if resources is None:
        return CompiledResources(_everything, None)
    split = [tuple(map(pieces_of, pattern.parts)) for pattern in resources.patterns if pattern.parts is not None]
    if len(split) < len(resources.patterns):
        return CompiledResources(_nothing if resources.negated else _everything, None)
    lists = _any_arn(tuple(split))
    if resources.negated:
        return CompiledResources(_unless(lists), None)
    keys = tuple(_key(parts[-1]) for parts in split)
    return CompiledResources(lists, keys if all(key.text for key in keys) else None)


def _literal(part: tuple[Piece, ...]) -> str | None:
    tokens = constant(part)
    return None if tokens is None else literal_text(tokens)


def _key(resource: tuple[Piece, ...]) -> ResourceKey:
    text = _literal(resource)
    return ResourceKey(literal_head(resource), whole=False) if text is None else ResourceKey(text, whole=True)


def _everything(_arn: Arn | None, _context: RequestContext) -> bool:
    return True


def _nothing(_arn: Arn | None, _context: RequestContext) -> bool:
    return False


def _unless(lists: ResourceTest) -> ResourceTest:
    return lambda arn, context: not lists(arn, context)


ArnParts = tuple[tuple[Piece, ...], ...]
"""The five parts of an ARN pattern after the leading `arn`."""


def _any_arn(patterns: tuple[ArnParts, ...]) -> ResourceTest:
    """Is a resource listed? One without an ARN is not."""
    by_head: defaultdict[Head, list[tuple[Piece, ...]]] = defaultdict(list)
    headless: list[ArnParts] = []
    for parts in patterns:
        head = _literal_head_parts(parts)
        if head is None:
            headless.append(parts)
        else:
            by_head[head].append(parts[-1])
    tests = [_all_at_once(headless)] if len(headless) > FEW else list(map(_part_by_part, headless))
    tests += [_in_place(head, tuple(resources)) for head, resources in by_head.items()]
    if len(tests) == 1:
        return tests[0]

    def lists(arn: Arn | None, context: RequestContext) -> bool:
        for test in tests:  # noqa: SIM110 - a generator would cost as much as the tests
            if test(arn, context):
                return True
        return False

    return lists


def _literal_head_parts(parts: ArnParts) -> Head | None:
    match [_literal(part) for part in parts[:-1]]:
        case [str(partition), str(service), str(region), str(account)]:
            return partition, service, region, account
    return None


def _in_place(head: Head, resources: tuple[tuple[Piece, ...], ...]) -> ResourceTest:
    """Patterns whose wildcards begin only in the resource part: the rest is compared as it stands."""
    partition, service, region, account = head
    patterns = compile_patterns(resources, of_sets=False)
    fits, has_variables = patterns.fits, patterns.has_variables

    def lists(arn: Arn | None, context: RequestContext) -> bool:
        if arn is None or arn.service != service or arn.account != account:
            return False
        if arn.region != region or arn.partition != partition:
            return False
        return patterns.fit(arn.resource, context) if has_variables else fits(arn.resource)

    return lists


def _part_by_part(parts: ArnParts) -> ResourceTest:
    """A pattern with wildcards before its resource part: each part is matched by itself."""
    partition, service, region, account, resource = (compile_patterns((part,), of_sets=False) for part in parts)

    def lists(arn: Arn | None, context: RequestContext) -> bool:
        return (
            arn is not None
            and service.fits(arn.service)
            and account.fits(arn.account)
            and region.fits(arn.region)
            and partition.fits(arn.partition)
            and resource.fit(arn.resource, context)
        )

    return lists


def _all_at_once(patterns: list[ArnParts]) -> ResourceTest:
    """Many patterns with wildcards before their resource parts."""
    arns = compile_arns((("arn",), *parts) for parts in patterns)
    return lambda arn, context: arn is not None and arns.fit(str(arn), context)

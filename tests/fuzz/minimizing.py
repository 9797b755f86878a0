"""Makes a question smaller while something still holds of it. Knows JSON, and no more of policies than a few spellings.

What a reduction spoils, the engine refuses; so nothing here needs to know what a question must have.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

Path = tuple[str | int, ...]

_EVERYTHING = frozenset({"Action", "Resource", "Principal"})


def minimized(question: dict[str, Any], holds: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """Take away and simplify one thing after the other, large ones first, until nothing more can go."""
    found = True
    while found:
        found = False
        for smaller in _reductions(question):
            if holds(smaller):
                question, found = smaller, True
                break
    return question


def _reductions(question: dict[str, Any]) -> Iterator[dict[str, Any]]:
    paths = sorted(_paths(question, ()), key=len)
    for path in paths:
        yield _changed(question, path, _REMOVED)
    for path in paths:
        for value in _simpler(path, _value_at(question, path)):
            yield _changed(question, path, value)


_REMOVED = object()


def _paths(value: Any, path: Path) -> Iterator[Path]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield (*path, key)
        yield from _paths(item, (*path, key))


def _simpler(path: Path, value: Any) -> Iterator[Any]:
    if isinstance(value, str) and value.startswith("{"):
        yield json.loads(value)
    elif isinstance(value, list) and len(value) == 1 and isinstance(value[0], str) and not value[0].startswith("{"):
        yield value[0]
    if path[-1] in _EVERYTHING and value != "*":
        yield "*"
    if isinstance(value, str) and path[0] == "request" and path[1] == "context" and len(value) > 1:
        yield value[: len(value) // 2]


def _value_at(value: Any, path: Path) -> Any:
    for key in path:
        value = value[key]
    return value


def _changed(value: Any, path: Path, new: Any) -> Any:
    """A copy of `value` in which `new` stands at `path`, or nothing does."""
    key, *rest = path
    copy = value.copy()
    if rest:
        copy[key] = _changed(value[key], tuple(rest), new)
    elif new is _REMOVED:
        del copy[key]
    else:
        copy[key] = new
    return copy

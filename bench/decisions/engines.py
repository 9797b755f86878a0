"""What the benchmark asks of an engine. The engines themselves are in modules of their own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bench.decisions.workloads import Change, Question, Variant, Workload

ONE_KIND = "knows one kind of policy; a caller would ask once for each and combine the answers"


@dataclass(frozen=True)
class Loaded:
    """An engine that has read its policies.

    Parameters
    ----------
    call: the engine's own function; only this is timed.
    arguments: a question in the engine's own form, as the arguments of `call`.
    is_allowed: what an answer of `call` says.
    """

    call: Callable[..., Any]
    arguments: Callable[[Question], tuple[Any, ...]]
    is_allowed: Callable[[Any], bool]

    def allows(self, question: Question) -> bool:
        """Ask one question."""
        return self.is_allowed(self.call(*self.arguments(question)))


@dataclass(frozen=True)
class Engine:
    """An engine under measurement.

    Parameters
    ----------
    name: as printed.
    packages: those whose versions are printed.
    source: a workload in the engine's own language. Not timed.
    load: what the engine makes of a source before it can answer. Timed.
    lacks: the variants that cannot be said in its language, each with the reason.
    ignores: the changes that it cannot tell, because a part of the work cannot be said in its language.
    is_python: are its policies Python's objects?
    """

    name: str
    packages: tuple[str, ...]
    source: Callable[[Workload], Any]
    load: Callable[[Any], Loaded]
    lacks: dict[Variant, str]
    ignores: frozenset[Change] = frozenset()
    is_python: bool = True


class DecidesDifferently(Exception):
    """An engine did not answer as it must, so its time would mean nothing. The message says which question."""


def check(engine: Engine, loaded: Loaded, workload: Workload) -> None:
    """Ask an allowed question and every changed one; raises `DecidesDifferently`."""
    for question in workload.batch(range(3)):
        if not loaded.allows(question):
            raise DecidesDifferently("refuses what is allowed")
        for change in sorted(workload.changes - engine.ignores):
            if loaded.allows(workload.changed(question, change)):
                raise DecidesDifferently(f"allows {change}")

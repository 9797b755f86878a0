"""The decision benchmarks in their order, and what they print."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bench.decisions import report
from bench.decisions.hostile import measure_hostile
from bench.decisions.importing import measure_import
from bench.decisions.managed_policies import measure_managed_policies
from bench.decisions.memory import measure_memory
from bench.decisions.peers import ENGINES
from bench.decisions.rolecall_engine import ROLECALL
from bench.decisions.timing import Effort, costs_of_measuring, measure
from bench.decisions.variations import measure_variations
from bench.decisions.workloads import SIZES, Variant, build


@dataclass(frozen=True)
class Scope:
    """How much is measured. `hostile_documents` is None for all of them."""

    effort: Effort
    sizes: tuple[int, ...] = SIZES
    variation_samples: int = 20
    memory_size: int = 1_000
    hostile_documents: int | None = None
    managed_policies: bool = True
    imports: int = 21


FULL = Scope(Effort())
QUICK = Scope(
    Effort(rounds=1, seconds=0.01, limit=0.1),
    sizes=SIZES[:2],
    variation_samples=1,
    memory_size=SIZES[1],
    hostile_documents=3,
    managed_policies=False,
    imports=1,
)


def run(names: Sequence[str], *, quick: bool) -> Iterator[str]:
    """Measure the engines of these names, in lower case and without marks; gives the lines to print."""
    engines = [engine for engine in ENGINES if engine.name.lower().rstrip("*") in names]
    scope = QUICK if quick else FULL
    yield from report.machine(engines, scope.effort)
    yield from ("", report.decisions_header())
    for variant in Variant:
        yield from report.decisions(measure([build(variant, size) for size in scope.sizes], engines, scope.effort))
    yield from report.decisions_legend(costs_of_measuring())
    yield ""
    yield from report.memory(measure_memory(engine, scope.memory_size) for engine in engines)
    if ROLECALL in engines:
        yield from _of_rolecall(scope)


def _of_rolecall(scope: Scope) -> Iterator[str]:
    """What is measured of Rolecall alone."""
    yield ""
    yield from report.variations(measure_variations((scope.sizes[0], scope.sizes[-1]), scope.variation_samples))
    yield ""
    yield from report.hostile(measure_hostile(scope.hostile_documents))
    if scope.managed_policies:
        yield ""
        yield from report.managed_policies(measure_managed_policies())
    yield from ("", report.imported(measure_import(scope.imports)))

"""What is printed of the decision benchmarks. No measuring here."""

from __future__ import annotations

import platform
import statistics
from collections.abc import Iterable, Iterator, Sequence
from importlib.metadata import version

from bench.decisions.engines import Engine
from bench.decisions.hostile import BOUND, Hostile
from bench.decisions.importing import Imported
from bench.decisions.managed_policies import AllPolicies
from bench.decisions.memory import Memory
from bench.decisions.timing import Cell, Effort
from bench.decisions.variations import Variation
from bench.machine import processor

DECISIONS = "{:<27} {:>6}  {:<9} {:>11} {:>11} {:>8} {:>10} {:>10} {:>9}"
VARIATIONS = "{:<44} {:>7} {:>11}"
MEMORY = "{:<12} {:>7} {:>18} {:>18}"
POLICIES = "{:<44} {:>9} {:>11}"
HOSTILE = "{:<62} {:>9} {:>9} {:>10}"
P99 = 0.99
SLOWEST = 10
"""Rows of the table of hostile documents."""


def machine(engines: Iterable[Engine], effort: Effort) -> Iterator[str]:
    """Where and how it is measured."""
    versions = ", ".join(f"{package} {version(package)}" for engine in engines for package in engine.packages)
    yield f"machine   {processor()}, {platform.python_implementation()} {platform.python_version()}"
    yield f"versions  {versions}"
    yield (
        f"rounds    {effort.rounds} of about {effort.seconds:g} s on each engine at each size in turn,"
        f" none beyond {effort.limit:g} s in all; one process, one thread"
    )


def decisions_header() -> str:
    """The head of the table of decisions."""
    return DECISIONS.format("workload", "N", "engine", "median µs", "p99 µs", "calls", "ratio", "growth", "ready ms")


def decisions(cells: Sequence[Cell]) -> Iterator[str]:
    """One row for each cell. Ratio: to the first engine at the same size; growth: to the same engine's first size."""
    for cell in cells:
        head = (cell.workload.variant.value, f"{cell.workload.size:,}", cell.engine.name)
        first = next(other for other in cells if other.engine is cell.engine)
        own = next(other for other in cells if other.workload is cell.workload)
        if cell.refusal:
            if cell is first:
                yield f"{DECISIONS.format(*head, '–', '', '', '', '', '').rstrip()} {cell.refusal}"
            continue
        yield DECISIONS.format(
            *head,
            f"{1e6 * cell.median:,.2f}",
            f"{1e6 * _quantile(cell.calls, P99):,.2f}",
            f"{cell.asked:,}",
            "" if own is cell else f"{_ratio(cell, own):,.1f}×",
            "" if first is cell else f"{_ratio(cell, first):,.2f}×",
            f"{1e3 * cell.ready:,.1f}",
        )


def decisions_legend(costs: tuple[float, float]) -> Iterator[str]:
    """What the columns say. `costs` are those of measuring: in a sample and alone, in seconds."""
    in_sample, alone = (f"{1e6 * seconds:.2f} µs" for seconds in costs)
    yield "N: statements, of which one allows the questions. 1,000 questions take turns. median: of samples, each the"
    yield f"mean of up to 250 calls in processor time, {in_sample} of it for the loop. p99: of single calls on the"
    yield f"clock, {alone} of it for the clock itself; of fewer than 100 the slowest. ratio: to the first engine, in"
    yield "the same round. growth: to the same engine at the least N, in the same round. ready: from policies in the"
    yield "engine's language to its first answer."
    yield "moto*: without the conditions, of which it knows too little; so it does less."


def variations(measured: Iterable[Variation]) -> Iterator[str]:
    """The table of Rolecall under other circumstances."""
    yield VARIATIONS.format("Rolecall, same actions, other buckets", "N", "median µs")
    for one in measured:
        yield VARIATIONS.format(one.title, f"{one.size:,}", f"{1e6 * one.seconds:,.2f}")


def memory(measured: Iterable[Memory]) -> Iterator[str]:
    """The table of memory."""
    yield MEMORY.format("engine", "N", "objects bytes/N", "process bytes/N")
    for one in measured:
        objects = f"{one.objects:,.0f}" if one.engine.is_python else "–"
        process = "–" if one.process is None else f"{one.process:,.0f}"
        yield MEMORY.format(one.engine.name, f"{one.size:,}", objects, process)
    yield "objects: Python's, by tracemalloc. process: growth of a new process's resident memory. Rolecall keeps each"
    yield "policy's text and the place of everything in it."


def managed_policies(measured: AllPolicies) -> Iterator[str]:
    """The table of AWS's managed policies."""
    yield POLICIES.format(f"AWS's {measured.policies:,} managed policies", "seconds", "memory MB")
    for stage in measured.stages:
        kept = "" if stage.memory is None else f"{stage.memory / 1e6:,.1f}"
        yield POLICIES.format(stage.title, f"{stage.seconds:,.2f}", kept).rstrip()
    total = sum(stage.memory or 0 for stage in measured.stages)
    seconds = sum(stage.seconds for stage in measured.stages)
    yield POLICIES.format("all", f"{seconds:,.2f}", f"{total / 1e6:,.1f}")
    yield f"{measured.statements:,} statements; different after rendering and parsing again: {measured.different}"


def hostile(measured: Sequence[Hostile]) -> Iterator[str]:
    """The table of the slowest hostile documents."""
    yield HOSTILE.format("hardest documents within AWS's limits", "first ms", "then ms", "traced ms")
    for one in measured[:SLOWEST]:
        times = (f"{1e3 * seconds:,.2f}" for seconds in (one.first, one.median, one.traced))
        yield HOSTILE.format(one.name, *times)
    beyond = sum(one.median > BOUND for one in measured)
    yield f"the {min(SLOWEST, len(measured))} slowest of {len(measured)}; beyond {1e3 * BOUND:g} ms: {beyond}"


def imported(measured: Imported) -> str:
    """The time of an import."""
    return (
        f"import rolecall: {1e3 * measured.beyond:.0f} ms beyond a bare interpreter's {1e3 * measured.bare:.0f} ms,"
        f" {measured.modules} modules"
    )


def _quantile(values: Sequence[float], part: float) -> float:
    """The value below which `part` of `values` lies; of a few, the highest."""
    ascending = sorted(values)
    return ascending[min(len(ascending) - 1, int(part * len(ascending)))]


def _ratio(cell: Cell, other: Cell) -> float:
    """Taken within each round, then the median of the rounds in which both took part."""
    return statistics.median(own / one for own, one in zip(cell.rounds, other.rounds, strict=False))

"""How long a decision takes: engines and sizes take turns, so what slows the machine slows all of them.

A thousand questions take turns, each made anew before it is asked. Time is measured in two ways. A sample is a loop
over questions, in the thread's own processor time, divided by their number: the median of samples is what a decision
costs, whatever else the machine has to do. The time of each call by itself on the clock, with the clock's cost in it,
gives the 99th percentile. The garbage collector rests meanwhile.
"""

from __future__ import annotations

import gc
import statistics
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import perf_counter, perf_counter_ns, thread_time
from typing import Any

from bench.decisions.engines import DecidesDifferently, Engine, Loaded, check
from bench.decisions.workloads import Workload

QUESTIONS = 1_000
"""That take turns."""

SAMPLE = 250
"""The most calls in one sample: long against the clock, and short, so that a disturbance spoils few samples."""

SAMPLE_SECONDS = 0.001
"""How long a sample is where not even so many calls fit into it."""


@dataclass(frozen=True)
class Effort:
    """How much is measured: `rounds` of about `seconds` for each cell, none beyond `limit` seconds in all."""

    rounds: int = 5
    seconds: float = 0.1
    limit: float = 0.6


@dataclass
class Cell:
    """One engine at one workload: what is known of it so far. Times are seconds for one decision.

    Parameters
    ----------
    ready: from policies in the engine's language to its first answer.
    rounds: of each round, the median of its samples.
    calls: the time of single calls.
    refusal: why there are no times.
    batch: questions in one sample.
    asked: questions asked so far.
    spent: seconds measured so far.
    """

    workload: Workload
    engine: Engine
    refusal: str = ""
    ready: float = 0.0
    rounds: list[float] = field(default_factory=list)
    calls: list[float] = field(default_factory=list)
    loaded: Loaded | None = None
    batch: int = 1
    asked: int = 0
    spent: float = 0.0

    @property
    def median(self) -> float:
        return statistics.median(self.rounds)


def measure(workloads: Sequence[Workload], engines: Sequence[Engine], effort: Effort) -> list[Cell]:
    """All `engines` at all `workloads`, in turn."""
    cells: list[Cell] = []
    try:
        for workload in workloads:
            for engine in engines:
                cells.append(_opened(workload, engine))
                gc.freeze()  # so that later collections need not look through the policies
        for _ in range(effort.rounds):
            for cell in cells:
                if cell.loaded is not None and cell.spent < effort.limit:
                    _add_round(cell, cell.loaded, effort)
    finally:
        gc.unfreeze()
    for cell in cells:
        cell.loaded = None
    return cells


def median_of(call: Callable[..., Any], batches: Iterable[Sequence[tuple[Any, ...]]], limit: float) -> float:
    """The median time of a call, in seconds, of samples over `batches`; ends early after `limit` seconds."""
    samples: list[float] = []
    spent = 0.0
    with collector_at_rest():
        for batch in batches:
            for start in range(0, len(batch), SAMPLE):
                sample = batch[start : start + SAMPLE]
                samples.append(_loop(call, sample))
                spent += samples[-1] * len(sample)
            if spent > limit:
                break
    return statistics.median(samples)


def costs_of_measuring(samples: int = 50) -> tuple[float, float]:
    """What a call of an empty function takes in a sample, and alone, in seconds: part of every time measured."""
    arguments = [(None, None)] * SAMPLE
    with collector_at_rest():
        loop = statistics.median(_loop(_nothing, arguments) for _ in range(samples))
        single = statistics.median(_single_calls(_nothing, arguments))
    return loop, single


@contextmanager
def collector_at_rest() -> Iterator[None]:
    """No garbage collection inside."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _opened(workload: Workload, engine: Engine) -> Cell:
    """Load the engine, and see that it answers as it must."""
    cell = Cell(workload, engine, refusal=engine.lacks.get(workload.variant, ""))
    if cell.refusal:
        return cell
    source = engine.source(workload)
    question = workload.question(0)
    with collector_at_rest():
        started = perf_counter()
        loaded = engine.load(source)
        loaded.allows(question)
        cell.ready = perf_counter() - started
    try:
        check(engine, loaded, workload)
    except DecidesDifferently as error:
        cell.refusal = str(error)
        return cell
    cell.loaded = loaded
    estimate = min(_single_calls(loaded.call, [loaded.arguments(question)] * 3))
    cell.batch = max(1, min(SAMPLE, int(SAMPLE_SECONDS / estimate)))
    return cell


def _add_round(cell: Cell, loaded: Loaded, effort: Effort) -> None:
    """One turn: half of its time for samples, half for single calls; at least one of each."""
    with collector_at_rest():
        samples: list[float] = []
        while sum(samples) * cell.batch < effort.seconds / 2:
            samples.append(_loop(loaded.call, _new_arguments(cell, loaded)))
        calls: list[float] = []
        while sum(calls) < effort.seconds / 2:
            calls += _single_calls(loaded.call, _new_arguments(cell, loaded))
    cell.rounds.append(statistics.median(samples))
    cell.calls += calls
    cell.spent += sum(samples) * cell.batch + sum(calls)


def _new_arguments(cell: Cell, loaded: Loaded) -> list[tuple[Any, ...]]:
    """The next questions in the engine's form, made anew."""
    numbers = (number % QUESTIONS for number in range(cell.asked, cell.asked + cell.batch))
    cell.asked += cell.batch
    return [loaded.arguments(question) for question in cell.workload.batch(numbers)]


def _loop(call: Callable[..., Any], arguments: Sequence[tuple[Any, ...]]) -> float:
    started = thread_time()
    for each in arguments:
        call(*each)
    return (thread_time() - started) / len(arguments)


def _single_calls(call: Callable[..., Any], arguments: Sequence[tuple[Any, ...]]) -> list[float]:
    times: list[int] = []
    for each in arguments:
        started = perf_counter_ns()
        call(*each)
        times.append(perf_counter_ns() - started)
    return [1e-9 * nanoseconds for nanoseconds in times]


def _nothing(*_arguments: object) -> None:
    pass

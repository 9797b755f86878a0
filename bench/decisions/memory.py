"""What a loaded policy set takes of memory, each engine measured in a process of its own.

Two yardsticks. Objects: what tracemalloc counts, exact but blind to what is not Python's. Process: how the resident
memory grows, with the allocator's slack but nothing left out. Neither counts the source, which is made before.
"""

from __future__ import annotations

import gc
import json
import resource
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench.decisions.engines import Engine
from bench.decisions.peers import ENGINES
from bench.decisions.workloads import Variant, build

STATUS = Path("/proc/self/statm")


@dataclass(frozen=True)
class Memory:
    """Bytes for each statement. `process` is None where the system does not tell it."""

    engine: Engine
    size: int
    objects: float
    process: float | None


def measure_memory(engine: Engine, size: int) -> Memory:
    """Load a workload of `size` statements in a new process."""
    command = [sys.executable, "-m", "bench.decisions.memory", engine.name, str(size)]
    ran = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    process, objects = json.loads(ran.stdout)
    return Memory(engine, size, objects / size, None if process is None else process / size)


def objects_added(load: Callable[[], object]) -> tuple[object, int]:
    """Run `load`; gives its answer, and how many bytes of Python objects it left behind."""
    gc.collect()
    tracemalloc.start()
    try:
        loaded = load()
        gc.collect()
        return loaded, tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()


def process_grown(load: Callable[[], object]) -> tuple[object, int | None]:
    """Run `load`; gives its answer, and by how many bytes the process has grown if the system tells it."""
    gc.collect()
    before = _resident()
    loaded = load()
    gc.collect()
    after = _resident()
    return loaded, None if before is None or after is None else after - before


def _resident() -> int | None:
    if not STATUS.is_file():
        return None
    return int(STATUS.read_text().split()[1]) * resource.getpagesize()


def _main(name: str, size: int) -> None:
    (engine,) = (engine for engine in ENGINES if engine.name == name)
    workload = build(Variant.SAME_ACTIONS, size)
    source = engine.source(workload)
    question = workload.question(0)

    def load() -> object:
        loaded = engine.load(source)
        loaded.allows(question)
        return loaded

    # The process first: memory that a load has given back is used again by the next one.
    _, process = process_grown(load)
    _, objects = objects_added(load)
    print(json.dumps([process, objects]))


if __name__ == "__main__":
    _main(sys.argv[1], int(sys.argv[2]))

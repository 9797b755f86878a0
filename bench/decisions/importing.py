"""How long `import rolecall` takes beyond a bare interpreter."""

from __future__ import annotations

import statistics
import subprocess
import sys
from dataclasses import dataclass
from time import perf_counter


@dataclass(frozen=True)
class Imported:
    """Medians in seconds: an interpreter that does nothing, and one that imports. `modules` counts what comes along."""

    bare: float
    importing: float
    modules: int

    @property
    def beyond(self) -> float:
        return self.importing - self.bare


def measure_import(rounds: int) -> Imported:
    """Start both kinds of interpreter in turn."""
    times = [(_seconds("pass"), _seconds("import rolecall")) for _ in range(rounds)]
    bare, importing = map(statistics.median, zip(*times, strict=True))
    counted = _run("import sys; before = set(sys.modules); import rolecall; print(len(set(sys.modules) - before))")
    return Imported(bare, importing, int(counted))


def _seconds(code: str) -> float:
    started = perf_counter()
    _run(code)
    return perf_counter() - started


def _run(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout

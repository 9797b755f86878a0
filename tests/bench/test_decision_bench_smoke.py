"""The decision benchmark runs, its engines agree, and it prints all its rows. How fast anything is, is not tested."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from serving import clean_environment

ROOT = Path(__file__).parents[2]
ENGINES = ("Rolecall", "cedarpy", "vakt", "py-abac", "pycasbin", "moto*")
SIZES = ("10", "100")
LACKING = {
    "same actions, other buckets": (),
    "decoys of other services": (),
    "five policy types": ENGINES[1:],
    "half of them Deny": ("moto*",),
    "policy variables": ("moto*",),
    "each asks another bucket": (),
}
"""The workloads, each with the engines that have no words for it."""


@pytest.fixture(scope="module")
def lines() -> list[str]:
    ran = subprocess.run(
        [sys.executable, "-m", "bench", "decisions", "--quick"],
        cwd=ROOT,
        env=clean_environment({}),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stderr == ""
    return ran.stdout.splitlines()


@pytest.mark.slow
@pytest.mark.parametrize("workload", LACKING)
def test_each_workload_has_a_row_for_each_engine_at_each_size_or_the_reason_why_not(lines: list[str], workload: str):
    rows = [line.removeprefix(workload).split() for line in lines if line.startswith(f"{workload}  ")]
    measured = [(engine, size) for size, engine, first, *_rest in rows if first != "–"]
    lacking = [engine for _size, engine, first, *_reason in rows if first == "–"]
    assert measured == [(engine, size) for size in SIZES for engine in ENGINES if engine not in LACKING[workload]]
    assert tuple(lacking) == LACKING[workload]


@pytest.mark.slow
def test_the_memory_of_each_engine_is_printed(lines: list[str]):
    table = lines[next(at for at, line in enumerate(lines) if line.split()[:2] == ["engine", "N"]) + 1 :]
    assert [row.split()[0] for row in table[: len(ENGINES)]] == list(ENGINES)


@pytest.mark.slow
@pytest.mark.parametrize(
    "title",
    [
        "1,000 questions in turn",
        "the same question again and again",
        "questions and addresses never seen before",
        "refused: another address",
        "traced and explained: allowed",
        "the 3 slowest of 3; beyond 5 ms",
        "import rolecall",
    ],
)
def test_what_is_measured_of_rolecall_alone_is_printed(lines: list[str], title: str):
    assert any(line.startswith(title) for line in lines)

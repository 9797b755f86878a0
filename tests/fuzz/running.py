"""Runs of the fuzzer: chunks of questions, spread over processes; what they found, kept as case files.

A chunk is a seed and a fixed number of questions, so that any run can be repeated whatever the number of processes.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass, field
from itertools import count, islice
from pathlib import Path
from typing import Any

from fuzz.judging import judge
from fuzz.minimizing import minimized
from fuzz.questions import questions

CASES = Path(__file__).parent.parent / "cases" / "fuzz"
CHUNK = 1000
"""Questions of one seed."""
MINIMIZED_PER_CHUNK = 3
"""Disagreements of one chunk that are made small: one fault is usually behind many."""

Json = dict[str, Any]


@dataclass
class Tally:
    """What came of many questions."""

    asked: int = 0
    refused: int = 0
    disagreements: int = 0
    decisions: Counter[str] = field(default_factory=Counter)
    blocks: Counter[str] = field(default_factory=Counter)
    matched: Counter[str] = field(default_factory=Counter)
    cases: list[Json] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        """Add up."""
        self.asked += other.asked
        self.refused += other.refused
        self.disagreements += other.disagreements
        self.decisions += other.decisions
        self.blocks += other.blocks
        self.matched += other.matched
        self.cases += other.cases


def run_chunk(seed: int, size: int = CHUNK) -> Tally:
    """Judge the first `size` questions of a seed. Disagreements are minimized, the first few."""
    tally = Tally()
    for number, question in enumerate(islice(questions(seed), size)):
        verdict = judge(question)
        tally.asked += 1
        if verdict.engine is None:
            tally.refused += 1
            continue
        if not verdict.agrees:
            tally.disagreements += 1
            if len(tally.cases) < MINIMIZED_PER_CHUNK:
                tally.cases.append(_case(question, seed, number))
        _count(tally, verdict.engine)
    return tally


def run(seed: int, processes: int, *, is_over: Callable[[Tally], bool], report: Callable[[Tally], None]) -> Tally:
    """Judge chunk after chunk, of the seeds from `seed` on, until `is_over`; `report` is told after each.

    Work that has begun is finished and counted.
    """
    tally = Tally()
    seeds = count(seed)
    running: set[Future[Tally]] = set()
    with ProcessPoolExecutor(processes) as pool:
        while running or not is_over(tally):
            while len(running) < processes and not is_over(tally):
                running.add(pool.submit(run_chunk, next(seeds)))
            done, running = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                tally.add(future.result())
            report(tally)
    return tally


def until(deadline: float) -> Callable[[Tally], bool]:
    """Over when the monotonic clock shows `deadline`, in seconds."""
    return lambda _tally: time.monotonic() >= deadline


def known_cases(folder: Path = CASES) -> Iterator[tuple[str, Json]]:
    """The cases that earlier runs have found, with their names. Those since settled hold the right `answer`."""
    for path in sorted(folder.glob("*.json")):
        yield path.stem, json.loads(path.read_text(encoding="utf-8"))


def keep(case: Json, folder: Path = CASES) -> Path:
    """Write a case file, named after its question: the same find is the same file."""
    digest = hashlib.sha256(json.dumps(case["question"], sort_keys=True).encode()).hexdigest()[:12]
    path = folder / f"{digest}.json"
    path.write_text(json.dumps(case, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def _case(question: Json, seed: int, number: int) -> Json:
    small = minimized(question, lambda smaller: not judge(smaller).agrees)
    verdict = judge(small)
    return {
        "source": f"the fuzzer, question {number} of seed {seed}, minimized",
        "question": small,
        "engine": verdict.engine,
        "reference": verdict.reference,
    }


def _count(tally: Tally, answer: Json) -> None:
    tally.decisions[answer.get("decision", "error")] += 1
    tally.blocks.update(
        f"{policy_type}: {'denies' if explicit else 'does not allow'}"
        for policy_type, explicit in answer.get("blockedBy", ())
    )
    # A statement is named by its policy's place in the question: `sessionPolicies[1]`.
    tally.matched.update({policy.split("[")[0] for policy, _index in answer.get("matchedStatements", ())})

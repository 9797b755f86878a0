"""The benchmark runs and prints all its rows. How fast anything is, is not tested."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from serving import clean_environment

ROOT = Path(__file__).parents[2]
OPERATIONS = ("GetUser", "ListUsers (100)", "CreateUser", "AssumeRole", "GetCallerIdentity")
STEPS = (
    "form, decode, validate",
    "read signature, verify",
    "gather, authorize",
    "run",
    "render",
    "the whole request path",
)


@pytest.mark.slow
def test_a_quick_benchmark_prints_a_row_for_each_load_on_each_server_and_for_each_step():
    ran = subprocess.run(
        [sys.executable, "-m", "bench", "--quick"],
        cwd=ROOT,
        env=clean_environment({}),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ran.returncode == 0, ran.stderr
    lines = ran.stdout.splitlines()
    for operation in OPERATIONS:
        rows = [line for line in lines if line.startswith(f"{operation} ")]
        assert [row.removeprefix(operation).split()[0] for row in rows] == ["Rolecall", "moto"]
        assert rows[0].endswith("×")
    for operation in ("GetUser", "AssumeRole", "GetCallerIdentity"):
        rows = [line for line in lines if line.startswith(f"{operation}: ")]
        assert [row.partition(": ")[2].rsplit(maxsplit=1)[0] for row in rows] == list(STEPS)
    assert sum(line.startswith("Store.") for line in lines) == 3

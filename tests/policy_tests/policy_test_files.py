"""Test files as tests make them: JSON is YAML, so what is not about YAML is written as a mapping."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from rolecall.policy_tests.reading import read_test_file
from rolecall.policy_tests.running import Outcome, run_case

ANN = "arn:aws:iam::111122223333:user/ann"
OBJECT = "arn:aws:s3:::reports/x"


def policy(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def statement(action: str, effect: str = "Allow", **more: Any) -> dict[str, Any]:
    return {"Effect": effect, "Action": action, "Resource": "*", **more}


ALL = policy(statement("*", Sid="Everything"))
GIVEN = {"principal": ANN, "action": "s3:GetObject", "resource": OBJECT, "identityPolicies": ["all"]}


def write(folder: Path, *tests: dict[str, Any], given: dict[str, Any] | None = None, **policies: Any) -> Path:
    """A file with `tests`. Each is called `case`, expects `allowed`, and has Ann read under a policy of everything."""
    file = folder / "policy.yaml"
    content = {
        "policies": {"all": ALL, **policies},
        "given": {**GIVEN, **(given or {})},
        "tests": [{"name": "case", "expect": "allowed", **test} for test in tests],
    }
    file.write_text(json.dumps(content, indent=1, ensure_ascii=False), encoding="utf-8")
    return file


def outcomes(file: Path) -> list[Outcome]:
    """How every case of a file goes."""
    return [run_case(case, time.perf_counter) for test in read_test_file(file).tests for case in test.cases()]


def only_outcome(folder: Path, test: dict[str, Any], **policies: Any) -> Outcome:
    """How a single test of one case goes."""
    (outcome,) = outcomes(write(folder, test, **policies))
    return outcome

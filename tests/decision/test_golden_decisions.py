"""Every golden case of `tests/cases/decisions` gets its decision, from its layers, for its reason."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from decision.decision_worlds import cases_in, policies_of, request_of
from rolecall.decision.evaluate import evaluate
from rolecall.decision.explain import denial_suffix, explain
from rolecall.decision.result import Decision

CASES = dict(cases_in(Path(__file__).parent.parent / "cases" / "decisions"))


def test_no_two_cases_have_one_name() -> None:
    assert len(CASES) == len(list(cases_in(Path(__file__).parent.parent / "cases" / "decisions"))) >= 780


@pytest.mark.parametrize("name", CASES)
def test_a_golden_case_is_decided_as_it_says(name: str) -> None:
    case: dict[str, Any] = CASES[name]
    request = request_of(case)
    result = evaluate(request, policies_of(case))

    assert result.decision == case["decision"], explain(request, result)
    assert [block.policy_type for block in result.blocks] == case.get("denied_by", [])
    assert any(block.explicit for block in result.blocks) is (result.decision is Decision.EXPLICIT_DENY)
    if "matched" in case:
        assert [f"{it.policy}#{it.index}" for it in result.matched_statements] == case["matched"]
    if "layers" in case:
        assert dict(result.layers) == case["layers"]
    if "missing" in case:
        assert list(result.missing_context_keys) == case["missing"]
    if "suffix" in case:
        assert denial_suffix(result, request.action) == case["suffix"]

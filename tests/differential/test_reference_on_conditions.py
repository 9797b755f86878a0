"""Every cell of `tests/cases/conditions`, asked of the reference evaluator, under Allow and under Deny."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from differential.cases_as_questions import condition_rows, question_of_row
from reference.evaluator import decide

CELLS = list(condition_rows(Path(__file__).parent.parent / "cases" / "conditions"))


def test_the_condition_tables_are_there() -> None:
    assert len({name for name, *_ in CELLS}) == len(CELLS) >= 250


@pytest.mark.parametrize(("row", "present", "holds"), [cell[1:] for cell in CELLS], ids=[cell[0] for cell in CELLS])
def test_the_reference_evaluator_reads_a_condition_as_the_table_says(
    row: dict[str, Any], present: Any, holds: bool
) -> None:
    allowing, denying = (decide(question_of_row(row, present, effect)) for effect in ("Allow", "Deny"))

    assert allowing["decision"] == ("allowed" if holds else "implicitDeny")
    assert denying["decision"] == ("explicitDeny" if holds else "allowed")

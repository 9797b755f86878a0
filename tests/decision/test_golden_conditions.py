"""Every cell of `tests/cases/conditions`: a condition holds or fails for a context, whatever the statement's effect."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from decision.decision_worlds import context_of, document_of, principal_of
from rolecall.decision.evaluate import evaluate
from rolecall.decision.policies import ApplicablePolicies, AppliedPolicy, PolicySet
from rolecall.decision.request import AuthorizationRequest
from rolecall.language.document import PolicyType
from rolecall.names.pattern_sets import FEW

KEY = "test:Key"
USER = principal_of("arn:aws:iam::111111111111:user/ann")
EVERYTHING = {"Action": "*", "Resource": "*"}


def cells() -> Iterator[tuple[str, dict[str, Any], Any, bool]]:
    """Each row names an operator, policy values and contexts for which it holds or fails; null is a missing key."""
    for path in sorted((Path(__file__).parent.parent / "cases" / "conditions").glob("*.json")):
        file = json.loads(path.read_text(encoding="utf-8"))
        assert file["source"], f"{path.name} names no source"
        for row in file["rows"]:
            for expected in ("holds", "fails"):
                for present in row.get(f"{expected}_for", []):
                    said = f"{row['operator']} {json.dumps(row['values'])} {expected} for {json.dumps(present)}"
                    with_others = f" with {json.dumps(row['context'])}" if "context" in row else ""
                    # Pytest escapes a backslash anew each time it collects, and mutmut has it collect twice.
                    name = f"{path.stem}: {said}{with_others}".replace("\\u", "U+")
                    yield name, row, present, expected == "holds"


CELLS = list(cells())
DECOYS = [f"arn:aws:none:::{at}/{name}?" for at in range(FEW + 1) for name in ("a", "${test:Decoy, 'd'}")]


def test_no_cell_is_there_twice() -> None:
    assert len({name for name, *_ in CELLS}) == len(CELLS) >= 250


@pytest.mark.parametrize(("row", "present", "holds"), [cell[1:] for cell in CELLS], ids=[cell[0] for cell in CELLS])
def test_a_condition_holds_or_fails_as_the_table_says(row: dict[str, Any], present: Any, holds: bool) -> None:
    request, condition = _request(row, present), {row["operator"]: {KEY: row["values"]}}

    allowing = [{"Effect": "Allow", **EVERYTHING, "Condition": condition}]
    denying = [{"Effect": "Allow", **EVERYTHING}, {"Effect": "Deny", **EVERYTHING, "Condition": condition}]

    assert evaluate(request, _identity(allowing)).is_allowed is holds
    assert evaluate(request, _identity(denying)).is_allowed is not holds


@pytest.mark.parametrize("operators", ["String", "Arn"])
def test_many_more_values_that_match_nothing_change_nothing(operators: str) -> None:
    # Many values are matched together, in ways of their own.
    for name, row, present, holds in CELLS:
        if operators in row["operator"]:
            values = row["values"] if isinstance(row["values"], list) else [row["values"]]
            condition = {row["operator"]: {KEY: DECOYS + values}}
            allowing = _identity([{"Effect": "Allow", **EVERYTHING, "Condition": condition}])
            assert evaluate(_request(row, present), allowing).is_allowed is holds, name


def _request(row: dict[str, Any], present: Any) -> AuthorizationRequest:
    context = context_of({**row.get("context", {}), **({} if present is None else {KEY: present})})
    return AuthorizationRequest(principal=USER, action="svc:Do", resource=None, context=context)


def _identity(statements: Sequence[dict[str, Any]]) -> ApplicablePolicies:
    policy = AppliedPolicy("test", document_of(statements, PolicyType.IDENTITY))
    return ApplicablePolicies(identity=PolicySet(PolicyType.IDENTITY, [policy]))

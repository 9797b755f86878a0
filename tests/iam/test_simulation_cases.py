"""The golden cases of the simulation: what AWS answered, and what it refused (tests/cases/simulation)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from iam.harness import Iam
from rolecall.errors import ApiError

CASES = Path(__file__).parent.parent / "cases" / "simulation"


def cases(*names: str) -> list[Any]:
    return [
        pytest.param(case, id=f"{name}: {case['name']}")
        for name in names
        for case in json.loads((CASES / f"{name}.json").read_text(encoding="utf-8"))
    ]


def as_the_wire_makes_it(value: Any) -> Any:
    match value:
        case dict():
            return {key: as_the_wire_makes_it(inner) for key, inner in value.items()}
        case list():
            return tuple(map(as_the_wire_makes_it, value))
        case _:
            return value


def shown(value: Any) -> Any:
    """An answer as the cases write it: what is left out of it is not there, a statement is one line."""
    match value:
        case {"SourcePolicyId": name, "SourcePolicyType": kind, "StartPosition": start, "EndPosition": end}:
            return f"{kind} {name} {start['Line']}:{start['Column']}-{end['Line']}:{end['Column']}"
        case dict():
            return {key: shown(inner) for key, inner in value.items() if inner is not None}
        case list() | tuple():
            return [shown(inner) for inner in value]
        case _:
            return value


def call(iam: Iam, case: dict[str, Any]) -> Any:
    for name, parameters in case.get("given", ()):
        iam(name, **as_the_wire_makes_it(parameters))
    name, parameters = case["call"]
    return iam(name, **as_the_wire_makes_it(parameters))


@pytest.mark.parametrize("case", cases("custom", "principal"))
def test_a_simulation_is_answered_as_aws_answers_it(iam: Iam, case: dict[str, Any]) -> None:
    assert case["source"]
    answer = call(iam, case)
    assert shown(answer["EvaluationResults"]) == case["results"]
    assert answer["IsTruncated"] is False


@pytest.mark.parametrize("case", cases("refusals"))
def test_a_simulation_is_refused_as_aws_refuses_it(iam: Iam, case: dict[str, Any]) -> None:
    assert case["source"]
    iam("CreateUser", user_name="alice")
    with pytest.raises(ApiError) as caught:
        call(iam, case)
    answered = (caught.value.code, caught.value.status, caught.value.message)
    assert answered == (case["code"], case["status"], case["message"])


@pytest.mark.parametrize("case", cases("context_keys"))
def test_the_keys_that_policies_name_are_listed(iam: Iam, case: dict[str, Any]) -> None:
    assert case["source"]
    policies = tuple(map(json.dumps, case["policies"]))
    assert iam("GetContextKeysForCustomPolicy", policy_input_list=policies) == {"ContextKeyNames": case["keys"]}

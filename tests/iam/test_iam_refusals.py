"""Every refusal of tests/cases/iam, with AWS's code, status and message."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from iam.harness import Iam
from rolecall.errors import ApiError, LimitExceeded

CASES = Path(__file__).parent.parent / "cases" / "iam"


def cases() -> list[Any]:
    return [
        pytest.param(case, id=f"{path.stem}: {case['name']}")
        for path in sorted(CASES.glob("refusals_*.json"))
        for case in json.loads(path.read_text())
    ]


def expand(value: Any) -> Any:
    """`{"repeat": text, "times": n}` stands for long texts; lists are tuples, as the wire makes them."""
    match value:
        case {"repeat": str(text), "times": int(times)}:
            return text * times
        case {"json": policy}:
            return json.dumps(expand(policy))
        case dict():
            return {key: expand(inner) for key, inner in value.items()}
        case list():
            return tuple(map(expand, value))
        case _:
            return value


@pytest.mark.parametrize("case", cases())
def test_the_call_is_refused_as_aws_refuses_it(iam: Iam, case: dict[str, Any]) -> None:
    for name, parameters in case.get("given", ()):
        iam(name, **expand(parameters))
    name, parameters = case["call"]
    with pytest.raises(ApiError) as caught:
        iam(name, **expand(parameters))
    assert (caught.value.code, caught.value.status, caught.value.message) == (
        case["code"],
        case["status"],
        case["message"],
    )
    assert case["source"]


NO_POLICY = "x" * 20_000


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("CreatePolicy", {"policy_name": "p", "policy_document": NO_POLICY}),
        ("CreateRole", {"role_name": "r", "assume_role_policy_document": NO_POLICY}),
        ("PutUserPolicy", {"user_name": "bob", "policy_name": "p", "policy_document": NO_POLICY}),
        ("PutGroupPolicy", {"group_name": "devs", "policy_name": "p", "policy_document": NO_POLICY}),
    ],
)
def test_a_text_too_large_for_a_policy_is_not_even_parsed(iam: Iam, name: str, parameters: dict[str, Any]) -> None:
    """Parsing takes a tenth of a second for the longest text that the model accepts, in the writer's turn."""
    iam("CreateUser", user_name="bob")
    iam("CreateGroup", group_name="devs")
    with pytest.raises(LimitExceeded):
        iam(name, **parameters)

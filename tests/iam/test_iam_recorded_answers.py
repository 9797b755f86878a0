"""Answers of IAM against AWS's own, recorded by public projects: the same members, and the same values where they say.

Cases: tests/cases/iam/recorded_answers.json. In `answer`, `<…>` stands for any value.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from iam.harness import Iam
from iam.test_iam_refusals import expand

CASES = json.loads((Path(__file__).parent.parent / "cases" / "iam" / "recorded_answers.json").read_text())
DOCUMENTS = ("AssumeRolePolicyDocument", "PolicyDocument", "Document")


def shown(value: Any, name: str = "") -> Any:
    """An answer as a client sees it: without the members that the wire leaves out, documents decoded."""
    if isinstance(value, Mapping):
        return {name: shown(member, name) for name, member in value.items() if member is not None}
    if isinstance(value, list):
        return [shown(item) for item in value]
    return json.loads(unquote(value)) if name in DOCUMENTS else value


def but_for_placeholders(value: Any, expected: Any) -> Any:
    """`value` with the placeholder of `expected` wherever there is one."""
    match value, expected:
        case _, str() if expected.startswith("<") and expected.endswith(">"):
            return expected
        case dict(), dict():
            return {name: but_for_placeholders(member, expected.get(name)) for name, member in value.items()}
        case list(), list() if len(value) == len(expected):
            return [but_for_placeholders(*pair) for pair in zip(value, expected, strict=True)]
        case _:
            return value


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_the_call_is_answered_as_aws_answers_it(iam: Iam, case: dict[str, Any]) -> None:
    for name, parameters in case.get("given", ()):
        iam(name, **expand(parameters))
    name, parameters = case["call"]
    answer = shown(iam(name, **expand(parameters)))
    assert but_for_placeholders(answer, case["answer"]) == case["answer"]
    assert case["source"]

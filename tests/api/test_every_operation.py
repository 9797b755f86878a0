"""Every operation of AWS's IAM model succeeds, and every error that the model names for it happens or cannot happen."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from api.evidence.families import Caller, ErrorCase, Family
from botocore_values import MODELS
from rolecall.state.store import Store

FAMILIES: dict[str, Family] = {
    path.stem: import_module(f"api.evidence.{path.stem}").FAMILY
    for path in sorted((Path(__file__).parent / "evidence").glob("*.py"))
    if path.stem != "families"
}
ERRORS = [(name, case) for name, family in FAMILIES.items() for case in family.errors]
NEVER = {
    "ServiceFailure": "a fault of the server, which nothing that a caller sends can bring about",
    "ConcurrentModification": "writes take turns: each sees the newest world, so none collides with another",
}
"""Errors that no operation answers with here; a family may have a case of one all the same."""


def modelled_errors(operation: str) -> set[str]:
    """The codes that the model names for an operation, as they are on the wire."""
    shapes = MODELS["iam"].operation_model(operation).error_shapes
    return {shape.metadata.get("error", {}).get("code", shape.name) for shape in shapes}


@pytest.mark.parametrize("name", FAMILIES)
def test_every_operation_of_a_family_succeeds(name: str, account: Any, store: Store):
    caller = Caller(account, store)
    FAMILIES[name].tour(caller)
    assert FAMILIES[name].operations - caller.succeeded == set()


@pytest.mark.parametrize(
    "case", [case for _, case in ERRORS], ids=[f"{case.operation}-{case.code}" for _, case in ERRORS]
)
def test_a_modelled_error_is_answered(case: ErrorCase, account: Any, store: Store):
    with pytest.raises(ClientError) as caught:
        case.provoke(Caller(account, store))
    answer = caught.value.response
    assert (caught.value.operation_name, answer["Error"]["Code"]) == (case.operation, case.code), answer["Error"]
    shapes = MODELS["iam"].operation_model(case.operation).error_shapes
    statuses = {shape.metadata.get("error", {}).get("httpStatusCode", 400) for shape in shapes}
    assert answer["ResponseMetadata"]["HTTPStatusCode"] in statuses
    assert answer["Error"]["Message"]


def test_no_operation_of_the_model_is_left_out():
    shown = [operation for family in FAMILIES.values() for operation in family.operations]
    assert sorted(shown) == sorted(MODELS["iam"].operation_names)


@pytest.mark.parametrize("name", FAMILIES)
def test_no_modelled_error_of_a_family_is_left_out(name: str):
    family = FAMILIES[name]
    provoked = {(case.operation, case.code) for case in family.errors}
    explained = set(family.unreachable)
    assert not provoked & explained, "an error that happens is not unreachable"
    left_out = {
        (operation, code)
        for operation in family.operations
        for code in modelled_errors(operation)
        if code not in NEVER and not {(operation, code), ("*", code)} & (provoked | explained)
    }
    assert left_out == set()


@pytest.mark.parametrize("name", FAMILIES)
def test_a_family_explains_only_what_the_model_names(name: str):
    family = FAMILIES[name]
    named = {(operation, code) for operation in family.operations for code in modelled_errors(operation)}
    codes = {code for _, code in named}
    said = {(case.operation, case.code) for case in family.errors} | set(family.unreachable)
    assert {(operation, code) for operation, code in said if operation != "*"} <= named
    assert {code for operation, code in said if operation == "*"} <= codes

"""The house keeps its shape: layers, sizes, one way to register an operation, codes as AWS has them."""

from __future__ import annotations

import ast
import inspect
import subprocess
import sys
from pathlib import Path

import pytest

import rolecall
from rolecall import errors
from rolecall.iam.service import IAM
from rolecall.operations.registry import Registry
from rolecall.sts.service import STS
from rolecall.wire.model import load_service

SOURCE = Path(rolecall.__file__).parent
MODULES = sorted(SOURCE.rglob("*.py"))
LONGEST_MODULE = 500
REGISTRIES = (IAM, STS)
OPERATIONS = [(registry, name) for registry in REGISTRIES for name in sorted(registry.names())]

REQUIRED_OPERATIONS = {
    "iam": frozenset(load_service("iam").operations),
    "sts": frozenset({"AssumeRole", "GetCallerIdentity", "GetSessionToken", "GetAccessKeyInfo"}),
}
"""All of IAM's model; of STS what is there so far, and the coverage page shows the rest."""


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_a_module_is_at_most_500_lines_and_says_what_it_is(module: Path):
    text = module.read_text()
    assert len(text.splitlines()) <= LONGEST_MODULE
    assert not text or ast.get_docstring(ast.parse(text)), "a module begins with a docstring"


def test_the_layers_hold():
    checked = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=SOURCE.parents[1],
        capture_output=True,
        text=True,
    )
    assert checked.returncode == 0, checked.stdout


@pytest.mark.parametrize("registry", REGISTRIES, ids=lambda registry: registry.service)
def test_every_operation_that_is_promised_exists(registry: Registry):
    assert REQUIRED_OPERATIONS[registry.service] - registry.names() == frozenset()


@pytest.mark.parametrize(("registry", "name"), OPERATIONS, ids=lambda value: getattr(value, "service", value))
def test_an_operation_takes_exactly_the_members_of_the_model(registry: Registry, name: str):
    model = load_service(registry.service).operations[name]
    operation = registry.find(name)
    assert operation is not None
    transaction, *parameters = inspect.signature(operation.run).parameters.values()
    assert transaction.name == "tx"
    assert all(parameter.kind is parameter.KEYWORD_ONLY for parameter in parameters)
    members = model.input.members if model.input is not None else ()
    assert {parameter.name for parameter in parameters} == {member.python_name for member in members}
    required = {member.python_name for member in members if member.is_required}
    assert {parameter.name for parameter in parameters if parameter.default is parameter.empty} == required


@pytest.mark.parametrize("registry", REGISTRIES, ids=lambda registry: registry.service)
def test_what_differs_on_a_self_hosted_server_is_said_in_sentences(registry: Registry):
    notes = [operation.differs for name in registry.names() if (operation := registry.find(name)) is not None]
    assert [note for note in notes if note and not (note.endswith(".") and note[0] in f"`{note[0].upper()}")] == []


def api_errors(parent: type[errors.ApiError]) -> list[type[errors.ApiError]]:
    """The error classes that carry a code."""
    found = [child for child in parent.__subclasses__() if "code" in vars(child)]
    return found + [error for child in parent.__subclasses__() for error in api_errors(child)]


def test_error_statuses_are_those_of_the_models():
    known = {code: status for service in ("iam", "sts") for code, status in load_service(service).error_codes.items()}
    compared = {error.code: error.status for error in api_errors(errors.ApiError) if error.code in known}
    assert compared
    assert compared == {code: known[code] for code in compared}


def test_no_error_of_the_tree_is_a_5xx_but_unavailability():
    assert {error.code for error in api_errors(errors.ApiError) if error.status >= 500} <= {
        "ServiceUnavailable",
        "InternalFailure",
    }

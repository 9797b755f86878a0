"""The loaded models: what the rest of the house relies on, and how an operation is found."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from rolecall.errors import InvalidAction, MissingAction
from rolecall.wire.model import load_service


def test_a_model_is_loaded_once():
    assert load_service("iam") is load_service("iam")


@pytest.mark.parametrize(
    ("service", "version", "namespace"),
    [
        ("iam", "2010-05-08", "https://iam.amazonaws.com/doc/2010-05-08/"),
        ("sts", "2011-06-15", "https://sts.amazonaws.com/doc/2011-06-15/"),
    ],
)
def test_a_service_has_the_identity_that_wire_md_states(service, version, namespace):
    model = load_service(service)
    assert (model.api_version, model.namespace, model.signing_name) == (version, namespace, service)


def test_members_have_their_three_names():
    operation = load_service("iam").operations["CreateSAMLProvider"]
    member = operation.input.members[0]
    assert (member.name, member.path_name, member.python_name) == (
        "SAMLMetadataDocument",
        "sAMLMetadataDocument",
        "saml_metadata_document",
    )


def test_error_codes_have_their_status():
    codes = load_service("iam").error_codes
    assert (codes["NoSuchEntity"], codes["EntityAlreadyExists"], codes["ServiceFailure"]) == (404, 409, 500)
    assert codes["OrganizationNotFoundException"] == 400


def test_an_operation_knows_its_errors():
    assert set(load_service("iam").operations["GetUser"].error_codes) == {"NoSuchEntity", "ServiceFailure"}


def test_an_operation_is_found_by_action_and_version():
    assert load_service("sts").find("AssumeRole", "2011-06-15").name == "AssumeRole"


@pytest.mark.parametrize("action", [None, ""])
def test_a_missing_action_is_refused(action):
    with pytest.raises(MissingAction, match=r"^Missing Action$"):
        load_service("sts").find(action, "2011-06-15")


@pytest.mark.parametrize(
    ("action", "version", "message"),
    [
        ("Foo", "2011-06-15", "Could not find operation Foo for version 2011-06-15"),
        ("GetUser", "2011-06-15", "Could not find operation GetUser for version 2011-06-15"),
        ("AssumeRole", "2010-05-08", "Could not find operation AssumeRole for version 2010-05-08"),
        ("AssumeRole", None, "Could not find operation AssumeRole for version NO_VERSION_SPECIFIED"),
        ("AssumeRole", "", "Could not find operation AssumeRole for version NO_VERSION_SPECIFIED"),
        ("assumerole", "2011-06-15", "Could not find operation assumerole for version 2011-06-15"),
    ],
)
def test_an_unknown_action_or_version_is_refused(action, version, message):
    with pytest.raises(InvalidAction) as caught:
        load_service("sts").find(action, version)
    assert caught.value.message == message


def test_a_model_in_the_home_directory_is_not_read(tmp_path):
    folder = tmp_path / ".aws/models/sts/2011-06-15"
    folder.mkdir(parents=True)
    (folder / "service-2.json").write_text("{}")
    program = "from rolecall.wire.model import load_service; print(len(load_service('sts').operations))"
    environment = {**os.environ, "HOME": str(tmp_path), "AWS_DATA_PATH": str(tmp_path / ".aws/models")}
    run = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    assert int(run.stdout) == len(load_service("sts").operations)


def test_importing_the_room_does_not_import_botocore():
    program = (
        "import sys, rolecall.wire.decode, rolecall.wire.constraints, rolecall.wire.xml, rolecall.wire.json_answer\n"
        "print(sorted(name for name in sys.modules if name.startswith('botocore')))"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def structure_of(reference):
    return {"type": "structure", "members": {"A": reference}}


@pytest.mark.parametrize(
    ("shapes", "protocol", "message"),
    [
        ({"Input": structure_of({"shape": "Odd"}), "Odd": {"type": "tensor"}}, "query", "tensor"),
        ({"Input": structure_of({"shape": "T", "locationName": "B"})}, "query", "locationName"),
        ({"Input": structure_of({"shape": "L"}), "L": {"type": "list", "flattened": True}}, "query", "flattened"),
        ({"Input": {"type": "string"}}, "query", "not a structure"),
        ({}, "json", "not the query protocol"),
    ],
)
def test_a_model_that_the_protocol_cannot_carry_is_not_served(monkeypatch, shapes, protocol, message):
    raw = {
        "metadata": {"protocol": protocol, "apiVersion": "1", "xmlNamespace": "n", "endpointPrefix": "e"},
        "operations": {"Test": {"name": "Test", "input": {"shape": "Input"}}},
        "shapes": shapes,
    }
    monkeypatch.setattr("botocore.loaders.Loader.load_service_model", lambda *_: raw)
    with pytest.raises(ValueError, match=message):
        load_service.__wrapped__("sts")

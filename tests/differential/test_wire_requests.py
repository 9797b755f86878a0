"""Our decoder against botocore's serializer: for every operation, what a client sends is what we read."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlencode

import pytest
from botocore import xform_name
from botocore.serialize import create_serializer
from hypothesis import given, settings
from hypothesis import strategies as st

from botocore_values import MODELS, OPERATIONS, values
from rolecall.wire.decode import decode
from rolecall.wire.form import parse_form
from rolecall.wire.model import load_service

SERIALIZER = create_serializer("query", include_validation=False)


def expected(shape, value):
    """What we promise for the client's `value`: snake_case names, tuples, seconds; no trace of empty structures."""
    match shape.type_name:
        case "structure":
            members = {xform_name(name): expected(shape.members[name], member) for name, member in value.items()}
            return {name: member for name, member in members.items() if member != {}}
        case "list":
            return tuple(expected(shape.member, member) for member in value)
        case "map":
            return {key: expected(shape.value, member) for key, member in value.items()}
        case "timestamp":
            assert isinstance(value, datetime)
            return int(value.timestamp())
        case _:
            return value


def only_with_trace(shape, value):
    """Is every member that is a list or map filled, and no member of a list an empty structure?"""
    match shape.type_name:
        case "structure":
            return all(only_with_trace(shape.members[name], member) for name, member in value.items())
        case "list":
            return all(expected(shape.member, member) not in ({}, ()) for member in value) and all(
                only_with_trace(shape.member, member) for member in value
            )
        case "map":
            return bool(value) and all(
                expected(shape.value, member) not in ({}, ()) and only_with_trace(shape.value, member)
                for member in value.values()
            )
        case _:
            return True


@pytest.mark.parametrize(("service", "name"), OPERATIONS, ids=[":".join(operation) for operation in OPERATIONS])
@settings(max_examples=12, deadline=None)
@given(data=st.data())
def test_what_a_client_sends_is_what_we_read(service, name, data):
    theirs = MODELS[service].operation_model(name)
    ours = load_service(service).operations[name]
    parameters = {}
    if theirs.input_shape is not None:
        candidates = values(theirs.input_shape).filter(lambda value: only_with_trace(theirs.input_shape, value))
        parameters = data.draw(candidates)
    request = SERIALIZER.serialize_to_request(parameters, theirs)
    form = parse_form(urlencode(request["body"]).encode())
    assert load_service(service).find(form["Action"], form["Version"]) is ours
    decoded = decode(ours, form)
    assert decoded == (expected(theirs.input_shape, parameters) if theirs.input_shape else {})


def test_both_models_have_the_same_operations():
    for service, model in MODELS.items():
        assert set(load_service(service).operations) == set(model.operation_names)

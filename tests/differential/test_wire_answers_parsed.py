"""Our XML against botocore's parser: for every operation, what we answer is what a client reads."""

from __future__ import annotations

from datetime import datetime

import pytest
from botocore.parsers import QueryParser
from hypothesis import given, settings
from hypothesis import strategies as st

from botocore_values import MODELS, OPERATIONS, values, xml_texts
from rolecall.errors import ApiError, NoSuchEntity
from rolecall.wire.model import load_service
from rolecall.wire.xml import render_error, render_response

PARSER = QueryParser()


def ours(value):
    """The client's value as an operation of ours gives it: tuples, seconds."""
    match value:
        case dict():
            return {name: ours(member) for name, member in value.items()}
        case list():
            return tuple(ours(member) for member in value)
        case datetime():
            return int(value.timestamp())
        case _:
            return value


@pytest.mark.parametrize(("service", "name"), OPERATIONS, ids=[":".join(operation) for operation in OPERATIONS])
@settings(max_examples=8, deadline=None)
@given(data=st.data())
def test_what_we_answer_is_what_a_client_reads(service, name, data):
    shape = MODELS[service].operation_model(name).output_shape
    result = data.draw(values(shape, xml_texts)) if shape is not None else {}
    body = render_response(load_service(service).operations[name], ours(result), "r-1")
    parsed = PARSER.parse({"body": body, "headers": {}, "status_code": 200}, shape)
    metadata = parsed.pop("ResponseMetadata")
    assert metadata["RequestId"] == "r-1"
    assert parsed == result


@given(xml_texts.filter(str.strip))
def test_an_error_is_read_by_a_client(message):
    error: ApiError = NoSuchEntity(message)
    body = render_error(load_service("iam"), error, "r-1")
    parsed = PARSER.parse({"body": body, "headers": {}, "status_code": error.status}, None)
    assert parsed["Error"] == {"Type": "Sender", "Code": "NoSuchEntity", "Message": message}
    assert parsed["ResponseMetadata"]["RequestId"] == "r-1"

"""Decoding of forms: golden cases, shapes that no operation takes yet, and hostile input."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rolecall.errors import ApiError, MalformedInput
from rolecall.wire.decode import decode
from rolecall.wire.form import parse_form
from rolecall.wire.model import OperationModel, load_service
from rolecall.wire.shapes import (
    BlobShape,
    FloatShape,
    IntegerShape,
    MapShape,
    Member,
    StringShape,
    StructureShape,
    TimestampShape,
)

CASES = json.loads((Path(__file__).parent.parent / "cases/wire/decode.json").read_text("utf-8"))
TEXT = StringShape(name="text", minimum=None, maximum=None, pattern=None, enum=(), is_sensitive=False)


def operation_of(case):
    service, _, name = case["operation"].partition(":")
    return load_service(service).operations[name]


def operation_with(shape):
    """An operation with one parameter, `Value`."""
    value = Member(name="Value", path_name="value", python_name="value", shape=shape, is_required=False)
    return OperationModel(
        service="iam",
        namespace="",
        name="Test",
        input=StructureShape(name="TestRequest", members=(value,)),
        output=None,
        result_wrapper=None,
        error_codes=(),
    )


def as_json(value):
    return json.loads(json.dumps(value))


@pytest.mark.parametrize("case", CASES["accepted"], ids=lambda case: case["name"])
def test_a_form_becomes_parameters(case):
    assert as_json(decode(operation_of(case), case["form"])) == case["expected"]


@pytest.mark.parametrize("case", CASES["refused"], ids=lambda case: case["name"])
def test_a_form_of_another_shape_is_refused(case):
    with pytest.raises(MalformedInput) as caught:
        decode(operation_of(case), case["form"])
    assert caught.value.message == case.get("message", caught.value.message)


def test_an_operation_without_input_takes_no_parameters():
    operation = load_service("iam").operations["GetAccountSummary"]
    assert operation.input is None
    assert decode(operation, {"UserName": "bob", "Tags.member.1.Key": "a"}) == {}


def test_lists_are_tuples():
    operation = load_service("iam").operations["UntagUser"]
    assert decode(operation, {"TagKeys.member.1": "a"}) == {"tag_keys": ("a",)}


@pytest.mark.parametrize(
    ("shape", "text", "expected"),
    [
        (IntegerShape(name="long", bits=64, minimum=None, maximum=None), "-9223372036854775808", -(2**63)),
        (FloatShape(name="double"), "-1.5e3", -1500.0),
        (FloatShape(name="double"), ".5", 0.5),
        (BlobShape(name="blob"), "AAH/", b"\x00\x01\xff"),
        (BlobShape(name="blob"), "", b""),
        (TimestampShape(name="timestamp"), "2024-01-02T03:04:05Z", 1704164645),
        (TimestampShape(name="timestamp"), "2024-01-02T04:04:05.900+01:00", 1704164645),
        (TimestampShape(name="timestamp"), "1969-12-31T23:59:59Z", -1),
    ],
)
def test_scalars_are_parsed(shape, text, expected):
    assert decode(operation_with(shape), {"Value": text}) == {"value": expected}


@pytest.mark.parametrize(
    ("shape", "text"),
    [
        (IntegerShape(name="long", bits=64, minimum=None, maximum=None), "9223372036854775808"),
        (IntegerShape(name="integer", bits=32, minimum=None, maximum=None), "9" * 500_000),
        (FloatShape(name="double"), "nan"),
        (FloatShape(name="double"), "Infinity"),
        (FloatShape(name="double"), "1e9999"),
        (FloatShape(name="double"), "1_0"),
        (FloatShape(name="double"), "9" * 500_000),
        (BlobShape(name="blob"), "A"),
        (BlobShape(name="blob"), "AAA!"),
        (BlobShape(name="blob"), "é==="),
        (TimestampShape(name="timestamp"), "2024-01-02T03:04:05"),
        (TimestampShape(name="timestamp"), "2024-13-02T03:04:05Z"),
        (TimestampShape(name="timestamp"), "yesterday"),
    ],
)
def test_wrong_scalars_are_refused(shape, text):
    with pytest.raises(MalformedInput, match="`Value` must be"):
        decode(operation_with(shape), {"Value": text})


def test_a_timestamp_at_the_end_of_time_is_read():
    operation = operation_with(TimestampShape(name="timestamp"))
    assert decode(operation, {"Value": "9999-12-31T23:59:59-23:59"}) == {"value": 253402387139}
    assert decode(operation, {"Value": "0001-01-01T00:00:00+23:59"}) == {"value": -62135683140}


MAP = MapShape(name="map", key=TEXT, value=TEXT, minimum=None, maximum=None)


def test_a_map_is_read_by_its_entries():
    form = {"Value.entry.2.value": "2", "Value.entry.1.key": "a", "Value.entry.1.value": "1", "Value.entry.2.key": "b"}
    assert decode(operation_with(MAP), form) == {"value": {"a": "1", "b": "2"}}
    assert decode(operation_with(MAP), {"Value": ""}) == {"value": {}}


@pytest.mark.parametrize(
    "form",
    [
        {"Value.entry.1.key": "a"},
        {"Value.entry.1.value": "1"},
        {"Value.entry.1": "a"},
        {"Value.entry.1.key": "a", "Value.entry.1.value": "1", "Value.entry.1.color": "red"},
        {"Value.entry.1.key": "a", "Value.entry.1.value": "1", "Value.entry.2.key": "a", "Value.entry.2.value": "2"},
        {"Value.entry.2.key": "a", "Value.entry.2.value": "1"},
        {"Value.member.1.key": "a", "Value.member.1.value": "1"},
        {"Value.a": "1"},
    ],
)
def test_a_misshapen_map_is_refused(form):
    with pytest.raises(MalformedInput):
        decode(operation_with(MAP), form)


@pytest.mark.parametrize("name", ["Tags" + ".a" * 200_000, "Tags" + "." * 500_000, "Tags.member.1" + ".Key" * 100_000])
def test_names_that_nest_without_end_are_refused(name):
    with pytest.raises(MalformedInput, match="nests deeper"):
        decode(load_service("iam").operations["TagUser"], {name: "x"})


def test_an_unknown_name_that_nests_without_end_is_ignored():
    assert decode(load_service("iam").operations["TagUser"], {"Color" + ".a" * 200_000: "x"}) == {}


def test_a_message_shows_only_the_beginning_of_a_long_value():
    with pytest.raises(MalformedInput) as caught:
        decode(load_service("sts").operations["AssumeRole"], {"DurationSeconds": "x" * 500_000})
    assert len(caught.value.message) < 400


def test_no_operation_takes_a_parameter_that_the_protocol_uses():
    for service in (load_service("iam"), load_service("sts")):
        for operation in service.operations.values():
            names = {member.name for member in operation.input.members} if operation.input else set()
            assert names.isdisjoint({"Action", "Version"}), operation.name


part = st.sampled_from(
    ["Tags", "TagKeys", "UserName", "member", "entry", "1", "2", "01", "0", "Key", "Value", "key", ""]
)
forms = st.dictionaries(st.lists(part, min_size=1, max_size=6).map(".".join), st.sampled_from(["", "a", "1", "true"]))


@given(forms)
def test_any_form_is_decoded_or_refused(form):
    for name in ("TagUser", "UntagUser", "CreateRole", "AcquireRole", "SimulatePrincipalPolicy"):
        operation = load_service("iam").operations.get(name)
        if operation is None:
            continue
        try:
            decode(operation, form)
        except ApiError as error:
            assert error.status == 400  # noqa: PT017 - both outcomes are right


def test_a_form_of_the_largest_size_is_decoded():
    body = "&".join(f"Tags.member.{number}.Key=k" for number in range(1, 10_001)).encode()
    parameters = decode(load_service("iam").operations["TagUser"], parse_form(body))
    assert len(parameters["tags"]) == 10_000

"""Constraints: AWS's messages as golden cases, the patterns' meaning, and laws."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rolecall.errors import ValidationError
from rolecall.wire.constraints import validate
from rolecall.wire.decode import decode
from rolecall.wire.model import OperationModel, load_service
from rolecall.wire.patterns import compile_pattern, translate
from rolecall.wire.shapes import ListShape, MapShape, Member, StringShape, StructureShape

FOLDER = Path(__file__).parent.parent / "cases/wire"
CASES = json.loads((FOLDER / "constraints.json").read_text("utf-8"))
PATTERNS = json.loads((FOLDER / "patterns.json").read_text("utf-8"))


def expanded(value):
    return value if isinstance(value, str) else value["repeat"] * value["times"] + value.get("end", "")


def texts_of(shape, seen):
    """All string shapes below `shape`."""
    if shape is None or shape in seen:
        return
    seen.add(shape)
    match shape:
        case StringShape():
            yield shape
        case StructureShape(members=members):
            for member in members:
                yield from texts_of(member.shape, seen)
        case ListShape(member=member):
            yield from texts_of(member, seen)
        case MapShape(key=key, value=value):
            yield from texts_of(key, seen)
            yield from texts_of(value, seen)


def text(**constraints):
    given = {"minimum": None, "maximum": None, "pattern": None, "enum": (), "is_sensitive": False}
    return StringShape(name="text", **(given | constraints))


def message_for(service, shape, value):
    """The message about one parameter `Value` of an operation that is made for the test."""
    member = Member(name="Value", path_name="value", python_name="value", shape=shape, is_required=True)
    operation = OperationModel(
        service=service,
        namespace="",
        name="Test",
        input=StructureShape(name="TestRequest", members=(member,)),
        output=None,
        result_wrapper=None,
        error_codes=(),
    )
    with pytest.raises(ValidationError) as caught:
        validate(operation, {"value": value})
    return caught.value.message


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_violations_are_told_in_the_words_of_aws(case):
    service, _, name = case["operation"].partition(":")
    operation = load_service(service).operations[name]
    form = {name: expanded(value) for name, value in case["form"].items()}
    with pytest.raises(ValidationError) as caught:
        validate(operation, decode(operation, form))
    assert caught.value.message == case["expected"]


@pytest.mark.parametrize("case", PATTERNS, ids=lambda case: case["source"])
def test_a_pattern_means_what_it_means_in_java(case):
    matches = compile_pattern(case["pattern"])
    assert [value for value in case["matches"] if matches(value) is None] == []
    assert [value for value in case["refuses"] if matches(value) is not None] == []


def test_every_pattern_of_the_models_can_be_compiled():
    seen = set()
    shapes = [
        shape
        for service in (load_service("iam"), load_service("sts"))
        for operation in service.operations.values()
        for shape in (*texts_of(operation.input, seen), *texts_of(operation.output, seen))
        if shape.pattern is not None
    ]
    assert len({shape.pattern for shape in shapes}) > 30
    for shape in shapes:
        compile_pattern(shape.pattern)


@pytest.mark.parametrize("pattern", [r"\bword", r"[a[b]]", r"[a&&b]", r"a.b", r"\p{Alpha}", r"\h", r"\u12"])
def test_a_pattern_that_python_may_read_differently_is_refused(pattern):
    with pytest.raises(ValueError, match="not known to mean the same"):
        translate(pattern)


@pytest.mark.timeout(30)  # quadratic time would take minutes
@pytest.mark.parametrize("unit", ["/a", "/", "a", "-", "a-", "http://", "?", "a/b?c#", " ", "é"])
def test_no_pattern_of_the_models_is_slow_on_a_repeated_text(unit):
    seen = set()
    hostile = unit * (1_000_000 // len(unit)) + "\x00"
    for service in (load_service("iam"), load_service("sts")):
        for operation in service.operations.values():
            for shape in texts_of(operation.input, seen):
                if shape.pattern is not None:
                    assert compile_pattern(shape.pattern)(hostile) is None


def test_the_members_of_a_map_are_checked():
    shape = MapShape(name="map", key=text(pattern="[a-z]+"), value=text(maximum=2), minimum=None, maximum=1)
    assert message_for("iam", shape, {"a": "xxx", "B": "x"}) == (
        "3 validation errors detected: "
        "Value at 'value' failed to satisfy constraint: Member must have length less than or equal to 1; "
        "Value at 'value' failed to satisfy constraint: Map keys must satisfy constraint: "
        "[Member must satisfy regular expression pattern: [a-z]+, Member must not be null]; "
        "Value at 'value' failed to satisfy constraint: Map value must satisfy constraint: "
        "[Member must have length less than or equal to 2, Member must not be null]"
    )


def test_structures_in_a_map_are_checked_under_their_key():
    member = Member(name="Name", path_name="name", python_name="name", shape=text(), is_required=True)
    shape = MapShape(
        name="map", key=text(), value=StructureShape(name="part", members=(member,)), minimum=None, maximum=None
    )
    assert message_for("iam", shape, {"first": {}}) == (
        "1 validation error detected: Value at 'value.first.member.name' failed to satisfy constraint: "
        "Member must not be null"
    )


def test_sensitive_members_of_a_list_are_not_shown():
    shape = ListShape(name="list", member=text(maximum=3, is_sensitive=True), minimum=None, maximum=None)
    assert "hidden" not in message_for("sts", shape, ("hidden",))


def test_an_operation_without_input_has_no_constraints():
    validate(load_service("iam").operations["GetAccountSummary"], {})


@pytest.mark.parametrize("service", ["iam", "sts"])
def test_every_required_member_is_asked_for(service):
    for operation in load_service(service).operations.values():
        required = (
            [member.path_name for member in operation.input.members if member.is_required] if operation.input else []
        )
        if not required:
            validate(operation, {})
            continue
        with pytest.raises(ValidationError) as caught:
            validate(operation, {})
        counted = caught.value.message.partition(" ")[0]
        assert int(counted) == len(required)
        assert [part.split("'")[1] for part in caught.value.message.split("; ")] == required


@given(st.text(max_size=80))
def test_a_role_name_passes_exactly_when_it_keeps_the_rules_of_the_model(name):
    operation = load_service("iam").operations["GetRole"]
    allowed = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+=,.@-")
    keeps_rules = 1 <= len(name) <= 64 and allowed.issuperset(name)
    try:
        validate(operation, {"role_name": name})
    except ValidationError:
        assert not keeps_rules
    else:
        assert keeps_rules

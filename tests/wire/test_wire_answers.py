"""Answers and errors in XML and JSON: golden cases, and that nothing breaks the document."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rolecall.errors import ApiError, InvalidAction, NoSuchEntity
from rolecall.wire.json_answer import render_json_error, render_json_response
from rolecall.wire.model import OperationModel, load_service
from rolecall.wire.shapes import BlobShape, FloatShape, Member, StructureShape
from rolecall.wire.xml import escape, render_error, render_response

CASES = json.loads((Path(__file__).parent.parent / "cases/wire/answers.json").read_text("utf-8"))
RENDERERS = pytest.mark.parametrize("render", [render_response, render_json_response])


def operation_named(full_name):
    service, _, name = full_name.partition(":")
    return load_service(service).operations[name]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_an_answer_is_written_as_xml(case):
    assert render_response(operation_named(case["operation"]), case["result"], "r-1").decode() == case["xml"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_an_answer_is_written_as_json(case):
    assert json.loads(render_json_response(operation_named(case["operation"]), case["result"], "r-1")) == case["json"]


def test_an_error_is_written_as_xml():
    error = NoSuchEntity("The user with name <bob> cannot be found.")
    assert render_error(load_service("iam"), error, "r-1").decode() == (
        '<ErrorResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><Error><Type>Sender</Type>'
        "<Code>NoSuchEntity</Code><Message>The user with name &lt;bob&gt; cannot be found.</Message></Error>"
        "<RequestId>r-1</RequestId></ErrorResponse>"
    )


def test_a_fault_of_ours_is_the_receivers():
    assert b"<Type>Receiver</Type><Code>InternalFailure</Code>" in render_error(None, ApiError("sorry"), "r-1")


def test_an_error_of_no_service_has_the_namespace_of_faults():
    error = render_error(None, InvalidAction("Could not find operation Foo for version 1"), "r-1")
    assert b'xmlns="http://webservices.amazon.com/AWSFault/2005-15-09"' in error


def test_an_error_is_written_as_json():
    assert json.loads(render_json_error(NoSuchEntity("no <such> \ud800"), "r-1")) == {
        "Error": {"Code": "NoSuchEntity", "Message": "no <such> ?", "Type": "Sender"},
        "RequestId": "r-1",
    }


@RENDERERS
@pytest.mark.parametrize(
    ("operation", "result", "fault"),
    [
        ("iam:GetUser", {"Usr": {}}, ValueError),
        ("iam:GetUser", {"User": {"user_name": "bob"}}, ValueError),
        ("iam:DeleteUser", {"User": {}}, ValueError),
        ("iam:ListUsers", {"IsTruncated": "false"}, TypeError),
        ("iam:ListUsers", {"IsTruncated": 0}, TypeError),
        ("iam:GetUser", {"User": {"CreateDate": "2024-01-02T03:04:05Z"}}, TypeError),
        ("iam:GetUser", {"User": {"CreateDate": 1704164645.5}}, TypeError),
        ("iam:GetAccountSummary", {"SummaryMap": {"Users": True}}, TypeError),
        ("iam:ListAccountAliases", {"AccountAliases": "abc"}, TypeError),
    ],
)
def test_a_result_that_the_model_does_not_know_is_a_bug(render, operation, result, fault):
    with pytest.raises(fault):
        render(operation_named(operation), result, "r-1")


def test_bytes_and_decimal_numbers_are_written():
    members = tuple(
        Member(name=name, path_name=name, python_name=name, shape=shape, is_required=False)
        for name, shape in (("Blob", BlobShape(name="blob")), ("Ratio", FloatShape(name="double")))
    )
    operation = OperationModel(
        service="iam",
        namespace="",
        name="Test",
        input=None,
        output=StructureShape(name="TestResponse", members=members),
        result_wrapper="TestResult",
        error_codes=(),
    )
    result = {"Blob": b"\x00\xff", "Ratio": 0.5}
    assert b"<TestResult><Blob>AP8=</Blob><Ratio>0.5</Ratio></TestResult>" in render_response(operation, result, "r-1")
    assert json.loads(render_json_response(operation, result, "r-1"))["TestResponse"]["TestResult"] == {
        "Blob": "AP8=",
        "Ratio": 0.5,
    }
    for render in (render_response, render_json_response):
        with pytest.raises(TypeError):
            render(operation, {"Ratio": 1}, "r-1")


@given(st.text())
def test_any_text_makes_a_document_that_an_xml_parser_reads(text):
    root = ElementTree.fromstring(f"<a>{escape(text)}</a>".encode())
    kept = "".join("\ufffd" if escape(character) == "\ufffd" else character for character in text)
    assert (root.text or "") == kept


@given(st.text())
def test_any_message_makes_an_error_that_an_xml_parser_reads(text):
    root = ElementTree.fromstring(render_error(load_service("sts"), NoSuchEntity(text), "r-1"))
    assert root.tag == "{https://sts.amazonaws.com/doc/2011-06-15/}ErrorResponse"

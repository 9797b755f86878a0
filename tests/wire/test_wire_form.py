"""The form parser: golden cases, and laws against the standard library's encoder."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rolecall.errors import ApiError, MalformedQueryString
from rolecall.wire.form import MAX_PARAMETERS, parse_form

CASES = json.loads((Path(__file__).parent.parent / "cases/wire/form.json").read_text("utf-8"))

texts = st.text(st.characters(codec="utf-8"), max_size=20)


@pytest.mark.parametrize("case", CASES["accepted"], ids=lambda case: case["name"])
def test_a_form_is_read(case):
    form = parse_form(case["given"].encode())
    assert list(form.items()) == list(case["expected"].items())


@pytest.mark.parametrize("case", CASES["refused"], ids=lambda case: case["name"])
def test_a_broken_form_is_refused(case):
    with pytest.raises(MalformedQueryString):
        parse_form(case["given"].encode())


def test_raw_bytes_that_are_not_utf8_are_refused():
    with pytest.raises(MalformedQueryString):
        parse_form(b"a=\xff")


def test_a_form_may_hold_as_many_parameters_as_the_limit_says():
    body = b"&".join(b"a%d=" % number for number in range(MAX_PARAMETERS))
    assert len(parse_form(body)) == MAX_PARAMETERS


@pytest.mark.parametrize("body", [b"&" * 1_000_000, b"&".join(b"a%d=" % number for number in range(100_000))])
def test_too_many_parameters_are_refused(body):
    with pytest.raises(MalformedQueryString, match="too many"):
        parse_form(body)


@given(st.lists(st.tuples(texts.filter(bool), texts), unique_by=lambda pair: pair[0].casefold()))
def test_what_an_encoder_writes_is_read_back(pairs):
    assert list(parse_form(urlencode(pairs).encode()).items()) == pairs


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(encoded):
    try:
        form = parse_form(encoded)
    except ApiError as error:
        assert error.status == 400  # noqa: PT017 - both outcomes are right
    else:
        assert all(form)

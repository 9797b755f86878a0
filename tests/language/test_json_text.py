"""The JSON reader: places, refusals, hostile texts."""

from __future__ import annotations

import pytest

from rolecall.language.document import Position, SourceSpan
from rolecall.language.json_text import (
    MAXIMUM_DEPTH,
    MAXIMUM_LENGTH,
    InvalidJson,
    JsonArray,
    JsonNumber,
    JsonObject,
    JsonString,
    JsonWord,
    LineIndex,
    read_json,
)


def test_every_value_knows_where_it_stands() -> None:
    assert read_json(' {"a": [1, true, null, {}, []]}') == JsonObject(
        (
            (
                JsonString("a", 2, 5),
                JsonArray(
                    (
                        JsonNumber("1", 8, 9),
                        JsonWord(True, 11, 15),
                        JsonWord(None, 17, 21),
                        JsonObject((), 23, 25),
                        JsonArray((), 27, 29),
                    ),
                    7,
                    30,
                ),
            ),
        ),
        1,
        31,
    )


def test_lines_and_columns_count_from_one() -> None:
    lines = LineIndex("ab\ncd\n")
    assert [lines.position(offset) for offset in (0, 2, 3, 6)] == [
        Position(1, 1, 0),
        Position(1, 3, 2),
        Position(2, 1, 3),
        Position(3, 1, 6),
    ]
    assert lines.span(1, 4) == SourceSpan(Position(1, 2, 1), Position(2, 2, 4))


@pytest.mark.parametrize("text", ["0", "-0", "10.5", "1e3", "1E+308", "-1.5e-308", "9" * 64])
def test_a_number_keeps_its_spelling(text: str) -> None:
    assert read_json(text) == JsonNumber(text, 0, len(text))


@pytest.mark.parametrize(
    ("text", "offset"),
    [
        ("", 0),
        ("  ", 2),
        ("[1,]", 3),
        ("[1 2]", 3),
        ("[1", 2),
        ("[", 1),
        ('{"a"}', 4),
        ('{"a":1 "b":2}', 7),
        ('{"a":1,}', 7),
        ("{a:1}", 1),
        ("{", 1),
        ('{"a":', 5),
        ('{"a":1,"b":2,"a":3}', 13),
        ('{"a":1,"\\u0061":3}', 7),
        ("1 2", 2),
        ("trueish", 4),
        ("True", 0),
        ("nul", 0),
        ("NaN", 0),
        ("-Infinity", 0),
        ("+1", 0),
        (".5", 0),
        ("01", 1),
        ("1.", 1),
        ("-", 0),
        ("1e309", 0),
        ("1e999999", 0),
        ("9" * 65, 0),
        ("１", 0),
        ("'a'", 0),
        ("\ufeff{}", 0),
        ("\x00", 0),
        ("\xa01", 0),
        ('"a', 0),
        ('"\t"', 1),
        ('"\x00"', 1),
        ('"\\x"', 1),
        ('"\\u12g4"', 2),
        ('"\\u0000"', 0),
        ('"\\b"', 0),
        ('"\\ud800"', 0),
        ('"\\udc00\\ud800"', 0),
        ('"\ud800"', 0),
        ('{"\\udfff":1}', 1),
    ],
)
def test_what_is_no_json_for_a_policy_is_refused_at_its_place(text: str, offset: int) -> None:
    with pytest.raises(InvalidJson) as refused:
        read_json(text)
    assert refused.value.offset == offset
    assert refused.value.detail in str(refused.value)


@pytest.mark.parametrize(("text", "said"), [('"\\ud83d\\ude00"', "\U0001f600"), ('"\\t\\n\\r\\/"', "\t\n\r/")])
def test_escapes_that_a_policy_may_hold_are_read(text: str, said: str) -> None:
    assert read_json(text) == JsonString(said, 0, len(text))


def test_nesting_is_bounded() -> None:
    read_json("[" * MAXIMUM_DEPTH + "]" * MAXIMUM_DEPTH)
    with pytest.raises(InvalidJson, match="nested deeper"):
        read_json("[" * (MAXIMUM_DEPTH + 1) + "]" * (MAXIMUM_DEPTH + 1))


@pytest.mark.parametrize("opening", ["[", '{"a":', '[{"a":'])
def test_endless_nesting_is_refused_without_exhausting_the_stack(opening: str) -> None:
    with pytest.raises(InvalidJson):
        read_json(opening * (100_000 // len(opening)))


def test_the_length_is_bounded() -> None:
    filled = '"' + "a" * (MAXIMUM_LENGTH - 2) + '"'
    assert read_json(filled) == JsonString(filled[1:-1], 0, MAXIMUM_LENGTH)
    with pytest.raises(InvalidJson, match="longer than"):
        read_json(filled + " ")
    with pytest.raises(InvalidJson, match="longer than"):
        read_json('"' + "a" * 1_000_000 + '"')
    assert read_json(filled + " ", MAXIMUM_LENGTH + 1) == read_json(filled)

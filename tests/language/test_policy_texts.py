"""Work on a policy's text: its size, its principals exchanged, its canonical form."""

from __future__ import annotations

import json

import pytest

from rolecall.language.document import PolicyType
from rolecall.language.json_text import InvalidJson
from rolecall.language.parser import parse_policy
from rolecall.language.principals import rewrite_principals
from rolecall.language.render import render
from rolecall.language.size import policy_size


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("", 0),
        ("{}", 2),
        (" { \t\r\n } ", 2),
        ('{"a" : "b c"}', 11),
        ('["\\" ", " "]', 11),
        ('"\\\\" "x"', 7),
        ('"not closed  ', 13),
        ('"not closed \\', 13),
        ("a b", 2),
        ("\xa0", 1),
    ],
)
def test_white_space_outside_of_strings_does_not_count(text: str, size: int) -> None:
    assert policy_size(text) == size


def test_a_text_of_quotes_is_measured() -> None:
    assert policy_size('"' + '\\"' * 500_000) == 1_000_001


TRUST = """{"Statement": [
  {"Principal": {"AWS": "one",  "Service": "one"}, "Sid": "one"},
  {"NotPrincipal": {"AWS": ["two", "one", 3, null]}, "AWS": "one"},
  {"Principal": "one"}, {"Principal": ["one"]}, "one", {"Resource": {"AWS": "one"}}
], "Principal": {"AWS": "one"}}"""


def test_only_aws_principals_are_exchanged_and_all_else_stays() -> None:
    asked = []

    def replace(text: str) -> str | None:
        asked.append(text)
        return 'new "1"\n' if text == "one" else None

    rewritten = rewrite_principals(TRUST, replace)
    assert asked == ["one", "two", "one"]
    assert rewritten == TRUST.replace('{"AWS": "one",  ', '{"AWS": "new \\"1\\"\\n",  ').replace(
        '["two", "one",', '["two", "new \\"1\\"\\n",'
    )


def test_a_single_statement_is_rewritten_too() -> None:
    assert rewrite_principals('{"Statement":{"Principal":{"AWS":"a"}}}', str.upper) == (
        '{"Statement":{"Principal":{"AWS":"A"}}}'
    )


@pytest.mark.parametrize("text", ["[]", "1", "{}", '{"Statement": null}', '{"Statement": {"Principal": {"AWS": {}}}}'])
def test_a_text_without_principals_stays(text: str) -> None:
    assert rewrite_principals(text, lambda _: "x") == text


def test_a_text_that_is_no_json_is_not_rewritten() -> None:
    with pytest.raises(InvalidJson):
        rewrite_principals("{", lambda _: None)


def test_the_canonical_form_spells_everything_out() -> None:
    policy = {
        "Statement": {
            "Condition": {"Bool": {"aws:SecureTransport": True}, "StringEquals": {"a:B": "x", "a:C": ["y", "z"]}},
            "Action": "s3:*",
            "Principal": {"AWS": "123456789012", "Service": ["a.example"]},
            "Resource": "*",
            "Effect": "Allow",
        }
    }
    assert json.loads(render(parse_policy(json.dumps(policy), PolicyType.RESOURCE))) == {
        "Version": "2008-10-17",
        "Statement": [
            {
                "Principal": {"AWS": ["123456789012"], "Service": ["a.example"]},
                "Effect": "Allow",
                "Action": ["s3:*"],
                "Resource": ["*"],
                "Condition": {
                    "Bool": {"aws:SecureTransport": ["true"]},
                    "StringEquals": {"a:B": ["x"], "a:C": ["y", "z"]},
                },
            }
        ],
    }

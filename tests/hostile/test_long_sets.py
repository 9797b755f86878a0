"""Many texts, or long ones, are compared with all values of a policy at once: with the outcome of one by one."""

from __future__ import annotations

from itertools import product

import pytest

from hostile.test_hostile_policies import denying_if, outcome
from rolecall.decision.result import Decision
from rolecall.names.pattern_sets import SHORT

LONG = "z" * SHORT
ARN = "arn:aws:s3:::"

SETS: list[tuple[str, list[str], list[str]]] = [
    ("StringEquals", ["one", "two"], ["one", "two", "three"]),
    ("StringEquals", ["one", "${a:v}"], ["one", "V", "${a:v}"]),
    ("StringEqualsIgnoreCase", ["One", "TWO"], ["oNE", "two", "three"]),
    ("StringEqualsIgnoreCase", ["One", "${a:v}s", "${a:none}"], ["oNE", "vS", "ΟΔΟΣ"]),
    ("StringEqualsIgnoreCase", ["ΟΔΟΣ", "${a:sigma}Σ"], ["οδος", "οΣΣ", "οσς"]),
    ("StringLike", ["o*", "*w?", "${a:v}*"], ["one", "two", "V1", "three", "w"]),
    ("StringLike", [f"*{at}*" for at in range(40)], ["x39", "5", "no"]),
    ("ArnLike", ["arn:*:s3:::b*", "arn:aws:s3:::*/${a:v}"], [f"{ARN}bb", f"{ARN}c/V", f"{ARN}c:/v", "b", "arn:aws"]),
    ("ArnEquals", ["arn:aws:*:::*b?*"], [f"{ARN}abc", f"{ARN}ab", "arn:aws:s3::1:abc"]),
    ("NumericEquals", ["1", "2e1"], ["1.0", "20", "3", "x"]),
    ("NumericLessThan", ["10", "5"], ["1", "9.5", "10", "x"]),
    ("NumericLessThanEquals", ["10", "5"], ["1", "10", "10.5", ""]),
    ("NumericGreaterThan", ["10", "5"], ["6", "5", "1e3", "x"]),
    ("NumericGreaterThanEquals", ["10", "5"], ["6", "5", "4", "x"]),
    ("DateLessThan", ["2024-01-01"], ["2023", "2024", "x"]),
    ("DateGreaterThanEquals", ["2024-01-01"], ["2023", "2024", "x"]),
    ("Bool", ["true"], ["TRUE", "true", "false", "x"]),
    ("BinaryEquals", ["AAAA"], ["AAAA", "AAAB", "x"]),
    ("IpAddress", ["10.0.0.0/8", "2001:db8::/32", "10.1.2.3"], ["10.9.9.9", "2001:db8::1", "11.0.0.0", "x"]),
]


def is_denied(operator: str, values: list[str], present: str | tuple[str, ...]) -> bool:
    context = {"a:b": present, "a:v": "V", "a:sigma": "ΟΣ"}
    return outcome(denying_if({operator: {"a:b": values}}), context) is Decision.EXPLICIT_DENY


CASES = [
    (operator, values, chosen)
    for operator, values, texts in SETS
    for size in (1, 2, len(texts))
    for chosen in {tuple(texts[:size]), tuple(texts[-size:])}
]


@pytest.mark.parametrize(("operator", "values", "chosen"), CASES)
def test_a_large_set_is_decided_as_its_values_are(operator: str, values: list[str], chosen: tuple[str, ...]) -> None:
    fitting = [is_denied(operator, values, text) for text in chosen]
    many = chosen * SHORT
    assert is_denied(operator, values, many) is any(fitting)
    assert is_denied(f"ForAnyValue:{operator}", values, many) is any(fitting)
    assert is_denied(f"ForAllValues:{operator}", values, many) is all(fitting)


NEGATED = {
    "StringEquals": "StringNotEquals",
    "StringEqualsIgnoreCase": "StringNotEqualsIgnoreCase",
    "StringLike": "StringNotLike",
    "ArnLike": "ArnNotLike",
    "NumericEquals": "NumericNotEquals",
    "IpAddress": "NotIpAddress",
}


@pytest.mark.parametrize(("operator", "values", "chosen"), [case for case in CASES if case[0] in NEGATED])
def test_a_large_set_is_decided_so_by_negated_operators_too(
    operator: str, values: list[str], chosen: tuple[str, ...]
) -> None:
    negated = NEGATED[operator]
    fitting = [is_denied(operator, values, text) for text in chosen]
    many = chosen * SHORT
    assert is_denied(negated, values, many) is not any(fitting)
    assert is_denied(f"ForAnyValue:{negated}", values, many) is not all(fitting)
    assert is_denied(f"ForAllValues:{negated}", values, many) is not any(fitting)


@pytest.mark.parametrize(
    ("pattern", "head", "variable"), list(product(["*{}b", "{}?", "*{}*"], ["", "a"], ["", "${a:v}"]))
)
def test_a_long_value_fits_what_a_short_one_does(pattern: str, head: str, variable: str) -> None:
    wanted = pattern.format(head + variable)
    for text in ("ab", "aVb", "V", "VV", "bb", "a"):
        expected = is_denied("StringLike", [wanted], text)
        assert is_denied("StringLike", [LONG + wanted], LONG + text) is expected
        assert is_denied("StringLike", [LONG + "?" + wanted] * 20, LONG + "x" + text) is expected
        arns = is_denied("ArnLike", [f"{ARN}{LONG}{wanted}", f"{ARN}{LONG}x"], f"{ARN}{LONG}{text}")
        assert arns is expected

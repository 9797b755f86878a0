"""Policies that are made to hurt: each is refused, or decided as the rules say, with work bounded by its size.

Nothing here looks at a clock. How long the worst documents take is the bench's to tell.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from hostile.document_parts import LARGEST_DOCUMENT, NOTHING, Context, Worst
from hostile.worst_documents import worst_documents
from rolecall.decision.evaluate import evaluate
from rolecall.decision.limits import LONGEST_ARN, LONGEST_VALUE, beyond_limits
from rolecall.decision.policies import ApplicablePolicies, AppliedPolicy, PolicySet
from rolecall.decision.principal import IamUser
from rolecall.decision.request import AuthorizationRequest
from rolecall.decision.result import Decision
from rolecall.errors import PolicyError
from rolecall.language.document import PolicyDocument, PolicyType
from rolecall.language.json_text import MAXIMUM_LENGTH
from rolecall.language.parser import parse_policy
from rolecall.names.arn import AccountId, iam_arn, parse_arn

ACCOUNT = AccountId("111111111111")
ANN = IamUser(account=ACCOUNT, user_id="AIDAQXNVGKBFKDCVOSJ3B", name="ann", arn=iam_arn(ACCOUNT, "user", "/", "ann"))
EVERYTHING = {"Effect": "Allow", "Action": "*", "Resource": "*"}


def applying(document: PolicyDocument) -> ApplicablePolicies:
    """`document` alone, in the place for its type."""
    policies = PolicySet(document.type, (AppliedPolicy("hostile", document),))
    match document.type:
        case PolicyType.IDENTITY:
            return ApplicablePolicies(identity=policies)
        case PolicyType.SESSION:
            return ApplicablePolicies(session=policies)
        case PolicyType.SERVICE_CONTROL:
            return ApplicablePolicies(service_control=(policies,))
        case _:
            return ApplicablePolicies(resource=policies)


def decide(document: PolicyDocument, resource: str, context: Context, action: str) -> Decision:
    request = AuthorizationRequest(principal=ANN, action=action, resource=parse_arn(resource), context=context)
    return evaluate(request, applying(document)).decision


def outcome(text: str, context: Context = NOTHING, action: str = "s3:GetObject") -> Decision | None:
    """What an identity-based policy says of an object; None if it is refused."""
    try:
        document = parse_policy(text, PolicyType.IDENTITY)
    except PolicyError:
        return None
    return decide(document, "arn:aws:s3:::b/x", context, action)


def text_of(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def denying_if(condition: dict[str, Any]) -> str:
    return text_of(EVERYTHING, {**EVERYTHING, "Effect": "Deny", "Condition": condition})


# The worst within AWS's limits


WORST = list(worst_documents())


def test_the_worst_documents_are_within_awss_limits_and_fill_them() -> None:
    assert len({worst.name for worst in WORST}) == len(WORST) > 100
    for worst in WORST:
        assert len(worst.text) <= LARGEST_DOCUMENT[worst.policy_type], worst.name
        assert len(worst.resource) <= LONGEST_ARN
        assert beyond_limits(worst.context) is None, worst.name
    for policy_type, largest in LARGEST_DOCUMENT.items():
        fullest = max(len(worst.text) for worst in WORST if worst.policy_type is policy_type)
        assert fullest > largest * 0.9


@pytest.mark.parametrize("worst", WORST, ids=[worst.name for worst in WORST])
def test_the_worst_documents_are_decided_rightly(worst: Worst) -> None:
    document = parse_policy(worst.text, worst.policy_type)
    decision = decide(document, worst.resource, worst.context, worst.action)
    assert (decision is Decision.EXPLICIT_DENY) is worst.applies


# Texts


@pytest.mark.parametrize(
    "text",
    [
        "\ufeff" + text_of(EVERYTHING),
        text_of(EVERYTHING) + "\x00",
        text_of(EVERYTHING).replace("Allow", "Allow\x00"),
        text_of(EVERYTHING).replace("Allow", "Al\\u006cow\\u0000"),
        text_of({**EVERYTHING, "Resource": "arn:aws:s3:::\ud800"}),
        text_of({**EVERYTHING, "Resource": "arn:aws:s3:::\udfff\ud83d"}),
        text_of({**EVERYTHING, "Resource": [["*"]]}),
        text_of({**EVERYTHING, "Action": [[["*"]]]}),
        json.dumps({"Version": "2012-10-17", "Statement": [[[EVERYTHING]]]}),
        json.dumps([EVERYTHING]),
        json.dumps(text_of(EVERYTHING)),
        "[" * MAXIMUM_LENGTH,
        '{"a":' * (MAXIMUM_LENGTH // 5),
        '{"Version":' + "9" * 1_000_000 + "}",
        '{"Version":1e999999999}',
        '{"Version":-' + "0" * 100_000 + "}",
        text_of({**EVERYTHING, "Condition": {"NumericEquals": {"a:b": 1}}}).replace(": 1}", ": 1e999999999}"),
        text_of({**EVERYTHING, "Condition": {"NumericEquals": {"a:b": 1}}}).replace(": 1}", f": {'1' * 65}}}"),
        text_of({**EVERYTHING, "Condition": {"NumericEquals": {"a:b": "1e999999999"}}}),
        text_of({**EVERYTHING, "Condition": {"DateEquals": {"a:b": "9" * 100_000}}}),
        text_of({**EVERYTHING, "Condition": {"IpAddress": {"a:b": "1." * 50_000}}}),
        text_of({**EVERYTHING, "Condition": {"BinaryEquals": {"a:b": "A" * 99_999}}}),
    ],
    ids=lambda text: ascii(text[:120]),
)
def test_a_text_that_is_no_policy_is_refused(text: str) -> None:
    assert outcome(text) is None


@pytest.mark.parametrize(
    "name", ["__proto__", "constructor", "__class__", "toString", "$ref", "Effect\n", " Effect", ""]
)
def test_a_name_that_means_something_elsewhere_means_nothing_here(name: str) -> None:
    assert outcome(text_of({**EVERYTHING, name: {}})) is None
    assert outcome(json.dumps({"Version": "2012-10-17", "Statement": EVERYTHING, name: {}})) is None
    assert outcome(denying_if({name: {"a:b": "x"}})) is None


def test_a_key_that_means_something_elsewhere_is_a_key_like_any_other() -> None:
    for key in ("__proto__", "constructor", "__class__", "get", "keys"):
        assert outcome(denying_if({"StringEquals": {key: "x"}})) is Decision.ALLOWED
        assert outcome(denying_if({"StringEquals": {key: "x"}}), {key: "x"}) is Decision.EXPLICIT_DENY
        assert outcome(denying_if({"StringEquals": {"a:b": f"${{{key}}}"}}), {"a:b": "x"}) is Decision.ALLOWED


def test_line_ends_of_another_system_change_nothing() -> None:
    text = json.dumps({"Version": "2012-10-17", "Statement": [EVERYTHING]}, indent=2)
    assert outcome(text.replace("\n", "\r\n")) is outcome(text.replace("\n", "\r")) is outcome(text) is Decision.ALLOWED


def test_the_largest_text_is_read_and_no_larger_one() -> None:
    sized = text_of({**EVERYTHING, "Resource": ["arn:aws:s3:::*", "arn:aws:s3:::c" + "?" * 1_000]})
    largest = sized + " " * (MAXIMUM_LENGTH - len(sized))
    assert outcome(largest) is Decision.ALLOWED
    assert outcome(largest + " ") is None


@pytest.mark.parametrize(
    "values",
    [
        ["x"] * 20_000,
        [str(number) for number in range(15_000)],
        ["*" * 100_000],
        ["?" * 100_000],
        ["*a" * 50_000 + "*b*"],
        ["${*}" * 25_000],
    ],
    ids=lambda values: f"{len(values)} of {values[0][:10]}",
)
def test_any_number_and_length_of_values_is_decided(values: list[str]) -> None:
    for operator, holds in (("StringLike", False), ("StringNotLike", True)):
        text = denying_if({operator: {"a:b": [value for value in values if value.strip("*")] or ["-"]}})
        assert len(text) <= MAXIMUM_LENGTH
        expected = Decision.EXPLICIT_DENY if holds else Decision.ALLOWED
        assert outcome(text, {"a:b": "a" * LONGEST_VALUE}) is expected


@pytest.mark.parametrize("number", ["9" * 100_000, "9" * 4_000 + "e999999", "-0." + "0" * 50_000 + "1", "1e-999999"])
def test_numbers_of_any_size_are_compared_exactly(number: str) -> None:
    for operator, holds in (("NumericEquals", True), ("NumericLessThan", False), ("NumericGreaterThanEquals", True)):
        expected = Decision.EXPLICIT_DENY if holds else Decision.ALLOWED
        assert outcome(denying_if({operator: {"a:b": number}}), {"a:b": number}) is expected
    assert outcome(denying_if({"NumericEquals": {"a:b": number}}), {"a:b": number + "1"}) is Decision.ALLOWED


# Look-alikes


def in_cyrillic(text: str) -> str:
    return text.translate(str.maketrans("aceopsxyAEKOCTBHM", "асеорѕхуАЕКОСТВНМ"))


def in_full_width(text: str) -> str:
    return "".join(chr(ord(character) + 0xFEE0) if "!" <= character <= "~" else character for character in text)


def with_zero_width(text: str) -> str:
    return text[:1] + "\u200b" + text[1:]


def with_combining(text: str) -> str:
    return text + "\u0301"


def swapped(text: str) -> str:
    return text.swapcase()


DISGUISES = [in_cyrillic, in_full_width, with_zero_width, with_combining]


@pytest.mark.parametrize(
    ("disguise", "element"),
    [
        (disguise, element)
        for disguise in (*DISGUISES, swapped)
        for element in ("Version", "Statement", "Effect", "Action", "Resource", "Allow", "2012-10-17")
        if disguise(element) != element
    ],
)
def test_an_element_in_disguise_is_refused(disguise: Any, element: str) -> None:
    assert outcome(text_of(EVERYTHING).replace(f'"{element}"', json.dumps(disguise(element)))) is None


@pytest.mark.parametrize("disguise", [*DISGUISES, swapped])
@pytest.mark.parametrize("operator", ["StringEquals", "ForAllValues:StringLike", "Bool", "BoolIfExists"])
def test_an_operator_in_disguise_is_refused(disguise: Any, operator: str) -> None:
    assert outcome(denying_if({disguise(operator): {"a:b": "true"}})) is None


@pytest.mark.parametrize("disguise", DISGUISES)
def test_a_name_in_disguise_is_another_name(disguise: Any) -> None:
    disguised = disguise("PutObject")
    assert (
        outcome(text_of({**EVERYTHING, "Action": f"s3:{disguised}"}), action="s3:PutObject") is Decision.IMPLICIT_DENY
    )
    assert outcome(text_of({**EVERYTHING, "Action": f"{disguise('s3')}:PutObject"})) is None
    key = f"aws:{disguise('username')}"
    assert outcome(denying_if({"StringEquals": {key: "ann"}}), {"aws:username": "ann"}) is Decision.ALLOWED
    assert outcome(denying_if({"StringEquals": {"a:b": disguise("ann")}}), {"a:b": "ann"}) is Decision.ALLOWED


@pytest.mark.parametrize(
    "statement",
    [
        {**EVERYTHING, "Action": "s3:ListBuc\u212aet"},
        {**EVERYTHING, "NotAction": "s3:ListBuc\u212aet*"},
        {**EVERYTHING, "Condition": {"Null": {"aws:To\u212aenIssueTime": "true"}}},
        {**EVERYTHING, "Resource": "arn:aws:s3:::${aws:PrincipalTag/\u212aey}"},
        {**EVERYTHING, "Condition": {"StringLike": {"a:b": "${aws:\u212aey, 'x'}"}}},
    ],
)
def test_no_name_becomes_another_in_lower_case(statement: dict[str, Any]) -> None:
    assert outcome(text_of(statement)) is None
    assert outcome(text_of(statement).replace("\\u212a", "K")) is not None or "NotAction" in statement


def test_keys_that_differ_in_case_alone_are_one_key_asked_twice() -> None:
    both = {"StringEquals": {"aws:username": "ann", "AWS:USERNAME": ["ann", "bob"]}}
    assert outcome(denying_if(both), {"aws:username": "ann"}) is Decision.EXPLICIT_DENY
    assert outcome(denying_if(both), {"aws:username": "bob"}) is Decision.ALLOWED

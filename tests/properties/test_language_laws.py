"""Laws of the policy language: reading, rendering, measuring and rewriting policy texts."""

from __future__ import annotations

import json
from base64 import b64encode
from itertools import pairwise
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from rolecall.errors import PolicyError
from rolecall.language.dates import is_date
from rolecall.language.document import AnyOne, AnyRun, PolicyDocument, PolicyType, SourceSpan, Template, Text, Variable
from rolecall.language.findings import Finding
from rolecall.language.json_text import InvalidJson, JsonArray, JsonNumber, JsonObject, JsonString, JsonValue, read_json
from rolecall.language.operators import OPERATORS, Comparison
from rolecall.language.parser import parse_policy
from rolecall.language.principals import rewrite_principals
from rolecall.language.render import render, without_source
from rolecall.language.size import policy_size
from rolecall.language.templates import MalformedVariable, parse_template

ACCOUNT = "123456789012"

# What JSON texts of policies are made of, so that random texts often get far.
fragments = st.sampled_from(
    [
        *'{}[]:,"\\*? \n',
        *("Version", "2012-10-17", "Statement", "Effect", "Allow", "Action", "Resource", "null", "true"),
        *(
            "1e9",
            "\\u0041",
            "\\ud800",
            "${",
            "${aws:username}",
            ", 'x'}",
            "arn:aws:s3:::",
            "é",
            "\ud800",
            "\x00",
            "\ufeff",
        ),
    ]
)
texts = st.lists(fragments, max_size=30).map("".join) | st.text(max_size=50)
coins: st.SearchStrategy[Any] = st.booleans()
policy_types = st.sampled_from(PolicyType)

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats(-1e300, 1e300, allow_subnormal=False)
    | st.text("aé\n😀", max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abc", max_size=3), inner, max_size=4),
    max_leaves=20,
)

specials = st.sampled_from(
    ["*", "?", "${*}", "${?}", "${$}", "${aws:username}", "${aws:PrincipalTag/a b, 'none'}", "$"]
)
pattern_texts = st.lists(specials | st.text("ab/é", min_size=1, max_size=3), max_size=6).map("".join)

actions = st.sampled_from(["*", "*:*", "s3:*", "s3:Get?bject", "IAM:ListUsers", "sts:AssumeRole", "iam: odd "])
resources = st.just("*") | st.builds(
    "arn:{}:{}:{}:{}:{}".format,
    st.sampled_from(["aws", "*", "aws-cn"]),
    st.sampled_from(["sqs", "lambda", "s33"]),
    st.sampled_from(["", "*", "eu-central-1"]),
    st.sampled_from(["", "*", ACCOUNT, "?2*"]),
    pattern_texts,
)

numbers = st.integers() | st.decimals(allow_nan=False, allow_infinity=False, places=3).map("{:f}".format)

GOOD_VALUES = {
    Comparison.BOOL: st.sampled_from(["true", "False", True]),
    Comparison.NULL: st.sampled_from(["true", "False", True]),
    Comparison.IP_ADDRESS: st.sampled_from(["203.0.113.0/24", "::1"]),
    Comparison.BINARY_EQUALS: st.binary(max_size=5).map(lambda value: b64encode(value).decode()),
    Comparison.ARN_LIKE: resources,
    **dict.fromkeys(
        (comparison for comparison in Comparison if comparison.startswith("Date")),
        st.sampled_from(["2026-01-01", 7, "2026-01-01T00:00:00Z"]),
    ),
    **dict.fromkeys((comparison for comparison in Comparison if comparison.startswith("Numeric")), numbers),
}


def one_or_many(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return values | st.lists(values, min_size=1, max_size=3)


@st.composite
def statements(draw: st.DrawFn) -> dict[str, Any]:
    statement: dict[str, Any] = {
        "Effect": draw(st.sampled_from(["Allow", "Deny"])),
        draw(st.sampled_from(["Action", "NotAction"])): draw(one_or_many(actions)),
        draw(st.sampled_from(["Resource", "NotResource"])): draw(one_or_many(resources)),
    }
    condition: dict[str, Any] = {}
    for name in draw(st.lists(st.sampled_from(sorted(OPERATORS)), max_size=3, unique=True)):
        values = GOOD_VALUES.get(OPERATORS[name].comparison, pattern_texts | st.integers() | st.booleans())
        keys = st.sampled_from(["aws:username", "AWS:UserName", "aws:RequestTag/a b"])
        condition[name] = draw(st.dictionaries(keys, values | st.lists(values, max_size=3), max_size=2))
    if condition or draw(coins):
        statement["Condition"] = condition
    return {name: statement[name] for name in draw(st.permutations(sorted(statement)))}


@st.composite
def policies(draw: st.DrawFn) -> dict[str, Any]:
    policy: dict[str, Any] = {"Version": "2012-10-17", "Statement": draw(one_or_many(statements()))}
    if draw(coins):
        policy["Id"] = draw(st.text("aé", max_size=4))
    return policy


principals = st.one_of(
    st.just("*"),
    st.fixed_dictionaries(
        {
            "AWS": one_or_many(
                st.sampled_from(["*", ACCOUNT, f"arn:aws:iam::{ACCOUNT}:role/x", "AROAQXNVGKBFKDCVOSJ3B"])
            )
        },
        optional={"Service": one_or_many(st.just("ec2.amazonaws.com")), "Federated": st.just("accounts.google.com")},
    ),
)


@st.composite
def resource_policies(draw: st.DrawFn) -> dict[str, Any]:
    statement = {**draw(statements()), "Principal": draw(principals), "Sid": draw(st.sampled_from(["", "a b"]))}
    return {**draw(st.sampled_from([{}, {"Version": "2008-10-17"}, {"Version": "2012-10-17"}])), "Statement": statement}


documents = st.one_of(
    st.builds(lambda policy: parse_policy(json.dumps(policy), PolicyType.IDENTITY), policies()),
    st.builds(lambda policy: parse_policy(json.dumps(policy), PolicyType.RESOURCE), resource_policies()),
)


def read_or_refuse(text: str) -> JsonValue | InvalidJson:
    try:
        return read_json(text)
    except InvalidJson as refused:
        return refused


def parse_or_refuse(text: str, policy_type: PolicyType) -> PolicyDocument | PolicyError:
    try:
        return parse_policy(text, policy_type)
    except PolicyError as refused:
        return refused


def plain(value: JsonValue) -> object:
    """`value` as the standard library would give it."""
    match value:
        case JsonString(text=text):
            return text
        case JsonNumber(text=text):
            return json.loads(text)
        case JsonArray(items=items):
            return [plain(item) for item in items]
        case JsonObject(members=members):
            return {key.text: plain(member) for key, member in members}
        case word:
            return word.value


def source_of(template: Template) -> str:
    """A text that has this template."""

    def escaped(text: str) -> str:
        return "".join(f"${{{character}}}" if character in "*?$" else character for character in text)

    def source(part: object) -> str:
        match part:
            case AnyRun():
                return "*"
            case AnyOne():
                return "?"
            case Variable(key=key, default=default):
                return f"${{{key}}}" if default is None else f"${{{key}, '{default}'}}"
            case Text(text=text):
                return escaped(text)
        raise AssertionError(part)

    return "".join(map(source, template))


def places(document: PolicyDocument) -> list[tuple[str, SourceSpan]]:
    """Every string of the document that came from one string of the text, with its place."""
    found = []
    for statement in document.statements:
        found += [(pattern.text, pattern.span) for pattern in statement.actions.patterns]
        if statement.resources:
            found += [(pattern.text, pattern.span) for pattern in statement.resources.patterns]
        if statement.principals:
            found += [(entry.text, entry.span) for entry in statement.principals.entries]
        found += [(condition.key_text, condition.span) for condition in statement.conditions]
    return found


@given(json_values)
def test_a_json_value_is_read_as_the_standard_library_reads_it(value: Any) -> None:
    for text in (json.dumps(value), json.dumps(value, ensure_ascii=False, indent=1)):
        assert plain(read_json(text)) == json.loads(text)


@given(texts)
def test_a_text_that_is_read_is_json(text: str) -> None:
    match read_or_refuse(text):
        case InvalidJson(offset=offset):
            assert 0 <= offset <= len(text)
        case value:
            assert plain(value) == json.loads(text)


@given(texts, policy_types)
@example("{", PolicyType.TRUST)
def test_parsing_gives_a_document_or_findings_and_never_fails_otherwise(text: str, policy_type: PolicyType) -> None:
    match parse_or_refuse(text, policy_type):
        case PolicyError(findings=findings):
            assert all(isinstance(finding, Finding) and finding.message for finding in findings)
        case document:
            assert document.text == text


@given(policies(), json_values, st.data(), policy_types)
def test_a_policy_with_anything_put_anywhere_is_taken_or_refused(
    policy: dict[str, Any], value: Any, data: st.DataObject, policy_type: PolicyType
) -> None:
    place: Any = policy
    while True:
        keys = sorted(place) if isinstance(place, dict) else range(len(place))
        key = data.draw(st.sampled_from(keys))
        if not isinstance(place[key], dict | list) or not place[key] or data.draw(coins):
            break
        place = place[key]
    place[key] = value
    text = json.dumps(policy)
    match parse_or_refuse(text, policy_type):
        case PolicyError(findings=findings):
            assert findings
        case document:
            assert without_source(parse_policy(render(document), policy_type)) == without_source(document)


@given(documents)
def test_parsing_what_was_rendered_gives_the_same_document(document: PolicyDocument) -> None:
    again = parse_policy(render(document), document.type)
    assert without_source(again) == without_source(document)
    assert render(again) == render(document)


@given(policies())
def test_the_layout_of_a_text_changes_nothing_but_places(policy: dict[str, Any]) -> None:
    compact = json.dumps(policy, separators=(",", ":"), ensure_ascii=False)
    airy = json.dumps(policy, indent=3)
    parsed = [without_source(parse_policy(text, PolicyType.IDENTITY)) for text in (compact, airy)]
    assert parsed[0] == parsed[1]


@given(documents)
def test_every_string_stands_where_its_span_says(document: PolicyDocument) -> None:
    lines = document.text.split("\n")
    for text, span in places(document):
        assert json.loads(document.text[span.start.offset : span.end.offset]) == text
        assert lines[span.start.line - 1][span.start.column - 1] == '"'


@given(documents)
def test_without_source_two_documents_differ_only_in_meaning(document: PolicyDocument) -> None:
    bare = without_source(document)
    assert without_source(bare) == bare
    assert bare.text == ""
    assert [statement.effect for statement in bare.statements] == [s.effect for s in document.statements]


@given(json_values, st.sampled_from([None, 1, "\t", "\r\n"]))
def test_the_size_of_a_policy_does_not_depend_on_its_layout(value: Any, indent: Any) -> None:
    compact = json.dumps(value, separators=(",", ":"))
    assert policy_size(json.dumps(value, indent=indent)) == policy_size(compact) == len(compact)


@given(texts)
def test_any_text_has_a_size_no_larger_than_itself(text: str) -> None:
    assert 0 <= policy_size(text) <= len(text)


@given(resource_policies(), st.sampled_from([None, 2]))
def test_rewriting_nothing_changes_nothing(policy: dict[str, Any], indent: int | None) -> None:
    text = json.dumps(policy, indent=indent)
    assert rewrite_principals(text, lambda _: None) == text


@given(resource_policies(), st.text('a"\\é\n😀', max_size=4), st.sampled_from([None, 2]))
def test_principals_rewritten_there_and_back_give_the_same_text(
    policy: dict[str, Any], marker: str, indent: int | None
) -> None:
    text = json.dumps(policy, indent=indent)
    there = rewrite_principals(text, lambda principal: f"{marker}#{principal}")
    principal = json.loads(there)["Statement"]["Principal"]
    if principal != "*":
        names = principal["AWS"] if isinstance(principal["AWS"], list) else [principal["AWS"]]
        assert all(name.startswith(f"{marker}#") for name in names)
    assert rewrite_principals(there, lambda principal: principal.removeprefix(f"{marker}#")) == text


@given(pattern_texts)
def test_a_template_says_what_its_text_says(text: str) -> None:
    template = parse_template(text, wildcards=True, variables=True)
    assert parse_template(source_of(template), wildcards=True, variables=True) == template
    assert Text("") not in template
    for left, right in pairwise(template):
        assert type(left) is not type(right) or isinstance(left, AnyOne | Variable)


@given(texts)
def test_a_template_without_wildcards_and_variables_is_its_text(text: str) -> None:
    assert parse_template(text, wildcards=False, variables=False) == ((Text(text),) if text else ())


@given(texts)
def test_a_text_without_dollar_and_brace_has_no_variables(text: str) -> None:
    try:
        template = parse_template(text, wildcards=True, variables=True)
    except MalformedVariable:
        assert "${" in text
    else:
        assert "${" in text or not any(isinstance(part, Variable) for part in template)


@given(st.datetimes(), st.sampled_from(["", "Z", "+01", "+01:30"]))
def test_every_instant_has_a_date_that_a_policy_may_hold(instant: Any, offset: str) -> None:
    assert is_date(instant.isoformat() + offset)
    assert is_date(instant.date().isoformat())


@given(st.text("0123456789-+:.TtZz ", max_size=25))
def test_whether_a_text_is_a_date_is_always_answered(text: str) -> None:
    assert is_date(text) in (True, False)
    assert not is_date(text + " ")

"""What a parsed policy holds: each element as its value, each at its place."""

from __future__ import annotations

import json

import pytest

from rolecall.errors import PolicyError
from rolecall.language.document import (
    AccountPrincipal,
    Actions,
    AnyOne,
    AnyPrincipal,
    AnyRun,
    ArnPrincipal,
    CanonicalUser,
    FederatedProvider,
    Pattern,
    PolicyDocument,
    PolicyType,
    PrincipalPattern,
    ServicePrincipalName,
    Statement,
    Template,
    Text,
    UniqueIdPrincipal,
    Variable,
    Version,
)
from rolecall.language.findings import Finding
from rolecall.language.operators import OPERATORS, Comparison
from rolecall.language.parser import parse_policy
from rolecall.language.review import MAXIMUM_FINDINGS
from rolecall.names.arn import AccountId

POLICY = """{
  "Version": "2012-10-17",
  "Id": "example",
  "Statement": {
    "Sid": "Read",
    "Effect": "Deny",
    "NotAction": ["s3:Get*", "*"],
    "Resource": "arn:aws:s3:::home/${aws:UserName}/?*",
    "Condition": {"StringLike": {"aws:UserAgent": ["a*", 7, true]}}
  }
}"""


def statement_of(elements: dict[str, object], policy_type: PolicyType, version: str = "2012-10-17") -> Statement:
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", **elements}
    (parsed,) = parse_policy(json.dumps({"Version": version, "Statement": statement}), policy_type).statements
    return parsed


def values_of(operator: str, value: object, version: str = "2012-10-17") -> tuple[Pattern, ...]:
    elements: dict[str, object] = {"Principal": "*", "Resource": "*", "Condition": {operator: {"aws:Key": value}}}
    (condition,) = statement_of(elements, PolicyType.RESOURCE, version).conditions
    assert condition.operator is OPERATORS[operator]
    assert (condition.key, condition.key_text) == ("aws:key", "aws:Key")
    return condition.values


def findings_of(policy: object, policy_type: PolicyType = PolicyType.IDENTITY) -> list[Finding]:
    with pytest.raises(PolicyError) as refused:
        parse_policy(json.dumps(policy), policy_type)
    return [finding for finding in refused.value.findings if isinstance(finding, Finding)]


@pytest.fixture
def document() -> PolicyDocument:
    return parse_policy(POLICY, PolicyType.IDENTITY)


def test_a_document_holds_what_its_text_says(document: PolicyDocument) -> None:
    (statement,) = document.statements
    assert (document.type, document.version, document.id) == (PolicyType.IDENTITY, Version.V2012, "example")
    assert document.text == POLICY
    assert (statement.sid, statement.effect, statement.principals) == ("Read", "Deny", None)
    assert statement.actions.negated
    assert [pattern.template for pattern in statement.actions.patterns] == [(Text("s3:Get"), AnyRun()), (AnyRun(),)]
    assert statement.resources
    assert not statement.resources.negated
    (resource,) = statement.resources.patterns
    assert resource.parts == (
        (Text("aws"),),
        (Text("s3"),),
        (),
        (),
        (Text("home/"), Variable("aws:username"), Text("/"), AnyOne(), AnyRun()),
    )
    (condition,) = statement.conditions
    assert [value.template for value in condition.values] == [(Text("a"), AnyRun()), (Text("7"),), (Text("true"),)]


def test_every_part_knows_its_place(document: PolicyDocument) -> None:
    (statement,) = document.statements
    assert statement.resources
    spans = {
        statement.span: '{\n    "Sid"',
        statement.actions.patterns[1].span: '"*"',
        statement.resources.patterns[0].span: '"arn:aws:s3',
        statement.conditions[0].span: '"aws:UserAgent"',
        statement.conditions[0].values[1].span: "7",
    }
    for span, text in spans.items():
        assert POLICY[span.start.offset : span.end.offset].startswith(text)
    action = statement.actions.patterns[1].span
    assert (action.start.line, action.start.column) == (7, 30)
    assert (action.end.line, action.end.column) == (7, 33)


def test_a_finding_tells_code_message_place_and_meaning() -> None:
    text = POLICY.replace("StringLike", "stringlike")
    with pytest.raises(PolicyError) as refused:
        parse_policy(text, PolicyType.IDENTITY)
    (finding,) = refused.value.findings
    assert isinstance(finding, Finding)
    assert finding.code == "MalformedPolicyDocument"
    assert finding.message == str(refused.value) == "Syntax errors in policy."
    assert finding.detail == "there is no condition operator `stringlike`: write `StringLike`"
    assert text[finding.span.start.offset : finding.span.end.offset] == '"stringlike"'


def test_all_findings_are_told_in_the_order_of_awss_checks() -> None:
    statements = [
        {"Sid": "A", "Effect": "Allow", "Action": "Bad", "Resource": "bad"},
        {"Sid": "A", "Effect": "allow", "Action": [], "Principal": "*"},
        {"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Extra": 1},
    ]
    assert [finding.message for finding in findings_of({"Statement": statements})] == [
        "Syntax errors in policy.",
        "Policy document must be version 2012-10-17 or greater.",
        "The policy failed legacy parsing",
        "Statement IDs (SID) in a single policy must be unique.",
        "Policy document should not specify a principal.",
        "Policy statement must contain actions.",
        'Resource bad must be in ARN format or "*".',
        "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
        "Policy statement must contain resources.",
    ]


def test_no_more_findings_are_kept_than_help() -> None:
    findings = findings_of({"Statement": ["x"] * 500})
    assert len(findings) == MAXIMUM_FINDINGS + 1
    assert findings[-1].message == "Policy document must be version 2012-10-17 or greater."


def test_findings_of_one_check_stand_in_the_order_of_the_text() -> None:
    policy = {
        "Version": "2012-10-17",
        "Statement": {"Effect": "Allow", "Action": ["b", "a:b:c", "?:x"], "Resource": "*"},
    }
    details = [finding.detail for finding in findings_of(policy)]
    assert [detail.split("`")[1] for detail in details] == ["b", "a:b:c", "?:x"]


@pytest.mark.parametrize("name", sorted(OPERATORS))
def test_every_operator_is_taken_in_every_form(name: str) -> None:
    good = {
        Comparison.BOOL: "true",
        Comparison.NULL: "true",
        Comparison.IP_ADDRESS: "203.0.113.0/24",
        Comparison.BINARY_EQUALS: "QUJD",
        Comparison.ARN_LIKE: "arn:aws:s3:::b",
    }
    value = good.get(OPERATORS[name].comparison, "2026")
    assert [pattern.text for pattern in values_of(name, value)] == [value]


def test_there_are_as_many_operators_as_forms() -> None:
    # 27 comparisons, of which Null has no IfExists; each alone and with two quantifiers.
    assert len(OPERATORS) == (26 * 2 + 1) * 3


@pytest.mark.parametrize(
    "spelling", [str.lower, str.upper, str.swapcase, lambda name: name + "s", lambda name: name[:-1]]
)
@pytest.mark.parametrize("name", sorted(OPERATORS))
def test_a_near_miss_of_an_operator_is_refused(name: str, spelling: object) -> None:
    assert callable(spelling)
    statement = {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {spelling(name): {"a:b": "true"}}}
    (finding,) = findings_of({"Version": "2012-10-17", "Statement": statement})
    assert finding.message == "Syntax errors in policy."


@pytest.mark.parametrize(
    ("operator", "text", "template"),
    [
        ("StringEquals", "a*?${*}", (Text("a*?*"),)),
        ("StringEqualsIgnoreCase", "${aws:A, '*?}'}b", (Variable("aws:a", "*?}"), Text("b"))),
        ("StringNotEquals", "${$}{x}", (Text("${x}"),)),
        ("StringLike", "**a${?}?", (AnyRun(), Text("a?"), AnyOne())),
        ("StringNotLike", "", ()),
        ("ArnEquals", "arn:*:s3:::${aws:userid}", (Text("arn:"), AnyRun(), Text(":s3:::"), Variable("aws:userid"))),
        ("ArnNotLike", "arn:aws:s3:::b?", (Text("arn:aws:s3:::b"), AnyOne())),
        ("NumericEquals", "1e3", (Text("1e3"),)),
        ("BinaryEquals", "", ()),
        ("ForAnyValue:StringLikeIfExists", "$x ${a b}", (Text("$x "), Variable("a b"))),
    ],
)
def test_wildcards_and_variables_are_read_where_the_operator_has_them(
    operator: str, text: str, template: Template
) -> None:
    (value,) = values_of(operator, text)
    assert (value.text, value.template) == (text, template)


@pytest.mark.parametrize(
    "operator", ["ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike", "ForAllValues:ArnLikeIfExists"]
)
def test_a_lone_star_of_an_arn_operator_stands_for_every_arn(operator: str) -> None:
    (star,), (spelled_out,) = values_of(operator, "*"), values_of(operator, "arn:*:*:*:*:*")
    assert star.text == "*"
    assert star.template == spelled_out.template == (Text("arn:"), *(AnyRun(), Text(":")) * 4, AnyRun())


def test_the_old_version_has_no_variables() -> None:
    text = "${aws:username}${*}*${"
    (value,) = values_of("StringEquals", text, version="2008-10-17")
    assert value.template == (Text(text),)
    statement = statement_of(
        {"Principal": "*", "Resource": f"arn:aws:s3:::{text}"}, PolicyType.RESOURCE, version="2008-10-17"
    )
    assert statement.resources
    assert statement.resources.patterns[0].parts
    assert statement.resources.patterns[0].parts[4] == (
        Text("${aws:username}${"),
        AnyRun(),
        Text("}"),
        AnyRun(),
        Text("${"),
    )


@pytest.mark.parametrize(
    ("value", "texts"),
    [(10, ["10"]), (10.5, ["10.5"]), (True, ["true"]), ([False, "x", -1], ["false", "x", "-1"]), ([], [])],
)
def test_numbers_and_booleans_become_text(value: object, texts: list[str]) -> None:
    assert [pattern.text for pattern in values_of("StringEquals", value)] == texts


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("*", None),
        ("arn:aws:sqs", ((Text("aws"),), (Text("sqs"),), (AnyRun(),), (AnyRun(),), (AnyRun(),))),
        ("arn:*:sqs:?:1*", ((AnyRun(),), (Text("sqs"),), (AnyOne(),), (Text("1"), AnyRun()), (AnyRun(),))),
        ("arn:aws:x::1:a:b:*", ((Text("aws"),), (Text("x"),), (), (Text("1"),), (Text("a:b:"), AnyRun()))),
    ],
)
def test_a_resource_is_split_at_its_first_five_colons(text: str, parts: object) -> None:
    statement = statement_of({"Resource": ["*", text]}, PolicyType.IDENTITY)
    assert statement.resources
    assert statement.resources.patterns[1].parts == parts
    assert statement.resources.patterns[1].text == text


def test_a_null_among_resources_is_passed_over() -> None:
    statement = statement_of({"NotResource": [None, "arn:aws:s3:::a"]}, PolicyType.IDENTITY)
    assert statement.resources
    assert statement.resources.negated
    assert [pattern.text for pattern in statement.resources.patterns] == ["arn:aws:s3:::a"]


@pytest.mark.parametrize(
    ("principal", "pattern"),
    [
        ("*", AnyPrincipal()),
        ({"AWS": "*"}, AnyPrincipal()),
        ({"AWS": "123456789012"}, AccountPrincipal(AccountId("123456789012"))),
        ({"AWS": "arn:aws-cn:iam::123456789012:root"}, AccountPrincipal(AccountId("123456789012"), "aws-cn")),
        ({"AWS": ["arn:aws:iam::123456789012:user/ann"]}, ArnPrincipal("arn:aws:iam::123456789012:user/ann")),
        ({"AWS": "AROAQXNVGKBFKDCVOSJ3B"}, UniqueIdPrincipal("AROAQXNVGKBFKDCVOSJ3B")),
        ({"Service": "ec2.amazonaws.com"}, ServicePrincipalName("ec2.amazonaws.com")),
        ({"Federated": "www.amazon.com"}, FederatedProvider("www.amazon.com")),
        ({"CanonicalUser": "0" * 64}, CanonicalUser("0" * 64)),
    ],
)
def test_a_principal_is_read_as_what_it_is(principal: object, pattern: PrincipalPattern) -> None:
    statement = statement_of({"Principal": principal, "Resource": "*"}, PolicyType.RESOURCE)
    assert statement.principals
    assert not statement.principals.negated
    (entry,) = statement.principals.entries
    assert entry.pattern == pattern
    assert entry.kind == ("*" if principal == "*" else next(iter(principal)))  # type: ignore[call-overload]


def test_principals_keep_the_order_of_the_text() -> None:
    principal = {"Service": "a.example", "AWS": ["123456789012", "*"]}
    statement = statement_of(
        {"NotPrincipal": {**principal, "AWS": ["123456789012"]}, "Resource": "*"}, PolicyType.RESOURCE
    )
    assert statement.principals
    assert statement.principals.negated
    assert [entry.text for entry in statement.principals.entries] == ["a.example", "123456789012"]


def test_a_trust_policy_has_no_resources() -> None:
    statement = statement_of({"Principal": {"Service": "ec2.amazonaws.com"}}, PolicyType.TRUST)
    assert statement.resources is None
    assert statement.actions == Actions(
        (Pattern("sts:AssumeRole", (Text("sts:AssumeRole"),), statement.actions.patterns[0].span),)
    )


def test_a_variable_before_the_fifth_colon_matches_nothing_in_awss_own_policies() -> None:
    policy = {
        "Version": "2012-10-17",
        "Statement": {"Effect": "Allow", "Action": "*", "Resource": "arn:*:kms:*:${aws:PrincipalAccount}:key/*"},
    }
    (finding,) = findings_of(policy)
    assert finding.message == "The policy failed legacy parsing"
    document = parse_policy(json.dumps(policy), PolicyType.IDENTITY, published_by_aws=True)
    resources_of_it = document.statements[0].resources
    assert resources_of_it
    assert resources_of_it.patterns[0].parts
    assert resources_of_it.patterns[0].parts[3] == (Text("${aws"),)


RCP_FULL_AWS_ACCESS = """{
  "Version": "2012-10-17",
  "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]
}"""


def test_the_resource_control_policy_of_aws_may_allow_and_no_other() -> None:
    document = parse_policy(RCP_FULL_AWS_ACCESS, PolicyType.RESOURCE_CONTROL, published_by_aws=True)
    (statement,) = document.statements
    assert (statement.effect, statement.principals and statement.principals.entries[0].pattern) == (
        "Allow",
        AnyPrincipal(),
    )
    assert len(findings_of(json.loads(RCP_FULL_AWS_ACCESS), PolicyType.RESOURCE_CONTROL)) == 2
    with pytest.raises(PolicyError):
        parse_policy(
            RCP_FULL_AWS_ACCESS.replace('"Principal": "*"', '"Principal": {"AWS": "*"}'),
            PolicyType.RESOURCE_CONTROL,
            published_by_aws=True,
        )


def with_resource(resource: str) -> str:
    return f'{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"*","Resource":"{resource}"}}}}'


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        '{"Statement":' * 10_000,
        with_resource("a" * 1_000_000),
        with_resource("arn:aws:s3:::" + "${" * 60_000),
        with_resource("arn:aws:s3:::${a, '" + "x" * 120_000),
        with_resource("arn:aws:s3:::${a" + " " * 120_000),
        with_resource(":" * 120_000),
        with_resource("*").replace("*", ":" * 120_000, 1),
        '{"Version":"2012-10-17","Statement":[' + "{}," * 40_000 + "{}]}",
        '{"Version":"2012-10-17","Statement":{' + ",".join(f'"{n}":0' for n in range(10_000)) + "}}",
    ],
    ids=lambda text: f"{text[:100]} …",
)
def test_a_hostile_text_is_refused_and_nothing_else(text: str) -> None:
    for policy_type in PolicyType:
        with pytest.raises(PolicyError):
            parse_policy(text, policy_type)


@pytest.mark.parametrize("path", ["a/" * 60_000, "a" * 120_000, "a" * 120_000 + "/", "/" * 120_000])
def test_a_hostile_principal_is_refused_and_nothing_else(path: str) -> None:
    principal = {"AWS": f"arn:aws:iam::123456789012:role/{path}*"}
    policy = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": principal, "Action": "sts:*"}}
    (finding,) = findings_of(policy, PolicyType.TRUST)
    assert finding.message.startswith("Invalid principal in policy")

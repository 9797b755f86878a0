"""Bad input of every kind: a 4xx in AWS's form, no connection that hangs, and a server that goes on.

That no call got a 5xx is checked when the server of these tests ends, in the log (tests/api/conftest.py).
"""

from __future__ import annotations

import json
import re
import socket
import string
from contextlib import closing, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.wire_calls import PATIENCE, WHO_AM_I, Call, form, send, signed
from botocore_values import OPERATIONS
from serving import Server

CASES = Path(__file__).parents[1] / "cases" / "server"
MEBIBYTE = 1 << 20
TOO_LARGE = (413, "RequestEntityTooLarge", "Request must be smaller than 1048576 bytes.")
REPEAT = re.compile("⟦(.+?)\\*([0-9]+)⟧")


def expanded(text: str) -> str:
    """`⟦text*3⟧` is the text three times; a `#` in it is the number, counted from 1."""

    def repeat(match: re.Match[str]) -> str:
        return "".join(match[1].replace("#", str(number)) for number in range(1, int(match[2]) + 1))

    return REPEAT.sub(repeat, text)


def cases(name: str) -> list[Any]:
    return [pytest.param(case, id=case["name"]) for case in json.loads((CASES / name).read_text("utf-8"))["cases"]]


def test_repetitions_are_written_out():
    assert expanded("a⟦bc*3⟧d⟦[*2⟧⟦&k#=#*2⟧") == "abcbcbcd[[&k1=1&k2=2"


@pytest.fixture(autouse=True)
def goes_on(account):
    """After each test the server answers as if nothing had been."""
    yield
    assert send(account.server, signed(account.server, account.root, WHO_AM_I)).status == 200


# What stands in a form


@pytest.mark.parametrize("case", cases("bad_forms.json"))
def test_a_bad_form_is_refused(account, case):
    call = signed(account.server, account.root, expanded(case["body"]).encode(), service="iam")
    reply = send(account.server, call)
    assert reply.refusal[:2] == (case["status"], case["code"])
    assert reply.headers["content-type"] == "text/xml"


@pytest.mark.parametrize("case", cases("bad_policies.json"))
def test_a_bad_policy_is_refused(account, case):
    body = form("CreatePolicy", "iam", PolicyName="bad", PolicyDocument=expanded(case["document"]))
    reply = send(account.server, signed(account.server, account.root, body, service="iam"))
    assert reply.refusal[:2] == (400, "MalformedPolicyDocument")


def test_a_policy_that_is_too_long_is_not_even_read(account):
    body = form("CreatePolicy", "iam", PolicyName="bad", PolicyDocument="[" * 30_000)
    reply = send(account.server, signed(account.server, account.root, body, service="iam"))
    assert reply.refusal[:2] == (409, "LimitExceeded")


def test_a_policy_longer_than_the_model_allows_is_refused(account):
    body = form("CreatePolicy", "iam", PolicyName="bad", PolicyDocument="x" * 131_073)
    reply = send(account.server, signed(account.server, account.root, body, service="iam"))
    assert reply.refusal[:2] == (400, "ValidationError")


def test_a_pattern_made_to_backtrack_costs_nothing(account):
    pattern = "*a" * 500 + "b"
    allow = {"Effect": "Allow", "Action": "iam:GetUser", "Resource": f"arn:aws:iam::{account.id}:user/{pattern}"}
    bob = account.user("bob", allow)
    reply = send(
        account.server, signed(account.server, bob.keys, form("GetUser", "iam", UserName="a" * 64), service="iam")
    )
    assert reply.refusal[:2] == (403, "AccessDenied")


# What holds the form: body, head, connection


@pytest.mark.parametrize("size", [MEBIBYTE + 1, 3 * MEBIBYTE, 30 * MEBIBYTE])
def test_a_body_above_a_mebibyte_is_refused_and_the_client_can_read_why(account, size):
    call = signed(account.server, account.root, b"Action=" + b"x" * (size - 7))
    reply = send(account.server, call)
    assert reply.refusal == TOO_LARGE
    assert reply.headers["connection"] == "close"


def test_a_body_of_a_mebibyte_is_read(account):
    start = b"Action=GetCallerIdentity&Version=2011-06-15&Padding="
    call = signed(account.server, account.root, start + b"x" * (MEBIBYTE - len(start)))
    assert send(account.server, call).status == 200


def test_a_body_that_is_announced_too_large_is_refused_before_it_comes(server):
    head = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1048577\r\n\r\n"
    assert status_of(first_bytes(server, head)) == 413


def test_a_body_in_chunks_is_refused_as_soon_as_it_is_too_large(server):
    chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    head = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert status_of(first_bytes(server, head + 17 * chunk)) == 413


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(b"garbage\r\n\r\n", id="no HTTP"),
        pytest.param(b"\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03", id="a TLS greeting"),
        pytest.param(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", id="HTTP/2"),
        pytest.param(b"GET / HTTP/9.9\r\n\r\n", id="HTTP of the future"),
        pytest.param(b"CONNECT example.com:443 HTTP/1.1\r\nHost: example.com\r\n\r\n", id="a proxy's request"),
        pytest.param(b"GET relative HTTP/1.1\r\nHost: x\r\n\r\n", id="a path without a slash"),
        pytest.param(b"GET /\xff HTTP/1.1\r\nHost: x\r\n\r\n", id="a path that is not ASCII"),
        pytest.param(b"GET /\x00 HTTP/1.1\r\nHost: x\r\n\r\n", id="a path with a NUL"),
        pytest.param(b"GET http://[::1/ HTTP/1.1\r\nHost: x\r\n\r\n", id="a broken address"),
        pytest.param(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n", id="a negative length"),
        pytest.param(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1e3\r\n\r\n", id="a length that is no number"),
        pytest.param(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: " + b"9" * 30 + b"\r\n\r\n", id="a huge length"),
        pytest.param(
            b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 5\r\n\r\nabc", id="two lengths"
        ),
        pytest.param(
            b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            id="a length and chunks",
        ),
        pytest.param(b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", id="a broken chunk"),
        pytest.param(b"GET / HTTP/1.1\r\nHost: x\r\nX-A: a\x00b\r\n\r\n", id="a header with a NUL"),
        pytest.param(b"GET / HTTP/1.1\r\nHost: x\r\n: empty\r\n\r\n", id="a header without a name"),
        pytest.param(b"GET / HTTP/1.1\r\nHost x\r\n\r\n", id="a header without a colon"),
        pytest.param(b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 200_000, id="a flood of headers"),
        pytest.param(b"GET / HTTP/1.1\r\nX: " + b"y" * 2_000_000, id="a header without end"),
        pytest.param(b"GET /" + b"y" * 2_000_000, id="a path without end"),
        pytest.param(
            b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nX: " + b"y" * 2_000_000,
            id="a trailer without end",
        ),
    ],
)
def test_what_is_not_http_is_refused_in_awss_form(server, sent):
    answer = first_bytes(server, sent)
    assert status_of(answer) == 400
    assert b"connection: close" in answer
    assert b"<Error><Type>Sender</Type><Code>MalformedInput</Code>" in answer


@pytest.mark.parametrize(
    "padding", [("X-Padding", "y" * 70_000), ("X-Amz-Security-Token", "y" * 70_000), ("Authorization", "y" * 70_000)]
)
def test_a_head_that_is_too_large_is_refused(account, padding):
    call = signed(account.server, account.root, WHO_AM_I).with_header(*padding)
    assert send(account.server, call).refusal[:2] == (400, "RequestHeaderSectionTooLarge")


def test_a_path_that_is_too_long_is_refused(account):
    call = Call(method="GET", target="/" + "x" * 65_000, headers=(("Host", "x"), ("X-Padding", "y" * 1000)))
    assert send(account.server, call).refusal[:2] == (400, "RequestHeaderSectionTooLarge")
    call = Call(method="GET", target="/" + "x" * 70_000, headers=(("Host", "x"),))
    assert send(account.server, call).refusal[:2] == (400, "MalformedInput")


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND"])
def test_other_methods_are_refused(server, method):
    assert send(server, Call(method=method, headers=(("Host", "x"),))).refusal[:2] == (405, "MethodNotAllowed")


@pytest.mark.parametrize(
    "target",
    [
        "/favicon.ico",
        "/.env",
        "/latest/meta-data/",
        "/healthz/",
        "//healthz",
        "/%68ealthz/x",
        "/%00",
        "/..%2f..",
        "/?a",
    ],
)
def test_other_paths_hold_nothing(server, target):
    assert send(server, Call(method="GET", target=target, headers=(("Host", "x"),))).refusal == (
        400,
        "MissingAction",
        "Missing Action",
    )


@pytest.mark.parametrize("header", ["Authorization", "X-Amz-Date", "X-Amz-Security-Token", "Host"])
def test_a_repeated_header_that_could_be_read_in_two_ways_is_refused(account, header):
    call = signed(account.server, account.root, WHO_AM_I)
    twice = (
        (*call.headers, (header, "again"))
        if header != "X-Amz-Security-Token"
        else (*call.headers, (header, "one"), (header, "two"))
    )
    reply = send(account.server, Call(headers=twice, body=call.body))
    assert reply.refusal[:2] == (400, "IncompleteSignature")


@pytest.mark.parametrize("demanded", ["", "-1", "1.0", "one", "\xb9", "9" * 19, "9" * 100])
def test_a_revision_that_does_not_exist_cannot_be_demanded(account, demanded):
    call = signed(account.server, account.root, form("ListUsers", "iam"), service="iam")
    call = call.with_header("X-Rolecall-Minimum-Revision", demanded)
    assert send(account.server, call).refusal[:2] == (400, "ValidationError")


def test_the_newest_revision_can_be_demanded(account):
    call = signed(account.server, account.root, form("CreateUser", "iam", UserName="bob"), service="iam")
    revision = send(account.server, call).headers["x-rolecall-revision"]
    call = signed(account.server, account.root, form("ListUsers", "iam"), service="iam")
    reply = send(account.server, call.with_header("X-Rolecall-Minimum-Revision", revision))
    assert reply.status == 200
    assert int(reply.headers["x-rolecall-revision"]) >= int(revision)


def test_a_client_that_hangs_up_in_the_middle_harms_nobody(server):
    for sent in (b"", b"POST", b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf"):
        with closing(open_socket(server)) as connection:
            connection.sendall(sent)


def test_several_requests_on_one_connection_are_answered_in_their_order(server):
    one = b"GET /?Action=%s&Version=2010-05-08 HTTP/1.1\r\nHost: x\r\n%s\r\n"
    answers = first_bytes(
        server, one % (b"First", b"") + one % (b"Second", b"") + one % (b"Third", b"Connection: close\r\n")
    )
    assert re.findall(rb"Could not find operation (\w+) ", answers) == [b"First", b"Second", b"Third"]


# What nobody thought of

texts = st.text(st.characters(codec="utf-8"), max_size=20)
names = st.one_of(
    texts,
    st.sampled_from(
        ["Tags.member.1.Key", "Tags.member.1.Value", "Tags", "UserName", "PolicyDocument", "PolicyArn", "Marker"]
    ),
    st.lists(st.sampled_from(["Tags", "member", "1", "2", "Key", "entry", "key", "", "0"]), max_size=8).map(".".join),
)
header_values = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=40)
header_names = st.one_of(
    st.text(string.ascii_letters + string.digits + "-", min_size=1, max_size=20),
    st.sampled_from(
        ["Authorization", "X-Amz-Date", "Date", "Accept", "X-Amz-Security-Token", "X-Rolecall-Minimum-Revision"]
    ),
)
shared_account = settings(
    max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@shared_account
@given(operation=st.sampled_from(OPERATIONS), parameters=st.dictionaries(names, texts, max_size=6))
def test_no_form_makes_the_server_fail(account, operation, parameters):
    service, name = operation
    body = {**parameters, **form(name, service)}
    reply = send(account.server, signed(account.server, account.root, body, service=service))
    assert reply.status < 500, reply.body


@shared_account
@given(body=st.binary(max_size=200))
def test_no_bytes_make_the_server_fail(account, body):
    for start in (b"", b"Action=CreateUser&Version=2010-05-08&"):
        reply = send(account.server, signed(account.server, account.root, start + body, service="iam"))
        assert reply.status < 500, reply.body


@shared_account
@given(headers=st.lists(st.tuples(header_names, header_values), max_size=6), query=texts)
def test_no_headers_make_the_server_fail(server, headers, query):
    target = "/?" + quote(query, safe="&=%+/")
    reply = send(server, Call(target=target, headers=(("Host", "x"), *headers), body=b"Action=ListUsers"))
    assert 400 <= reply.status < 500, reply.body


@shared_account
@given(
    authorization=st.lists(
        st.sampled_from(
            [
                "AWS4-HMAC-SHA256",
                " ",
                ",",
                "Credential=",
                "AKIAQQQQQQQQQQQQQQQQ",
                "/",
                "20260101",
                "us-east-1",
                "iam",
                "sts",
                "aws4_request",
                "SignedHeaders=",
                "host",
                ";",
                "x-amz-date",
                "Signature=",
                "0" * 64,
                "é",
                "=",
                "\t",
            ]
        ),
        max_size=24,
    ).map("".join)
)
def test_no_authorization_header_makes_the_server_fail_or_lets_anyone_in(server, authorization):
    headers = (
        ("Host", "x"),
        ("X-Amz-Date", "20260101T000000Z"),
        ("Authorization", authorization.encode().decode("latin-1")),
    )
    reply = send(server, Call(headers=headers, body=b"Action=ListUsers&Version=2010-05-08"))
    assert 400 <= reply.status < 500, reply.body


@shared_account
@given(
    document=st.recursive(
        st.one_of(
            st.none(),
            st.booleans(),
            st.integers(),
            st.floats(allow_nan=False),
            texts,
            st.sampled_from(["*", "Allow", "2012-10-17"]),
        ),
        lambda inner: st.one_of(
            st.lists(inner, max_size=4),
            st.dictionaries(
                st.sampled_from(
                    [
                        "Version",
                        "Statement",
                        "Effect",
                        "Action",
                        "Resource",
                        "Condition",
                        "Principal",
                        "StringLike",
                        "aws:username",
                        "AWS",
                    ]
                ),
                inner,
                max_size=5,
            ),
        ),
        max_leaves=20,
    )
)
def test_no_policy_makes_the_server_fail(account, document):
    body = form("CreateRole", "iam", RoleName="fuzzed", AssumeRolePolicyDocument=json.dumps(document))
    reply = send(account.server, signed(account.server, account.root, body, service="iam"))
    assert reply.status < 500, reply.body


def open_socket(server: Server) -> socket.socket:
    address = urlsplit(server.endpoint)
    return socket.create_connection((address.hostname, address.port), timeout=PATIENCE)


def first_bytes(server: Server, sent: bytes) -> bytes:
    """Send bytes as they are; gives what comes back until the server closes."""
    with closing(open_socket(server)) as connection:
        with suppress(ConnectionError):  # it may have refused before it read all of it
            connection.sendall(sent)
        answer = b""
        with suppress(ConnectionError):
            while chunk := connection.recv(1 << 16):
                answer += chunk
        return answer


def status_of(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])

"""Our verification against botocore's signers: whatever they sign is accepted, whatever is changed after is refused."""

from __future__ import annotations

from urllib.parse import quote

import msgspec
from botocore.auth import SIGNED_HEADERS_BLACKLIST
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rolecall.errors import ApiError
from rolecall.wire.sigv4 import IAM_SCOPE, HttpRequest, SigningKeyCache, read_signature, verify
from sigv4.signing import SECRET_ACCESS_KEY, sign, signing_time

KEYS = SigningKeyCache()
UNRESERVED = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~"
SET_BY_THE_SIGNER = {*SIGNED_HEADERS_BLACKLIST, "authorization", "date", "host", "x-amz-content-sha256", "x-amz-date"}

methods = st.sampled_from(["GET", "POST", "PUT", "DELETE", "HEAD"])
bodies = st.binary(max_size=200)
tokens = st.none() | st.text(st.sampled_from(UNRESERVED + "+/="), min_size=1, max_size=60)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)

path_segments = st.sampled_from(["", ".", "..", "a", "~x", "a:b@c", "a!b,c;d", "%2e%2e", "%25"]) | texts.map(
    lambda text: quote(text, safe="")
)
paths = st.lists(path_segments, max_size=6).map(lambda segments: "/" + "/".join(segments))

queries = st.lists(st.tuples(texts.filter(lambda name: not name.lower().startswith("x-amz-")), texts), max_size=6).map(
    lambda pairs: "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in pairs)
)

header_names = (
    st.text(st.sampled_from("abcdefghijklmnopqrstuvwxyz0123456789-"), min_size=1, max_size=12)
    .map(lambda name: "x" + name)
    .filter(lambda name: name not in SET_BY_THE_SIGNER and name != "x-amz-security-token")
)
# No white space but the space: botocore folds all that Unicode calls space, a server only sees bytes.
header_values = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp"]) | st.just(" "), max_size=20)
headers = st.lists(st.tuples(header_names, header_values), max_size=5).map(tuple)


def is_accepted(request: HttpRequest, now: int, secret_access_key: str = SECRET_ACCESS_KEY) -> bool:
    """Nothing but an `ApiError` may come out of a refusal."""
    try:
        verify(read_signature(request, now=now, rule=IAM_SCOPE), secret_access_key, KEYS)
    except ApiError:
        return False
    return True


@settings(deadline=None)
@given(methods, paths, queries, headers, bodies, tokens)
@example("GET", "/", "", (("x-twice", "b"), ("x-twice", "a")), b"", None)
@example("POST", "/", "", (("x-spaces", "  a   b  "),), b"", None)
@example("GET", "/", "%2B=%20&=", (), b"", "a+b/c==")
def test_whatever_botocore_signs_in_the_header_is_accepted(
    method: str,
    path: str,
    query: str,
    extra: tuple[tuple[str, str], ...],
    body: bytes,
    session_token: str | None,
) -> None:
    request = sign(method, path, query, headers=extra, body=body, session_token=session_token)
    signature = read_signature(request, now=signing_time(request), rule=IAM_SCOPE)
    verify(signature, SECRET_ACCESS_KEY, KEYS)
    assert signature.session_token == session_token


@settings(deadline=None)
@given(paths, queries, tokens, st.integers(1, 604_800))
def test_whatever_botocore_presigns_is_accepted(path: str, query: str, session_token: str | None, expires: int) -> None:
    request = sign("GET", path, query, session_token=session_token, presigned_for=expires)
    signature = read_signature(request, now=signing_time(request), rule=IAM_SCOPE)
    verify(signature, SECRET_ACCESS_KEY, KEYS)
    assert signature.session_token == session_token


def changed(text: str, at: int) -> str:
    """`text` with one character replaced by a letter that no escape, dot segment or run of spaces could absorb."""
    return text[:at] + ("z" if text[at] != "z" else "y") + text[at + 1 :]


@settings(deadline=None)
@given(st.data(), st.binary(min_size=1, max_size=50))
def test_a_changed_body_is_refused(data: st.DataObject, body: bytes) -> None:
    request = sign(body=body)
    at, bit = data.draw(st.integers(0, len(body) - 1)), data.draw(st.integers(0, 7))
    other = body[:at] + bytes([body[at] ^ 1 << bit]) + body[at + 1 :]
    assert not is_accepted(msgspec.structs.replace(request, body=other), signing_time(request))
    assert not is_accepted(msgspec.structs.replace(request, body=body + b"\0"), signing_time(request))


@settings(deadline=None)
@given(st.data(), st.lists(st.sampled_from(["a", "b%20c", "d-e"]), min_size=1, max_size=4))
def test_a_changed_path_is_refused(data: st.DataObject, segments: list[str]) -> None:
    request = sign("GET", "/" + "/".join(segments))
    other = changed(request.raw_path, data.draw(st.integers(0, len(request.raw_path) - 1)))
    assert not is_accepted(msgspec.structs.replace(request, raw_path=other), signing_time(request))


@settings(deadline=None)
@given(st.data(), queries.filter(bool), st.booleans())
def test_a_changed_query_is_refused(data: st.DataObject, query: str, is_presigned: bool) -> None:
    request = sign("GET", "/", query, presigned_for=60 if is_presigned else None)
    other = changed(request.raw_query, data.draw(st.integers(0, len(request.raw_query) - 1)))
    assert not is_accepted(msgspec.structs.replace(request, raw_query=other), signing_time(request))


@settings(deadline=None)
@given(st.data(), headers)
def test_a_changed_signed_header_is_refused(data: st.DataObject, extra: tuple[tuple[str, str], ...]) -> None:
    request = sign(headers=extra, session_token="a token")
    signed = [at for at, (name, value) in enumerate(request.headers) if name != "authorization" and value]
    at = data.draw(st.sampled_from(signed))
    name, value = request.headers[at]
    other = (name, changed(value, data.draw(st.integers(0, len(value) - 1))))
    headers_sent = (*request.headers[:at], other, *request.headers[at + 1 :])
    assert not is_accepted(msgspec.structs.replace(request, headers=headers_sent), signing_time(request))


@settings(deadline=None)
@given(st.data(), headers)
def test_a_dropped_signed_header_is_refused(data: st.DataObject, extra: tuple[tuple[str, str], ...]) -> None:
    request = sign(headers=extra, session_token="a token")
    at = data.draw(st.integers(0, len(request.headers) - 1))
    headers_sent = (*request.headers[:at], *request.headers[at + 1 :])
    assert not is_accepted(msgspec.structs.replace(request, headers=headers_sent), signing_time(request))


@settings(deadline=None)
@given(st.data())
def test_a_changed_authorization_is_refused(data: st.DataObject) -> None:
    request = sign(session_token="a token")
    name, value = request.headers[-1]
    assert name == "authorization"
    # The access key id alone is not bound: another id means another secret, and that is the look-up's part.
    key, scope = value.index("=") + 1, value.index("/")
    at = data.draw(st.integers(0, len(value) - 1).filter(lambda at: not key <= at < scope))
    headers_sent = (*request.headers[:-1], (name, changed(value, at)))
    assert not is_accepted(msgspec.structs.replace(request, headers=headers_sent), signing_time(request))


@settings(deadline=None)
@given(st.data())
def test_a_changed_method_is_refused(data: st.DataObject) -> None:
    method = data.draw(methods)
    request = sign(method)
    other = data.draw(methods.filter(lambda other: other != method))
    assert not is_accepted(msgspec.structs.replace(request, method=other), signing_time(request))


@settings(deadline=None)
@given(st.data())
def test_a_changed_secret_is_refused(data: st.DataObject) -> None:
    request = sign(body=b"Action=ListUsers")
    at = data.draw(st.integers(0, len(SECRET_ACCESS_KEY) - 1))
    assert is_accepted(request, signing_time(request))
    assert not is_accepted(request, signing_time(request), changed(SECRET_ACCESS_KEY, at))
    assert not is_accepted(request, signing_time(request), SECRET_ACCESS_KEY[:at])


PIECES = [
    *("AWS4-HMAC-SHA256 ", "Bearer ", "Credential=", "SignedHeaders=", "Signature=", "host", ";", ",", " ", "=", "/"),
    *("AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request", "x-amz-date", "20150830T123600Z", "0" * 64, "%", "%2F", "&"),
    *("X-Amz-Algorithm=AWS4-HMAC-SHA256", "X-Amz-Credential=", "X-Amz-Date=", "X-Amz-Expires=60", "x-amz-date=", "+"),
    *("X-Amz-SignedHeaders=host", "X-Amz-Signature=", "\ud800", "\n", "\x00", "\u20ac", "\u00e9"),
]
rubbish = st.lists(st.sampled_from(PIECES) | texts, max_size=12).map("".join)
rubbish_names = st.sampled_from(["authorization", "host", "x-amz-date", "date", "x-amz-security-token", "x-a"]) | texts


@settings(deadline=None)
@given(rubbish, rubbish, rubbish, st.lists(st.tuples(rubbish_names, rubbish), max_size=6).map(tuple), bodies)
def test_no_request_makes_it_raise_anything_but_an_api_error(
    method: str, path: str, query: str, sent: tuple[tuple[str, str], ...], body: bytes
) -> None:
    request = HttpRequest(method=method, raw_path=path, raw_query=query, headers=sent, body=body)
    assert not is_accepted(request, 1_440_938_160)

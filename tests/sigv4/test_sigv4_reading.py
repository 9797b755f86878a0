"""What a signature says once it is read, and at which second it stops being accepted."""

from __future__ import annotations

import msgspec
import pytest

from rolecall.errors import ApiError, RequestExpired, SignatureDoesNotMatch
from rolecall.wire.sigv4 import (
    IAM_SCOPE,
    STS_SCOPE,
    CredentialScope,
    HttpRequest,
    SigningKeyCache,
    read_signature,
    scope_of,
    verify,
)
from rolecall.wire.sigv4.timestamps import format_timestamp, parse_timestamp, timestamp_of_date_header
from sigv4.signing import ACCESS_KEY_ID, HOST, SECRET_ACCESS_KEY, sign, signing_time


def check(request: HttpRequest, now: float | None = None) -> None:
    at = signing_time(request) if now is None else now
    verify(read_signature(request, now=at, rule=IAM_SCOPE), SECRET_ACCESS_KEY, SigningKeyCache())


def with_header(request: HttpRequest, name: str, value: str) -> HttpRequest:
    return msgspec.structs.replace(request, headers=(*request.headers, (name, value)))


def test_a_signature_says_who_signed_what_and_when() -> None:
    request = sign(session_token="the token")
    signature = read_signature(request, now=signing_time(request), rule=IAM_SCOPE)
    day = format_timestamp(signing_time(request))[:8]
    assert signature.access_key_id == ACCESS_KEY_ID
    assert signature.session_token == "the token"
    assert signature.scope == CredentialScope(day, "us-east-1", "iam")
    assert signature.signed_at == signing_time(request)
    assert signature.signed_headers == ("host", "x-amz-date", "x-amz-security-token")


def test_a_presigned_signature_says_the_same() -> None:
    request = sign("GET", query="Action=GetCallerIdentity", session_token="a+b/c=", service="sts", presigned_for=60)
    signature = read_signature(request, now=signing_time(request), rule=STS_SCOPE)
    assert signature.access_key_id == ACCESS_KEY_ID
    assert signature.session_token == "a+b/c="
    assert signature.scope.service == "sts"
    assert signature.signed_headers == ("host",)


def test_without_a_token_there_is_none() -> None:
    request = sign()
    assert read_signature(request, now=signing_time(request), rule=IAM_SCOPE).session_token is None


@pytest.mark.parametrize("region", ["us-east-1", "eu-central-1", "us-gov-west-1", "local", "aws-global"])
def test_sts_takes_whatever_looks_like_a_region(region: str) -> None:
    request = sign(service="sts", region=region)
    assert read_signature(request, now=signing_time(request), rule=STS_SCOPE).scope.region == region


def test_the_service_is_found_before_anything_is_checked() -> None:
    header_form, presigned = sign(service="sts", region="eu-west-1"), sign("GET", service="sts", presigned_for=60)
    for request in (header_form, presigned):
        scope = scope_of(request)
        assert scope is not None
        assert scope.service == "sts"


def test_a_request_without_a_signature_has_no_service() -> None:
    unsigned = HttpRequest(method="GET", raw_path="/", raw_query="", headers=(("host", HOST),), body=b"")
    assert scope_of(unsigned) is None
    assert scope_of(with_header(unsigned, "authorization", "Bearer abc")) is None
    assert scope_of(with_header(unsigned, "authorization", "AWS4-HMAC-SHA256 Credential")) is None


@pytest.mark.parametrize("seconds", [-900, -1, 0, 1, 900, 900.9])
def test_within_fifteen_minutes_either_way_a_signature_counts(seconds: float) -> None:
    request = sign()
    check(request, signing_time(request) + seconds)


@pytest.mark.parametrize("seconds", [-901, -900.5, 901, 86_400, -86_400])
def test_outside_fifteen_minutes_it_does_not(seconds: float) -> None:
    request = sign()
    with pytest.raises(SignatureDoesNotMatch, match=r"Signature (expired|not yet current): "):
        check(request, signing_time(request) + seconds)


def test_a_presigned_request_lives_as_long_as_it_says() -> None:
    request = sign("GET", presigned_for=60)
    check(request, signing_time(request) + 60)
    with pytest.raises(RequestExpired):
        check(request, signing_time(request) + 61)


def test_a_presigned_request_never_outlives_the_clock_window() -> None:
    request = sign("GET", presigned_for=604_800)
    check(request, signing_time(request) + 900)
    with pytest.raises(SignatureDoesNotMatch, match="Signature expired: "):
        check(request, signing_time(request) + 901)


def test_an_http_date_stands_in_for_the_amz_date() -> None:
    request = sign(headers=(("Date", "replaced by the signer"),))
    assert "x-amz-date" not in dict(request.headers)
    check(request, parse_timestamp(timestamp_of_date_header(dict(request.headers)["date"])))


@pytest.mark.parametrize("zone", ["GMT", "+0000", "-0000"])
def test_an_http_date_is_read_as_utc(zone: str) -> None:
    assert timestamp_of_date_header(f"Sun, 30 Aug 2015 12:36:00 {zone}") == "20150830T123600Z"


def test_a_timestamp_survives_being_read_and_written() -> None:
    assert parse_timestamp("20150830T123600Z") == 1_440_938_160
    assert format_timestamp(1_440_938_160) == "20150830T123600Z"


def test_ordinary_headers_may_be_added_on_the_way() -> None:
    check(with_header(sign(), "x-forwarded-for", "192.0.2.1"))


def test_amz_headers_may_not_be_added_on_the_way() -> None:
    with pytest.raises(SignatureDoesNotMatch, match="'x-amz-acl' must be a 'SignedHeader'"):
        check(with_header(sign(), "x-amz-acl", "public"))


def test_a_signed_header_may_not_be_repeated_on_the_way() -> None:
    request = sign(headers=(("Content-Type", "text/plain"),))
    check(request)
    with pytest.raises(SignatureDoesNotMatch):
        check(with_header(request, "content-type", "text/plain"))


@pytest.mark.parametrize("claim", ["UNSIGNED-PAYLOAD", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"])
def test_a_claim_that_the_body_is_unsigned_is_not_honoured(claim: str) -> None:
    request = sign(headers=(("X-Amz-Content-SHA256", claim),), body=b"Action=ListUsers")
    with pytest.raises(SignatureDoesNotMatch):
        check(request)


def test_the_body_is_hashed_whatever_the_content_hash_header_says() -> None:
    of_nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    request = sign(headers=(("X-Amz-Content-SHA256", of_nothing),), body=b"")
    check(request)
    with pytest.raises(SignatureDoesNotMatch):
        check(msgspec.structs.replace(request, body=b"Action=DeleteUser"))


def test_a_presigned_request_has_its_body_hashed_too() -> None:
    request = sign("POST", query="Action=ListUsers", presigned_for=60)
    check(request)
    with pytest.raises(SignatureDoesNotMatch):
        check(msgspec.structs.replace(request, body=b"Action=DeleteUser"))


def test_without_an_expiry_the_clock_window_alone_applies() -> None:
    request = sign("GET", presigned_for=60)
    endless = msgspec.structs.replace(request, raw_query=request.raw_query.replace("&X-Amz-Expires=60", ""))
    assert read_signature(endless, now=signing_time(request) + 900, rule=IAM_SCOPE).access_key_id == ACCESS_KEY_ID
    with pytest.raises(SignatureDoesNotMatch, match="Signature expired: "):
        read_signature(endless, now=signing_time(request) + 901, rule=IAM_SCOPE)


def test_neither_requests_nor_signatures_show_what_could_be_replayed() -> None:
    request = sign(session_token="the token", body=b"the body")
    signature = read_signature(request, now=signing_time(request), rule=IAM_SCOPE)
    shown = f"{request!r} {signature!r}"
    assert ACCESS_KEY_ID in shown
    for secret in ("the token", "the body", signature.signature):
        assert secret not in shown


def test_a_hundred_thousand_headers_or_parameters_are_answered() -> None:
    request = with_header(sign(), "x-many", "a, " * 100_000)
    repeated = msgspec.structs.replace(request, headers=request.headers + (("x-many", "a"),) * 100_000)
    check(repeated)
    with pytest.raises(ApiError):
        check(msgspec.structs.replace(request, raw_query="&".join(["X-Amz-Date=1"] * 100_000)))

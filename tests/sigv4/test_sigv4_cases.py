"""The golden cases of tests/cases/sigv4: published vectors, canonical forms, and every refusal."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from rolecall import errors
from rolecall.wire.sigv4 import (
    IAM_SCOPE,
    STS_SCOPE,
    HttpRequest,
    ScopeRule,
    SigningKeyCache,
    read_signature,
    scope_of,
    verify,
)
from rolecall.wire.sigv4.canonical import canonical_path, canonical_query, query_pairs
from rolecall.wire.sigv4.timestamps import parse_timestamp

CASES = Path(__file__).parents[1] / "cases" / "sigv4"
RULES = {"iam": IAM_SCOPE, "sts": STS_SCOPE}


def load(name: str) -> dict[str, Any]:
    return json.loads((CASES / f"{name}.json").read_text("utf-8"))


def cases(name: str) -> list[Any]:
    return [pytest.param(case, id=case["name"]) for case in load(name)["cases"]]


VECTORS = load("vectors")
REFUSALS = load("refusals")


def vector_request(case: dict[str, Any]) -> HttpRequest:
    headers = [*map(tuple, case["headers"]), ("x-amz-date", VECTORS["timestamp"])]
    scope = f"{VECTORS['timestamp'][:8]}/{VECTORS['region']}/{case['service']}/aws4_request"
    authorization = (
        f"AWS4-HMAC-SHA256 Credential={VECTORS['access_key_id']}/{scope},"
        f" SignedHeaders={';'.join(sorted({name for name, _ in headers}))}, Signature={case['signature']}"
    )
    return HttpRequest(
        method=case["method"],
        raw_path=case["raw_path"],
        raw_query=case["raw_query"],
        headers=(*headers, ("authorization", authorization)),
        body=case.get("body", "").encode(),
    )


def refused_request(case: dict[str, Any]) -> HttpRequest:
    """The request that `case` starts from, with the changes that `case` makes to it (null: left out)."""
    given = REFUSALS["requests"][case["request"]]
    headers = {**given["headers"], **case.get("set_headers", {})}
    parameters = {**given.get("parameters", {}), **case.get("set_parameters", {})}
    signed_query = [f"{name}={quote(value, safe='')}" for name, value in parameters.items() if value is not None]
    return HttpRequest(
        method=given["method"],
        raw_path=case.get("raw_path", given["raw_path"]),
        raw_query="&".join(filter(None, [case.get("raw_query", given["raw_query"]), *signed_query]))
        + case.get("append_query", ""),
        headers=(
            *((name, value) for name, value in headers.items() if value is not None),
            *map(tuple, case.get("add_headers", [])),
        ),
        body=given["body"].encode(),
    )


@pytest.mark.parametrize("case", cases("vectors"))
def test_a_published_signature_is_verified(case: dict[str, Any]) -> None:
    rule = ScopeRule(case["service"], frozenset({VECTORS["region"]}))
    signature = read_signature(vector_request(case), now=parse_timestamp(VECTORS["timestamp"]), rule=rule)
    verify(signature, VECTORS["secret_access_key"], SigningKeyCache())
    assert signature.canonical_request.decode() == case.get("canonical_request", signature.canonical_request.decode())
    assert signature.string_to_sign.decode() == case.get("string_to_sign", signature.string_to_sign.decode())


@pytest.mark.parametrize("case", cases("vectors"))
def test_a_published_signature_is_refused_under_another_secret(case: dict[str, Any]) -> None:
    rule = ScopeRule(case["service"], frozenset({VECTORS["region"]}))
    signature = read_signature(vector_request(case), now=parse_timestamp(VECTORS["timestamp"]), rule=rule)
    with pytest.raises(errors.SignatureDoesNotMatch) as refused:
        verify(signature, VECTORS["secret_access_key"] + "x", SigningKeyCache())
    assert refused.value.message == (
        "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access"
        " Key and signing method. Consult the service documentation for details."
    )


@pytest.mark.parametrize("case", cases("canonical_queries"))
def test_a_query_has_one_canonical_form(case: dict[str, str]) -> None:
    assert canonical_query(query_pairs(case["raw"])) == case["canonical"]


@pytest.mark.parametrize("case", cases("canonical_paths"))
def test_a_path_has_one_canonical_form(case: dict[str, str]) -> None:
    assert canonical_path(case["raw"]) == case["canonical"]


@pytest.mark.parametrize("case", cases("refusals"))
def test_what_is_wrong_is_refused_in_the_words_of_aws(case: dict[str, Any]) -> None:
    given = REFUSALS["requests"][case["request"]]
    now = parse_timestamp(case.get("now", given["now"]))
    with pytest.raises(errors.ApiError) as refused:
        read_signature(refused_request(case), now=now, rule=RULES[case.get("service", given["service"])])
    answer = {"code": refused.value.code, "status": refused.value.status, "message": refused.value.message}
    assert answer == case["error"]


@pytest.mark.parametrize("case", cases("refusals"))
def test_finding_the_service_never_raises(case: dict[str, Any]) -> None:
    scope_of(refused_request(case))


@pytest.mark.parametrize("name", ["header", "presigned"])
def test_the_requests_that_the_refusals_start_from_are_well_formed(name: str) -> None:
    given = REFUSALS["requests"][name]
    request = refused_request({"request": name})
    signature = read_signature(request, now=parse_timestamp(given["now"]), rule=RULES[given["service"]])
    assert signature.access_key_id == "AKIDEXAMPLE"
    with pytest.raises(errors.SignatureDoesNotMatch):
        verify(signature, "any secret", SigningKeyCache())


def test_every_case_names_its_source() -> None:
    for name in ("vectors", "refusals"):
        assert all(case["source"] for case in load(name)["cases"])
    assert load("canonical_queries")["source"]
    assert load("canonical_paths")["source"]

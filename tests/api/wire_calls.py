"""Calls as bytes: signed by botocore's own signers, then altered at will, and sent without any client's corrections."""

from __future__ import annotations

import http.client
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode, urlsplit
from xml.etree import ElementTree

from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from serving import Keys, Server

VERSIONS = {"iam": "2010-05-08", "sts": "2011-06-15"}
PATIENCE = 30
WHO_AM_I = {"Action": "GetCallerIdentity", "Version": VERSIONS["sts"]}


@dataclass(frozen=True, kw_only=True)
class Call:
    """One HTTP request. `target` is path and query; `headers` are sent as they are."""

    method: str = "POST"
    target: str = "/"
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""

    def with_header(self, name: str, value: str | None) -> Call:
        """The call with another value of a header, or, for None, without it."""
        kept = tuple(pair for pair in self.headers if pair[0].lower() != name.lower())
        return replace(self, headers=kept if value is None else (*kept, (name, value)))

    def header(self, name: str) -> str:
        """The value of a header."""
        return next(value for header, value in self.headers if header.lower() == name.lower())


@dataclass(frozen=True)
class Reply:
    """What came back."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes

    @property
    def refusal(self) -> tuple[int, str, str]:
        """Status, code and message of an error answer in XML."""
        error = ElementTree.fromstring(self.body).find("{*}Error")
        assert error is not None, self.body
        return self.status, error.findtext("{*}Code") or "", error.findtext("{*}Message") or ""


def form(action: str, service: str, **parameters: str) -> dict[str, str]:
    """The parameters of a call, `Action` and `Version` included."""
    return {"Action": action, "Version": VERSIONS[service], **parameters}


def signed(
    server: Server,
    keys: Keys,
    parameters: Mapping[str, str] | bytes,
    *,
    service: str = "sts",
    region: str = "us-east-1",
    at: float | None = None,
    target: str = "/",
    headers: Mapping[str, str] | None = None,
) -> Call:
    """A call signed in its header. `parameters` as a form, or as the very bytes of the body; `at`: seconds."""
    body = parameters if isinstance(parameters, bytes) else urlencode(parameters).encode()
    sent = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8", **(headers or {})}
    request = AWSRequest("POST", server.endpoint + target, data=body, headers=sent)
    _HeaderSigner(at, _credentials(keys), service, region).add_auth(request)
    return Call(target=target, headers=_with_host(server, request), body=body)


def presigned(
    server: Server,
    keys: Keys,
    parameters: Mapping[str, str],
    *,
    service: str = "sts",
    at: float | None = None,
    expires: int = 60,
) -> Call:
    """A call signed in its query, by GET."""
    request = AWSRequest("GET", f"{server.endpoint}/?{urlencode(parameters)}")
    _QuerySigner(at, _credentials(keys), service, "us-east-1", expires=expires).add_auth(request)
    parts = urlsplit(request.url)
    return Call(method="GET", target=f"{parts.path}?{parts.query}", headers=_with_host(server, request))


def connect(server: Server) -> http.client.HTTPConnection:
    """A connection, to be closed by the caller."""
    return http.client.HTTPConnection(urlsplit(server.endpoint).netloc, timeout=PATIENCE)


def send(server: Server, call: Call) -> Reply:
    """Send a call on a connection of its own."""
    with closing(connect(server)) as connection:
        return send_on(connection, call)


def send_on(connection: http.client.HTTPConnection, call: Call) -> Reply:
    """Send a call on an open connection, which stays open."""
    connection.putrequest(call.method, call.target, skip_host=True, skip_accept_encoding=True)
    for name, value in call.headers:
        connection.putheader(name, value)
    if not any(name.lower() in {"content-length", "transfer-encoding"} for name, _ in call.headers):
        connection.putheader("Content-Length", str(len(call.body)))
    connection.endheaders(call.body)
    answer = connection.getresponse()
    return Reply(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())


class _HeaderSigner(SigV4Auth):
    """botocore takes the time from the clock; this one from its argument (None: from the clock)."""

    def __init__(self, at: float | None, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._at = at

    def _modify_request_before_signing(self, request: AWSRequest) -> None:
        request.context["timestamp"] = timestamp(self._at)
        super()._modify_request_before_signing(request)


class _QuerySigner(SigV4QueryAuth):
    """The same for presigned requests."""

    def __init__(self, at: float | None, *arguments: Any, expires: int) -> None:
        super().__init__(*arguments, expires=expires)
        self._at = at

    def _modify_request_before_signing(self, request: AWSRequest) -> None:
        request.context["timestamp"] = timestamp(self._at)
        super()._modify_request_before_signing(request)


def timestamp(at: float | None = None) -> str:
    """A time (seconds since 1970; None: now) as signatures write it."""
    return datetime.fromtimestamp(time.time() if at is None else at, UTC).strftime("%Y%m%dT%H%M%SZ")


def _credentials(keys: Keys) -> Credentials:
    return Credentials(keys.access_key_id, keys.secret_access_key, keys.session_token)


def _with_host(server: Server, request: AWSRequest) -> tuple[tuple[str, str], ...]:
    return (("Host", urlsplit(server.endpoint).netloc), *request.headers.items())

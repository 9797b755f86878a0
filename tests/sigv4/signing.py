"""Requests signed by botocore, in the form in which a server receives them."""

from __future__ import annotations

from urllib.parse import urlsplit

from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from rolecall.wire.sigv4 import HttpRequest
from rolecall.wire.sigv4.timestamps import parse_timestamp

ACCESS_KEY_ID = "AKIDEXAMPLE"
SECRET_ACCESS_KEY = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
HOST = "iam.example.com:8750"


def sign(
    method: str = "POST",
    path: str = "/",
    query: str = "",
    *,
    headers: tuple[tuple[str, str], ...] = (),
    body: bytes = b"",
    session_token: str | None = None,
    service: str = "iam",
    region: str = "us-east-1",
    presigned_for: int | None = None,
) -> HttpRequest:
    """Sign with botocore: in the header, or in the query if `presigned_for` gives the seconds."""
    request = AWSRequest(method, f"http://{HOST}{path}{'?' if query else ''}{query}", data=body)
    for name, value in headers:
        request.headers.add_header(name, value)
    credentials = Credentials(ACCESS_KEY_ID, SECRET_ACCESS_KEY, session_token)
    if presigned_for is None:
        SigV4Auth(credentials, service, region).add_auth(request)
    else:
        SigV4QueryAuth(credentials, service, region, expires=presigned_for).add_auth(request)
    sent = [("Host", HOST), *request.headers.items()]
    return HttpRequest(
        method=method,
        raw_path=path,
        raw_query=urlsplit(request.url).query,
        headers=tuple((name.lower(), value.encode().decode("latin-1")) for name, value in sent),
        body=body,
    )


def signing_time(request: HttpRequest) -> int:
    """When botocore signed `request`, in seconds since 1970: botocore takes the time from the clock."""
    date = dict(request.headers).get("x-amz-date")
    if date is None:
        date = request.raw_query.partition("X-Amz-Date=")[2][:16]
    return parse_timestamp(date)

"""Signed requests as bytes, made by botocore's signer before the clock runs, so that the client only has to send them.

Each request is one of its own, with the headers that boto3 signs; none is sent twice.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import urlencode

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

REGION = "us-east-1"
VERSIONS: Mapping[str, str] = {"iam": "2010-05-08", "sts": "2011-06-15"}
"""The API version of each service, by its signing name."""


class Keys(NamedTuple):
    """A long-term access key."""

    access_key_id: str
    secret_access_key: str


class SignedRequest(NamedTuple):
    """A `POST /`. Names of headers are in lower case."""

    headers: tuple[tuple[str, str], ...]
    body: bytes

    def on_the_wire(self) -> bytes:
        """The request as HTTP/1.1."""
        head = "".join(f"{name}: {value}\r\n" for name, value in self.headers)
        return f"POST / HTTP/1.1\r\n{head}\r\n".encode("latin-1") + self.body


class Signer:
    """Signs requests to the server at `host` (`name:port`) with `keys`."""

    def __init__(self, host: str, keys: Keys) -> None:
        self._host = host
        credentials = Credentials(keys.access_key_id, keys.secret_access_key)
        self._signers = {service: SigV4Auth(credentials, service, REGION) for service in VERSIONS}

    def sign(self, service: str, action: str, parameters: Mapping[str, str], number: int) -> SignedRequest:
        """The call of `action`, signed now. `number` tells it from other calls with the same parameters."""
        body = urlencode({"Action": action, "Version": VERSIONS[service], **parameters}).encode()
        headers = {
            "Content-Type": "application/x-www-form-urlencoded; charset=utf-8",
            "User-Agent": "rolecall-bench",
            "amz-sdk-invocation-id": str(uuid.UUID(int=number)),
            "amz-sdk-request": "attempt=1",
        }
        request = AWSRequest(method="POST", url=f"http://{self._host}/", data=body, headers=headers)
        self._signers[service].add_auth(request)
        signed = ((name.lower(), value) for name, value in request.headers.items())
        return SignedRequest((("host", self._host), *signed, ("content-length", str(len(body)))), body)

"""What a refused call looks like to boto3."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from botocore.exceptions import ClientError


@contextmanager
def refused(code: str, status: int, message: str | None = None) -> Iterator[None]:
    """The block must end in an error answer of that code, HTTP status and, if given, exact message."""
    with pytest.raises(ClientError) as caught:
        yield
    response = caught.value.response
    told = (response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"])
    assert told == (code, status), response["Error"]["Message"]
    if message is not None:
        assert response["Error"]["Message"] == message


@contextmanager
def denied(*parts: str) -> Iterator[None]:
    """The block must end in AccessDenied for want of a permission; its message must hold each of `parts`."""
    with pytest.raises(ClientError) as caught:
        yield
    error = caught.value.response["Error"]
    assert error["Code"] == "AccessDenied"
    for part in ("is not authorized to perform: ", *parts):
        assert part in error["Message"]

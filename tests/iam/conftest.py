"""What the tests of IAM's operations share."""

from __future__ import annotations

import pytest

from iam.harness import Iam, Server


@pytest.fixture
def server() -> Server:
    """A server without accounts."""
    return Server()


@pytest.fixture
def iam(server: Server) -> Iam:
    """IAM as the root user of account 123456789012 calls it."""
    return server.account()

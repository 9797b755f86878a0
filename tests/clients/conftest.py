"""A server of its own for the tests that drive a real client program."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from serving import Server, start_server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A running server with one account."""
    running = start_server(tmp_path_factory.mktemp("server") / "data")
    yield running
    assert running.stop() == 0
    assert not [line for line in running.log if '"status":5' in line], "a client got a 5xx"

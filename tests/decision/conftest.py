"""What the tests of the engine share: caches that begin empty, so that each test runs the code it is about."""

from __future__ import annotations

import pytest

from rolecall.decision import matching, values

CACHES = (matching.names_of, values.parse_number, values.parse_instant, values.parse_address)


@pytest.fixture(autouse=True)
def _empty_caches() -> None:
    for cache in CACHES:
        cache.cache_clear()

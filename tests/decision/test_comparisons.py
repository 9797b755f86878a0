"""Values in a policy that the parser refuses: made by hand, they match nothing, and nothing raises."""

from __future__ import annotations

import pytest

from rolecall.decision.comparisons import prepare
from rolecall.language.document import Pattern, Position, SourceSpan, Text
from rolecall.language.operators import Comparison

NOWHERE = SourceSpan(Position(1, 1, 0), Position(1, 1, 0))
OF_TEXTS = (Comparison.STRING_EQUALS, Comparison.STRING_EQUALS_IGNORE_CASE, Comparison.STRING_LIKE)


@pytest.mark.parametrize("comparison", [it for it in Comparison if it not in OF_TEXTS])
@pytest.mark.parametrize("unreadable", ["no value", "arn", "arn:aws:s3::"])
def test_a_value_that_cannot_be_read_matches_nothing(comparison: Comparison, unreadable: str) -> None:
    prepared = prepare(comparison, (Pattern(unreadable, (Text(unreadable),), NOWHERE),))
    for text in (unreadable, "1", "2024-01-01", "true", "false", "203.0.113.9", "QQ==", "arn:aws:s3:::b", ""):
        assert prepared.fits(text) is False

"""How large a request may be. How long a decision takes is bounded for requests within these limits.

Whoever takes requests from outside refuses what is beyond them; the engine itself decides anything. They leave room for
all that AWS allows at once: a principal with 50 tags and 50 session tags, a request with 50, a resource with 50 under
two names, `aws:TagKeys` with 50 keys of 128 characters, two headers, and what tells of caller and connection.
"""

from __future__ import annotations

from collections.abc import Iterator

from rolecall.decision.request import RequestContext

MOST_KEYS = 320
LONGEST_KEY = 512
"""Characters of a key's name."""
LONGEST_VALUE = 4_096
"""Characters of one value: those of the longest header that is a condition key."""
MOST_VALUES = 100
"""Values of a multivalued key."""
LONGEST_SET = 6_400
"""Characters of all values of a multivalued key together."""
LARGEST_CONTEXT = 131_072
"""Characters of all keys and values together."""
LONGEST_ARN = 2_048
"""Characters of a resource's ARN."""


def beyond_limits(context: RequestContext) -> str | None:
    """What is too large about the condition keys of a request, as a sentence without full stop; None if nothing is."""
    return next(_complaints(context), None)


def _complaints(context: RequestContext) -> Iterator[str]:
    if len(context) > MOST_KEYS:
        yield f"more than {MOST_KEYS} keys"
    total = 0
    for key, found in context.items():
        values = (found,) if isinstance(found, str) else found
        shown = key[:LONGEST_KEY]
        size = sum(map(len, values))
        total += len(key) + size
        if len(key) > LONGEST_KEY:
            yield f"the name `{shown}…` has more than {LONGEST_KEY} characters"
        if len(values) > MOST_VALUES:
            yield f"`{shown}` has more than {MOST_VALUES} values"
        if any(len(value) > LONGEST_VALUE for value in values):
            yield f"`{shown}` has a value of more than {LONGEST_VALUE} characters"
        if size > LONGEST_SET:
            yield f"the values of `{shown}` have more than {LONGEST_SET} characters together"
    if total > LARGEST_CONTEXT:
        yield f"keys and values have more than {LARGEST_CONTEXT} characters together"

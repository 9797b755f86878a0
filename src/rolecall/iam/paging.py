"""Pages of a list: `Marker` and `MaxItems` in, `IsTruncated` and `Marker` out (identities.md §14).

A marker names the last item of the page before, so a page stays right when items come and go between two calls.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Callable, Iterable
from itertools import accumulate
from typing import TypeVar

from rolecall.errors import ValidationError

T = TypeVar("T")
DEFAULT_PAGE = 100
LONGEST_PLACE = 240
"""In bytes: in base64 these are the 320 characters that the model allows a marker."""
PAGE_ROOM = 8 << 20
"""Characters of policy text on a page at most. AWS too may return fewer items than asked for; white space, which no
quota of a policy counts, can make a full page a hundred times as long as policies are."""


def page(
    items: Iterable[T],
    *,
    order: Callable[[T], str],
    member: str,
    render: Callable[[T], object],
    weigh: Callable[[T], int] | None = None,
    marker: str | None = None,
    max_items: int | None = None,
) -> dict[str, object]:
    """One page of `items` as the members of an answer.

    Parameters
    ----------
    items, order, weigh, marker, max_items: see `cut`.
    member: the answer's list member, e.g. `Users`.
    render: makes the list's element of an item.

    Raises `ValidationError` for a marker that no page gave out.
    """
    shown, truncation = cut(items, order=order, weigh=weigh, marker=marker, max_items=max_items)
    return {member: [render(item) for item in shown], **truncation}


def cut(
    items: Iterable[T],
    *,
    order: Callable[[T], str],
    weigh: Callable[[T], int] | None = None,
    marker: str | None,
    max_items: int | None,
) -> tuple[list[T], dict[str, object]]:
    """The items of one page, and the members that tell whether and where the list goes on.

    Parameters
    ----------
    items: all that the call lists, in any order.
    order: what they are sorted by; distinct for each item.
    weigh: how many characters of policy text an item shows, if that can be many.
    marker, max_items: the request's.

    Raises `ValidationError` for a marker that no page gave out.
    """

    def place(item: T) -> str:
        return _shortened(order(item))

    after = read_marker(marker) if marker is not None else None
    rest = sorted((item for item in items if after is None or place(item) > after), key=place)
    shown = rest[: max_items or DEFAULT_PAGE]
    if weigh is not None:
        shown = shown[: _fitting(map(weigh, shown))]
    if len(rest) == len(shown):
        return shown, {"IsTruncated": False}
    return shown, {"IsTruncated": True, "Marker": _make_marker(place(shown[-1]))}


def _fitting(weights: Iterable[int]) -> int:
    """How many of the first items fit on a page: all that end within its room, and one in any case."""
    return max(1, sum(end <= PAGE_ROOM for end in accumulate(weights)))


def _shortened(place: str) -> str:
    if len(place.encode()) <= LONGEST_PLACE:
        return place
    # Tag keys and ARNs can be longer. Fifty characters and a digest keep their order nearly, and tell them apart.
    return place[:50] + hashlib.blake2b(place.encode(), digest_size=20).hexdigest()


def _make_marker(last: str) -> str:
    return base64.urlsafe_b64encode(last.encode()).decode()


def read_marker(marker: str) -> str:
    """The place that a marker names. Raises `ValidationError` for a marker that no page gave out."""
    try:
        return base64.b64decode(marker, altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError):
        raise ValidationError("Invalid Marker.") from None

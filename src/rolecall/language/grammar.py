"""The shapes that policy elements share: an object with known keys, a string or an array of strings."""

from __future__ import annotations

from collections.abc import Collection

from rolecall.language import messages
from rolecall.language.findings import Check
from rolecall.language.json_text import JsonArray, JsonObject, JsonString, JsonValue, JsonWord
from rolecall.language.review import Review
from rolecall.language.rules import Wording

KELVIN_SIGN = "\u212a"
"""The one character beyond ASCII that lower case turns into ASCII: a name that holds it would pass for another."""

Elements = dict[str, JsonValue]
"""The members of a policy or statement, by name."""


def read_elements(value: JsonObject, known: Collection[str], review: Review) -> Elements:
    """The members of `value`; those that are not `known` are refused. Names are case-sensitive."""
    elements: Elements = {}
    for key, member in value.members:
        if key.text in known:
            elements[key.text] = member
            continue
        detail = f"there is no element `{key.text}` here: use one of {', '.join(sorted(known))}"
        message = messages.unknown_field(key.text) if review.rules.wording is Wording.TRUST else messages.SYNTAX
        review.refuse(Check.SYNTAX, key, detail, message)
    return elements


def read_strings(
    name: str, value: JsonValue, review: Review, *, null_items: bool = False
) -> tuple[JsonString, ...] | None:
    """The strings of an element that is one string or an array of strings; None if it is neither.

    With `null_items`, a `null` in the array is passed over.
    """
    strings: list[JsonString] = []
    for item in value.items if isinstance(value, JsonArray) else (value,):
        match item:
            case JsonString():
                strings.append(item)
            case JsonWord(value=None) if null_items and item is not value:
                pass
            case _:
                review.refuse(Check.SYNTAX, item, f"`{name}` must be a string or an array of strings")
                return None
    return tuple(strings)


def check_folding(string: JsonString, review: Review) -> None:
    """Refuse a name that is compared without regard to case and would be taken for another."""
    if KELVIN_SIGN in string.text:
        review.refuse(Check.SYNTAX, string, f"`{string.text}` holds a Kelvin sign where the letter K is meant")


def read_string(name: str, value: JsonValue, review: Review) -> str | None:
    """The text of an element that is a string; None if it is not."""
    if isinstance(value, JsonString):
        return value.text
    review.refuse(Check.SYNTAX, value, f"`{name}` must be a string")
    return None

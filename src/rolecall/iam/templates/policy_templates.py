"""The language of AWS's templates: `@{parameter}` in texts and policies, `"@Enabled"` on statements.

A value becomes part of one string and nothing else: it cannot close the string, add an element, or bring in another
parameter. What the finished policy says is judged where it is used. Source: IAM user guide, "Policy templates"; what
AWS made of templates, recorded in September 2026 (radkawar/stackd, testdata/aws/iam/role_templates.json).
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable, Iterator, Mapping

import msgspec

from rolecall.errors import RolecallError
from rolecall.language.json_text import (
    MAXIMUM_LENGTH,
    JsonArray,
    JsonNumber,
    JsonObject,
    JsonString,
    JsonValue,
    read_json,
)

ENABLED = "@Enabled"
"""The member of a statement that names the parameter which switches it on."""

_PLACEHOLDER = re.compile(r"@\{([^{}]*)\}")


class TemplateError(RolecallError):
    """A template cannot be filled with the values that are there. `str(error)` says why, in AWS's words where known."""


class Value(msgspec.Struct, frozen=True):
    """What stands for a parameter. A list makes several strings out of one, even if it holds one text only."""

    texts: tuple[str, ...]
    is_list: bool = False


Values = Mapping[str, Value]


def placeholders(text: str) -> Iterator[str]:
    """The names of the parameters in a text, as often as they stand there."""
    return (match[1] for match in _PLACEHOLDER.finditer(text))


def policy_parameters(text: str) -> tuple[str, ...]:
    """The names of all parameters in a policy template, each once, switches of statements included.

    Raises `InvalidJson` if the text is no JSON.
    """
    return tuple(dict.fromkeys(_names(read_json(text))))


def fill_text(pattern: str, values: Values) -> str:
    """A pattern that is no policy, filled. Raises `TemplateError`, also for a parameter with several values."""
    return _Filling(values).single(pattern)


def fill_policy(text: str, values: Values) -> str | None:
    """A policy template, filled, as compact JSON; None if no statement of it is enabled.

    Raises `TemplateError` if a value is missing, or the policy grows beyond what any policy may hold; `InvalidJson` if
    the template is no JSON.
    """
    return _Filling(values).policy(read_json(text))


def without_switches(text: str, keeps: Callable[[JsonObject], bool]) -> str | None:
    """A policy template with those statements only that `keeps`, their switches taken off; None if none is left.

    Raises as `fill_policy`.
    """
    return _Filling({}, keeps=keeps).policy(read_json(text))


def holds_placeholders(value: JsonValue) -> bool:
    """Does any string in `value` hold a parameter?"""
    return any(_PLACEHOLDER.search(string.text) for string in _strings(value))


class _Filling:
    """One filling of one template: the values, and how many characters there is room for."""

    def __init__(self, values: Values, keeps: Callable[[JsonObject], bool] | None = None) -> None:
        self._values = values
        self._keeps = keeps or self._is_enabled
        self._room = MAXIMUM_LENGTH

    def policy(self, root: JsonValue) -> str | None:
        """The finished policy; None if no statement is left."""
        if not isinstance(root, JsonObject):
            raise TemplateError("a policy template must be a JSON object")
        members: list[str] = []
        for key, value in root.members:
            if key.text != "Statement":
                members.append(self.member(key, value))
                continue
            kept = [item for item in _items(value) if not isinstance(item, JsonObject) or self._keeps(item)]
            if not kept:
                return None
            members.append(f'"Statement":[{",".join(self.json(item) for item in kept)}]')
        return f"{{{','.join(members)}}}"

    def json(self, value: JsonValue) -> str:
        """`value` as JSON."""
        match value:
            case JsonObject():
                shown = (self.member(key, inner) for key, inner in value.members if key.text != ENABLED)
                return f"{{{','.join(shown)}}}"
            case JsonArray():
                return f"[{','.join(itertools.chain.from_iterable(map(self.elements, value.items)))}]"
            case JsonString():
                strings = tuple(self.elements(value))
                return f"[{','.join(strings)}]" if self._is_several(value.text) else strings[0]
            case JsonNumber():
                return value.text
            case _:
                return json.dumps(value.value)

    def member(self, key: JsonString, value: JsonValue) -> str:
        """A member of an object. That no two of them end up with one name is the policy's parser's to see."""
        return f"{self._quoted(self.single(key.text))}:{self.json(value)}"

    def elements(self, value: JsonValue) -> Iterator[str]:
        """What `value` is in an array: a string with lists becomes all their combinations."""
        if isinstance(value, JsonString):
            return map(self._quoted, self._combinations(value.text))
        return iter((self.json(value),))

    def single(self, text: str) -> str:
        """A text of which there can be only one."""
        if self._is_several(text):
            raise TemplateError(f"a parameter with a list of values cannot stand in `{text}`")
        return next(self._combinations(text))

    def _combinations(self, text: str) -> Iterator[str]:
        pieces = _PLACEHOLDER.split(text)  # text, name, text, name, …, text
        choices = [self._texts(piece) if place % 2 else (piece,) for place, piece in enumerate(pieces)]
        for chosen in itertools.product(*choices):
            self._room -= sum(map(len, chosen)) + 1
            if self._room < 0:
                raise TemplateError(f"the filled template is longer than {MAXIMUM_LENGTH} characters")
            yield "".join(chosen)

    def _texts(self, name: str) -> tuple[str, ...]:
        value = self._values.get(name)
        if value is None or not value.texts:
            raise TemplateError(f"Parameter '{name}' not found.")
        return value.texts

    def _is_several(self, text: str) -> bool:
        return any(name in self._values and self._values[name].is_list for name in placeholders(text))

    def _is_enabled(self, statement: JsonObject) -> bool:
        switch = next((value for key, value in statement.members if key.text == ENABLED), None)
        if switch is None:
            return True
        if not isinstance(switch, JsonString):
            raise TemplateError(f"`{ENABLED}` must be the name of a parameter")
        name = switch.text.removeprefix("!")
        # AWS takes `true` in any case (recorded); whatever else is said is no.
        is_on = [text.lower() for text in self._texts(name)] == ["true"]
        return is_on is not switch.text.startswith("!")

    @staticmethod
    def _quoted(text: str) -> str:
        return json.dumps(text)


def _items(value: JsonValue) -> tuple[JsonValue, ...]:
    return value.items if isinstance(value, JsonArray) else (value,)


def _strings(value: JsonValue) -> Iterator[JsonString]:
    match value:
        case JsonString():
            yield value
        case JsonArray():
            for item in value.items:
                yield from _strings(item)
        case JsonObject():
            for key, inner in value.members:
                yield key
                yield from _strings(inner)


def _names(value: JsonValue) -> Iterator[str]:
    match value:
        case JsonObject():
            for key, inner in value.members:
                yield from placeholders(key.text)
                if key.text == ENABLED and isinstance(inner, JsonString):
                    yield inner.text.removeprefix("!")
                else:
                    yield from _names(inner)
        case JsonArray():
            for item in value.items:
                yield from _names(item)
        case JsonString():
            yield from placeholders(value.text)

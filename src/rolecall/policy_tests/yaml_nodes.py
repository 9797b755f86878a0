"""A strict reader of the YAML that people write by hand, which remembers where everything stands.

Plain scalars mean what they mean in JSON (`true`, `null`, `12.5`); everything else is text, so that `2012-10-17` is no
date, `no` no boolean and `012345678901` keeps its zero. No member twice, no aliases (a few lines of them make
gigabytes), no tags, one document. What the nodes mean is none of this module's business.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec
import yaml

from rolecall.language.json_text import MAXIMUM_NUMBER_LENGTH
from rolecall.policy_tests.errors import PolicyTestError
from rolecall.questions.json_values import JsonValue

MAXIMUM_LENGTH = 8 << 20
"""Characters of a file."""
MAXIMUM_DEPTH = 64

_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_SURROGATE = re.compile("[\ud800-\udfff]")
_WORDS = {"true": True, "false": False, "null": None, "~": None, "": None}
_TEXT_TAGS = {None, "!", "tag:yaml.org,2002:str"}

# PyYAML is built with or without libyaml, which reads about ten times as fast.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class YamlNode(msgspec.Struct, frozen=True, kw_only=True):
    """What all nodes share: the place of the first character, counted from 1."""

    line: int
    column: int


class YamlScalar(YamlNode, frozen=True, kw_only=True):
    """Text, a boolean, null, or a number as it was written."""

    value: str | bool | msgspec.Raw | None


class YamlSequence(YamlNode, frozen=True, kw_only=True):
    items: tuple[YamlNode, ...]


class YamlMapping(YamlNode, frozen=True, kw_only=True):
    """`members` are in the order of the file; no name stands twice. `names` tells where the names themselves stand."""

    members: dict[str, YamlNode]
    names: dict[str, YamlNode]


def read_yaml(text: str, file: str) -> YamlNode:
    """Read the one document of `text`. `file` is the name for messages.

    Raises `PolicyTestError` for what is not YAML, and for the YAML that the module's docstring excludes.
    """
    if len(text) > MAXIMUM_LENGTH:
        raise PolicyTestError(f"longer than {MAXIMUM_LENGTH} characters", file)
    try:
        return _Reader(text, file).document()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = error.problem or error.context or "broken"
        place = (mark.line + 1, mark.column + 1) if mark is not None else ()
        raise PolicyTestError(f"not YAML: {problem}", file, *place) from None
    except yaml.YAMLError as error:
        raise PolicyTestError(f"not YAML: {str(error).splitlines()[0]}", file) from None


def json_value(node: YamlNode) -> JsonValue:
    """The same as a JSON value, for the room `questions`."""
    match node:
        case YamlScalar(value=value):
            return value
        case YamlSequence(items=items):
            return [json_value(item) for item in items]
        case YamlMapping(members=members):
            return {name: json_value(value) for name, value in members.items()}
        case _:
            raise TypeError(f"{type(node).__name__} is no node of a document")


class _Reader:
    """Reads nodes from the parser's events. Each method takes up the first event of what it reads."""

    def __init__(self, text: str, file: str) -> None:
        self._file = file
        self._events: Iterator[yaml.Event] = yaml.parse(text, _LOADER)

    def document(self) -> YamlNode:
        next(self._events)
        if isinstance(next(self._events), yaml.StreamEndEvent):
            raise PolicyTestError("the file is empty", self._file)
        node = self._node(next(self._events), MAXIMUM_DEPTH)
        next(self._events)
        after = next(self._events)
        if not isinstance(after, yaml.StreamEndEvent):
            raise self._error(after, "a second document begins: write one document a file")
        return node

    def _node(self, event: yaml.Event, depth: int) -> YamlNode:
        if isinstance(event, yaml.AliasEvent):
            raise self._error(event, "aliases are not read: give the policy a name under `policies`")
        if getattr(event, "tag", None) not in _TEXT_TAGS:
            raise self._error(event, "tags are not read")
        if depth == 0:
            raise self._error(event, f"nested deeper than {MAXIMUM_DEPTH} levels")
        line, column = _place(event)
        if isinstance(event, yaml.ScalarEvent):
            return YamlScalar(value=self._scalar(event), line=line, column=column)
        if isinstance(event, yaml.SequenceStartEvent):
            return YamlSequence(items=tuple(self._items(depth - 1)), line=line, column=column)
        names, members = self._members(depth - 1)
        return YamlMapping(names=names, members=members, line=line, column=column)

    def _items(self, depth: int) -> Iterator[YamlNode]:
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            yield self._node(event, depth)

    def _members(self, depth: int) -> tuple[dict[str, YamlNode], dict[str, YamlNode]]:
        names: dict[str, YamlNode] = {}
        members: dict[str, YamlNode] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            node = self._node(event, depth)
            if not isinstance(node, YamlScalar) or not isinstance(node.value, str):
                raise self._error(event, "the name of a member must be text: put it in quotes")
            if node.value in names:
                raise self._error(event, f"the member `{node.value}` stands twice")
            names[node.value] = node
            members[node.value] = self._node(next(self._events), depth)
        return names, members

    def _scalar(self, event: yaml.ScalarEvent) -> str | bool | msgspec.Raw | None:
        text: str = event.value
        if _SURROGATE.search(text):
            raise self._error(event, "half of a surrogate pair is no character")  # libyaml refuses the escape itself
        if event.tag is not None or not event.implicit[0]:
            return text
        if text.lower() in _WORDS and text in {text.lower(), text.capitalize(), text.upper()}:
            return _WORDS[text.lower()]
        if not _NUMBER.fullmatch(text):
            return text
        if len(text) > MAXIMUM_NUMBER_LENGTH:
            raise self._error(event, f"a number has more than {MAXIMUM_NUMBER_LENGTH} characters")
        return msgspec.Raw(text)

    def _error(self, event: yaml.Event, message: str) -> PolicyTestError:
        return PolicyTestError(message, self._file, *_place(event))


def _place(event: yaml.Event) -> tuple[int, int]:
    mark = event.start_mark
    assert mark is not None  # the parser knows where it is; its type stubs do not
    return mark.line + 1, mark.column + 1

"""Members of a test file, read as what they must be, or refused by their place. Knows no single member by name."""

from __future__ import annotations

from typing import NoReturn

import msgspec

from rolecall.policy_tests.errors import PolicyTestError
from rolecall.policy_tests.yaml_nodes import YamlMapping, YamlNode, YamlScalar, YamlSequence
from rolecall.questions.json_values import text_of_number


class MemberReader(msgspec.Struct, frozen=True):
    """Reads the members of one file. Every method raises `PolicyTestError` for what is not there or is something else.

    Parameters: `file`, its name for messages.
    """

    file: str

    def refuse(self, node: YamlNode, message: str) -> NoReturn:
        """Raise the error about `node`."""
        raise PolicyTestError(message, self.file, node.line, node.column)

    def mapping(self, node: YamlNode, what: str) -> dict[str, YamlNode]:
        """The members of `node`, whatever their names. `what` is how messages call it, in all these methods."""
        if not isinstance(node, YamlMapping):
            self.refuse(node, f"{what} must be a mapping")
        return node.members

    def known(self, node: YamlNode, what: str, names: frozenset[str]) -> dict[str, YamlNode]:
        """The members of `node`, all of which are among `names`."""
        if not isinstance(node, YamlMapping):
            self.refuse(node, f"{what} must be a mapping")
        for name, place in node.names.items():
            if name not in names:
                self.refuse(place, f"{what} has no member `{name}`: use {', '.join(sorted(names))}")
        return node.members

    def items(self, node: YamlNode, what: str) -> tuple[YamlNode, ...]:
        """The items of a list."""
        if not isinstance(node, YamlSequence):
            self.refuse(node, f"{what} must be a list")
        return node.items

    def one_or_more(self, node: YamlNode, what: str) -> tuple[YamlNode, ...]:
        """The items of a list that is not empty, or the one that stands in its place."""
        if isinstance(node, YamlSequence) and not node.items:
            self.refuse(node, f"{what} must not be an empty list")
        return node.items if isinstance(node, YamlSequence) else (node,)

    def text(self, node: YamlNode, what: str) -> str:
        """Text that is not empty and can be printed. A number counts as it was written: account ids look like one."""
        value = node.value if isinstance(node, YamlScalar) else None
        if isinstance(value, msgspec.Raw):
            value = text_of_number(value)
        if not isinstance(value, str) or not value:
            self.refuse(node, f"{what} must be text that is not empty")
        if not value.isprintable():
            self.refuse(node, f"{what} must be one line of printable characters")
        return value


def is_null(node: YamlNode | None) -> bool:
    """Is there nothing, or the word `null`?"""
    return node is None or (isinstance(node, YamlScalar) and node.value is None)

"""The policies of a test file: documents with names, and the lists that refer to them. What they say is not read here.

A policy is written as a mapping, as text, or as `{file: PATH}`, where the path is relative to the test file.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec

from rolecall.policy_tests.errors import PolicyTestError
from rolecall.policy_tests.files import read_text_file
from rolecall.policy_tests.members import MemberReader, is_null
from rolecall.policy_tests.yaml_nodes import YamlMapping, YamlNode, YamlScalar, json_value
from rolecall.questions.json_values import JsonValue

SETS = frozenset({"identityPolicies", "permissionsBoundaries", "sessionPolicies", "vpcEndpointPolicies"})
"""Members that hold a list of policies."""
LEVELS = frozenset({"serviceControlPolicies", "resourceControlPolicies"})
"""Members that hold a list of policies for each level."""
ATTACHED = "resourcePolicy"
"""The member that holds a single policy."""
POLICY_MEMBERS = SETS | LEVELS | {ATTACHED}

LONGEST_POLICY_FILE = 1 << 20
"""Bytes; several times what any policy may have."""


class Documents(msgspec.Struct, frozen=True, kw_only=True):
    """The policies of one question.

    Parameters: `members`, as a question holds them; `names`, what the file calls the policy at each place of a question
    (`identityPolicies[0]`).
    """

    members: Mapping[str, JsonValue]
    names: Mapping[str, str]


class DocumentReader:
    """Reads the policies of one file. Parameters: `reader`; `folder`, that paths are relative to."""

    def __init__(self, reader: MemberReader, folder: Path) -> None:
        self._reader = reader
        self._folder = folder
        self._named: dict[str, JsonValue] = {}

    def read_named(self, node: YamlNode) -> None:
        """Read the member `policies`: documents by name."""
        for name, value in self._reader.mapping(node, "`policies`").items():
            if not name or "#" in name or not name.isprintable():
                self._reader.refuse(value, f"`{name}` cannot name a policy: the name is empty or holds `#`")
            self._named[name] = self._document(value, f"the policy `{name}`")

    def read(self, members: Mapping[str, YamlNode]) -> Documents:
        """Read those of `members` that hold policies."""
        names: dict[str, str] = {}
        read: dict[str, JsonValue] = {}
        for member in sorted(POLICY_MEMBERS & members.keys()):
            node = members[member]
            if is_null(node):
                continue
            if member == ATTACHED:
                read[member] = self._referred(node, member, names)
            elif member in SETS:
                read[member] = self._referred_list(node, member, names)
            else:
                levels = self._reader.items(node, f"`{member}`")
                read[member] = [self._referred_list(level, f"{member}[{at}]", names) for at, level in enumerate(levels)]
        return Documents(members=read, names=names)

    def _referred_list(self, node: YamlNode, place: str, names: dict[str, str]) -> list[JsonValue]:
        items = self._reader.items(node, f"`{place}`")
        return [self._referred(item, f"{place}[{at}]", names) for at, item in enumerate(items)]

    def _referred(self, node: YamlNode, place: str, names: dict[str, str]) -> JsonValue:
        """The policy at a place of the question: one that has a name, or one that is written there."""
        names[place] = place
        if isinstance(node, YamlMapping):
            return self._document(node, f"`{place}`")
        name = self._reader.text(node, f"`{place}`")
        if name not in self._named:
            self._reader.refuse(node, f"no policy `{name}` stands under `policies`")
        names[place] = name
        return self._named[name]

    def _document(self, node: YamlNode, what: str) -> JsonValue:
        if isinstance(node, YamlMapping):
            if "file" not in node.members:
                return json_value(node)
            members = self._reader.known(node, what, frozenset({"file"}))
            return self._text_of(members["file"])
        if not isinstance(node, YamlScalar) or not isinstance(node.value, str):
            self._reader.refuse(node, f"{what} must be a policy, or `file:` and a path")
        return node.value

    def _text_of(self, node: YamlNode) -> str:
        path = self._folder / self._reader.text(node, "`file`")
        try:
            return read_text_file(path, LONGEST_POLICY_FILE)
        except PolicyTestError as error:
            self._reader.refuse(node, str(error))

"""A test file, from text to `PolicyTest`s. The format is in `docs/guides/policy-tests.md`; nothing is evaluated here.

What a question holds is left to the room `questions`: here only what tests add to it is checked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import get_args

from rolecall.language.document import PolicyType
from rolecall.names.case import lower_name
from rolecall.policy_tests.cases import (
    Expectation,
    ExpectedDecision,
    ExpectedStatement,
    PolicyTest,
    PolicyTestFile,
)
from rolecall.policy_tests.documents import POLICY_MEMBERS, DocumentReader, Documents
from rolecall.policy_tests.files import read_text_file
from rolecall.policy_tests.members import MemberReader, is_null
from rolecall.policy_tests.yaml_nodes import MAXIMUM_LENGTH, YamlNode, YamlScalar, json_value, read_yaml
from rolecall.questions.json_values import JsonValue

MOST_CASES = 10_000
"""How many cases the lists of one test may stand for."""

_REQUIRED = "resourcePolicyRequired"
_GIVEN = POLICY_MEMBERS | {"principal", "action", "resource", "resourceAccount", "context", _REQUIRED}
_TEST = _GIVEN | {"name", "expect", "matched", "blockedBy"}
_DECISIONS: tuple[ExpectedDecision, ...] = get_args(ExpectedDecision)


def read_test_file(path: Path) -> PolicyTestFile:
    """Read a file of tests. Raises `PolicyTestError`, with the place, for everything that the format does not know."""
    root = read_yaml(read_text_file(path, MAXIMUM_LENGTH), str(path))
    return _FileReader(path).read(root)


class _FileReader:
    """Reads one file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read = MemberReader(str(path))
        self._documents = DocumentReader(self._read, path.parent)

    def read(self, root: YamlNode) -> PolicyTestFile:
        members = self._read.known(root, "a test file", frozenset({"policies", "given", "tests"}))
        if "policies" in members:
            self._documents.read_named(members["policies"])
        given: Mapping[str, YamlNode] = {}
        if "given" in members:
            given = self._read.known(members["given"], "`given`", frozenset(_GIVEN))
        if "tests" not in members:
            self._read.refuse(root, "a test file must have `tests`")
        tests = tuple(self._test(node, given) for node in self._read.items(members["tests"], "`tests`"))
        if not tests:
            self._read.refuse(members["tests"], "`tests` is empty")
        self._check_names(members["tests"], tests)
        return PolicyTestFile(path=str(self._path), tests=tests)

    def _check_names(self, node: YamlNode, tests: Iterable[PolicyTest]) -> None:
        lines: dict[str, int] = {}
        for test in tests:
            if test.name in lines:
                self._read.refuse(node, f"two tests are called `{test.name}`: lines {lines[test.name]} and {test.line}")
            lines[test.name] = test.line

    def _test(self, node: YamlNode, given: Mapping[str, YamlNode]) -> PolicyTest:
        own = self._read.known(node, "a test", frozenset(_TEST))
        for required in ("name", "expect"):
            if required not in own:
                self._read.refuse(node, f"a test must have `{required}`")
        members = {**given, **own}
        for required in ("principal", "action"):
            if is_null(members.get(required)):
                self._read.refuse(node, f"a test must have `{required}`, of its own or under `given`")
        documents = self._documents.read(members)
        test = PolicyTest(
            name=self._read.text(own["name"], "`name`"),
            line=node.line,
            principals=tuple(map(self._principal, self._read.one_or_more(members["principal"], "`principal`"))),
            actions=self._texts(members["action"], "`action`"),
            resources=(None,) if is_null(members.get("resource")) else self._texts(members["resource"], "`resource`"),
            request={
                "context": self._context(given.get("context"), own.get("context")),
                "resourceAccount": self._optional_text(members, "resourceAccount"),
            },
            documents=documents,
            requires_resource_policy=self._boolean(members, _REQUIRED),
            expectation=self._expectation(own, documents),
        )
        if test.case_count > MOST_CASES:
            self._read.refuse(node, f"the lists stand for {test.case_count} cases: at most {MOST_CASES} are run")
        return test

    # The request

    def _principal(self, node: YamlNode) -> JsonValue:
        """Text, as it can be printed, or an object with `type`."""
        return self._read.text(node, "`principal`") if isinstance(node, YamlScalar) else json_value(node)

    def _texts(self, node: YamlNode, what: str) -> tuple[str, ...]:
        return tuple(self._read.text(item, what) for item in self._read.one_or_more(node, what))

    def _optional_text(self, members: Mapping[str, YamlNode], name: str) -> str | None:
        node = members.get(name)
        return None if node is None or is_null(node) else self._read.text(node, f"`{name}`")

    def _boolean(self, members: Mapping[str, YamlNode], name: str) -> bool | None:
        node = members.get(name)
        if node is None or is_null(node):
            return None
        if not isinstance(node, YamlScalar) or not isinstance(node.value, bool):
            self._read.refuse(node, f"`{name}` must be true or false")
        return node.value

    def _context(self, given: YamlNode | None, own: YamlNode | None) -> dict[str, JsonValue]:
        """The condition keys of a test: those under `given`, replaced, joined and (by null) taken away by its own."""
        context: dict[str, JsonValue] = {}
        for node in (given, own):
            if node is None or is_null(node):
                continue
            keys: set[str] = set()
            for name, value in self._read.mapping(node, "`context`").items():
                key = lower_name(name)
                if key in keys:
                    self._read.refuse(value, f"the key `{name}` stands twice; condition keys do not differ by case")
                keys.add(key)
                context.pop(key, None)
                if not is_null(value):
                    context[key] = json_value(value)
        return context

    # What is expected

    def _expectation(self, own: Mapping[str, YamlNode], documents: Documents) -> Expectation:
        word = self._read.text(own["expect"], "`expect`")
        decision = next((each for each in _DECISIONS if each == word), None)
        if decision is None:
            self._read.refuse(own["expect"], f"`expect` must be one of {', '.join(_DECISIONS)}")
        return Expectation(
            decision=decision,
            matched=self._matched(own.get("matched"), documents),
            blocked_by=self._blocked_by(own.get("blockedBy")),
        )

    def _matched(self, node: YamlNode | None, documents: Documents) -> tuple[ExpectedStatement, ...] | None:
        if node is None:
            return None
        return tuple(self._statement(item, documents) for item in self._read.items(node, "`matched`"))

    def _statement(self, node: YamlNode, documents: Documents) -> ExpectedStatement:
        text = self._read.text(node, "`matched`")
        policy, separator, statement = text.rpartition("#")
        if not separator or not statement:
            self._read.refuse(node, f"`{text}` names no statement: write POLICY#0, counting from 0, or POLICY#SID")
        if policy not in documents.names.values():
            self._read.refuse(node, f"no policy of this test is called `{policy}`")
        is_place = statement.isascii() and statement.isdigit() and len(statement) < 6
        return ExpectedStatement(policy, int(statement) if is_place else statement)

    def _blocked_by(self, node: YamlNode | None) -> frozenset[PolicyType] | None:
        if node is None:
            return None
        return frozenset(self._policy_type(item) for item in self._read.items(node, "`blockedBy`"))

    def _policy_type(self, node: YamlNode) -> PolicyType:
        text = self._read.text(node, "`blockedBy`")
        if text not in set(PolicyType):
            self._read.refuse(node, f"`{text}` is no type of policy: use {', '.join(PolicyType)}")
        return PolicyType(text)

"""What a test file holds, as values: tests, and the cases that they stand for. Nothing is read or run here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product
from typing import Literal

import msgspec

from rolecall.language.document import PolicyType
from rolecall.policy_tests.documents import Documents
from rolecall.questions.json_values import JsonValue

ExpectedDecision = Literal["allowed", "denied", "explicitDeny", "implicitDeny"]


class ExpectedStatement(msgspec.Struct, frozen=True):
    """A statement by the name of its policy and either its place in it, from 0, or its Sid."""

    policy: str
    statement: int | str

    def __str__(self) -> str:
        return f"{self.policy}#{self.statement}"


class Expectation(msgspec.Struct, frozen=True, kw_only=True):
    """What a test expects.

    Parameters
    ----------
    decision: one of the engine's three words, or `denied` for either deny.
    matched: the statements that decide, all of them; None if the test does not say.
    blocked_by: the types of policies that block, all of them; None if the test does not say.
    """

    decision: ExpectedDecision
    matched: tuple[ExpectedStatement, ...] | None = None
    blocked_by: frozenset[PolicyType] | None = None


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """One question of a test, for the room `questions` to read. `label` tells it from the others of its file."""

    label: str
    line: int
    question: Mapping[str, JsonValue]
    names: Mapping[str, str]
    expectation: Expectation


class PolicyTest(msgspec.Struct, frozen=True, kw_only=True):
    """One test.

    Parameters
    ----------
    name, line: what it is called, and where it begins.
    principals, actions, resources: each with each of the others is a case.
    request: the other members of the request.
    documents: the policies.
    requires_resource_policy: None for what the room `questions` does by default.
    """

    name: str
    line: int
    principals: tuple[JsonValue, ...]
    actions: tuple[str, ...]
    resources: tuple[str | None, ...]
    request: Mapping[str, JsonValue]
    documents: Documents
    requires_resource_policy: bool | None
    expectation: Expectation

    @property
    def case_count(self) -> int:
        return len(self.principals) * len(self.actions) * len(self.resources)

    def cases(self) -> Iterator[Case]:
        """The cases: one for each combination."""
        for (number, principal), action, resource in product(enumerate(self.principals), self.actions, self.resources):
            parts = (
                (self.principals, principal if isinstance(principal, str) else f"principal {number}"),
                (self.actions, action),
                (self.resources, resource or "*"),
            )
            varied = [str(part) for choices, part in parts if len(choices) > 1]
            request = {**self.request, "principal": principal, "action": action, "resource": resource}
            yield Case(
                label=f"{self.name} [{', '.join(varied)}]" if varied else self.name,
                line=self.line,
                question={
                    **self.documents.members,
                    "request": request,
                    "resourcePolicyRequired": self.requires_resource_policy,
                },
                names=self.documents.names,
                expectation=self.expectation,
            )


class PolicyTestFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file of tests."""

    path: str
    tests: tuple[PolicyTest, ...]

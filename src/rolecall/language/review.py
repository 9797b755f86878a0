"""The review of one policy text: its rules, its places, and what was found wrong so far.

Not just the first finding is kept; in the end they stand in the order in which AWS checks.
"""

from __future__ import annotations

from rolecall.errors import PolicyError
from rolecall.language import messages
from rolecall.language.document import SourceSpan
from rolecall.language.findings import Check, Finding
from rolecall.language.json_text import JsonValue, LineIndex
from rolecall.language.rules import Rules, Wording

MAXIMUM_FINDINGS = 100
"""Findings of one check that are kept. More would help nobody, but a hostile text could ask for a hundred thousand."""


class Review:
    """Collects the findings of one parse. The modules of the grammar share one and add to it."""

    def __init__(self, text: str, rules: Rules) -> None:
        self.rules = rules
        self.has_variables = False
        """Are policy variables known? Set once the version is."""
        self._lines = LineIndex(text)
        self._findings: dict[Check, list[Finding]] = {check: [] for check in Check}

    def span(self, value: JsonValue) -> SourceSpan:
        """Where `value` stands."""
        return self._lines.span(value.start, value.end)

    def refuse(self, check: Check, value: JsonValue, detail: str, message: str = messages.SYNTAX) -> None:
        """Note that `value` does not pass `check`. `detail` is our explanation, `message` AWS's."""
        self._add(check, value.start, value.end, message, detail)

    def refuse_text(self, offset: int, detail: str) -> None:
        """Note that the text is no JSON document from `offset` on."""
        message = messages.INVALID_JSON if self.rules.wording is Wording.TRUST else messages.SYNTAX
        self._add(Check.JSON, offset, offset, message, detail)

    def raise_findings(self) -> None:
        """Raise `PolicyError` if anything was refused: by check, and within a check in the order they were found."""
        findings = tuple(finding for check in Check for finding in self._findings[check])
        if findings:
            raise PolicyError(findings)

    def _add(self, check: Check, start: int, end: int, message: str, detail: str) -> None:
        findings = self._findings[check]
        if len(findings) == MAXIMUM_FINDINGS:
            return
        code = messages.CODE
        if self.rules.wording is Wording.ORGANIZATIONS:
            code, message = messages.ORGANIZATIONS_CODE, messages.ORGANIZATIONS
        findings.append(Finding(message=message, span=self._lines.span(start, end), code=code, detail=detail))

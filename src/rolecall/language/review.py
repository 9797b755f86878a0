"""The review of one policy text: its rules, its places, and what was found wrong so far.

Every finding is kept, not just the first; in the end they stand in the order in which AWS checks.
"""

from __future__ import annotations

from rolecall.errors import PolicyError
from rolecall.language import messages
from rolecall.language.document import SourceSpan
from rolecall.language.findings import Check, Finding
from rolecall.language.json_text import JsonValue, LineIndex
from rolecall.language.rules import Rules, Wording


class Review:
    """Collects the findings of one parse. The modules of the grammar share one and add to it."""

    def __init__(self, text: str, rules: Rules) -> None:
        self.rules = rules
        self.has_variables = False
        """Are policy variables known? Set once the version is."""
        self._lines = LineIndex(text)
        self._findings: list[tuple[Check, Finding]] = []

    def span(self, value: JsonValue) -> SourceSpan:
        """Where `value` stands."""
        return self._lines.span(value.start, value.end)

    def refuse(self, check: Check, value: JsonValue, detail: str, message: str = messages.SYNTAX) -> None:
        """Note that `value` does not pass `check`. `detail` is our explanation, `message` AWS's."""
        self._add(check, Finding(message=message, span=self.span(value), detail=detail))

    def refuse_text(self, offset: int, detail: str) -> None:
        """Note that the text is no JSON document from `offset` on."""
        message = messages.INVALID_JSON if self.rules.wording is Wording.TRUST else messages.SYNTAX
        self._add(Check.JSON, Finding(message=message, span=self._lines.span(offset, offset), detail=detail))

    def raise_findings(self) -> None:
        """Raise `PolicyError` if anything was refused: by check, and within a check in the order they were found."""
        if self._findings:
            raise PolicyError(tuple(finding for _, finding in sorted(self._findings, key=lambda found: found[0])))

    def _add(self, check: Check, finding: Finding) -> None:
        if self.rules.wording is Wording.ORGANIZATIONS:
            finding = Finding(
                message=messages.ORGANIZATIONS,
                span=finding.span,
                code=messages.ORGANIZATIONS_CODE,
                detail=finding.detail,
            )
        self._findings.append((check, finding))

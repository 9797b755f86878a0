"""JUnit XML, which CI systems show. Only how outcomes are written; what they are is in `running`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from xml.etree import ElementTree as xml

import msgspec

from rolecall.policy_tests.errors import PolicyTestError
from rolecall.policy_tests.running import Outcome

_NOT_XML = re.compile("[^\t\n\r\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold, or only by reference."""


class FileReport(msgspec.Struct, frozen=True, kw_only=True):
    """The outcomes of one file, or the error that kept it from being read."""

    path: str
    outcomes: tuple[Outcome, ...] = ()
    error: PolicyTestError | None = None


def junit_xml(reports: Sequence[FileReport]) -> bytes:
    """The reports as a JUnit document: a suite for each file, a case for each outcome."""
    root = xml.Element("testsuites", name="rolecall test")
    for report in reports:
        root.append(_suite(report))
    for total in ("tests", "failures", "errors"):
        root.set(total, str(sum(int(suite.get(total, "0")) for suite in root)))
    xml.indent(root)
    document: bytes = xml.tostring(root, encoding="utf-8", xml_declaration=True)
    return document + b"\n"


def _suite(report: FileReport) -> xml.Element:
    failures = sum(bool(outcome.problems) for outcome in report.outcomes)
    errors = sum(outcome.error is not None for outcome in report.outcomes) + (report.error is not None)
    suite = xml.Element(
        "testsuite",
        name=_plain(report.path),
        tests=str(len(report.outcomes) + (report.error is not None)),
        failures=str(failures),
        errors=str(errors),
        time=f"{sum(outcome.seconds for outcome in report.outcomes):.6f}",
    )
    if report.error is not None:
        case = xml.SubElement(suite, "testcase", classname=_plain(report.path), name="read the file")
        xml.SubElement(case, "error", message=_plain(str(report.error)))
    for outcome in report.outcomes:
        suite.append(_case(report.path, outcome))
    return suite


def _case(path: str, outcome: Outcome) -> xml.Element:
    case = xml.Element(
        "testcase",
        classname=_plain(path),
        name=_plain(outcome.case.label),
        file=_plain(path),
        line=str(outcome.case.line),
        time=f"{outcome.seconds:.6f}",
    )
    if outcome.error is not None:
        xml.SubElement(case, "error", message=_plain(outcome.error))
    elif outcome.problems:
        failure = xml.SubElement(case, "failure", message=_plain("; ".join(outcome.problems)))
        failure.text = _plain(outcome.explanation)
    return case


def _plain(text: str) -> str:
    """`text` without what XML cannot hold: a control character becomes its escape, as in `\\x1b`."""
    return _NOT_XML.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), text)

"""JUnit XML, which CI systems show. Only how outcomes are written; what they are is in `running`."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree

from rolecall.policy_tests.printable import printable
from rolecall.policy_tests.running import FileReport, Outcome


def junit_xml(reports: Sequence[FileReport]) -> bytes:
    """The reports as a JUnit document: a suite for each file, a case for each outcome."""
    root = ElementTree.Element("testsuites", name="rolecall test")
    for report in reports:
        root.append(_suite(report))
    for total in ("tests", "failures", "errors"):
        root.set(total, str(sum(int(suite.get(total, "0")) for suite in root)))
    ElementTree.indent(root)
    document: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return document + b"\n"


def _suite(report: FileReport) -> ElementTree.Element:
    failures = sum(bool(outcome.problems) for outcome in report.outcomes)
    errors = sum(outcome.error is not None for outcome in report.outcomes) + (report.error is not None)
    suite = ElementTree.Element(
        "testsuite",
        name=printable(report.path),
        tests=str(len(report.outcomes) + (report.error is not None)),
        failures=str(failures),
        errors=str(errors),
        time=f"{sum(outcome.seconds for outcome in report.outcomes):.6f}",
    )
    if report.error is not None:
        case = ElementTree.SubElement(suite, "testcase", classname=printable(report.path), name="read the file")
        ElementTree.SubElement(case, "error", message=printable(str(report.error)))
    for outcome in report.outcomes:
        suite.append(_case(report.path, outcome))
    return suite


def _case(path: str, outcome: Outcome) -> ElementTree.Element:
    case = ElementTree.Element(
        "testcase",
        classname=printable(path),
        name=printable(outcome.case.label),
        file=printable(path),
        line=str(outcome.case.line),
        time=f"{outcome.seconds:.6f}",
    )
    if outcome.error is not None:
        ElementTree.SubElement(case, "error", message=printable(outcome.error))
    elif outcome.problems:
        failure = ElementTree.SubElement(case, "failure", message=printable("; ".join(outcome.problems)))
        failure.text = printable(outcome.explanation)
    return case

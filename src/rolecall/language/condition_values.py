"""The values that a condition operator can compare. What a comparison finds is the decision engine's affair.

A value that can never match would make a Deny, or an Allow with the negated operator, open what it was to close:
it is refused when the policy is written. So does AWS for all but two comparisons; for `Bool` and `Null` its answer is
not known, and refusing is ours (docs/reference/semantics.md names the sources). Whatever passes here, the engine reads.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from ipaddress import ip_network

import msgspec

from rolecall.language import messages
from rolecall.language.dates import is_date
from rolecall.language.document import Template, Text
from rolecall.language.findings import Check
from rolecall.language.operators import Comparison

ANY_ARN = "arn:*:*:*:*:*"
"""What a lone `*` means to an ARN operator."""

_ARN_COLONS = 5
_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,6})?")
_BASE64 = re.compile(r"(?:[A-Za-z0-9+/]{4})*+(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")
_NETWORK = re.compile(r"[0-9A-Fa-f:.]{2,45}(?:/[0-9]{1,3})?")


class ValueFault(msgspec.Struct, frozen=True):
    """Why a value is refused: the check it fails, AWS's message, and what to write instead."""

    check: Check
    message: str
    detail: str


def value_fault(comparison: Comparison, text: str, template: Template) -> ValueFault | None:
    """What is wrong with `text` as a value of `comparison`; None if nothing is.

    `template` is what `text` says once its variables are told apart. Takes linear time on any text.
    """
    rule = _RULES.get(comparison)
    if rule is None:
        return None
    takes, check, hint = rule
    if takes(text, template):
        return None
    message = messages.LEGACY_PARSING if check is Check.LEGACY_PARSING else messages.SYNTAX
    return ValueFault(check, message, f"`{text}` {hint}")


def _is_date(text: str, _template: Template) -> bool:
    return is_date(text)


def _is_number(text: str, _template: Template) -> bool:
    return bool(_NUMBER.fullmatch(text))


def _is_truth(text: str, _template: Template) -> bool:
    return text.lower() in ("true", "false")


def _is_base64(text: str, _template: Template) -> bool:
    return bool(_BASE64.fullmatch(text))


def _is_network(text: str, _template: Template) -> bool:
    if not _NETWORK.fullmatch(text):
        return False
    try:
        ip_network(text, strict=False)
    except ValueError:
        return False
    return True


def _is_arn(text: str, template: Template) -> bool:
    """Is it `*`, or `arn:` and six parts of its own? A variable cannot bring the colons."""
    if text == "*":
        return True
    texts = [part.text for part in template if isinstance(part, Text)]
    return text.startswith("arn:") and sum(part.count(":") for part in texts) >= _ARN_COLONS


_Rule = tuple[Callable[[str, Template], bool], Check, str]

_DATE: _Rule = (
    _is_date,
    Check.LEGACY_PARSING,
    "is not a date: write `2026-01-31T12:00:00Z`, or seconds since 1970",
)
_NUMERIC: _Rule = (_is_number, Check.LEGACY_PARSING, "is not a number: write `10`, `-1`, `10.5` or `1e3`")
_TRUTH: _Rule = (_is_truth, Check.SYNTAX, "is not a truth value: write `true` or `false`; variables are not read here")

_RULES: dict[Comparison, _Rule] = {
    **{comparison: _DATE for comparison in Comparison if comparison.startswith("Date")},
    **{comparison: _NUMERIC for comparison in Comparison if comparison.startswith("Numeric")},
    Comparison.BOOL: _TRUTH,
    Comparison.NULL: _TRUTH,
    Comparison.BINARY_EQUALS: (_is_base64, Check.SYNTAX, "is not base64, padded to a multiple of four characters"),
    Comparison.IP_ADDRESS: (
        _is_network,
        Check.LEGACY_PARSING,
        "is not an address range: write `203.0.113.0/24` or one address",
    ),
    Comparison.ARN_LIKE: (
        _is_arn,
        Check.LEGACY_PARSING,
        "is not an ARN of six parts: write `arn:partition:service:region:account:resource`, wildcards allowed in each "
        "part, or `*` for any ARN",
    ),
}

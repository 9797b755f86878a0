"""`Action` and `NotAction`. Whether an action exists is not asked: AWS does not ask either."""

from __future__ import annotations

import re

from rolecall.language import messages
from rolecall.language.document import Actions, Pattern
from rolecall.language.findings import Check
from rolecall.language.grammar import check_folding, read_strings
from rolecall.language.json_text import JsonString, JsonValue
from rolecall.language.review import Review
from rolecall.language.templates import parse_template
from rolecall.names.wildcard import matches

_VENDOR = re.compile(r"[A-Za-z0-9.-]+")

_TRUST_ACTIONS = tuple(
    f"sts:{name}".lower()
    for name in (
        "AssumeRole",
        "AssumeRoleWithSAML",
        "AssumeRoleWithWebIdentity",
        "DecodeAuthorizationMessage",
        "GetAccessKeyInfo",
        "GetCallerIdentity",
        "GetFederationToken",
        "GetServiceBearerToken",
        "GetSessionToken",
        "SetContext",
        "SetSourceIdentity",
        "TagSession",
    )
)
"""What a trust policy may speak of. A pattern may stand there if it covers one of them."""

_TRUST_PATTERN_LENGTH = 128
"""Characters; a longer pattern covers none of them but by padding, and is not worth matching."""


def parse_actions(name: str, value: JsonValue, review: Review) -> Actions | None:
    """Read the element called `name` (`Action` or `NotAction`); None if it was refused.

    Action patterns hold no variables: a `${` in one is text, which no action has.
    """
    strings = read_strings(name, value, review)
    if strings is None:
        return None
    if not strings:
        review.refuse(Check.ACTION_PRESENT, value, f"`{name}` names no action", messages.ACTIONS_MISSING)
        return None
    for string in strings:
        check_folding(string, review)
        _check_format(string, review)
        if review.rules.trust:
            _check_trust_action(string, review)
    return Actions(tuple(_pattern(string, review) for string in strings), negated=name == "NotAction")


def _pattern(string: JsonString, review: Review) -> Pattern:
    return Pattern(string.text, parse_template(string.text, wildcards=True, variables=False), review.span(string))


def _check_format(string: JsonString, review: Review) -> None:
    vendor, *names = string.text.split(":")
    detail = f"`{string.text}` is not an action: write `service:Name`, where the service holds no wildcard"
    if string.text == "*":
        if not review.rules.lone_star_action:
            review.refuse(Check.POLICY_TYPE, string, "a policy of this type must name the services it concerns")
    elif not names:
        review.refuse(Check.ACTION_FORMAT, string, detail, messages.ACTION_WITHOUT_VENDOR)
    elif len(names) > 1:
        review.refuse(Check.ACTION_FORMAT, string, detail, messages.ACTION_COLONS)
    elif not _VENDOR.fullmatch(vendor) and (string.text != "*:*" or not review.rules.lone_star_action):
        review.refuse(Check.ACTION_FORMAT, string, detail, messages.action_vendor(vendor))


def _check_trust_action(string: JsonString, review: Review) -> None:
    pattern = string.text.lower()
    of_sts = pattern.startswith("sts:") and len(pattern) <= _TRUST_PATTERN_LENGTH
    if not of_sts or not any(matches(pattern, action) for action in _TRUST_ACTIONS):
        detail = f"`{string.text}` is not an action of STS that assumes a role or goes with that"
        review.refuse(Check.TRUST_ACTION, string, detail, messages.TRUST_ACTION)

"""The circumstances of a golden case, and those under which it was decided when a server was asked.

A call has condition keys that follow from who calls and how. A case is free to say otherwise: then it may be decided
otherwise. Which cases do is listed here, so that none is excused in silence.
"""

from __future__ import annotations

import json

from agreement.worlds import GoldenCase
from differential.cases_as_questions import question_of
from rolecall.decision.request import RequestContext

_NO_CALL_COMES_SO = {
    "condition_blocks": {
        "outside the network, through a service",  # Rolecall has no service that calls for others
        "no address at all",
    },
    "condition_operators": {
        "Bool fails for a missing key",  # each call tells whether it was encrypted
        "IpAddress fails for a missing key",
        "NotIpAddress holds for a missing key",
        "NumericEquals compares values, not spellings",  # an age is a whole number, and not below 0
        "NumericEquals fails for what is no number",
        "NumericNotEquals holds for what is no number",
        "NumericNotEquals fails for the same number",
        "NumericLessThanEquals fails above",
        "NumericGreaterThanEquals fails below",
    },
    "resource_policy_forms": {"everyone named, narrowed to another"},  # the other's ARN, but not its session
    "resources": {
        "a variable without value",  # each user has a name, and no other one
        "a variable without value is not its own text",
        "a variable's wildcard is plain text",
        "a variable's wildcard matches itself",
        "a variable's default",
        "a multivalued key is no variable",
        "NotResource with a variable without value excludes nothing",
        "a variable beside other wildcards, without value",
        "version 2008 knows no variables",
    },
    "sessions": {"a role session: aws:userid of another session"},
    "variables": {
        "a variable of another value fails in an identity policy",
        "a variable of another value fails in a resource policy",
        "a variable of another value fails in a boundary",
        "a variable works in a session policy",  # sessions of roles have no user's name
        "a variable of another value fails in a session policy",
    },
}

NO_CALL_COMES_SO = frozenset(f"{file}: {case}" for file, cases in _NO_CALL_COMES_SO.items() for case in cases)
"""The cases, by name, that tell of a key what no call to a server would have, and whose policies ask for it."""


def is_as_the_case_says(case: GoldenCase, decided: RequestContext) -> bool:
    """Had the keys that the case's policies speak of the values that the case gives them?"""
    members = {member: value for member, value in question_of(case.said).items() if member != "request"}
    policies, told = json.dumps(members).lower(), case.request.context
    return not any(key in policies and told.get(key) != decided.get(key) for key in (*told, *decided))

"""Documents within AWS's limits that are as hard to evaluate as they can be, each with the request that makes it so.

Generators only: the tests judge what comes out and how much work it is, the bench how long it takes. No worst case
shall be a surprise, so whoever finds a worse one adds it here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import combinations, count
from typing import Any

from hostile.document_parts import (
    BUCKET,
    LARGEST_DOCUMENT,
    NOTHING,
    Worst,
    document_of,
    filled,
    fitting,
    long_value,
    of_conditions,
    some_at_a_time,
    words,
)
from hostile.worst_conditions import OF_CONDITIONS
from rolecall.decision.limits import LONGEST_ARN
from rolecall.language.document import PolicyType


def worst_documents() -> Iterator[Worst]:
    """All of them."""
    for policy_type in LARGEST_DOCUMENT:
        for make in _OF_RESOURCES if policy_type is not PolicyType.TRUST else ():
            yield make(policy_type)
        for make in OF_CONDITIONS:
            yield make(policy_type)
        yield _many_actions(policy_type)
        yield _many_statements(policy_type)
        if policy_type is not PolicyType.TRUST:
            yield _many_statements_with_variables(policy_type)


# Resources: one ARN of 2,048 characters against as many patterns as there is room for


def _resources(name: str, policy_type: PolicyType, patterns: Iterator[str], resource: str) -> Worst:
    room = LARGEST_DOCUMENT[policy_type] - 200
    statement = {"Resource": fitting((BUCKET + pattern for pattern in patterns), room)}
    return Worst(f"{name}, {policy_type}", policy_type, document_of(policy_type, statement), _long_arn(resource))


def _long_arn(repeated: str) -> str:
    return (BUCKET + repeated * LONGEST_ARN)[:LONGEST_ARN]


def _one_resource_of_stars(policy_type: PolicyType) -> Worst:
    room = LARGEST_DOCUMENT[policy_type] - 250
    return _resources("one resource of stars", policy_type, iter(["*a" * (room // 2) + "*b*"]), "a")


def _one_resource_of_question_marks(policy_type: PolicyType) -> Worst:
    room = min(LARGEST_DOCUMENT[policy_type] - 250, LONGEST_ARN // 2)
    return _resources("one resource of question marks", policy_type, iter(["*" + "a?" * (room // 2) + "b*"]), "a")


def _one_resource_of_alternating_wildcards(policy_type: PolicyType) -> Worst:
    room = LARGEST_DOCUMENT[policy_type] - 250
    return _resources("one resource, a?a*", policy_type, iter(["*a?a" * min(room // 4, 500) + "*b*"]), "a")


def _many_resources_within(policy_type: PolicyType) -> Worst:
    patterns = (f"*{word}*" for word in words("ab") if "b" in word)
    return _resources("many resources, *word*", policy_type, patterns, "a")


def _many_resources_with_question_marks(policy_type: PolicyType) -> Worst:
    patterns = (f"*{word[0]}?{word[1:]}*" for word in words("ab") if len(word) > 1 and "b" in word)
    return _resources("many resources, *a?b*", policy_type, patterns, "a")


def _many_resources_of_variables(policy_type: PolicyType) -> Worst:
    name = "many resources, *${variable}*"
    room = LARGEST_DOCUMENT[policy_type] - 200
    patterns = fitting((f"{BUCKET}*${{a:{word}}}*b" for word in words("ab")), room)
    keys = [pattern.partition("{")[2].partition("}")[0] for pattern in patterns]
    context = filled(keys, "a" * (LONGEST_ARN // 2))
    resource = _long_arn("a")
    return Worst(
        f"{name}, {policy_type}", policy_type, document_of(policy_type, {"Resource": patterns}), resource, context
    )


def _many_resources_of_wildcards(policy_type: PolicyType) -> Worst:
    room = LARGEST_DOCUMENT[policy_type] - 200
    patterns = (f"arn:*:s3:*:*:*{word}*" for word in words("ab") if "b" in word)
    statement = {"Resource": fitting(patterns, room)}
    name = f"many resources with wildcards in every part, {policy_type}"
    return Worst(name, policy_type, document_of(policy_type, statement), _long_arn("a"))


def _one_variable_many_resources(policy_type: PolicyType) -> Worst:
    room = LARGEST_DOCUMENT[policy_type] - 200
    patterns = fitting((f"{BUCKET}*{word}${{a:b}}*b*" for word in words("ac")), room)
    context = {"a:b": "a" * 200}
    document = document_of(policy_type, {"Resource": patterns})
    return Worst(f"one variable, many resources, {policy_type}", policy_type, document, _long_arn("a"), context)


_OF_RESOURCES: tuple[Callable[[PolicyType], Worst], ...] = (
    _one_resource_of_stars,
    _one_resource_of_question_marks,
    _one_resource_of_alternating_wildcards,
    _many_resources_within,
    _many_resources_with_question_marks,
    _many_resources_of_wildcards,
    _many_resources_of_variables,
    _one_variable_many_resources,
)


# Actions and statements


def _many_actions(policy_type: PolicyType) -> Worst:
    """A long action against action patterns that nearly fit; a trust policy only names those of STS."""
    room = LARGEST_DOCUMENT[policy_type] - 250
    if policy_type is PolicyType.TRUST:
        letters = (word for size in count(2) for word in combinations("assumerolewithwebidentit", size))
        patterns = (f"sts:*{'*'.join(word)}*y" for word in letters)
        action = "sts:" + "assumerolewithwebidentit" * 5
    else:
        patterns = (f"s3:*{word[0]}?{word[1:]}*" for word in words("ab") if len(word) > 1 and "b" in word)
        action = "s3:" + "a" * 125
    text = document_of(policy_type, {"Action": fitting(patterns, room)})
    return Worst(f"many actions, {policy_type}", policy_type, text, BUCKET + "x", NOTHING, action)


def _many_statements(policy_type: PolicyType) -> Worst:
    """As many small statements as there is room for, each of which comes as far as its condition."""
    room = LARGEST_DOCUMENT[policy_type] - 250
    one = {"Condition": {"StringLike": {"a:key": "*b*"}}}
    size = len(document_of(policy_type, one)) - len(document_of(policy_type))
    text = document_of(policy_type, *[one] * max(1, room // size))
    return of_conditions("many statements", policy_type, text, {"a:key": long_value("a")}, applies=False)


def _many_statements_with_variables(policy_type: PolicyType) -> Worst:
    """Each with some resources that are put together for the request."""
    patterns = some_at_a_time((f"{BUCKET}*${{a:b}}{word}*" for word in words("ab") if "b" in word), 4)
    text = document_of(policy_type)
    statements: list[dict[str, Any]] = []
    for resources in patterns:
        statements.append({"Resource": resources})
        longer = document_of(policy_type, *statements)
        if len(longer) > LARGEST_DOCUMENT[policy_type]:
            break
        text = longer
    name = f"many statements, variables, {policy_type}"
    return Worst(name, policy_type, text, BUCKET + "a" * 500, {"a:b": "a" * 400})

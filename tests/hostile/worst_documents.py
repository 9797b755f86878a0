"""Documents within AWS's limits that are as hard to evaluate as they can be, each with the request that makes it so.

Generators only: the tests judge what comes out and how much work it is, the bench how long it takes. No worst case
shall be a surprise, so whoever finds a worse one adds it here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from itertools import combinations, count, islice, product
from types import MappingProxyType
from typing import Any, NamedTuple

from rolecall.language.document import PolicyType

LARGEST_DOCUMENT = {
    PolicyType.IDENTITY: 10_240,
    PolicyType.SESSION: 2_048,
    PolicyType.TRUST: 4_096,
    PolicyType.SERVICE_CONTROL: 5_120,
    PolicyType.RESOURCE: 20_480,
}
"""Characters: all inline policies of a role, session policies, trust policies with the raised quota, SCPs, bucket
policies. Boundaries, RCPs and endpoint policies are of the same or a smaller size."""

LONGEST_ARN = 2_048
LONGEST_VALUE = 4_096
MOST_VALUES = 100
"""Of one key. Their texts together are no longer than `LONGEST_SET`."""
LONGEST_SET = 8_192
"""AWS's largest is aws:TagKeys: 50 keys of 128 characters."""
MOST_KEYS = 100

ACTION = "s3:GetObject"
BUCKET = "arn:aws:s3:::"
ALPHABET = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

Context = Mapping[str, str | tuple[str, ...]]
NOTHING: Context = MappingProxyType({})


class Worst(NamedTuple):
    """A document and the request to ask it: `resource` is an ARN, keys of `context` are in lower case.

    Its statements deny; `applies` tells whether one does so to this request.
    """

    name: str
    policy_type: PolicyType
    text: str
    resource: str
    context: Context = NOTHING
    action: str = ACTION
    applies: bool = False


def worst_documents() -> Iterator[Worst]:
    """All of them."""
    for policy_type in LARGEST_DOCUMENT:
        for make in _OF_RESOURCES if policy_type is not PolicyType.TRUST else ():
            yield make(policy_type)
        for make in _OF_CONDITIONS:
            yield make(policy_type)
        yield _many_actions(policy_type)
        yield _many_statements(policy_type)


# Resources: one ARN of 2,048 characters against as many patterns as there is room for


def _resources(name: str, policy_type: PolicyType, patterns: Iterator[str], resource: str) -> Worst:
    room = LARGEST_DOCUMENT[policy_type] - 200
    statement = {"Resource": _fitting((BUCKET + pattern for pattern in patterns), room)}
    return Worst(f"{name}, {policy_type}", policy_type, _document(policy_type, statement), _long_arn(resource))


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
    patterns = (f"*{word}*" for word in _words("ab") if "b" in word)
    return _resources("many resources, *word*", policy_type, patterns, "a")


def _many_resources_with_question_marks(policy_type: PolicyType) -> Worst:
    patterns = (f"*{word[0]}?{word[1:]}*" for word in _words("ab") if len(word) > 1 and "b" in word)
    return _resources("many resources, *a?b*", policy_type, patterns, "a")


def _many_resources_of_variables(policy_type: PolicyType) -> Worst:
    name = "many resources, *${variable}*"
    room = LARGEST_DOCUMENT[policy_type] - 200
    patterns = _fitting((f"{BUCKET}*${{a:{word}}}*b" for word in _words("ab")), room)
    keys = [pattern.partition("{")[2].partition("}")[0] for pattern in patterns]
    context = dict.fromkeys(keys[:MOST_KEYS], "a" * (LONGEST_ARN // 2))
    resource = _long_arn("a")
    return Worst(
        f"{name}, {policy_type}", policy_type, _document(policy_type, {"Resource": patterns}), resource, context
    )


def _many_resources_of_wildcards(policy_type: PolicyType) -> Worst:
    room = LARGEST_DOCUMENT[policy_type] - 200
    words = (word for word in _words("ab") if "b" in word)
    statement = {"Resource": _fitting((f"arn:*:s3:*:*:*{word}*" for word in words), room)}
    name = f"many resources with wildcards in every part, {policy_type}"
    return Worst(name, policy_type, _document(policy_type, statement), _long_arn("a"))


def _one_variable_many_resources(policy_type: PolicyType) -> Worst:
    room = LARGEST_DOCUMENT[policy_type] - 200
    patterns = _fitting((f"{BUCKET}*{word}${{a:b}}*b*" for word in _words("ac")), room)
    context = {"a:b": "a" * 200}
    document = _document(policy_type, {"Resource": patterns})
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


# Conditions: long values, or many, against as many policy values as there is room for


def _conditions(
    name: str,
    policy_type: PolicyType,
    operator: str,
    values: Iterator[str],
    context: str | tuple[str, ...],
    others: Context = NOTHING,
) -> Worst:
    room = LARGEST_DOCUMENT[policy_type] - 250
    statement = {"Condition": {operator: {"a:key": _fitting(values, room)}}}
    text = _document(policy_type, statement)
    found = {"a:key": context, **others}
    return _of_conditions(name, policy_type, text, found, applies="Not" in operator)


def _of_conditions(name: str, policy_type: PolicyType, text: str, context: Context, *, applies: bool) -> Worst:
    action = "sts:AssumeRole" if policy_type is PolicyType.TRUST else ACTION
    return Worst(f"{name}, {policy_type}", policy_type, text, BUCKET + "x", context, action, applies)


def _value(repeated: str) -> str:
    return (repeated * LONGEST_VALUE)[:LONGEST_VALUE]


def _set_of(repeated: str) -> tuple[str, ...]:
    """As many values as there may be, all different, together as long as they may be."""
    length = LONGEST_SET // MOST_VALUES
    return tuple(f"{(repeated * length)[: length - 2]}{at:02}" for at in range(MOST_VALUES))


def _short_set() -> tuple[str, ...]:
    return tuple(f"{at:02}" for at in range(MOST_VALUES))


def _one_pattern_of_stars(policy_type: PolicyType) -> Worst:
    room = LARGEST_DOCUMENT[policy_type] - 300
    pattern = "*a" * (room // 2) + "*b*"
    return _conditions("StringLike of stars", policy_type, "StringLike", iter([pattern]), _value("a"))


def _one_pattern_of_question_marks(policy_type: PolicyType) -> Worst:
    room = min(LARGEST_DOCUMENT[policy_type] - 300, LONGEST_VALUE)
    pattern = "*" + "a?" * (room // 2 - 2) + "b*"
    return _conditions("StringLike of question marks", policy_type, "StringLike", iter([pattern]), _value("a"))


def _many_patterns_within(policy_type: PolicyType) -> Worst:
    patterns = (f"*{word}*" for word in _words("ab") if "b" in word)
    return _conditions("StringLike, many *word*", policy_type, "StringLike", patterns, _value("a"))


def _many_patterns_of_two_pieces(policy_type: PolicyType) -> Worst:
    patterns = (f"*{word[0]}*{word[1:]}*" for word in _words("ab") if len(word) > 1 and "b" in word)
    return _conditions("StringNotLike, many *a*b*", policy_type, "StringNotLike", patterns, _value("a"))


def _many_patterns_with_question_marks(policy_type: PolicyType) -> Worst:
    patterns = (f"*{word[0]}?{word[1:]}*" for word in _words("ab") if len(word) > 1 and "b" in word)
    return _conditions("StringLike, many *a?b*", policy_type, "StringLike", patterns, _value("a"))


def _sets_of_patterns(policy_type: PolicyType) -> Worst:
    patterns = (f"*{word}*" for word in _words("abc") if "c" in word)
    operator = "ForAllValues:StringNotLike"
    return _conditions("a set, many *word*", policy_type, operator, patterns, _set_of("ab"))


def _short_sets_of_patterns(policy_type: PolicyType) -> Worst:
    patterns = (f"?{word}*" for word in _words("abcde"))
    operator = "ForAllValues:StringNotLike"
    return _conditions("a set of short values, many ?word*", policy_type, operator, patterns, _short_set())


def _sets_of_question_marks(policy_type: PolicyType) -> Worst:
    patterns = (f"*{word[0]}?{word[1:]}*" for word in _words("abc") if len(word) > 1 and "c" in word)
    operator = "ForAllValues:StringNotLike"
    return _conditions("a set, many *a?b*", policy_type, operator, patterns, _set_of("ab"))


def _sets_of_variables(policy_type: PolicyType) -> Worst:
    patterns = (f"*${{a:b}}*{word}" for word in _words("xyz"))
    operator = "ForAllValues:StringNotLike"
    return _conditions("a set, variables", policy_type, operator, patterns, _set_of("ab"), {"a:b": "a"})


def _sets_of_equal_variables(policy_type: PolicyType) -> Worst:
    patterns = (f"${{a:b}}{word}" for word in _words("xyz"))
    operator = "ForAllValues:StringNotEqualsIgnoreCase"
    return _conditions("a set, equal variables", policy_type, operator, patterns, _set_of("ab"), {"a:b": "a" * 4_000})


def _sets_of_arns(policy_type: PolicyType) -> Worst:
    patterns = (f"arn:*:*:*:*:*{word}*" for word in _words("xyz"))
    values = tuple(f"{BUCKET}{value}" for value in _short_set())
    return _conditions("a set of ARNs", policy_type, "ForAllValues:ArnNotLike", patterns, values)


def _sets_of_arns_with_variables(policy_type: PolicyType) -> Worst:
    patterns = (f"arn:*:*:*:*:*${{a:b}}{word}" for word in _words("xyz"))
    values = tuple(f"{BUCKET}{value}" for value in _short_set())
    operator = "ForAllValues:ArnNotLike"
    return _conditions("a set of ARNs, variables", policy_type, operator, patterns, values, {"a:b": "a"})


def _sets_of_networks(policy_type: PolicyType) -> Worst:
    networks = (f"{a}.{b}.0.0/{length}" for length in range(17, 32) for a in range(1, 250) for b in range(9))
    values = tuple(f"2001:db8:ffff:ffff:ffff:ffff:ffff:{at:x}" for at in range(MOST_VALUES))
    return _conditions("a set of addresses", policy_type, "ForAllValues:NotIpAddress", networks, values)


def _sets_of_numbers(policy_type: PolicyType) -> Worst:
    numbers = (f"{at}e{exponent}" for exponent in (999_999, -999_999) for at in count(1))
    values = tuple(f"{at}{'9' * (LONGEST_SET // MOST_VALUES - 12)}e999999" for at in range(100, 100 + MOST_VALUES))
    return _conditions("a set of numbers", policy_type, "ForAllValues:NumericNotEquals", numbers, values)


def _long_numbers(policy_type: PolicyType) -> Worst:
    room = LARGEST_DOCUMENT[policy_type] - 300
    value = "9" * (LONGEST_VALUE - 7) + "e999999"
    return _conditions("long numbers", policy_type, "NumericNotEquals", iter(["9" * (room - 10) + "e999999"]), value)


def _sets_of_dates(policy_type: PolicyType) -> Worst:
    dates = (f"-{year}" for year in count(1000))
    values = tuple(f"20{at % 90 + 10}-01-01T00:00:{at % 60:02}.123456789Z" for at in range(MOST_VALUES))
    return _conditions("a set of dates", policy_type, "ForAllValues:DateNotEquals", dates, values)


def _sets_of_binaries(policy_type: PolicyType) -> Worst:
    binaries = ("".join(word) for word in product(ALPHABET, repeat=4))
    values = tuple("AAAA" * 19 + f"{at:04}" for at in range(MOST_VALUES))
    return _conditions("a set of binaries", policy_type, "ForAnyValue:BinaryEquals", binaries, values)


def _many_keys(policy_type: PolicyType) -> Worst:
    """Each key under an operator with its own patterns, and all of them present."""
    room = LARGEST_DOCUMENT[policy_type] - 250
    patterns = [f"*{word}*" for word in islice((word for word in _words("ab") if "b" in word), 20)]
    keys: dict[str, list[str]] = {}
    for at in range(MOST_KEYS):
        room -= sum(len(pattern) + 3 for pattern in patterns) + 10
        if room >= 0:
            keys[f"a:k{at}"] = patterns
    text = _document(policy_type, {"Condition": {"StringNotLike": keys}})
    return _of_conditions("many keys", policy_type, text, dict.fromkeys(keys, _value("a")), applies=True)


_OF_CONDITIONS: tuple[Callable[[PolicyType], Worst], ...] = (
    _one_pattern_of_stars,
    _one_pattern_of_question_marks,
    _many_patterns_within,
    _many_patterns_of_two_pieces,
    _many_patterns_with_question_marks,
    _sets_of_patterns,
    _short_sets_of_patterns,
    _sets_of_question_marks,
    _sets_of_variables,
    _sets_of_equal_variables,
    _sets_of_arns,
    _sets_of_arns_with_variables,
    _sets_of_networks,
    _sets_of_numbers,
    _long_numbers,
    _sets_of_dates,
    _sets_of_binaries,
    _many_keys,
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
        patterns = (f"s3:*{word[0]}?{word[1:]}*" for word in _words("ab") if len(word) > 1 and "b" in word)
        action = "s3:" + "a" * 125
    text = _document(policy_type, {"Action": _fitting(patterns, room)})
    return Worst(f"many actions, {policy_type}", policy_type, text, BUCKET + "x", NOTHING, action)


def _many_statements(policy_type: PolicyType) -> Worst:
    """As many small statements as there is room for, each of which comes as far as its condition."""
    room = LARGEST_DOCUMENT[policy_type] - 250
    one = {"Condition": {"StringLike": {"a:key": "*b*"}}}
    size = len(_document(policy_type, one)) - len(_document(policy_type))
    text = _document(policy_type, *[one] * max(1, room // size))
    return _of_conditions("many statements", policy_type, text, {"a:key": _value("a")}, applies=False)


# What they are made of


def _document(policy_type: PolicyType, *statements: Mapping[str, Any]) -> str:
    complete = [{**_STATEMENTS.get(policy_type, _STATEMENT), **statement} for statement in statements]
    return json.dumps({"Version": "2012-10-17", "Statement": complete}, separators=(",", ":"))


_STATEMENT = {"Effect": "Deny", "Action": "s3:*", "Resource": "*"}
_STATEMENTS = {
    PolicyType.RESOURCE: {**_STATEMENT, "Principal": "*"},
    PolicyType.TRUST: {"Effect": "Deny", "Action": "sts:*", "Principal": {"AWS": "*"}},
}


def _fitting(values: Iterator[str], room: int) -> list[str]:
    """As many of `values` as fit into `room` characters of JSON."""
    fitting: list[str] = []
    for value in values:
        room -= len(value) + 3
        if room < 0:
            break
        fitting.append(value)
    return fitting


def _words(letters: str) -> Iterator[str]:
    """All words of these letters, the shortest first."""
    for length in count(1):
        yield from ("".join(word) for word in product(letters, repeat=length))

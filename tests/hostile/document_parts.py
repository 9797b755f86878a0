"""What hostile documents are made of, and what fills the limits. The documents themselves are in `worst_documents`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import count, islice, product
from types import MappingProxyType
from typing import Any, NamedTuple

from rolecall.decision.limits import LARGEST_CONTEXT, LONGEST_VALUE, MOST_KEYS
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

ACTION = "s3:GetObject"
BUCKET = "arn:aws:s3:::"
ALPHABET = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

Context = Mapping[str, str | tuple[str, ...]]
SPELLED = "a:keynames"
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


def of_conditions(name: str, policy_type: PolicyType, text: str, context: Context, *, applies: bool) -> Worst:
    """A document whose conditions are what is hard about it."""
    action = "sts:AssumeRole" if policy_type is PolicyType.TRUST else ACTION
    return Worst(f"{name}, {policy_type}", policy_type, text, BUCKET + "x", context, action, applies)


def long_value(repeated: str) -> str:
    """As long as a value may be."""
    return (repeated * LONGEST_VALUE)[:LONGEST_VALUE]


def document_of(policy_type: PolicyType, *statements: Mapping[str, Any]) -> str:
    """The text of a document with these statements, completed with what its type demands."""
    complete = [{**_STATEMENTS.get(policy_type, _STATEMENT), **statement} for statement in statements]
    return json.dumps({"Version": "2012-10-17", "Statement": complete}, separators=(",", ":"))


_STATEMENT = {"Effect": "Deny", "Action": "s3:*", "Resource": "*"}
_STATEMENTS = {
    PolicyType.RESOURCE: {**_STATEMENT, "Principal": "*"},
    PolicyType.TRUST: {"Effect": "Deny", "Action": "sts:*", "Principal": {"AWS": "*"}},
}


def fitting(values: Iterator[str], room: int) -> list[str]:
    """As many of `values` as fit into `room` characters of JSON."""
    fitting: list[str] = []
    for value in values:
        room -= len(value) + 3
        if room < 0:
            break
        fitting.append(value)
    return fitting


def many_conditions(policy_type: PolicyType, operator: str, keys: Iterable[str], values: Iterator[list[str]]) -> str:
    """A statement with as many conditions as there is room for."""
    room = LARGEST_DOCUMENT[policy_type] - 250
    conditions: dict[str, list[str]] = {}
    for key in keys:
        conditions[key] = next(values)
        room -= len(json.dumps({key: conditions[key]}, separators=(",", ":"))) - 1
        if room < 0:
            del conditions[key]
            break
    return document_of(policy_type, {"Condition": {operator: conditions}})


def filled(keys: Iterable[str], value: str) -> dict[str, str]:
    """As many of `keys` as may be present with that value."""
    keys = list(keys)
    longest = max(map(len, keys))
    return dict.fromkeys(keys[: min(MOST_KEYS, LARGEST_CONTEXT // (len(value) + longest))], value)


def spellings(key: str) -> Iterator[str]:
    """A key in small and large letters."""
    return map("".join, product(*((letter, letter.upper()) if letter.isalpha() else letter for letter in key)))


def some_at_a_time(values: Iterator[str], number: int) -> Iterator[list[str]]:
    """Lists of so many of `values`, without end."""
    while True:
        yield list(islice(values, number))


def words(letters: str) -> Iterator[str]:
    """All words of these letters, the shortest first."""
    for length in count(1):
        yield from ("".join(word) for word in product(letters, repeat=length))

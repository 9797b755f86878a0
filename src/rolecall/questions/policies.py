"""The policies of a question: from documents in JSON to `ApplicablePolicies`. Requests are read in `requests`.

What was read is remembered by its text, because bulk input repeats its policies line by line.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TypeVar

import msgspec

from rolecall.decision.policies import ApplicablePolicies, AppliedPolicy, PolicySet
from rolecall.errors import PolicyError
from rolecall.language.document import PolicyDocument, PolicyType
from rolecall.language.findings import Finding
from rolecall.language.parser import parse_policy
from rolecall.questions.json_values import JsonValue, json_text
from rolecall.questions.members import read_array
from rolecall.questions.question_error import QuestionError

POLICY_MEMBERS = frozenset(
    {
        "identityPolicies",
        "resourcePolicy",
        "permissionsBoundaries",
        "sessionPolicies",
        "serviceControlPolicies",
        "resourceControlPolicies",
        "vpcEndpointPolicies",
    }
)

_REMEMBERED = 1024
_LARGEST_REMEMBERED = 65_536
"""Characters of the policies of one set: ten managed policies as long as they may be. Larger sets are read again."""

_Key = str | bytes
"""What tells documents apart: the text of one given as text, the bytes of one given as an object."""
_Reader = Callable[[str, PolicyType, tuple[_Key, ...]], "T"]
T = TypeVar("T")


def read_policies(
    members: dict[str, JsonValue], *, resource_policy_type: PolicyType, requires_resource_policy: bool
) -> ApplicablePolicies:
    """Read the policies of a question.

    Parameters
    ----------
    members: the question, of which only `POLICY_MEMBERS` are looked at.
    resource_policy_type: `RESOURCE` or `TRUST`: how to read `resourcePolicy`.
    requires_resource_policy: the resource grants nothing without its own policy.

    Raises `QuestionError` with the policy's place in front, and the line and column in it.
    """
    identity = _read_set(members, "identityPolicies", PolicyType.IDENTITY)
    attached = members.get("resourcePolicy")
    return ApplicablePolicies(
        identity=PolicySet(PolicyType.IDENTITY) if identity is None else identity,
        resource=None if attached is None else _recall_own("resourcePolicy", resource_policy_type, (_key(attached),)),
        requires_resource_policy=requires_resource_policy,
        permissions_boundary=_read_set(members, "permissionsBoundaries", PolicyType.PERMISSIONS_BOUNDARY),
        session=_read_set(members, "sessionPolicies", PolicyType.SESSION),
        service_control=_read_levels(members, "serviceControlPolicies", PolicyType.SERVICE_CONTROL),
        resource_control=_read_levels(members, "resourceControlPolicies", PolicyType.RESOURCE_CONTROL),
        vpc_endpoint=_read_set(members, "vpcEndpointPolicies", PolicyType.VPC_ENDPOINT),
    )


def parse_value(document: JsonValue, policy_type: PolicyType) -> PolicyDocument:
    """Parse a policy that is a text, or else a JSON value. Raises `PolicyError`."""
    return parse_policy(document if isinstance(document, str) else json_text(document), policy_type)


def refusal(place: str, error: PolicyError) -> QuestionError:
    """The first finding of a refused policy, with the policy's place in front."""
    finding = error.findings[0]
    assert isinstance(finding, Finding)
    start = finding.span.start
    return QuestionError(f"{place}: line {start.line}, column {start.column}: {finding.detail}", finding.code)


def _read_set(members: dict[str, JsonValue], name: str, policy_type: PolicyType) -> PolicySet | None:
    value = members.get(name)
    return None if value is None else _recall_set(name, policy_type, _keys(value, name))


def _read_levels(members: dict[str, JsonValue], name: str, policy_type: PolicyType) -> tuple[PolicySet, ...] | None:
    value = members.get(name)
    if value is None:
        return None
    places = [(f"{name}[{at}]", level) for at, level in enumerate(read_array(value, name))]
    return tuple(_recall_set(place, policy_type, _keys(level, place)) for place, level in places)


def _keys(value: JsonValue, place: str) -> tuple[_Key, ...]:
    return tuple(_key(document) for document in read_array(value, place))


def _key(document: JsonValue) -> _Key:
    return document if isinstance(document, str) else msgspec.json.encode(document)


def _new_set(place: str, policy_type: PolicyType, keys: tuple[_Key, ...]) -> PolicySet:
    return PolicySet(policy_type, (_recall_one(f"{place}[{at}]", policy_type, (key,)) for at, key in enumerate(keys)))


def _new_own(place: str, policy_type: PolicyType, keys: tuple[_Key, ...]) -> PolicySet:
    return PolicySet(policy_type, [_recall_one(place, policy_type, keys)])


def _new_one(place: str, policy_type: PolicyType, keys: tuple[_Key, ...]) -> AppliedPolicy:
    (key,) = keys
    try:
        return AppliedPolicy(place, parse_value(key if isinstance(key, str) else msgspec.Raw(key), policy_type))
    except PolicyError as error:
        raise refusal(place, error) from None


def _remembering(read: _Reader[T]) -> _Reader[T]:
    recall = lru_cache(maxsize=_REMEMBERED)(read)

    def read_or_recall(place: str, policy_type: PolicyType, keys: tuple[_Key, ...]) -> T:
        is_ordinary = sum(map(len, keys)) <= _LARGEST_REMEMBERED
        return (recall if is_ordinary else read)(place, policy_type, keys)

    return read_or_recall


_recall_set = _remembering(_new_set)
_recall_own = _remembering(_new_own)
_recall_one = _remembering(_new_one)

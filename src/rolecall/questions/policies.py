"""The policies of a question: from documents in JSON to `ApplicablePolicies`. Requests are read in `requests`.

What was read is remembered by its text, because bulk input repeats its policies line by line.
"""

from __future__ import annotations

from functools import lru_cache

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

_NO_POLICIES = PolicySet(PolicyType.IDENTITY)

_Key = str | bytes
"""What tells documents apart: the text of one given as text, the bytes of one given as an object."""


def read_policies(
    members: dict[str, JsonValue], *, resource_policy_type: PolicyType, requires_resource_policy: bool | None
) -> ApplicablePolicies:
    """Read the policies of a question.

    Parameters
    ----------
    members: the question, of which only `POLICY_MEMBERS` are looked at.
    resource_policy_type: `RESOURCE` or `TRUST`: how to read `resourcePolicy`.
    requires_resource_policy: the resource grants nothing without its own policy; None: as for `ApplicablePolicies`.

    Raises `QuestionError` with the policy's place in front, and the line and column in it.
    """
    attached = members.get("resourcePolicy")
    return ApplicablePolicies(
        identity=_read_set(members, "identityPolicies", PolicyType.IDENTITY) or _NO_POLICIES,
        resource=None if attached is None else _set("resourcePolicy", resource_policy_type, [attached]),
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
    return None if value is None else _set(name + "[{}]", policy_type, read_array(value, name))


def _read_levels(members: dict[str, JsonValue], name: str, policy_type: PolicyType) -> tuple[PolicySet, ...] | None:
    value = members.get(name)
    if value is None:
        return None
    places = [(f"{name}[{at}]", level) for at, level in enumerate(read_array(value, name))]
    return tuple(_set(place + "[{}]", policy_type, read_array(level, place)) for place, level in places)


def _set(naming: str, policy_type: PolicyType, documents: list[JsonValue]) -> PolicySet:
    """`naming` is what its policies are called, with `{}` for the place of each."""
    keys = tuple(document if isinstance(document, str) else msgspec.json.encode(document) for document in documents)
    is_ordinary = sum(map(len, keys)) <= _LARGEST_REMEMBERED
    return (_remembered_set if is_ordinary else _new_set)(naming, policy_type, keys)


def _new_set(naming: str, policy_type: PolicyType, keys: tuple[_Key, ...]) -> PolicySet:
    return PolicySet(policy_type, (_applied(naming.format(at), policy_type, key) for at, key in enumerate(keys)))


def _applied(name: str, policy_type: PolicyType, key: _Key) -> AppliedPolicy:
    parse = _remembered_document if len(key) <= _LARGEST_REMEMBERED else _new_document
    try:
        return AppliedPolicy(name, parse(key, policy_type))
    except PolicyError as error:
        raise refusal(name, error) from None


def _new_document(key: _Key, policy_type: PolicyType) -> PolicyDocument:
    return parse_value(key if isinstance(key, str) else msgspec.Raw(key), policy_type)


_remembered_set = lru_cache(maxsize=_REMEMBERED)(_new_set)
_remembered_document = lru_cache(maxsize=_REMEMBERED)(_new_document)

"""A whole question, from JSON to what the decision engine takes. The format is in `docs/reference/questions.md`.

The parts are read in `requests` and `policies`; here is only what needs both: whose policy the resource's is.
"""

from __future__ import annotations

import msgspec

from rolecall.decision.policies import ApplicablePolicies
from rolecall.decision.request import AuthorizationRequest, is_trusted_role
from rolecall.language.document import PolicyType
from rolecall.questions.json_values import JsonValue, checked, decode
from rolecall.questions.members import read_object
from rolecall.questions.policies import POLICY_MEMBERS, read_policies
from rolecall.questions.question_error import QuestionError
from rolecall.questions.requests import read_request

_MEMBERS = POLICY_MEMBERS | {"request", "resourcePolicyRequired"}


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """A request and the policies under which it is to be decided: the arguments of `evaluate`."""

    request: AuthorizationRequest
    policies: ApplicablePolicies


def read_question(value: object) -> Question:
    """Read a question from a JSON value: dictionaries, lists, text, numbers, booleans, None.

    Raises `QuestionError` at anything that the format does not know, and for a policy that AWS would refuse.
    """
    return _read(checked(value))


def read_question_text(text: bytes) -> Question:
    """Read a question from JSON text in UTF-8. As `read_question`, and numbers keep every digit that was written."""
    return _read(decode(text))


def _read(value: JsonValue) -> Question:
    members = read_object(value, "question", _MEMBERS)
    request = read_request(members.get("request"))
    is_role = is_trusted_role(request.action, request.resource)
    required = members.get("resourcePolicyRequired")
    if required is not None and not isinstance(required, bool):
        raise QuestionError("resourcePolicyRequired: must be true or false")
    policies = read_policies(
        members,
        resource_policy_type=PolicyType.TRUST if is_role else PolicyType.RESOURCE,
        requires_resource_policy=required,
    )
    return Question(request=request, policies=policies)

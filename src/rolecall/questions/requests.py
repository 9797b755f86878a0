"""What is asked: from the JSON of a question to an `AuthorizationRequest`. Policies are read in `policies`."""

from __future__ import annotations

import re
from collections import Counter

import msgspec

from rolecall.decision.limits import LONGEST_ARN, beyond_limits
from rolecall.decision.principal import Principal
from rolecall.decision.request import AuthorizationRequest, ContextValues
from rolecall.errors import InvalidArn
from rolecall.names.arn import AccountId, Arn, is_account_id, parse_arn
from rolecall.names.case import lower_name
from rolecall.questions.json_values import JsonValue, text_of_number
from rolecall.questions.members import read_object, read_optional_text, read_text
from rolecall.questions.principals import read_principal
from rolecall.questions.question_error import QuestionError

REQUEST_MEMBERS = frozenset({"principal", "action", "resource", "resourceAccount", "context"})
_ACTION = re.compile(r"(?=.{3,128}\Z)[A-Za-z0-9.-]+:[!-)+-9;->@-~]+")
"""A service and a name: printable ASCII without wildcards and further colons. As long as IAM's API takes."""

_WORDS = {True: "true", False: "false"}


def read_request(value: JsonValue, place: str = "request") -> AuthorizationRequest:
    """Read a request. Raises `QuestionError` with the member's place in front."""
    members = read_object(value, place, REQUEST_MEMBERS)
    return request_of(read_principal(members.get("principal"), f"{place}.principal"), members, place)


def request_of(principal: Principal, members: dict[str, JsonValue], place: str) -> AuthorizationRequest:
    """As `read_request`, by a principal that was read already."""
    action = _read_action(members, place)
    named = read_resource(members, place)
    resource = named if named is not None and _has_resources(action) else None
    return AuthorizationRequest(
        principal=principal,
        action=action,
        resource=resource,
        resource_account=_read_resource_account(members, resource, place),
        context=_read_context(members.get("context"), f"{place}.context"),
    )


def read_resource(members: dict[str, JsonValue], place: str) -> Arn | None:
    """The resource that a request names; None if it names no particular one."""
    text = read_optional_text(members, "resource", place)
    if text is None or text == "*":
        return None
    if len(text) > LONGEST_ARN:
        raise QuestionError(f"{place}.resource: the ARN has more than {LONGEST_ARN} characters")
    try:
        return parse_arn(text)
    except InvalidArn as error:
        raise QuestionError(f'{place}.resource: {error}; for no particular resource write "*" or null') from None


def _has_resources(action: str) -> bool:
    # The catalog is a large package: `import rolecall` must not load it.
    from rolecall.catalog.actions import takes_resources

    return takes_resources(action)


def _read_action(members: dict[str, JsonValue], place: str) -> str:
    action = read_text(members, "action", place)
    if not _ACTION.fullmatch(action):
        raise QuestionError(f"{place}.action: `{action}` is not an action: write `service:Name`, without wildcards")
    return action


def _read_resource_account(members: dict[str, JsonValue], resource: Arn | None, place: str) -> AccountId | None:
    account = read_optional_text(members, "resourceAccount", place)
    if account is None:
        return AccountId(resource.account) if resource is not None and is_account_id(resource.account) else None
    if not is_account_id(account):
        raise QuestionError(f"{place}.resourceAccount: `{account}` is not an account id of twelve digits")
    return AccountId(account)


def _read_context(value: JsonValue, place: str) -> dict[str, ContextValues]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise QuestionError(f"{place}: must be an object")
    context = {lower_name(key): _read_values(item, key, place) for key, item in value.items()}
    if len(context) != len(value):
        [(twice, _count)] = Counter(map(lower_name, value)).most_common(1)
        raise QuestionError(f"{place}: the key `{twice}` stands twice; condition keys do not differ by case")
    complaint = beyond_limits(context)
    if complaint is not None:
        raise QuestionError(f"{place}: {complaint}")
    return context


def _read_values(value: JsonValue, key: str, place: str) -> ContextValues:
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return tuple(_read_value(item, key, place) for item in value)
    return _read_value(value, key, place)


def _read_value(value: JsonValue, key: str, place: str) -> str:
    match value:
        case str():
            return value
        case bool():
            return _WORDS[value]
        case msgspec.Raw():
            return text_of_number(value)
        case _:
            raise QuestionError(f"{place}: `{key}` must be a string, a number, a boolean, or an array of those")

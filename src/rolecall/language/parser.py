"""From a policy's text to a `PolicyDocument`, or to everything that is wrong with it.

The whole and its statements are put together here; each element has a module of its own. Nothing is evaluated.
"""

from __future__ import annotations

import re

from rolecall.language import messages
from rolecall.language.actions import parse_actions
from rolecall.language.conditions import parse_conditions
from rolecall.language.document import (
    Actions,
    Condition,
    Effect,
    PolicyDocument,
    PolicyType,
    Principals,
    Resources,
    Statement,
    Version,
)
from rolecall.language.findings import Check
from rolecall.language.grammar import Elements, read_elements, read_string
from rolecall.language.json_text import InvalidJson, JsonArray, JsonObject, JsonString, JsonValue, read_json
from rolecall.language.principals import parse_principals
from rolecall.language.resources import parse_resources
from rolecall.language.review import Review
from rolecall.language.rules import Presence, Wording, rules_of
from rolecall.language.trust import check_shared_providers

_POLICY_ELEMENTS = frozenset({"Version", "Id", "Statement"})
_STATEMENT_ELEMENTS = frozenset(
    {"Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"}
)
_ALPHANUMERIC = re.compile(r"[A-Za-z0-9]*")
_BEYOND_LATIN_1 = re.compile("[^\u0000-\u00ff]")


def parse_policy(text: str, policy_type: PolicyType, *, published_by_aws: bool = False) -> PolicyDocument:
    """Parse a policy.

    Parameters
    ----------
    text: the JSON text; kept verbatim in the answer.
    policy_type: where the policy is, or is to be, attached.
    published_by_aws: it is one of AWS's own policies. A few break rules that bind everyone else: one is longer than the
        API takes, one has a variable before an ARN's fifth colon (taken as text, which matches no resource), and
        `RCPFullAWSAccess` is a resource control policy that allows, all actions at once.

    Raises `PolicyError` with all findings (of each check the first hundred), beginning with the one that AWS reports.
    Takes linear time on any text.
    Source: policy-language.md §1–§5 and §10.
    """
    review = Review(text, rules_of(policy_type, published_by_aws=published_by_aws))
    document = _document(text, policy_type, review)
    review.raise_findings()
    assert document  # what was not refused has been read
    return document


def _document(text: str, policy_type: PolicyType, review: Review) -> PolicyDocument | None:
    if review.rules.latin_1 and (character := _BEYOND_LATIN_1.search(text)):
        review.refuse_text(character.start(), f"the character `{character.group()}` must be escaped")
        return None
    try:
        root = read_json(text, review.rules.maximum_length)
    except InvalidJson as error:
        review.refuse_text(error.offset, error.detail)
        return None
    if not isinstance(root, JsonObject):
        review.refuse(Check.SYNTAX, root, "a policy must be a JSON object")
        return None
    elements = read_elements(root, _POLICY_ELEMENTS, review)
    version = _version(root, elements, review)
    review.has_variables = version is Version.V2012
    statements = tuple(_statements(root, elements, review))
    return PolicyDocument(
        type=policy_type, version=version, statements=statements, id=_policy_id(elements, review), text=text
    )


def _version(root: JsonObject, elements: Elements, review: Review) -> Version:
    value = elements.get("Version")
    version = Version.V2008
    if value is not None:
        if not isinstance(value, JsonString) or value.text not in tuple(Version):
            review.refuse(Check.SYNTAX, value, "`Version` must be `2012-10-17` or `2008-10-17`")
            return version
        version = Version(value.text)
    if review.rules.requires_2012 and version is not Version.V2012:
        review.refuse(Check.VERSION, value or root, 'add `"Version": "2012-10-17"`', messages.VERSION)
    return version


def _policy_id(elements: Elements, review: Review) -> str | None:
    value = elements.get("Id")
    if value is None:
        return None
    if not review.rules.policy_id:
        review.refuse(Check.POLICY_TYPE, value, "a policy of this type has no `Id`")
    return read_string("Id", value, review)


def _statements(root: JsonObject, elements: Elements, review: Review) -> list[Statement]:
    value = elements.get("Statement")
    if value is None or (isinstance(value, JsonArray) and not value.items):
        _refuse_missing("Statement", value or root, review)
        return []
    statements: list[Statement] = []
    sids: set[str] = set()
    for item in value.items if isinstance(value, JsonArray) else (value,):
        if isinstance(item, JsonObject):
            statement = _statement(item, sids, review)
            statements += (statement,) if statement else ()
        else:
            review.refuse(Check.SYNTAX, item, "a statement must be an object")
    return statements


def _statement(value: JsonObject, sids: set[str], review: Review) -> Statement | None:
    elements = read_elements(value, _STATEMENT_ELEMENTS, review)
    effect = _effect(value, elements, review)
    sid = _sid(elements, sids, review)
    principals = _principals(value, elements, review)
    actions = _actions(value, elements, review)
    resources = _resources(value, elements, review)
    conditions = _conditions(elements, review)
    if effect is None or actions is None:
        return None
    statement = Statement(
        effect=effect,
        actions=actions,
        resources=resources,
        principals=principals,
        conditions=conditions,
        sid=sid,
        span=review.span(value),
    )
    if review.rules.trust:
        check_shared_providers(statement, value, review)
    return statement


def _effect(statement: JsonObject, elements: Elements, review: Review) -> Effect | None:
    value = elements.get("Effect")
    if value is None:
        _refuse_missing("Effect", statement, review)
        return None
    detail = "`Effect` must be `Allow` or `Deny`, spelled so"
    text = value.text if isinstance(value, JsonString) else ""
    if text not in tuple(Effect):
        if text.lower() in ("allow", "deny"):
            review.refuse(Check.LEGACY_PARSING, value, detail, messages.LEGACY_PARSING)
        else:
            review.refuse(Check.SYNTAX, value, detail)
        return None
    effect = Effect(text)
    if effect not in review.rules.effects:
        review.refuse(Check.POLICY_TYPE, value, "a policy of this type can only deny")
    return effect


def _sid(elements: Elements, sids: set[str], review: Review) -> str:
    value = elements.get("Sid")
    sid = read_string("Sid", value, review) if value is not None else None
    if value is None or not sid:
        return ""
    if review.rules.alphanumeric_sid and not _ALPHANUMERIC.fullmatch(sid):
        review.refuse(Check.SID_TEXT, value, f"`{sid}` holds more than letters and digits", messages.SID_TEXT)
    if sid in sids:
        review.refuse(Check.SID_UNIQUE, value, f"another statement has the `Sid` `{sid}`", messages.SID_UNIQUE)
    sids.add(sid)
    return sid


def _principals(statement: JsonObject, elements: Elements, review: Review) -> Principals | None:
    name, value = _one_of("Principal", "NotPrincipal", elements, review)
    rules = review.rules
    if value is None:
        if rules.principal is Presence.REQUIRED:
            detail = "say in `Principal` whom the statement concerns"
            review.refuse(Check.PRINCIPAL_PRESENT, statement, detail, messages.missing_field("Principal"))
        return None
    if rules.principal is Presence.FORBIDDEN:
        detail = f"this policy concerns whoever it is attached to: remove `{name}`"
        review.refuse(Check.PRINCIPAL_FORBIDDEN, value, detail, messages.PRINCIPAL_FORBIDDEN)
        return None
    if name == "NotPrincipal" and not rules.not_principal:
        detail = "name in `Principal` whom the statement concerns; a policy of this type has no `NotPrincipal`"
        review.refuse(Check.PROHIBITED_FIELD, value, detail, messages.prohibited_field(name))
        return None
    return parse_principals(name, value, review)


def _actions(statement: JsonObject, elements: Elements, review: Review) -> Actions | None:
    name, value = _one_of("Action", "NotAction", elements, review)
    if value is None:
        message = messages.ACTIONS_MISSING
        if review.rules.wording is Wording.TRUST:
            message = messages.missing_field("Action")
        review.refuse(Check.ACTION_PRESENT, statement, "say in `Action` what the statement concerns", message)
        return None
    if name == "NotAction" and not review.rules.not_action:
        detail = "name the actions in `Action`; a policy of this type has no `NotAction`"
        review.refuse(Check.TRUST_ACTION, value, detail, messages.TRUST_ACTION)
        return None
    return parse_actions(name, value, review)


def _resources(statement: JsonObject, elements: Elements, review: Review) -> Resources | None:
    name, value = _one_of("Resource", "NotResource", elements, review)
    presence = review.rules.resource
    if value is None:
        if presence is Presence.REQUIRED:
            detail = "say in `Resource` what the statement covers"
            review.refuse(Check.RESOURCE_PRESENT, statement, detail, messages.RESOURCES_MISSING)
        return None
    if presence is Presence.FORBIDDEN:
        detail = f"a trust policy concerns its role alone: remove `{name}`"
        review.refuse(Check.PROHIBITED_FIELD, value, detail, messages.prohibited_field(name))
        return None
    return parse_resources(name, value, review)


def _conditions(elements: Elements, review: Review) -> tuple[Condition, ...]:
    value = elements.get("Condition")
    return () if value is None else parse_conditions(value, review)


def _one_of(name: str, negated: str, elements: Elements, review: Review) -> tuple[str, JsonValue | None]:
    """The element called `name` or that called `negated`, with its name. Both at once are refused."""
    value, other = elements.get(name), elements.get(negated)
    if value is not None and other is not None:
        review.refuse(Check.SYNTAX, other, f"a statement has `{name}` or `{negated}`, not both")
    return (name, value) if other is None else (negated, other)


def _refuse_missing(name: str, parent: JsonValue, review: Review) -> None:
    trust = review.rules.wording is Wording.TRUST
    message = messages.missing_field(name) if trust else messages.SYNTAX
    review.refuse(Check.SYNTAX, parent, f"`{name}` is missing or empty", message)

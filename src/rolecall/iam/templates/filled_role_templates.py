"""What a version of a role template makes of the values that it is filled with: a role, before there is one.

Whether a role like that may be made, or stands already, is decided in `acquired_roles`. Source of the errors' texts:
answers of AWS recorded in September 2026 (radkawar/stackd, testdata/aws/iam/role_templates.json).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from rolecall.errors import InvalidArn, InvalidInput, LimitExceeded, MalformedPolicyDocument, ValidationError
from rolecall.iam.documents import parse_identity_policy
from rolecall.iam.quotas import ROLE_INLINE_SIZE
from rolecall.iam.templates.policy_templates import TemplateError, Value, Values, fill_policy, fill_text
from rolecall.language.size import policy_size
from rolecall.names.arn import parse_arn
from rolecall.state.delegation import ParameterDefinition, RoleTemplateVersion
from rolecall.state.entities import InlinePolicy, Tag
from rolecall.wire.constraints import validate
from rolecall.wire.model import load_service

ReplacementValues = Mapping[str, Mapping[str, Any]]
"""The model's `mapStringReplacementValueEntry`, decoded: for each parameter its `values`."""

LONGEST_VALUE = 2048
"""Characters of a value. AWS documents no limit; what a role holds of it is not longer than an ARN."""

LIST = "List"

_NUMBER = re.compile(r"-?[0-9]{1,30}(\.[0-9]{1,30})?")
_POLICY_SYNTAX = re.compile(r"[*?]|\$\{|\$\Z|\A\{")
"""Wildcards and policy variables, and what makes one together with the value or the text next to it."""


class FilledTemplate(msgspec.Struct, frozen=True, kw_only=True):
    """The role that a template describes. `trust_policy` names its principals as the template does."""

    name: str
    path: str
    description: str
    trust_policy: str
    inline_policies: tuple[InlinePolicy, ...]
    managed_policy_arns: tuple[str, ...]
    permissions_boundary: str | None
    tags: tuple[Tag, ...]
    max_session_duration: int


def given_values(replacements: ReplacementValues | None) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The request's values as they are kept with a role: (name, values), by name."""
    entries = (replacements or {}).items()
    return tuple(sorted((name, tuple(entry["values"])) for name, entry in entries))


def fill(version: RoleTemplateVersion, given: Sequence[tuple[str, tuple[str, ...]]]) -> FilledTemplate:
    """Fill a version of a template. Parameters: `given`, see `given_values`.

    Raises `InvalidInput` if a value is missing, unknown or unfit, `ValidationError` for several values of a parameter
    that takes one, `MalformedPolicyDocument` if what comes out is no policy.
    """
    values = _values(version.parameters, dict(given))
    try:
        return _checked(
            FilledTemplate(
                name=fill_text(version.role_name_pattern, values),
                path=fill_text(version.role_path_pattern or "/", values),
                description=fill_text(version.role_description_pattern or "", values),
                trust_policy=_trust_policy(version, values),
                inline_policies=tuple(_inline_policies(version, values)),
                managed_policy_arns=version.managed_policy_arns,
                permissions_boundary=version.permissions_boundary,
                tags=tuple(Tag(fill_text(tag.key, values), fill_text(tag.value, values)) for tag in version.tags),
                max_session_duration=version.max_session_duration,
            )
        )
    except TemplateError as error:
        raise _unfit(str(error)) from None


def check_value(parameter: ParameterDefinition, text: str) -> None:
    """Raise `InvalidInput` if `text` cannot be one value of `parameter`."""
    kind = parameter.type.removesuffix(LIST)
    if len(text) > LONGEST_VALUE:
        raise _unfit(f"a value of {parameter.name} is longer than {LONGEST_VALUE} characters")
    if kind == "Number" and not _NUMBER.fullmatch(text):
        raise _unfit(f"{parameter.name} must be a number")
    if kind == "Arn":
        try:
            parse_arn(text)
        except InvalidArn:
            raise _unfit(f"{parameter.name} must be an ARN") from None
    if _POLICY_SYNTAX.search(text):
        # Who acquires a role chooses its values, and nobody looks at what comes out: a value must not be a pattern
        # where its template names one thing. Whether AWS lets such values pass is not documented.
        raise _unfit(f"{parameter.name} must not hold wildcards or policy variables")


def _values(parameters: Sequence[ParameterDefinition], given: dict[str, tuple[str, ...]]) -> Values:
    values: dict[str, Value] = {}
    for parameter in parameters:
        texts = given.pop(parameter.name, None)
        is_list = parameter.type.endswith(LIST)
        if texts is not None:
            if not is_list and len(texts) != 1:
                raise ValidationError(
                    f"{parameter.name} replacement value must contain exactly one value, got {len(texts)}"
                )
            for text in texts:
                check_value(parameter, text)
            values[parameter.name] = Value(texts, is_list)
        elif parameter.default_value is not None:
            values[parameter.name] = Value((parameter.default_value,), is_list)
    if given:
        raise _unfit(f"Unrecognized parameter: {min(given)}")
    return values


def _trust_policy(version: RoleTemplateVersion, values: Values) -> str:
    text = fill_policy(version.trust_policy_template, values)
    if text is None:
        raise MalformedPolicyDocument("Syntax errors in policy.")
    return text


def _inline_policies(version: RoleTemplateVersion, values: Values) -> Iterator[InlinePolicy]:
    """The inline policies; one whose statements are all switched off is left out (recorded at AWS)."""
    for template in version.inline_policy_templates:
        text = fill_policy(template.document, values)
        if text is not None:
            # Before it is parsed: values of lists can make it far longer than any role may hold.
            if policy_size(text) > ROLE_INLINE_SIZE:
                raise LimitExceeded(
                    f"Maximum policy size of {ROLE_INLINE_SIZE} bytes exceeded for role {template.name}"
                )
            parse_identity_policy(text)
            yield InlinePolicy(template.name, text)


def _checked(filled: FilledTemplate) -> FilledTemplate:
    """`filled`, if CreateRole would take it. Raises `ValidationError` as it does."""
    parameters = {
        "role_name": filled.name,
        "path": filled.path,
        "assume_role_policy_document": filled.trust_policy,
        "description": filled.description,
        "tags": tuple({"key": tag.key, "value": tag.value} for tag in filled.tags),
        "max_session_duration": filled.max_session_duration,
    }
    validate(load_service("iam").operations["CreateRole"], parameters)
    return filled


def _unfit(detail: str) -> InvalidInput:
    return InvalidInput(f"Failed to render template: {detail}")

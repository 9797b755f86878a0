"""Registering templates: what the operator does here and AWS does for its own. No operation of AWS.

A file holds one template. A role template is written as AWS's GetRoleTemplateVersion answers it, so that one fetched
from AWS can be registered as it is. What a template means is said in `policy_templates`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import msgspec
from msgspec.structs import replace

from rolecall.errors import InvalidArn, InvalidInput, MalformedPolicyDocument, PolicyError, SettingsError
from rolecall.iam.templates.filled_role_templates import LIST, check_value
from rolecall.iam.templates.policy_templates import (
    ENABLED,
    TemplateError,
    holds_placeholders,
    placeholders,
    policy_parameters,
    without_switches,
)
from rolecall.iam.templates.role_templates import NAME as ROLE_TEMPLATE_NAME
from rolecall.language.document import Effect, PolicyType
from rolecall.language.json_text import InvalidJson, JsonObject, JsonString
from rolecall.language.parser import parse_policy
from rolecall.names.arn import AWS_ACCOUNT, AccountId, is_account_id, parse_arn
from rolecall.names.ids import IdPrefix, RandBits, new_unique_id
from rolecall.state.delegation import (
    PARTNER_ACCOUNT,
    ParameterDefinition,
    PolicyTemplate,
    RoleTemplate,
    RoleTemplateVersion,
)
from rolecall.state.draft import Draft
from rolecall.state.entities import InlinePolicy, Tag
from rolecall.state.world import World

LONGEST_FILE = 1 << 20
"""Bytes of a template file."""

PARAMETER_TYPES = frozenset({"String", "StringList", "Number", "NumberList", "Arn", "ArnList"})
DELEGATION_PARAMETER = re.compile(r"[ -~]{5,256}")
"""What the API model lets a parameter of a delegation request be called."""

_POLICY_TEMPLATE_NAME = re.compile(
    r"policy-template/(?P<domain>[a-z0-9.-]{1,128})/(?P<name>[\w+=,.@-]{1,128})", re.ASCII
)
_POLICY_NAME = re.compile(r"[\w+=,.@-]{1,128}", re.ASCII)
_REQUESTOR_NAME = re.compile("[\t\n\r -~\u00a1-\u00ff]{1,30}")
_STATEMENT_ELEMENTS = frozenset(
    {"Sid", "Effect", "Principal", "Action", "NotAction", "Resource", "NotResource", "Condition", ENABLED}
)


class _FileShape(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="pascal"):
    """What all shapes of a file share: the model's names, and nothing that is not known."""


class _InlinePolicyShape(_FileShape, frozen=True, kw_only=True):
    policy_name: str
    policy_document: msgspec.Raw


class _TagShape(_FileShape, frozen=True, kw_only=True):
    key: str
    value: str


class _ParameterShape(_FileShape, frozen=True, kw_only=True):
    name: str
    type: str
    sub_type: str | None = None
    description: str | None = None
    is_required: bool | None = None
    default_value: str | None = None
    immutable: bool | None = None


class _RoleTemplateShape(_FileShape, frozen=True, kw_only=True):
    """AWS's `RoleTemplateVersion`. Name, numbers of the ARN, ids and times may stand there; they are not read."""

    template_arn: str
    template_name: str | None = None
    template_version_id: str | None = None
    description: str | None = None
    major_version: int | None = None
    default_minor_version: int | None = None
    managed_by_type: str | None = None
    managed_by_value: str | None = None
    enabled: bool = True
    minor_version: int = 0
    role_name_pattern: str
    role_path_pattern: str | None = None
    role_description_pattern: str | None = None
    assume_role_policy_document_template: msgspec.Raw
    inline_policy_templates: tuple[_InlinePolicyShape, ...] = ()
    managed_policy_arns: tuple[str, ...] = ()
    permission_boundary_arn: str | None = None
    parameters_definition: tuple[_ParameterShape, ...] = ()
    role_tags_template: tuple[_TagShape, ...] = ()
    max_session_duration: int = 3600
    version_enabled: bool = True
    create_timestamp: str | None = None
    update_timestamp: str | None = None


class _PolicyTemplateShape(_FileShape, frozen=True, kw_only=True):
    template_arn: str
    requestor_name: str
    requestor_account_ids: tuple[str, ...]
    policy_document_template: msgspec.Raw
    enabled: bool = True


class _TemplateFile(_FileShape, frozen=True, kw_only=True):
    role_template_version: _RoleTemplateShape | None = None
    policy_template: _PolicyTemplateShape | None = None


Template = RoleTemplate | PolicyTemplate


def read_template(content: bytes, *, now: int, randbits: RandBits) -> Template:
    """The template in a file; a role template with the one version that the file holds.

    Raises `SettingsError` if it is not a template that could ever be used.
    """
    if len(content) > LONGEST_FILE:
        raise SettingsError(f"the template is longer than {LONGEST_FILE} bytes")
    try:
        file = msgspec.json.decode(content, type=_TemplateFile)
    except (msgspec.DecodeError, UnicodeError) as error:
        raise SettingsError(f"the template cannot be read: {error}") from error
    if (file.role_template_version is None) is (file.policy_template is None):
        raise SettingsError("a template file holds either a `RoleTemplateVersion` or a `PolicyTemplate`")
    try:
        if file.role_template_version is not None:
            return _role_template(file.role_template_version, now, randbits)
        assert file.policy_template is not None  # one of the two is there
        return _policy_template(file.policy_template)
    except InvalidArn as error:
        raise SettingsError(str(error)) from error


def put_template(draft: Draft, template: Template) -> Template:
    """Register what `read_template` gave; the template as it stands afterwards.

    A policy template takes the place of the one before; requests made from that keep what they asked for. A version of
    a role template never changes: putting it again only switches it and its template on or off. A new one becomes the
    default unless the file names another. Raises `SettingsError` for a version that would change.
    """
    if isinstance(template, RoleTemplate):
        known = draft.world.get(RoleTemplate, template.key)
        template = template if known is None else _merged(known, template)
        if template.version() is None:
            raise SettingsError(f"the default version {template.default_minor_version} is not there: put it first")
    draft.put(template)
    return template


def switch_template(draft: Draft, arn: str, *, is_enabled: bool, minor_version: int | None = None) -> None:
    """Switch a template on or off, or one version of a role template. Raises `SettingsError` if there is none."""
    template = find_any_template(draft.world, arn)
    if minor_version is None:
        draft.put(replace(template, is_enabled=is_enabled))
        return
    if not isinstance(template, RoleTemplate) or (version := template.version(minor_version)) is None:
        raise SettingsError(f"the template `{arn}` has no minor version {minor_version}")
    draft.put(_with_version(template, replace(version, is_enabled=is_enabled)))


def find_any_template(world: World, arn: str) -> Template:
    """The template of either kind that has this ARN. Raises `SettingsError` if there is none."""
    found = next((template for template in all_templates(world) if str(template.arn) == arn), None)
    if found is None:
        raise SettingsError(f"there is no template `{arn}`: `rolecall template list` shows those that there are")
    return found


def all_templates(world: World) -> tuple[Template, ...]:
    """All templates of the server, by ARN."""
    templates: tuple[Template, ...] = (
        *world.owned(RoleTemplate, AWS_ACCOUNT),
        *world.owned(PolicyTemplate, PARTNER_ACCOUNT),
    )
    return tuple(sorted(templates, key=lambda template: str(template.arn)))


# Role templates


def _role_template(shape: _RoleTemplateShape, now: int, randbits: RandBits) -> RoleTemplate:
    arn = parse_arn(shape.template_arn)
    name = ROLE_TEMPLATE_NAME.fullmatch(arn.resource)
    if name is None or (arn.partition, arn.service, arn.region, arn.account) != ("aws", "iam", "", AWS_ACCOUNT):
        raise SettingsError(
            f"`{shape.template_arn}` is not the ARN of a role template: "
            "write `arn:aws:iam::aws:role-template/SERVICE/NAME:MAJOR-VERSION`"
        )
    if shape.minor_version < 0 or not 3600 <= shape.max_session_duration <= 43200:
        raise SettingsError("`MinorVersion` counts from 0, and `MaxSessionDuration` is between 3600 and 43200 seconds")
    parameters = tuple(_parameter(parameter) for parameter in shape.parameters_definition)
    version = RoleTemplateVersion(
        id=new_unique_id(IdPrefix.ROLE_TEMPLATE_VERSION, randbits),
        minor_version=shape.minor_version,
        role_name_pattern=shape.role_name_pattern,
        role_path_pattern=shape.role_path_pattern,
        role_description_pattern=shape.role_description_pattern,
        trust_policy_template=_document(shape.assume_role_policy_document_template, PolicyType.TRUST),
        inline_policy_templates=tuple(map(_inline_policy, shape.inline_policy_templates)),
        managed_policy_arns=shape.managed_policy_arns,
        permissions_boundary=shape.permission_boundary_arn,
        parameters=parameters,
        tags=tuple(Tag(tag.key, tag.value) for tag in shape.role_tags_template),
        max_session_duration=shape.max_session_duration,
        is_enabled=shape.version_enabled,
        created_at=now,
        updated_at=now,
    )
    for policy_arn in (*shape.managed_policy_arns, *filter(None, (shape.permission_boundary_arn,))):
        parse_arn(policy_arn)
    _check_parameters(version)
    return RoleTemplate(
        service=name["service"],
        name=name["name"],
        major_version=int(name["major"]),
        description=shape.description,
        is_enabled=shape.enabled,
        default_minor_version=shape.minor_version
        if shape.default_minor_version is None
        else shape.default_minor_version,
        versions=(version,),
    )


def _merged(known: RoleTemplate, put: RoleTemplate) -> RoleTemplate:
    """`known` with the version that is `put`."""
    (version,) = put.versions
    before = known.version(version.minor_version)
    same = before and replace(before, is_enabled=version.is_enabled, updated_at=version.updated_at)
    if same is not None and same != replace(version, id=same.id, created_at=same.created_at):
        raise SettingsError(
            f"version {version.minor_version} of `{known.arn}` exists and versions never change: "
            f"give this one the `MinorVersion` {max(each.minor_version for each in known.versions) + 1}"
        )
    return _with_version(
        replace(
            known,
            description=put.description,
            is_enabled=put.is_enabled,
            default_minor_version=put.default_minor_version,
        ),
        same or version,
    )


def _with_version(template: RoleTemplate, version: RoleTemplateVersion) -> RoleTemplate:
    others = (each for each in template.versions if each.minor_version != version.minor_version)
    return replace(template, versions=tuple(sorted((*others, version), key=lambda each: each.minor_version)))


def _parameter(shape: _ParameterShape) -> ParameterDefinition:
    parameter = ParameterDefinition(
        name=shape.name,
        type=shape.type,
        sub_type=shape.sub_type,
        description=shape.description,
        is_required=shape.is_required,
        default_value=shape.default_value,
        immutable=shape.immutable,
    )
    if shape.type not in PARAMETER_TYPES:
        raise SettingsError(f"the parameter `{shape.name}` has the type `{shape.type}`: use one of {_listed()}")
    if shape.default_value is not None:
        try:
            check_value(parameter, shape.default_value)
        except InvalidInput as error:
            raise SettingsError(f"the default of `{shape.name}` does not fit: {error.message}") from error
    return parameter


def _listed() -> str:
    return ", ".join(f"`{name}`" for name in sorted(PARAMETER_TYPES))


def _check_parameters(version: RoleTemplateVersion) -> None:
    """Raise `SettingsError` unless every parameter is defined once, and none that can be a list stands in a text."""
    defined = {parameter.name: parameter for parameter in version.parameters}
    if len(defined) < len(version.parameters):
        raise SettingsError("a parameter is defined twice in `ParametersDefinition`")
    texts = [version.role_name_pattern, version.role_path_pattern or "", version.role_description_pattern or ""]
    texts += [text for tag in version.tags for text in (tag.key, tag.value)]
    in_texts = {name for text in texts for name in placeholders(text)}
    documents = (version.trust_policy_template, *(policy.document for policy in version.inline_policy_templates))
    in_documents = {name for document in documents for name in policy_parameters(document)}
    _refuse(sorted((in_texts | in_documents) - defined.keys()), "is used and not defined in `ParametersDefinition`")
    lists = {name for name, parameter in defined.items() if parameter.type.endswith(LIST)}
    _refuse(sorted(in_texts & lists), "is a list and cannot stand in a name, path, description or tag")


def _inline_policy(shape: _InlinePolicyShape) -> InlinePolicy:
    if not _POLICY_NAME.fullmatch(shape.policy_name):
        raise SettingsError(f"no inline policy can be called `{shape.policy_name}`")
    return InlinePolicy(shape.policy_name, _document(shape.policy_document, PolicyType.IDENTITY))


# Policy templates


def _policy_template(shape: _PolicyTemplateShape) -> PolicyTemplate:
    arn = parse_arn(shape.template_arn)
    name = _POLICY_TEMPLATE_NAME.fullmatch(arn.resource)
    if name is None or (arn.partition, arn.service, arn.region, arn.account) != ("aws", "iam", "", PARTNER_ACCOUNT):
        raise SettingsError(
            f"`{shape.template_arn}` is not the ARN of a policy template: "
            "write `arn:aws:iam::partner:policy-template/DOMAIN/NAME`"
        )
    if not _REQUESTOR_NAME.fullmatch(shape.requestor_name):
        raise SettingsError("`RequestorName` has 1 to 30 characters of Latin-1")
    if not shape.requestor_account_ids or not all(map(is_account_id, shape.requestor_account_ids)):
        raise SettingsError("`RequestorAccountIds` lists the accounts that may make requests, twelve digits each")
    document = _document(shape.policy_document_template, PolicyType.IDENTITY)
    names = policy_parameters(document)
    _refuse(
        (each for each in names if not DELEGATION_PARAMETER.fullmatch(each)),
        "cannot be given in a request: use 5 to 256 characters of ASCII",
    )
    return PolicyTemplate(
        domain=name["domain"],
        name=name["name"],
        requestor_name=shape.requestor_name,
        requestor_accounts=tuple(AccountId(each) for each in shape.requestor_account_ids),
        document=document,
        is_enabled=shape.enabled,
    )


# Documents


def _document(raw: msgspec.Raw, policy_type: PolicyType) -> str:
    """A document as the file has it: an object, or a text that holds one.

    Statements without parameters are parsed as the policy that they will be; of others, the names of their elements are
    checked, and the rest when they are filled. Raises `SettingsError`.
    """
    text = bytes(raw).decode()
    if text.startswith('"'):
        text = msgspec.json.decode(raw, type=str)
    try:
        parameters = policy_parameters(text)
        plain = without_switches(text, _is_plain)
        if plain is not None:
            parse_policy(plain, policy_type)
        elif not parameters:
            raise SettingsError("a policy template has no statement")
    except (InvalidJson, TemplateError, PolicyError, MalformedPolicyDocument) as error:
        raise SettingsError(f"a policy template is not valid: {error}") from error
    return text


def _is_plain(statement: JsonObject) -> bool:
    """Does the statement say all that it will say? Raises `TemplateError` if it could never be a statement."""
    members = {key.text: value for key, value in statement.members}
    unknown = sorted(members.keys() - _STATEMENT_ELEMENTS)
    if unknown:
        raise TemplateError(f"a statement has no element `{unknown[0]}`")
    if not isinstance(members.get(ENABLED), JsonString | None):
        raise TemplateError(f"`{ENABLED}` must be the name of a parameter")
    effect = members.get("Effect")
    if isinstance(effect, JsonString) and not holds_placeholders(effect) and effect.text not in tuple(Effect):
        raise TemplateError(f"`{effect.text}` is no effect: use `Allow` or `Deny`")
    return not holds_placeholders(statement)


def _refuse(names: Iterable[str] | Iterator[str], why: str) -> None:
    for name in names:
        raise SettingsError(f"the parameter `{name}` {why}")

"""Role templates: looking one up, showing a version of it, and the permission that takes.

The operator registers them (`rolecall.iam.templates.registration`); roles are made from them in `acquired_roles`.
Source: answers of AWS recorded in September 2026 (radkawar/stackd, testdata/aws/iam/role_template_catalogue.json,
role_acquisition.json and template_account.json).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rolecall.errors import InvalidArn, InvalidInput, NoSuchEntity
from rolecall.iam.answers import tag_list
from rolecall.iam.documents import encode_document
from rolecall.iam.registry import operation
from rolecall.names.arn import AWS_ACCOUNT, Arn, parse_arn
from rolecall.operations.access import AccessCheck
from rolecall.operations.registry import Answer, Parameters
from rolecall.operations.transaction import Transaction
from rolecall.state.delegation import ParameterDefinition, RoleTemplate, RoleTemplateVersion
from rolecall.state.world import World

READ_ACTION = "iam:GetRoleTemplateVersion"

SERVICE_ACCOUNT = "639982225848"
"""What `aws:ResourceAccount` says of a role template: AWS's own account, not the caller's and not `aws` (recorded)."""

NAME = re.compile(r"role-template/(?P<service>[a-z0-9.-]+)/(?P<name>[\w+=,.-]{1,128}):(?P<major>[0-9]{1,9})", re.ASCII)
"""The resource part of a role template's ARN, as AWS's service authorization reference gives it."""


def on_template(tx: Transaction, action: str, parameters: Parameters) -> Iterator[AccessCheck]:
    """On the role template whose ARN is in `TemplateArn`, whether there is one or not."""
    arn = parameters["template_arn"]
    yield template_check(tx, action, arn, f"role-template {arn}")


def template_check(tx: Transaction, action: str, arn: str, shown: str) -> AccessCheck:
    """The permission to read a template. Its owner is AWS, so the caller's policies alone decide."""
    try:
        resource: Arn | None = parse_arn(arn)
    except InvalidArn:
        resource = None  # the operation refuses it in its own words; nothing but `*` covers it
    return AccessCheck(
        action=action,
        resource=resource,
        shown_resource=shown,
        resource_account=tx.account,
        context={"aws:resourceaccount": SERVICE_ACCOUNT},
    )


@operation(
    "GetRoleTemplateVersion",
    access=on_template,
    differs="Shows the templates that the operator registered with `rolecall template put`; none come with the server.",
)
def get_role_template_version(tx: Transaction, *, template_arn: str, minor_version: int | None = None) -> Answer:
    """Show a version of a role template, the default one if none is named."""
    found = find_version(tx.world, template_arn, minor_version)
    if found is None:
        raise NoSuchEntity(f"Role Template {template_arn} cannot be found.")
    return {"RoleTemplateVersion": shown_version(*found)}


def find_template(world: World, template_arn: str) -> RoleTemplate | None:
    """The role template of that ARN. Raises `InvalidInput` if the text is not the ARN of a role template."""
    try:
        arn = parse_arn(template_arn)
    except InvalidArn:
        raise _invalid(template_arn) from None
    name = NAME.fullmatch(arn.resource)
    if name is None or (arn.service, arn.region, arn.account) != ("iam", "", AWS_ACCOUNT):
        raise _invalid(template_arn)
    template = world.get(RoleTemplate, arn.resource.removeprefix("role-template/"))
    return template if template is not None and template.arn == arn else None


def find_version(
    world: World, template_arn: str, minor_version: int | None
) -> tuple[RoleTemplate, RoleTemplateVersion] | None:
    """A template and one of its versions; None if either is not there. Raises as `find_template`."""
    template = find_template(world, template_arn)
    version = template.version(minor_version) if template is not None else None
    return None if template is None or version is None else (template, version)


def shown_version(template: RoleTemplate, version: RoleTemplateVersion) -> dict[str, object]:
    """The model's `RoleTemplateVersion`."""
    return {
        "TemplateArn": str(template.arn),
        "TemplateName": template.name,
        "TemplateVersionId": version.id,
        "Description": template.description,
        "MajorVersion": template.major_version,
        "DefaultMinorVersion": template.default_minor_version,
        "ManagedByType": "Service",
        "ManagedByValue": template.service,
        "Enabled": template.is_enabled,
        "MinorVersion": version.minor_version,
        "RoleNamePattern": version.role_name_pattern,
        "RolePathPattern": version.role_path_pattern,
        "RoleDescriptionPattern": version.role_description_pattern,
        "AssumeRolePolicyDocumentTemplate": encode_document(version.trust_policy_template),
        "InlinePolicyTemplates": [
            {"PolicyName": policy.name, "PolicyDocument": encode_document(policy.document)}
            for policy in version.inline_policy_templates
        ]
        or None,
        "ManagedPolicyArns": list(version.managed_policy_arns) or None,
        "PermissionBoundaryArn": version.permissions_boundary,
        "ParametersDefinition": [_parameter(parameter) for parameter in version.parameters] or None,
        "RoleTagsTemplate": tag_list(version.tags) or None,
        "MaxSessionDuration": version.max_session_duration,
        "VersionEnabled": version.is_enabled,
        "CreateTimestamp": version.created_at,
        "UpdateTimestamp": version.updated_at,
    }


def _parameter(parameter: ParameterDefinition) -> dict[str, object]:
    return {
        "Name": parameter.name,
        "Type": parameter.type,
        "SubType": parameter.sub_type,
        "Description": parameter.description,
        "IsRequired": parameter.is_required,
        "DefaultValue": parameter.default_value,
        "Immutable": parameter.immutable,
    }


def _invalid(template_arn: str) -> InvalidInput:
    # The code is the model's; the text is a guess after that for policies.
    return InvalidInput(f"ARN {template_arn} is not valid.")

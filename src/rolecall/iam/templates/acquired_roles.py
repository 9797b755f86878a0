"""AcquireRole: the role that a template describes, made if there is none yet.

There is no permission `iam:AcquireRole`: each thing that the call does takes the permission that it always takes, with
`iam:RoleTemplateARN` telling that a template is behind it. Calling again gives the same role for as long as nobody has
changed what its template decides. Source: IAM user guide, "Manage access to role manager"; answers of AWS recorded in
September 2026 (radkawar/stackd, testdata/aws/iam/role_acquisition.json and role_templates.json).
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from rolecall.decision.request import ContextValues
from rolecall.errors import MalformedPolicyDocument, NameConflict, NoSuchEntity, RoleModified, RoleTemplateDisabled
from rolecall.iam.access import entity_keys, request_tag_keys, supported
from rolecall.iam.answers_of_roles import role_in_profile
from rolecall.iam.documents import check_inline_size
from rolecall.iam.permissions_boundaries import check_permissions_boundary
from rolecall.iam.policy_lookup import find_attachable_policy
from rolecall.iam.protected import check_path
from rolecall.iam.quotas import POLICIES_PER_ROLE, ROLES
from rolecall.iam.registry import operation
from rolecall.iam.tags import new_tags
from rolecall.iam.templates.filled_role_templates import FilledTemplate, ReplacementValues, fill, given_values
from rolecall.iam.templates.role_templates import READ_ACTION, find_version, template_check
from rolecall.iam.trust_policies import resolve_principals
from rolecall.names.arn import iam_arn
from rolecall.names.ids import IdPrefix
from rolecall.operations.access import AccessCheck
from rolecall.operations.registry import Answer, Parameters
from rolecall.operations.transaction import Transaction
from rolecall.state.delegation import RoleTemplate, RoleTemplateVersion
from rolecall.state.entities import Role, SourceRoleTemplate

TEMPLATE_KEY = "iam:roletemplatearn"

OF_ANOTHER_ORIGIN = (
    "A role with this name already exists in the account but was not created from this template. Choose a different "
    "role name, or remove the existing role if it is no longer needed."
)
OF_OTHER_PARAMETERS = (
    "A role with this name exists but was created with different parameters. Pass a unique roleName to create a new "
    "role."
)


def on_template_and_role(tx: Transaction, action: str, parameters: Parameters) -> Iterator[AccessCheck]:  # noqa: ARG001 - an Access
    """Reading the template; then reading the role if there is one, else all that making it takes.

    What the template makes is looked at only by those who may read it: its errors come after the first permission.
    """
    arn = parameters["template_arn"]
    yield template_check(tx, READ_ACTION, arn, f"role template {arn}")
    template, version = _usable_version(tx, arn, parameters.get("template_minor_version"))
    filled = fill(version, given_values(parameters.get("replacement_values")))
    role = tx.world.named(Role, tx.account, filled.name)
    if role is None:
        yield from _to_make(tx, template, filled)
    else:
        yield _check(tx, "iam:GetRole", template, role, entity_keys(role), f"role {filled.name}")


@operation("AcquireRole", access=on_template_and_role, writes=True)
def acquire_role(
    tx: Transaction,
    *,
    template_arn: str,
    template_minor_version: int | None = None,
    replacement_values: ReplacementValues | None = None,
) -> Answer:
    """Make the role that a template describes, or give the one that the same call made before.

    Raises `NameConflict` if the name belongs to a role of other origin or parameters, `RoleModified` if what the
    template decides has been changed since; otherwise as CreateRole and what else it does.
    """
    template, version = _usable_version(tx, template_arn, template_minor_version)
    given = given_values(replacement_values)
    filled = fill(version, given)
    role = tx.world.named(Role, tx.account, filled.name)
    if role is None:
        role = _make(tx, filled, SourceRoleTemplate(str(template.arn), version.minor_version, given))
    else:
        _check_same(tx, template, filled, role)
    return {"Role": role_in_profile(tx, role)}


def _usable_version(
    tx: Transaction, template_arn: str, minor_version: int | None
) -> tuple[RoleTemplate, RoleTemplateVersion]:
    found = find_version(tx.world, template_arn, minor_version)
    if found is None:
        raise NoSuchEntity(f"Role template not found in repository: {template_arn}")
    template, version = found
    if not (template.is_enabled and version.is_enabled):
        # The code is the model's; the text a guess.
        raise RoleTemplateDisabled(f"Role template {template_arn} is disabled and cannot be used to create roles.")
    return found


# Permissions


def _to_make(tx: Transaction, template: RoleTemplate, filled: FilledTemplate) -> Iterator[AccessCheck]:
    role = Role(
        account=tx.account,
        id="",
        name=filled.name,
        path=filled.path,
        created_at=tx.now,
        trust_policy=filled.trust_policy,
    )
    boundary = filled.permissions_boundary
    keys: dict[str, ContextValues] = {} if boundary is None else {"iam:permissionsboundary": boundary}
    tag_keys = request_tag_keys((tag.key, tag.value) for tag in filled.tags) if filled.tags else {}
    yield _check(tx, "iam:CreateRole", template, role, {**keys, **tag_keys})
    shown = role.arn.resource  # as AWS shows it in denials of what follows (recorded)
    if filled.tags:
        yield _check(tx, "iam:TagRole", template, role, tag_keys, shown)
    if boundary is not None:
        yield _check(tx, "iam:PutRolePermissionsBoundary", template, role, keys, shown)
    for policy_arn in filled.managed_policy_arns:
        yield _check(tx, "iam:AttachRolePolicy", template, role, {**keys, "iam:policyarn": policy_arn}, shown)
    if filled.inline_policies:
        yield _check(tx, "iam:PutRolePolicy", template, role, keys, shown)


def _check(
    tx: Transaction,
    action: str,
    template: RoleTemplate,
    role: Role,
    keys: dict[str, ContextValues],
    shown: str | None = None,
) -> AccessCheck:
    return AccessCheck(
        action=action,
        resource=iam_arn(tx.account, Role.arn_kind, role.path, role.name),
        shown_resource=shown,
        resource_account=tx.account,
        context=supported(action, {**keys, TEMPLATE_KEY: str(template.arn)}),
    )


# Making one


def _make(tx: Transaction, filled: FilledTemplate, source: SourceRoleTemplate) -> Role:
    check_path(filled.path)
    trust_policy = resolve_principals(tx.world, filled.trust_policy)
    tags = new_tags(Role, [{"key": tag.key, "value": tag.value} for tag in filled.tags])
    ROLES.check(tx.world.count(Role, tx.account) + 1)
    check_permissions_boundary(tx, filled.permissions_boundary)
    attached = dict.fromkeys(str(find_attachable_policy(tx, arn).arn) for arn in filled.managed_policy_arns)
    POLICIES_PER_ROLE.check(len(attached))
    role = Role(
        account=tx.account,
        id=tx.new_id(IdPrefix.ROLE),
        name=filled.name,
        path=filled.path,
        created_at=tx.now,
        tags=tags,
        trust_policy=trust_policy,
        description=filled.description,
        max_session_duration=filled.max_session_duration,
        permissions_boundary=filled.permissions_boundary,
        attached_policies=tuple(attached),
        inline_policies=filled.inline_policies,
        source_template=source,
    )
    check_inline_size(role, (policy.document for policy in role.inline_policies))
    tx.put(role)
    return role


# Giving the one there is


def _check_same(tx: Transaction, template: RoleTemplate, filled: FilledTemplate, role: Role) -> None:
    """Raise unless `role` is what this template made of these values, and still is."""
    source = role.source_template
    if source is None or source.arn != str(template.arn):
        raise NameConflict(OF_ANOTHER_ORIGIN)
    original_version = template.version(source.minor_version)
    assert original_version is not None  # versions of a template are never taken away
    original = fill(original_version, source.replacement_values)
    if original != filled or role.name != filled.name:
        raise NameConflict(OF_OTHER_PARAMETERS)
    if not _is_unchanged(tx, original, role):
        raise RoleModified(f"Role {role.name} has been modified since it was created and is no longer managed.")


def _is_unchanged(tx: Transaction, original: FilledTemplate, role: Role) -> bool:
    """Is all as the template wants it? Description and session duration may change (recorded)."""
    try:
        trust_policy = resolve_principals(tx.world, original.trust_policy)
    except MalformedPolicyDocument:
        return False  # somebody whom the role trusted is gone
    return (
        _meaning(role.trust_policy) == _meaning(trust_policy)
        and set(role.tags) == set(original.tags)
        and set(role.attached_policies) == set(original.managed_policy_arns)
        and role.permissions_boundary == original.permissions_boundary
        and {policy.name: _meaning(policy.document) for policy in role.inline_policies}
        == {policy.name: _meaning(policy.document) for policy in original.inline_policies}
    )


def _meaning(document: str) -> object:
    """A policy so that formatting, the order of lists, and a list of one instead of a text do not count (recorded)."""
    return _plain(json.loads(document))


def _plain(value: object) -> object:
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return _plain(value[0]) if len(value) == 1 else sorted(map(_plain, value), key=_order)
    return value


def _order(value: object) -> str:
    return json.dumps(value, sort_keys=True)

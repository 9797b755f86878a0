"""What answers show of a role. AWS shows different members in different answers.

Recorded from AWS: radkawar/stackd, role_wire_aws.json; localstack/localstack, test_iam_roles.snapshot.json.
"""

from __future__ import annotations

from rolecall.iam.answers import attached_boundary, tag_list
from rolecall.iam.documents import encode_document
from rolecall.iam.trust_policies import show_principals
from rolecall.operations.transaction import Transaction
from rolecall.state.entities import Role
from rolecall.state.uses import TRACKING_PERIOD


def trust_document(tx: Transaction, role: Role) -> str:
    """The role's trust policy as answers show it: with ARNs for the stored ids, URL-encoded."""
    return encode_document(show_principals(tx.world, role.trust_policy))


def role_last_used(tx: Transaction, role: Role) -> dict[str, object]:
    """The model's `RoleLastUsed`: empty if the role was not used in the tracking period."""
    use = tx.surroundings.uses.last_use(Role, role.id)
    if use is None or tx.now - use.at > TRACKING_PERIOD:
        return {}
    return {"LastUsedDate": use.at, "Region": use.region}


def role_in_profile(tx: Transaction, role: Role) -> dict[str, object]:
    """A role as an instance profile shows it."""
    return {
        "Path": role.path,
        "RoleName": role.name,
        "RoleId": role.id,
        "Arn": str(role.arn),
        "CreateDate": role.created_at,
        "AssumeRolePolicyDocument": trust_document(tx, role),
    }


def listed_role(tx: Transaction, role: Role) -> dict[str, object]:
    """A role as ListRoles shows it."""
    return role_in_profile(tx, role) | {
        "Description": role.description or None,
        "MaxSessionDuration": role.max_session_duration,
    }


def created_role(tx: Transaction, role: Role, trust_policy: str) -> dict[str, object]:
    """A role as CreateRole shows it: with the trust policy as the caller wrote it, and without its description."""
    return (
        role_in_profile(tx, role)
        | {"AssumeRolePolicyDocument": encode_document(trust_policy)}
        | _boundary_and_tags(role)
    )


def described_role(tx: Transaction, role: Role) -> dict[str, object]:
    """A role as UpdateRoleDescription shows it."""
    return role_in_profile(tx, role) | {"Description": role.description or None}


def whole_role(tx: Transaction, role: Role) -> dict[str, object]:
    """A role as GetRole shows it."""
    return (
        listed_role(tx, role)
        | _boundary_and_tags(role)
        | {"RoleLastUsed": role_last_used(tx, role), "SourceRoleTemplate": source_template(role)}
    )


def _boundary_and_tags(role: Role) -> dict[str, object]:
    return {
        "PermissionsBoundary": attached_boundary(role.permissions_boundary),
        "Tags": tag_list(role.tags) or None,
    }


def source_template(role: Role) -> dict[str, object] | None:
    """The model's `SourceRoleTemplate`; None for a role that AcquireRole did not make.

    AWS shows it in GetRole's answer, not in those of AcquireRole and ListRoles (recorded in September 2026,
    radkawar/stackd, testdata/aws/iam/role_acquisition.json).
    """
    source = role.source_template
    if source is None:
        return None
    return {"TemplateArn": source.arn, "TemplateMinorVersion": source.minor_version}

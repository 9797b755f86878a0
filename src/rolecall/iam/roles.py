"""Roles: CreateRole to DeleteRole, and their trust policies' text. Source: identities.md §5, §6 and §9.

Policies of roles are in `identity_policies` and `permissions_boundaries`, tags in `tags`; assuming them is STS's.
"""

from __future__ import annotations

from operator import attrgetter

from msgspec.structs import replace

from rolecall.errors import DeleteConflict, UnmodifiableEntity
from rolecall.iam.access import on_list, on_new, on_role
from rolecall.iam.answers_of_roles import created_role, described_role, listed_role, whole_role
from rolecall.iam.deletion import check_without_policies
from rolecall.iam.find import check_name_is_free, find_role
from rolecall.iam.paging import page
from rolecall.iam.permissions_boundaries import check_permissions_boundary
from rolecall.iam.protected import check_path, describable, is_service_linked, modifiable
from rolecall.iam.quotas import ROLES
from rolecall.iam.registry import operation
from rolecall.iam.tags import TagParameters, new_tags
from rolecall.iam.trust_policies import resolve_principals
from rolecall.names.ids import IdPrefix
from rolecall.operations.registry import Answer
from rolecall.operations.transaction import Transaction
from rolecall.state.entities import Role

DEFAULT_SESSION_DURATION = 3600
"""The longest session of a role that says nothing about it, in seconds."""


@operation("CreateRole", access=on_new(Role, name="role_name"), writes=True)
def create_role(
    tx: Transaction,
    *,
    role_name: str,
    assume_role_policy_document: str,
    path: str = "/",
    description: str = "",
    max_session_duration: int = DEFAULT_SESSION_DURATION,
    permissions_boundary: str | None = None,
    tags: TagParameters | None = None,
) -> Answer:
    """Make a role."""
    check_path(path)
    trust_policy = resolve_principals(tx.world, assume_role_policy_document)
    role_tags = new_tags(Role, tags)
    check_name_is_free(tx, Role, role_name)
    ROLES.check(tx.world.count(Role, tx.account) + 1)
    check_permissions_boundary(tx, permissions_boundary)
    role = Role(
        account=tx.account,
        id=tx.new_id(IdPrefix.ROLE),
        name=role_name,
        path=path,
        created_at=tx.now,
        tags=role_tags,
        trust_policy=trust_policy,
        description=description,
        max_session_duration=max_session_duration,
        permissions_boundary=permissions_boundary,
    )
    tx.put(role)
    return {"Role": created_role(tx, role, assume_role_policy_document)}


@operation("GetRole", access=on_role)
def get_role(tx: Transaction, *, role_name: str) -> Answer:
    """Show a role."""
    return {"Role": whole_role(tx, find_role(tx, role_name))}


@operation("ListRoles", access=on_list(Role))
def list_roles(
    tx: Transaction, *, path_prefix: str = "/", marker: str | None = None, max_items: int | None = None
) -> Answer:
    """List the account's roles below a path."""
    return page(
        (role for role in tx.world.owned(Role, tx.account) if role.path.startswith(path_prefix)),
        order=attrgetter("name"),
        member="Roles",
        render=lambda role: listed_role(tx, role),
        weigh=lambda role: len(role.trust_policy),
        marker=marker,
        max_items=max_items,
    )


@operation("UpdateRole", access=on_role, writes=True)
def update_role(
    tx: Transaction, *, role_name: str, description: str | None = None, max_session_duration: int | None = None
) -> Answer:
    """Change the description and the longest session of a role; what is not given stays.

    Of a service-linked role only the description can be changed.
    """
    role = describable(find_role(tx, role_name))
    if max_session_duration is not None and is_service_linked(role):
        raise UnmodifiableEntity(f"{role.name} is an AWS service linked role, max session duration cannot be changed.")
    tx.put(
        replace(
            role,
            description=role.description if description is None else description,
            max_session_duration=max_session_duration or role.max_session_duration,
        )
    )
    return {}


@operation("UpdateRoleDescription", access=on_role, writes=True)
def update_role_description(tx: Transaction, *, role_name: str, description: str) -> Answer:
    """Change the description of a role."""
    role = replace(describable(find_role(tx, role_name)), description=description)
    tx.put(role)
    return {"Role": described_role(tx, role)}


@operation("UpdateAssumeRolePolicy", access=on_role, writes=True)
def update_assume_role_policy(tx: Transaction, *, role_name: str, policy_document: str) -> Answer:
    """Replace the trust policy of a role."""
    role = modifiable(find_role(tx, role_name))
    tx.put(replace(role, trust_policy=resolve_principals(tx.world, policy_document)))
    return None


@operation("DeleteRole", access=on_role, writes=True)
def delete_role(tx: Transaction, *, role_name: str) -> Answer:
    """Delete a role that nothing hangs on. Its sessions end, and trust in it by others stays with its id."""
    role = modifiable(find_role(tx, role_name))
    if tx.world.profiles_of_role(role.id):
        raise DeleteConflict("Cannot delete entity, must remove roles from instance profile first.")
    check_without_policies(role)
    tx.delete(role)
    return None

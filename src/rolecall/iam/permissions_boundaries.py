"""Permissions boundaries of users and roles: Put and Delete, from one table, and the check that a boundary exists.

What a boundary does is the decision engine's. Source: identities.md §8.
"""

from __future__ import annotations

from collections.abc import Callable

from msgspec.structs import replace

from rolecall.errors import NoSuchEntity
from rolecall.iam.access import on_role, on_user
from rolecall.iam.find import find_role, find_user
from rolecall.iam.parameters import EntityKind, for_each
from rolecall.iam.policy_lookup import NOT_VALID, find_policy, is_attachable
from rolecall.iam.protected import modifiable
from rolecall.operations.registry import Answer
from rolecall.operations.transaction import Transaction
from rolecall.state.entities import Role, User

MISSING = "Scope ARN: {arn} does not exist or is not attachable."


class BoundedKind(EntityKind, frozen=True, kw_only=True):
    """A kind of entity that can have a boundary. `find` finds one by name."""

    find: Callable[[Transaction, str], User | Role]


BOUNDED_KINDS = (
    BoundedKind(noun="User", parameter="user_name", access=on_user, find=find_user),
    BoundedKind(noun="Role", parameter="role_name", access=on_role, find=find_role),
)


def check_permissions_boundary(tx: Transaction, policy_arn: str | None) -> None:
    """Refuse a boundary that is not a managed policy which the account can use; None, no boundary, is fine.

    Raises `NoSuchEntity` if there is no such policy, and as `find_attachable_policy` for what is no policy's ARN.
    """
    if policy_arn is not None and not is_attachable(find_policy(tx, policy_arn, missing=MISSING, unparsable=NOT_VALID)):
        raise NoSuchEntity(MISSING.format(arn=policy_arn))


@for_each(BOUNDED_KINDS, "Put{}PermissionsBoundary", writes=True)
def put_permissions_boundary(kind: BoundedKind, tx: Transaction, *, name: str, permissions_boundary: str) -> Answer:
    """Set the boundary, in place of the one there was."""
    holder = modifiable(kind.find(tx, name))
    check_permissions_boundary(tx, permissions_boundary)
    tx.put(replace(holder, permissions_boundary=permissions_boundary))
    return None


@for_each(BOUNDED_KINDS, "Delete{}PermissionsBoundary", writes=True)
def delete_permissions_boundary(kind: BoundedKind, tx: Transaction, *, name: str) -> Answer:
    """Remove the boundary. Raises `NoSuchEntity` if there is none.

    That it does is recorded from AWS (radkawar/stackd, policy_management.json); the text is a guess.
    """
    holder = modifiable(kind.find(tx, name))
    if holder.permissions_boundary is None:
        raise NoSuchEntity(f"The permissions boundary of the {kind.noun.lower()} {holder.name} cannot be found.")
    tx.put(replace(holder, permissions_boundary=None))
    return None

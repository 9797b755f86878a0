"""What belongs to AWS inside an account: service-linked roles and reserved roles, told by their paths.

Nobody changes what those roles may do and whom they trust, and nobody makes an entity on those paths but the service
itself (identities.md §2 and §5). The description and the tags of a service-linked role are its account's (observed at
AWS: radkawar/stackd, `internal/services/iam/testdata/service_linked_roles_aws.json`).
"""

from __future__ import annotations

from typing import TypeVar

from rolecall.catalog.service_linked_roles import PATH
from rolecall.errors import InvalidInput, UnmodifiableEntity
from rolecall.state.entities import NamedEntity, Role

E = TypeVar("E", bound=NamedEntity)

RESERVED_PATHS = {
    PATH: "Path prefix '/aws-service-role/' can only be used for AWS Service linked Roles",
    "/aws-reserved/": "Path prefix '/aws-reserved/' can only be used for AWS reserved Roles",
}
"""Path prefixes that only AWS uses, with the error for everybody else.

The first text was seen from AWS (reported in tilfin/aws-iam-policy-tool, pull request 9); the second follows it.
"""


def is_protected(role: Role) -> bool:
    """Does the role belong to AWS?"""
    return role.path.startswith(tuple(RESERVED_PATHS))


def is_service_linked(role: Role) -> bool:
    """Was the role made for a service of AWS?"""
    return role.path.startswith(PATH)


def describable(entity: E) -> E:
    """`entity`, if its description and tags may be changed. Raises `UnmodifiableEntity` for a reserved role of AWS."""
    return entity if isinstance(entity, Role) and is_service_linked(entity) else modifiable(entity)


def modifiable(entity: E) -> E:
    """`entity`, if it may be changed. Raises `UnmodifiableEntity` for a role that belongs to AWS."""
    if isinstance(entity, Role) and is_protected(entity):
        raise UnmodifiableEntity(
            f"Cannot perform the operation on the protected role '{entity.name}' - this role is only modifiable by AWS"
        )
    return entity


def check_path(path: str) -> None:
    """Raise `InvalidInput` if only AWS makes entities on `path`."""
    for prefix, message in RESERVED_PATHS.items():
        if path.startswith(prefix):
            raise InvalidInput(message)

"""Finding entities by name, with AWS's error when there is none. Messages: identities.md §5."""

from __future__ import annotations

from typing import TypeVar

from rolecall.decision.principal import IamUser
from rolecall.errors import NoSuchEntity, ValidationError
from rolecall.operations.transaction import Transaction
from rolecall.state.entities import Group, InstanceProfile, NamedEntity, Role, User

E = TypeVar("E", bound=NamedEntity)


def find_user(tx: Transaction, name: str) -> User:
    """The user called `name` in the caller's account."""
    return _found(tx.world.named(User, tx.account, name), f"The user with name {name} cannot be found.")


def find_group(tx: Transaction, name: str) -> Group:
    """The group called `name` in the caller's account."""
    return _found(tx.world.named(Group, tx.account, name), f"The group with name {name} cannot be found.")


def find_role(tx: Transaction, name: str) -> Role:
    """The role called `name` in the caller's account."""
    return _found(tx.world.named(Role, tx.account, name), f"The role with name {name} cannot be found.")


def find_instance_profile(tx: Transaction, name: str) -> InstanceProfile:
    """The instance profile called `name` in the caller's account."""
    return _found(
        tx.world.named(InstanceProfile, tx.account, name),
        f"Instance Profile {name} cannot be found.",
    )


def own_user_name(tx: Transaction, name: str | None) -> str:
    """`name`, or the caller's own user name where AWS lets it be left out.

    Raises `ValidationError` if there is no name and the caller is not an IAM user.
    """
    if name is not None:
        return name
    if isinstance(tx.principal, IamUser):
        return tx.principal.name
    raise ValidationError("Must specify userName when calling with non-User credentials")


def _found(entity: E | None, message: str) -> E:
    if entity is None:
        raise NoSuchEntity(message)
    return entity

"""Users: create, read, rename, delete, list. Their keys, groups, policies and tags have modules of their own."""

from __future__ import annotations

from msgspec.structs import replace

from rolecall.decision.principal import RootUser
from rolecall.errors import DeleteConflict
from rolecall.iam.access import on_list, on_new, on_renamed, on_user
from rolecall.iam.answers_of_users import listed_user, root_user, whole_user
from rolecall.iam.deletion import check_without_policies
from rolecall.iam.find import check_name_is_free, find_account, find_user, find_user_or_own
from rolecall.iam.paging import page
from rolecall.iam.permissions_boundaries import check_permissions_boundary
from rolecall.iam.protected import check_path
from rolecall.iam.quotas import USERS
from rolecall.iam.registry import operation
from rolecall.iam.tags import TagParameters, new_tags
from rolecall.names.ids import IdPrefix
from rolecall.operations.registry import Answer
from rolecall.operations.transaction import Transaction
from rolecall.state.credentials import (
    AccessKey,
    LoginProfile,
    MfaDevice,
    ServiceSpecificCredential,
    SigningCertificate,
    SshPublicKey,
)
from rolecall.state.entities import Entity, User

CREDENTIALS_TO_DELETE_FIRST: tuple[tuple[type[Entity], str], ...] = (
    (MfaDevice, "Cannot delete entity, must remove tokens from principal first."),
    (AccessKey, "Cannot delete entity, must delete access keys first."),
    (LoginProfile, "Cannot delete entity, must delete login profile first."),
    (SigningCertificate, "Cannot delete entity, must delete certificates first."),
    (SshPublicKey, "Cannot delete entity, must remove referenced objects first."),
    (ServiceSpecificCredential, "Cannot delete entity, must remove referenced objects first."),
)
"""What a user must have lost before it can be deleted, in AWS's order. Source: identities.md §6; that of MFA devices is
recorded (radkawar/stackd, mfa.json), for a user who had an access key too."""


@operation("CreateUser", access=on_new(User, name="user_name"), writes=True)
def create_user(
    tx: Transaction,
    *,
    user_name: str,
    path: str = "/",
    permissions_boundary: str | None = None,
    tags: TagParameters | None = None,
) -> Answer:
    """Make a user, without any permission."""
    check_path(path)
    check_name_is_free(tx, User, user_name)
    check_permissions_boundary(tx, permissions_boundary)
    USERS.check(tx.world.count(User, tx.account) + 1)
    user = User(
        account=tx.account,
        id=tx.new_id(IdPrefix.USER),
        name=user_name,
        path=path,
        created_at=tx.now,
        tags=new_tags(User, tags),
        permissions_boundary=permissions_boundary,
    )
    tx.put(user)
    return {"User": whole_user(user)}


@operation("GetUser", access=on_user)
def get_user(tx: Transaction, *, user_name: str | None = None) -> Answer:
    """Tell about a user; without a name about the caller, be it the root user."""
    if user_name is None and isinstance(tx.principal, RootUser):
        return {"User": root_user(find_account(tx))}
    return {"User": whole_user(find_user_or_own(tx, user_name))}


@operation("UpdateUser", access=on_renamed(User, name="user_name", new_name="new_user_name"), writes=True)
def update_user(
    tx: Transaction, *, user_name: str, new_path: str | None = None, new_user_name: str | None = None
) -> Answer:
    """Give a user another name or path. Everything that refers to it does so by its id and stays."""
    user = find_user(tx, user_name)
    if new_path is not None:
        check_path(new_path)
    if new_user_name is not None:
        check_name_is_free(tx, User, new_user_name, but_for=user)
    tx.put(replace(user, name=new_user_name or user.name, path=new_path or user.path))
    return None


@operation("DeleteUser", access=on_user, writes=True)
def delete_user(tx: Transaction, *, user_name: str) -> Answer:
    """Delete a user that has nothing left. Order and messages: identities.md §6."""
    user = find_user(tx, user_name)
    check_without_policies(user)
    if user.groups:
        raise DeleteConflict("Cannot delete entity, must remove users from group first.")
    for credential, message in CREDENTIALS_TO_DELETE_FIRST:
        if tx.world.of_user(credential, tx.account, user.id):
            raise DeleteConflict(message)
    tx.delete(user)
    return None


@operation("ListUsers", access=on_list(User))
def list_users(
    tx: Transaction, *, path_prefix: str = "/", marker: str | None = None, max_items: int | None = None
) -> Answer:
    """List the account's users under a path, by name."""
    return page(
        (user for user in tx.world.owned(User, tx.account) if user.path.startswith(path_prefix)),
        order=lambda user: user.name,
        member="Users",
        render=listed_user,
        marker=marker,
        max_items=max_items,
    )

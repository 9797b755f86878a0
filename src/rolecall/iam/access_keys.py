"""Long-term access keys of users and of the root user. A secret is told once, when the key is made.

Whose keys a call is about is told by `UserName`; without it they are the caller's own. A key is only ever found among
those of that owner, because the permission was asked for that owner.
"""

from __future__ import annotations

from msgspec.structs import replace

from rolecall.errors import AccessDenied, NoSuchEntity
from rolecall.iam.access import on_access_key, on_user
from rolecall.iam.answers_of_users import access_key_metadata
from rolecall.iam.credential_status import means_active
from rolecall.iam.find import find_owner
from rolecall.iam.paging import page
from rolecall.iam.quotas import ACCESS_KEYS_PER_USER
from rolecall.iam.registry import operation
from rolecall.names.ids import IdPrefix
from rolecall.operations.registry import Answer
from rolecall.operations.transaction import Transaction
from rolecall.state.credentials import AccessKey
from rolecall.state.entities import User
from rolecall.state.sealed_fields import seal_secret

NEVER_USED = "N/A"


@operation("CreateAccessKey", access=on_user, writes=True)
def create_access_key(tx: Transaction, *, user_name: str | None = None) -> Answer:
    """Make a key and tell its secret, this once."""
    owner = find_owner(tx, user_name)
    ACCESS_KEYS_PER_USER.check(len(_keys(tx, owner)) + 1)
    access_key_id, secret = _new_credentials(tx)
    key = AccessKey(
        account=tx.account,
        access_key_id=access_key_id,
        user_id=owner.id if owner is not None else None,
        sealed_secret=seal_secret(tx.surroundings.sealer, access_key_id, secret),
        created_at=tx.now,
    )
    tx.put(key)
    return {"AccessKey": {**access_key_metadata(key, owner), "SecretAccessKey": secret}}


@operation("UpdateAccessKey", access=on_user, writes=True)
def update_access_key(tx: Transaction, *, access_key_id: str, status: str, user_name: str | None = None) -> Answer:
    """Switch a key on or off."""
    key = _find_key(tx, find_owner(tx, user_name), access_key_id)
    tx.put(replace(key, is_active=means_active(status)))
    return None


@operation("DeleteAccessKey", access=on_user, writes=True)
def delete_access_key(tx: Transaction, *, access_key_id: str, user_name: str | None = None) -> Answer:
    """Delete a key, be it the one that signed the request."""
    tx.delete(_find_key(tx, find_owner(tx, user_name), access_key_id))
    return None


@operation("ListAccessKeys", access=on_user)
def list_access_keys(
    tx: Transaction, *, user_name: str | None = None, marker: str | None = None, max_items: int | None = None
) -> Answer:
    """List the keys of a user or of root, without their secrets."""
    owner = find_owner(tx, user_name)
    return page(
        _keys(tx, owner),
        order=lambda key: key.access_key_id,
        member="AccessKeyMetadata",
        render=lambda key: access_key_metadata(key, owner),
        marker=marker,
        max_items=max_items,
    )


@operation("GetAccessKeyLastUsed", access=on_access_key)
def get_access_key_last_used(tx: Transaction, *, access_key_id: str) -> Answer:
    """Tell whose a key is, and when and for what it was used last. Keys of other accounts do not exist here."""
    key = tx.world.get(AccessKey, access_key_id)
    if key is None or key.account != tx.account:
        # Recorded from AWS, missing colon and all: localstack/localstack, test_iam_users.snapshot.json.
        raise AccessDenied(
            f"User: {tx.principal.arn} is not authorized to perform iam:GetAccessKeyLastUsed on resource: "
            f"access key {access_key_id}"
        )
    user = tx.world.get(User, key.user_id) if key.user_id is not None else None
    use = tx.surroundings.uses.last_use(AccessKey, access_key_id)
    return {
        "UserName": user.name if user is not None else None,
        "AccessKeyLastUsed": {
            "LastUsedDate": use.at if use is not None else None,
            "ServiceName": use.service if use is not None else NEVER_USED,
            "Region": use.region if use is not None else NEVER_USED,
        },
    }


def _keys(tx: Transaction, owner: User | None) -> tuple[AccessKey, ...]:
    return tx.world.of_user(AccessKey, tx.account, owner.id if owner is not None else None)


def _find_key(tx: Transaction, owner: User | None, access_key_id: str) -> AccessKey:
    for key in _keys(tx, owner):
        if key.access_key_id == access_key_id:
            return key
    raise _missing(access_key_id)


def _new_credentials(tx: Transaction) -> tuple[str, str]:
    # The id leaves room for 39 random bits only: one that is in use must not be overwritten.
    while True:
        access_key_id, secret = tx.new_credentials(IdPrefix.LONG_TERM_KEY, tx.account)
        if tx.world.get(AccessKey, access_key_id) is None:
            return access_key_id, secret


def _missing(access_key_id: str) -> NoSuchEntity:
    return NoSuchEntity(f"The Access Key with id {access_key_id} cannot be found.")

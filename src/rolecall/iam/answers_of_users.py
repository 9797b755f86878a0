"""Users, groups and access keys as answers show them. Rules live with the operations."""

from __future__ import annotations

from rolecall.iam.answers import attached_boundary, tag_list
from rolecall.iam.credential_status import shown_status
from rolecall.names.arn import root_arn
from rolecall.state.credentials import AccessKey
from rolecall.state.entities import Account, Group, User


def listed_user(user: User) -> dict[str, object]:
    """A user in ListUsers and GetGroup: without tags and boundary (identities.md §8)."""
    return {
        "Path": user.path,
        "UserName": user.name,
        "UserId": user.id,
        "Arn": str(user.arn),
        "CreateDate": user.created_at,
        "PasswordLastUsed": user.password_last_used,
    }


def whole_user(user: User) -> dict[str, object]:
    """A user in CreateUser and GetUser."""
    return {
        **listed_user(user),
        "PermissionsBoundary": attached_boundary(user.permissions_boundary),
        "Tags": tag_list(user.tags) or None,
    }


def root_user(account: Account) -> dict[str, object]:
    """The root user in GetUser: no path, and a name only if the account has an alias.

    The model calls both required, AWS leaves them out all the same (seen: brendanhay/amazonka issue 102, boto/boto3
    issue 4484).
    """
    return {
        "UserName": account.alias,
        "UserId": account.account,
        "Arn": str(root_arn(account.account)),
        "CreateDate": account.created_at,
    }


def group_shape(group: Group) -> dict[str, object]:
    """A group, everywhere."""
    return {
        "Path": group.path,
        "GroupName": group.name,
        "GroupId": group.id,
        "Arn": str(group.arn),
        "CreateDate": group.created_at,
    }


def access_key_metadata(key: AccessKey, user: User | None) -> dict[str, object]:
    """A key without its secret. `user` owns it; None stands for root, who has no user name."""
    return {
        "UserName": user.name if user is not None else None,
        "AccessKeyId": key.access_key_id,
        "Status": shown_status(key.is_active),
        "CreateDate": key.created_at,
    }

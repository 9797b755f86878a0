"""Users, groups and roles of a file, made or changed to what it says: by IAM's own operations, called one by one.

What a file says of an entity it says completely: a policy, tag or membership that it does not name is taken away. Trust
policies come later, when everybody whom they may name is there; see `plan`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from msgspec import UNSET

from rolecall.errors import ApiError
from rolecall.iam.transfer.details import (
    AccountFileError,
    AttachedBoundary,
    AttachedPolicy,
    GroupDetail,
    PolicyDetail,
    RoleDetail,
    TagShape,
    UserDetail,
)
from rolecall.iam.transfer.direct_calls import DirectCalls
from rolecall.iam.transfer.texts import Texts, compact
from rolecall.iam.transfer.trust import TRUSTS_NOBODY
from rolecall.state.entities import Group, NamedEntity, PolicyHolder, Role, Tag, User

E = TypeVar("E", bound=NamedEntity)


def import_group(call: DirectCalls, detail: GroupDetail, texts: Texts) -> None:
    """Make the group what the file says, but for its users."""
    name = {"group_name": detail.group_name}
    group = existing(call, Group, detail.group_name)
    if group is None:
        call("CreateGroup", **name, path=detail.path)
    elif group.path != detail.path:
        call("UpdateGroup", **name, new_path=detail.path)
    _set_policies(call, Group, name, detail.group_policy_list, detail.attached_managed_policies, texts)


def import_user(call: DirectCalls, detail: UserDetail, texts: Texts) -> None:
    """Make the user what the file says."""
    name = {"user_name": detail.user_name}
    user = existing(call, User, detail.user_name)
    if user is None:
        call("CreateUser", **name, path=detail.path, **_extras(detail, texts))
    else:
        if user.path != detail.path:
            call("UpdateUser", **name, new_path=detail.path)
        _set_boundary(call, user, name, detail.permissions_boundary, texts)
        set_tags(call, "User", name, user.tags, detail.tags)
    _set_policies(call, User, name, detail.user_policy_list, detail.attached_managed_policies, texts)
    _set_groups(call, detail)


def import_role(call: DirectCalls, detail: RoleDetail, texts: Texts) -> None:
    """Make the role what the file says, but for its trust policy: a new role trusts nobody yet."""
    name = {"role_name": detail.role_name}
    role = existing(call, Role, detail.role_name)
    settings: dict[str, object] = {}
    if detail.description is not UNSET:
        settings["description"] = detail.description
    if detail.max_session_duration is not UNSET:
        settings["max_session_duration"] = detail.max_session_duration
    if role is None:
        extras = _extras(detail, texts)
        call("CreateRole", **name, path=detail.path, assume_role_policy_document=TRUSTS_NOBODY, **settings, **extras)
    else:
        check_path(role, detail.path)
        if any(getattr(role, setting) != value for setting, value in settings.items()):
            call("UpdateRole", **name, **settings)
        _set_boundary(call, role, name, detail.permissions_boundary, texts)
        set_tags(call, "Role", name, role.tags, detail.tags)
    _set_policies(call, Role, name, detail.role_policy_list, detail.attached_managed_policies, texts)


def existing(call: DirectCalls, kind: type[E], name: str) -> E | None:
    """The entity that has the name already. Raises `AccountFileError` if it is spelled with other capitals."""
    entity = call.world.named(kind, call.account, name)
    if entity is not None and entity.name != name:
        raise AccountFileError(f"the account has it as `{entity.name}`: case does not tell names apart")
    return entity


def check_path(entity: NamedEntity, path: str) -> None:
    """Raise `AccountFileError` if the file has another path: IAM cannot move such an entity."""
    if entity.path != path:
        raise AccountFileError(f"the account has it on the path `{entity.path}`, and no operation moves it to `{path}`")


def tag_parameters(tags: Sequence[TagShape]) -> tuple[dict[str, str], ...]:
    """Tags as operations take them."""
    return tuple({"key": tag.key, "value": tag.value} for tag in tags)


def set_tags(
    call: DirectCalls, noun: str, name: Mapping[str, str], tags: Sequence[Tag], wanted: Sequence[TagShape]
) -> None:
    """Give an entity with `tags` those of the file.

    Parameters: `noun`, the kind's word in the operations' names; `name`, the parameter that names the entity.
    """
    kept = {tag.key for tag in wanted}
    stored = {tag.key: tag.value for tag in tags}
    if gone := tuple(key for key in stored if key not in kept):
        call(f"Untag{noun}", **name, tag_keys=gone)
    if changed := [tag for tag in wanted if stored.get(tag.key) != tag.value]:
        call(f"Tag{noun}", **name, tags=tag_parameters(changed))


def _extras(detail: UserDetail | RoleDetail, texts: Texts) -> dict[str, Any]:
    """What a new user or role may be made with."""
    extras: dict[str, Any] = {}
    if detail.permissions_boundary is not None:
        extras["permissions_boundary"] = texts.policy_arn(detail.permissions_boundary.permissions_boundary_arn)
    if detail.tags:
        extras["tags"] = tag_parameters(detail.tags)
    return extras


def _set_boundary(
    call: DirectCalls, holder: User | Role, name: Mapping[str, str], wanted: AttachedBoundary | None, texts: Texts
) -> None:
    arn = None if wanted is None else texts.policy_arn(wanted.permissions_boundary_arn)
    noun = type(holder).__name__
    if arn == holder.permissions_boundary:
        return
    if arn is None:
        call(f"Delete{noun}PermissionsBoundary", **name)
    else:
        call(f"Put{noun}PermissionsBoundary", **name, permissions_boundary=arn)


def _set_policies(
    call: DirectCalls,
    kind: type[PolicyHolder],
    name: Mapping[str, str],
    inline: Sequence[PolicyDetail],
    attached: Sequence[AttachedPolicy],
    texts: Texts,
) -> None:
    noun = kind.__name__
    (holder_name,) = name.values()
    holder = call.world.named(kind, call.account, holder_name)
    assert holder is not None  # it was made just now, if it was not there
    wanted = {policy.policy_name: texts.document(policy.policy_document) for policy in inline}
    if len({policy.policy_name.lower() for policy in inline}) < len(inline):
        raise AccountFileError("two of its inline policies have the same name (case does not tell them apart)")
    for policy in holder.inline_policies:
        # What changes goes first too: all of them together count against one quota.
        if policy.name in wanted and compact(policy.document) == compact(wanted[policy.name]):
            del wanted[policy.name]
        else:
            call(f"Delete{noun}Policy", **name, policy_name=policy.name)
    for policy_name, document in wanted.items():
        try:
            call(f"Put{noun}Policy", **name, policy_name=policy_name, policy_document=document)
        except ApiError as error:
            raise AccountFileError(f"inline policy {policy_name}: {error.code}: {error.message}") from error
    arns = dict.fromkeys(texts.policy_arn(policy.policy_arn) for policy in attached)
    for arn in holder.attached_policies:
        if arn not in arns:
            call(f"Detach{noun}Policy", **name, policy_arn=arn)
    for arn in arns:
        if arn not in holder.attached_policies:
            call(f"Attach{noun}Policy", **name, policy_arn=arn)


def _set_groups(call: DirectCalls, detail: UserDetail) -> None:
    user = call.world.named(User, call.account, detail.user_name)
    assert user is not None  # as above
    wanted = {name.lower(): name for name in detail.group_list}
    for group in (call.world.get(Group, group_id) for group_id in user.groups):
        if group is not None and wanted.pop(group.name.lower(), None) is None:
            call("RemoveUserFromGroup", group_name=group.name, user_name=user.name)
    for name in wanted.values():
        call("AddUserToGroup", group_name=name, user_name=user.name)

"""The file of an account: what the members of its JSON are, and reading it. What is done with it lives elsewhere.

The shape is that of GetAccountAuthorizationDetails as the `aws` CLI prints it, so a dump of an account at AWS is such a
file. A member that AWS does not know is refused by its place. The members which say what IAM makes by itself (ids,
dates, counts) are read past: an import makes its own. AWS leaves empty lists out, so a missing one is empty; the few
members that are ours alone, since AWS's answer does not tell them, may be missing because nobody said anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec
from msgspec import UNSET, UnsetType

from rolecall.errors import InvalidArn, RolecallError
from rolecall.names.arn import AWS_ACCOUNT, AccountId, is_account_id, parse_arn

LONGEST_FILE = 1 << 29
"""Bytes. A full account is a tenth of it."""

Date = str | int | float | UnsetType
"""The CLI prints dates as text; other clients as seconds."""


class AccountFileError(RolecallError):
    """The file is not the JSON of an account, or what it says cannot be done. The message is one line."""


class _Shape(msgspec.Struct, frozen=True, kw_only=True, rename="pascal", forbid_unknown_fields=True):
    """A structure of the file; its members are the model's."""


class TagShape(_Shape, frozen=True, kw_only=True):
    """The model's `Tag`."""

    key: str
    value: str


class PolicyDetail(_Shape, frozen=True, kw_only=True):
    """An inline policy."""

    policy_name: str
    policy_document: msgspec.Raw


class AttachedPolicy(_Shape, frozen=True, kw_only=True):
    """A managed policy that is attached."""

    policy_arn: str
    policy_name: str | UnsetType = UNSET


class AttachedBoundary(_Shape, frozen=True, kw_only=True):
    """A permissions boundary."""

    permissions_boundary_arn: str
    permissions_boundary_type: str | UnsetType = UNSET


class UserDetail(_Shape, frozen=True, kw_only=True):
    """A user."""

    user_name: str
    path: str = "/"
    user_policy_list: tuple[PolicyDetail, ...] = ()
    group_list: tuple[str, ...] = ()
    attached_managed_policies: tuple[AttachedPolicy, ...] = ()
    permissions_boundary: AttachedBoundary | None = None
    tags: tuple[TagShape, ...] = ()
    arn: str | UnsetType = UNSET
    user_id: str | UnsetType = UNSET
    create_date: Date = UNSET


class GroupDetail(_Shape, frozen=True, kw_only=True):
    """A group."""

    group_name: str
    path: str = "/"
    group_policy_list: tuple[PolicyDetail, ...] = ()
    attached_managed_policies: tuple[AttachedPolicy, ...] = ()
    arn: str | UnsetType = UNSET
    group_id: str | UnsetType = UNSET
    create_date: Date = UNSET


class InstanceProfileDetail(_Shape, frozen=True, kw_only=True):
    """An instance profile. Inside a role `roles` is read past: the role that shows the profile is the one in it."""

    instance_profile_name: str
    path: str = "/"
    tags: tuple[TagShape, ...] | UnsetType = UNSET
    arn: str | UnsetType = UNSET
    instance_profile_id: str | UnsetType = UNSET
    create_date: Date = UNSET
    roles: msgspec.Raw | UnsetType = UNSET


class RoleDetail(_Shape, frozen=True, kw_only=True):
    """A role. `description` and `max_session_duration` are ours."""

    role_name: str
    assume_role_policy_document: msgspec.Raw
    path: str = "/"
    instance_profile_list: tuple[InstanceProfileDetail, ...] = ()
    role_policy_list: tuple[PolicyDetail, ...] = ()
    attached_managed_policies: tuple[AttachedPolicy, ...] = ()
    permissions_boundary: AttachedBoundary | None = None
    tags: tuple[TagShape, ...] = ()
    description: str | UnsetType = UNSET
    max_session_duration: int | UnsetType = UNSET
    arn: str | UnsetType = UNSET
    role_id: str | UnsetType = UNSET
    create_date: Date = UNSET
    role_last_used: msgspec.Raw | UnsetType = UNSET


class PolicyVersionDetail(_Shape, frozen=True, kw_only=True):
    """A version of a managed policy."""

    document: msgspec.Raw
    version_id: str
    is_default_version: bool
    create_date: Date = UNSET


class ManagedPolicyDetail(_Shape, frozen=True, kw_only=True):
    """A managed policy, of the account or of AWS. `tags` are ours; AWS itself leaves out the `description`."""

    policy_name: str
    policy_version_list: tuple[PolicyVersionDetail, ...]
    path: str = "/"
    description: str | UnsetType = UNSET
    tags: tuple[TagShape, ...] | UnsetType = UNSET
    arn: str | UnsetType = UNSET
    policy_id: str | UnsetType = UNSET
    default_version_id: str | UnsetType = UNSET
    attachment_count: int | UnsetType = UNSET
    permissions_boundary_usage_count: int | UnsetType = UNSET
    is_attachable: bool | UnsetType = UNSET
    create_date: Date = UNSET
    update_date: Date = UNSET


class AccountDetails(_Shape, frozen=True, kw_only=True):
    """A whole file. `instance_profile_list`, the profiles that hold no role, is ours."""

    user_detail_list: tuple[UserDetail, ...] = ()
    group_detail_list: tuple[GroupDetail, ...] = ()
    role_detail_list: tuple[RoleDetail, ...] = ()
    policies: tuple[ManagedPolicyDetail, ...] = ()
    instance_profile_list: tuple[InstanceProfileDetail, ...] = ()
    is_truncated: bool = False
    marker: str | UnsetType = UNSET

    def own_policies(self) -> Iterator[ManagedPolicyDetail]:
        """The managed policies but for AWS's own, which every account has."""
        return (policy for policy in self.policies if _account(policy.arn) != AWS_ACCOUNT)

    def instance_profiles(self) -> Iterator[tuple[InstanceProfileDetail, str | None]]:
        """Every instance profile, with the name of the role in it."""
        for role in self.role_detail_list:
            yield from ((profile, role.role_name) for profile in role.instance_profile_list)
        yield from ((profile, None) for profile in self.instance_profile_list)


def read_account_details(content: bytes) -> AccountDetails:
    """Read the bytes of a file.

    Raises `AccountFileError` if it is no such JSON, is one page of several, or says something twice.
    """
    try:
        content.decode()
        details = msgspec.json.decode(content, type=AccountDetails)
    except UnicodeDecodeError as error:
        raise AccountFileError(f"not UTF-8 at byte {error.start}") from None
    except msgspec.DecodeError as error:
        raise AccountFileError(f"not the JSON of an account: {error}") from None
    except RecursionError:
        raise AccountFileError("not the JSON of an account: its values nest too deeply") from None
    if details.is_truncated:
        raise AccountFileError("this is one page of several (`IsTruncated`): let `aws` fetch all of them")
    for word, names in (
        ("users", (user.user_name for user in details.user_detail_list)),
        ("groups", (group.group_name for group in details.group_detail_list)),
        ("roles", (role.role_name for role in details.role_detail_list)),
        ("policies", (policy.policy_name for policy in details.own_policies())),
        ("instance profiles", (profile.instance_profile_name for profile, _ in details.instance_profiles())),
    ):
        _check_distinct(word, names)
    for profile in details.instance_profile_list:
        if not isinstance(profile.roles, UnsetType) and bytes(profile.roles).strip() != b"[]":
            raise AccountFileError(
                f"the instance profile `{profile.instance_profile_name}` holds a role: list the profile with that role"
            )
    return details


def account_of(details: AccountDetails) -> AccountId | None:
    """The account whose dump this is, as its ARNs say; None if it has none.

    Raises `AccountFileError` for an ARN that is none, and for ARNs of several accounts.
    """
    arns = (
        *(user.arn for user in details.user_detail_list),
        *(group.arn for group in details.group_detail_list),
        *(role.arn for role in details.role_detail_list),
        *(policy.arn for policy in details.own_policies()),
        *(profile.arn for profile, _ in details.instance_profiles()),
    )
    accounts = {account for arn in arns if (account := _account(arn)) is not None}
    if len(accounts) > 1:
        raise AccountFileError(f"the entities are of several accounts: {', '.join(sorted(accounts))}")
    return next(iter(accounts), None)


def _account(arn: str | UnsetType) -> AccountId | None:
    if arn is UNSET:
        return None
    try:
        account = parse_arn(arn).account
    except InvalidArn as error:
        raise AccountFileError(str(error)) from None
    if account != AWS_ACCOUNT and not is_account_id(account):
        raise AccountFileError(f"`{arn}` names no account")
    return AccountId(account)


def _check_distinct(word: str, names: Iterable[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name.lower() in seen:
            raise AccountFileError(f"two {word} are called `{name}` (case does not tell them apart)")
        seen.add(name.lower())

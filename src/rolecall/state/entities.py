"""What the world consists of: accounts and the entities in them, as frozen records.

Each record knows its kind (the word in the log), its key (unique in that kind over all accounts and for all time) and
its account. References between entities are unique ids, so that a rename touches one record. Response shapes, rules and
indexes live elsewhere. Times are whole seconds since the epoch, UTC.
"""

from __future__ import annotations

from typing import ClassVar

import msgspec

from rolecall.names.arn import AccountId, Arn, iam_arn


class Tag(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    key: str
    value: str


class InlinePolicy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A policy that lives in its user, group or role. `document` is the text as written."""

    name: str
    document: str


class PolicyVersion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One version of a managed policy. `id` is `v1`, `v2`, …; numbers are never used again."""

    id: str
    document: str
    created_at: int


class Entity(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What all records share."""

    kind: ClassVar[str]
    account: AccountId

    @property
    def key(self) -> str:
        """Names the record among all of its kind."""
        raise NotImplementedError


class Account(Entity, frozen=True, kw_only=True):
    """An account; `account` is its own id."""

    kind: ClassVar[str] = "account"
    created_at: int
    alias: str | None = None

    @property
    def key(self) -> str:
        return self.account


class NamedEntity(Entity, frozen=True, kw_only=True):
    """An entity with a name, a path and a unique id."""

    arn_kind: ClassVar[str]
    id: str
    name: str
    path: str = "/"
    created_at: int
    tags: tuple[Tag, ...] = ()

    @property
    def key(self) -> str:
        return self.id

    @property
    def arn(self) -> Arn:
        return iam_arn(self.account, self.arn_kind, self.path, self.name)


class PolicyHolder(NamedEntity, frozen=True, kw_only=True):
    """A user, group or role: policies can be attached to it (by ARN, in the order of attachment) or live in it."""

    attached_policies: tuple[str, ...] = ()
    inline_policies: tuple[InlinePolicy, ...] = ()


class User(PolicyHolder, frozen=True, kw_only=True):
    """An IAM user. `groups` are the ids of its groups."""

    kind: ClassVar[str] = "user"
    arn_kind: ClassVar[str] = "user"
    groups: tuple[str, ...] = ()
    permissions_boundary: str | None = None
    password_last_used: int | None = None


class Group(PolicyHolder, frozen=True, kw_only=True):
    kind: ClassVar[str] = "group"
    arn_kind: ClassVar[str] = "group"


class Role(PolicyHolder, frozen=True, kw_only=True):
    """A role. `trust_policy` holds unique ids where its author named users and roles (evaluation.md §6).

    `max_session_duration` is in seconds.
    """

    kind: ClassVar[str] = "role"
    arn_kind: ClassVar[str] = "role"
    trust_policy: str
    description: str = ""
    max_session_duration: int = 3600
    permissions_boundary: str | None = None


class ManagedPolicy(NamedEntity, frozen=True, kw_only=True):
    """A customer managed policy. `next_version` is the number that the next version gets."""

    kind: ClassVar[str] = "managed-policy"
    arn_kind: ClassVar[str] = "policy"
    description: str = ""
    updated_at: int
    versions: tuple[PolicyVersion, ...]
    default_version_id: str
    next_version: int = 2

    @property
    def default_version(self) -> PolicyVersion:
        return next(version for version in self.versions if version.id == self.default_version_id)


class InstanceProfile(NamedEntity, frozen=True, kw_only=True):
    """An instance profile. `role_id` is the id of the one role it may hold."""

    kind: ClassVar[str] = "instance-profile"
    arn_kind: ClassVar[str] = "instance-profile"
    role_id: str | None = None


class AccessKey(Entity, frozen=True, kw_only=True):
    """A long-term key of a user, or of the root user if `user_id` is None. Its secret is sealed, see `state.seal`."""

    kind: ClassVar[str] = "access-key"
    access_key_id: str
    user_id: str | None = None
    sealed_secret: bytes
    is_active: bool = True
    created_at: int

    @property
    def key(self) -> str:
        return self.access_key_id


class SealedKey(Entity, frozen=True, kw_only=True):
    """A key with which session tokens are sealed, itself sealed under the master key. Belongs to no account."""

    kind: ClassVar[str] = "token-key"
    key_id: str
    sealed_key: bytes
    created_at: int

    @property
    def key(self) -> str:
        return self.key_id


KINDS: dict[str, type[Entity]] = {
    record.kind: record for record in (Account, User, Group, Role, ManagedPolicy, InstanceProfile, AccessKey, SealedKey)
}
"""Every kind of record by its word in the log."""

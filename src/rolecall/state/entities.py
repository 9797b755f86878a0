"""What the world consists of: accounts and the entities in them, as frozen records.

Each record knows its kind (the word in the log), its key (unique in that kind over all accounts and for all time), its
account, and where the indexes list it. References between entities are unique ids, so that a rename touches one record.
Response shapes and rules live elsewhere; credentials, providers and the rest have modules of their own beside this one
(`state.kinds` names them all). Times are whole seconds since the epoch, UTC.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

import msgspec

from rolecall.names.arn import AccountId, Arn, iam_arn
from rolecall.state.indexes import Index, IndexKey


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
    """What all records share. `sealed_field` names the field that is sealed under the master key, if there is one."""

    kind: ClassVar[str]
    sealed_field: ClassVar[str | None] = None
    account: AccountId

    @property
    def key(self) -> str:
        """Names the record among all of its kind."""
        raise NotImplementedError

    def index_keys(self) -> Iterator[IndexKey]:
        """Where the record can be found besides by its key."""
        yield (Index.OWNED, self.kind, self.account)


class PasswordPolicy(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An account's rules for its users' passwords. Lengths in characters, ages in days; 0 means no rule.

    `reuse_prevention` is how many passwords before the present one must not come back. `hard_expiry` is None if nobody
    said anything about it, which answers tell apart from no.
    """

    minimum_length: int = 6
    requires_symbols: bool = False
    requires_numbers: bool = False
    requires_uppercase: bool = False
    requires_lowercase: bool = False
    lets_users_change: bool = False
    maximum_age: int = 0
    reuse_prevention: int = 0
    hard_expiry: bool | None = None


class OutboundFederation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whether the account's principals may get tokens for other services. `issuer_id` stays the same for all time."""

    issuer_id: str
    is_enabled: bool


class Account(Entity, frozen=True, kw_only=True):
    """An account; `account` is its own id.

    Parameters
    ----------
    password_policy: None means AWS's default rules.
    global_endpoint_token_version: 1 or 2, what SetSecurityTokenServicePreferences chose; 1 at AWS too until it does.
    outbound_federation: None if it was never switched on.
    properties: (`Namespace/Name`, value), by name.
    """

    kind: ClassVar[str] = "account"
    created_at: int
    alias: str | None = None
    password_policy: PasswordPolicy | None = None
    global_endpoint_token_version: int = 1
    outbound_federation: OutboundFederation | None = None
    properties: tuple[tuple[str, str], ...] = ()

    @property
    def key(self) -> str:
        return self.account

    def index_keys(self) -> Iterator[IndexKey]:
        yield from super().index_keys()
        if self.alias is not None:
            yield (Index.ALIAS, self.alias)


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

    @property
    def unique_name(self) -> str:
        """What no other of the kind in the account may be called, whatever the case of its letters."""
        return self.name

    def index_keys(self) -> Iterator[IndexKey]:
        yield from super().index_keys()
        yield (Index.NAMED, self.kind, self.account, self.unique_name.lower())


class PolicyHolder(NamedEntity, frozen=True, kw_only=True):
    """A user, group or role: policies can be attached to it (by ARN, in the order of attachment) or live in it."""

    attached_policies: tuple[str, ...] = ()
    inline_policies: tuple[InlinePolicy, ...] = ()

    def index_keys(self) -> Iterator[IndexKey]:
        yield from super().index_keys()
        for arn in self.attached_policies:
            yield (Index.ATTACHED, self.account, arn)


class User(PolicyHolder, frozen=True, kw_only=True):
    """An IAM user. `groups` are the ids of its groups."""

    kind: ClassVar[str] = "user"
    arn_kind: ClassVar[str] = "user"
    groups: tuple[str, ...] = ()
    permissions_boundary: str | None = None
    password_last_used: int | None = None

    def index_keys(self) -> Iterator[IndexKey]:
        yield from super().index_keys()
        for group_id in self.groups:
            yield (Index.MEMBERS, group_id)
        if self.permissions_boundary is not None:
            yield (Index.BOUNDED, self.account, self.permissions_boundary)


class Group(PolicyHolder, frozen=True, kw_only=True):
    kind: ClassVar[str] = "group"
    arn_kind: ClassVar[str] = "group"


class SourceRoleTemplate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The version of a role template that a role was acquired from, and the (name, values) that were put into it."""

    arn: str
    minor_version: int
    replacement_values: tuple[tuple[str, tuple[str, ...]], ...] = ()


class Role(PolicyHolder, frozen=True, kw_only=True):
    """A role. `trust_policy` holds unique ids where its author named users and roles (evaluation.md §6).

    `max_session_duration` is in seconds; `source_template` is set for a role that AcquireRole made.
    """

    kind: ClassVar[str] = "role"
    arn_kind: ClassVar[str] = "role"
    trust_policy: str
    description: str = ""
    max_session_duration: int = 3600
    permissions_boundary: str | None = None
    source_template: SourceRoleTemplate | None = None

    def index_keys(self) -> Iterator[IndexKey]:
        yield from super().index_keys()
        if self.permissions_boundary is not None:
            yield (Index.BOUNDED, self.account, self.permissions_boundary)


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

    def index_keys(self) -> Iterator[IndexKey]:
        yield from super().index_keys()
        if self.role_id is not None:
            yield (Index.PROFILES, self.role_id)


class SealedKey(Entity, frozen=True, kw_only=True):
    """A key with which session tokens are sealed, itself sealed under the master key. Belongs to no account."""

    kind: ClassVar[str] = "token-key"
    sealed_field: ClassVar[str | None] = "sealed_key"
    key_id: str
    sealed_key: bytes
    created_at: int

    @property
    def key(self) -> str:
        return self.key_id

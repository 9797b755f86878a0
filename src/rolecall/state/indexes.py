"""The ways to find entities other than by key. Each record says by itself where it stands: `Entity.index_keys`."""

from __future__ import annotations

from enum import StrEnum

IndexKey = tuple[str, ...]


class Index(StrEnum):
    """The first word of an index key; the others are said here."""

    OWNED = "owned"  # (kind, account): all of a kind in an account
    NAMED = "named"  # (kind, account, lower-case name)
    OF_USER = "of-user"  # (kind, account, user id or ""): what belongs to a user, or to the root user
    MEMBERS = "members"  # (group id): users of a group
    ATTACHED = "attached"  # (account, policy ARN): users, groups, roles that have a policy attached
    BOUNDED = "bounded"  # (account, policy ARN): users, roles that have it as permissions boundary
    PROFILES = "profiles"  # (role id): instance profiles that hold a role
    ALIAS = "alias"  # (alias): the account with an alias
    MEMBER_ACCOUNT = "member-account"  # (account): the organization of an account
    PART_OF = "part-of"  # (kind, key of the whole): records that are parts of another

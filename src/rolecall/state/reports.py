"""Reports that were asked for, as records of the world: what they found when they were made.

How they are made, and what answers show of them, is said with the operations. Times are whole seconds since the epoch.
"""

from __future__ import annotations

import zlib
from typing import ClassVar

import msgspec

from rolecall.state.entities import Entity


class CredentialReport(Entity, frozen=True, kw_only=True):
    """An account's newest credential report. `content` is its CSV in UTF-8, compressed by zlib."""

    kind: ClassVar[str] = "credential-report"
    generated_at: int
    content: bytes

    @property
    def key(self) -> str:
        return self.account


class LastAttempt(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """When, by whom (see `ActionUse`) and where something was last attempted."""

    at: int
    principal: str
    region: str


class ActionAccess(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """An action that may be used, and its last attempt."""

    name: str
    last: LastAttempt | None = None


class ServiceAccess(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """A service that may be used.

    Parameters
    ----------
    namespace: its action prefix.
    attempts: the last one of each principal, newest first.
    actions: those that may be used, by name; None stands for all that the catalog has, none of them attempted.
    """

    namespace: str
    attempts: tuple[LastAttempt, ...] = ()
    actions: tuple[ActionAccess, ...] | None = ()


class AccessFindings(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """What a last-accessed report found: the services, and the ids of the users and roles that it is about."""

    services: tuple[ServiceAccess, ...]
    entities: tuple[str, ...]


class ServiceAccessReport(Entity, frozen=True, kw_only=True):
    """A report on the services that a user, group, role or policy may use.

    Parameters
    ----------
    owner: who asked for it, and alone may read it: a user's id, an account for its root user, or the access key id of
        a session.
    granularity: `SERVICE_LEVEL` or `ACTION_LEVEL`.
    findings: `AccessFindings`, packed: reports can be large, and many at once.
    failure: the code of the error that it ended in, if it did; then nothing was found.
    """

    kind: ClassVar[str] = "service-access-report"
    job_id: str
    owner: str
    granularity: str
    created_at: int
    findings: bytes
    failure: str | None = None

    @property
    def key(self) -> str:
        return self.job_id


class AccountAccess(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A service that accounts attempted to use: the last time, by which account and where, and how many did."""

    namespace: str
    at: int
    account: str
    region: str
    total: int


class OrganizationsAccessReport(Entity, frozen=True, kw_only=True):
    """A report on the services that accounts of an organization use.

    Parameters: `owner`, as of `ServiceAccessReport`; `entity_path` and `policy_id`, what it was asked about;
    `failure`, the code of the error that it ended in, if it did; `services`, those that were attempted.
    """

    kind: ClassVar[str] = "organizations-access-report"
    job_id: str
    owner: str
    created_at: int
    entity_path: str
    policy_id: str | None = None
    failure: str | None = None
    services: tuple[AccountAccess, ...] = ()

    @property
    def key(self) -> str:
        return self.job_id


def pack(findings: AccessFindings) -> bytes:
    """The findings as a report holds them."""
    return zlib.compress(msgspec.msgpack.encode(findings))


def unpack(packed: bytes) -> AccessFindings:
    """The findings of a report."""
    return msgspec.msgpack.decode(zlib.decompress(packed), type=AccessFindings)

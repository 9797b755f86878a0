"""Delegation requests, and the templates that they and new roles are made from, as records of the world.

Rules live with the operations. Templates belong to no account: the operator registers them for the whole server, as AWS
does for its own. Times are whole seconds since the epoch, UTC.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import ClassVar

import msgspec

from rolecall.names.arn import AWS_ACCOUNT, AccountId, Arn, iam_arn
from rolecall.state.entities import Entity, InlinePolicy, Tag
from rolecall.state.indexes import Index, IndexKey
from rolecall.state.session import SessionFacts

PARTNER_ACCOUNT = AccountId("partner")
"""The account in the ARNs of what partners register at AWS: `arn:aws:iam::partner:policy/…`."""


class DelegationState(StrEnum):
    """AWS's words for where a request stands."""

    UNASSIGNED = "UNASSIGNED"
    ASSIGNED = "ASSIGNED"
    PENDING_APPROVAL = "PENDING_APPROVAL"
    ACCEPTED = "ACCEPTED"
    FINALIZED = "FINALIZED"
    REJECTED = "REJECTED"
    EXPIRED = "EXPIRED"


class PolicyParameter(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A parameter of a policy template and its values. `type` is `string` or `stringList`."""

    name: str
    type: str
    values: tuple[str, ...]


class Owner(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who associated a request with itself: its ARN at that time, and AWS's `UserId` of it, which never returns."""

    arn: str
    user_id: str


class Approver(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who accepted a request. `facts` is what it was then: delegated credentials never reach further."""

    arn: str
    facts: SessionFacts


class DelegationRequest(Entity, frozen=True, kw_only=True):
    """A request for temporary access. `account` is the requestor's.

    Parameters
    ----------
    owner_account: whose access is asked for; None if whoever associates the request decides that.
    template_arn, parameters, policy: the policy template, what was put into it, and what came out, as JSON.
    session_duration: how long delegated access lasts, in seconds, from when the exchange token is released.
    stored_state: the last one that a call brought about; after `expires_at` it stands for EXPIRED.
    notes, rejection_reason: what UpdateDelegationRequest and RejectDelegationRequest said.
    """

    kind: ClassVar[str] = "delegation-request"
    request_id: str
    requestor_name: str
    workflow_id: str
    owner_account: AccountId | None = None
    owner: Owner | None = None
    approver: Approver | None = None
    description: str
    request_message: str | None = None
    template_arn: str
    parameters: tuple[PolicyParameter, ...] = ()
    policy: str
    redirect_url: str | None = None
    notification_channel: str
    session_duration: int
    only_send_by_owner: bool = False
    stored_state: DelegationState = DelegationState.UNASSIGNED
    notes: str | None = None
    rejection_reason: str | None = None
    created_at: int
    updated_at: int
    expires_at: int

    @property
    def key(self) -> str:
        return self.request_id

    def index_keys(self) -> Iterator[IndexKey]:
        yield from super().index_keys()
        if self.owner is not None and self.owner_account is not None:
            yield (Index.PART_OF, self.kind, self.owner_account)

    def state(self, now: int) -> DelegationState:
        """Where the request stands at the time `now`."""
        return DelegationState.EXPIRED if now >= self.expires_at else self.stored_state


class ExchangeToken(Entity, frozen=True, kw_only=True):
    """The released token of a finalized request, which the requestor exchanges for credentials. `account` is its own.

    The token is `<request id>.<secret>`. Delegated access ends at `expires_at`, however late the exchange was.
    """

    kind: ClassVar[str] = "exchange-token"
    sealed_field: ClassVar[str | None] = "sealed_token"
    request_id: str
    sealed_token: bytes
    released_at: int
    expires_at: int

    @property
    def key(self) -> str:
        return self.request_id


class PolicyTemplate(Entity, frozen=True, kw_only=True):
    """A policy with `@{parameters}`, from which delegation requests are made.

    Parameters
    ----------
    domain, name: the partner's and the template's.
    requestor_name: how requests call the requestor, at most 30 characters.
    requestor_accounts: who may make requests from it.
    document: the policy template, as JSON.
    """

    kind: ClassVar[str] = "policy-template"
    account: AccountId = PARTNER_ACCOUNT
    domain: str
    name: str
    requestor_name: str
    requestor_accounts: tuple[AccountId, ...]
    document: str
    is_enabled: bool = True

    @property
    def key(self) -> str:
        return f"{self.domain}/{self.name}"

    @property
    def arn(self) -> Arn:
        return iam_arn(PARTNER_ACCOUNT, "policy-template", f"/{self.domain}/", self.name)


class ParameterDefinition(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A parameter that a role template takes. `type` is `String`, `Number` or `Arn`, or a list of them (`…List`)."""

    name: str
    type: str
    sub_type: str | None = None
    description: str | None = None
    is_required: bool | None = None
    default_value: str | None = None
    immutable: bool | None = None


class RoleTemplateVersion(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one minor version of a role template makes. Apart from `is_enabled` it never changes.

    Patterns, documents and tags may hold `@{parameters}`; documents are JSON.
    """

    id: str
    minor_version: int
    role_name_pattern: str
    role_path_pattern: str | None = None
    role_description_pattern: str | None = None
    trust_policy_template: str
    inline_policy_templates: tuple[InlinePolicy, ...] = ()
    managed_policy_arns: tuple[str, ...] = ()
    permissions_boundary: str | None = None
    parameters: tuple[ParameterDefinition, ...] = ()
    tags: tuple[Tag, ...] = ()
    max_session_duration: int = 3600
    is_enabled: bool = True
    created_at: int
    updated_at: int


class RoleTemplate(Entity, frozen=True, kw_only=True):
    """A role template, with its minor versions from the oldest on. `service` is the principal that manages it."""

    kind: ClassVar[str] = "role-template"
    account: AccountId = AWS_ACCOUNT
    service: str
    name: str
    major_version: int
    description: str | None = None
    is_enabled: bool = True
    default_minor_version: int
    versions: tuple[RoleTemplateVersion, ...]

    @property
    def key(self) -> str:
        return f"{self.service}/{self.name}:{self.major_version}"

    @property
    def arn(self) -> Arn:
        return iam_arn(AWS_ACCOUNT, "role-template", f"/{self.service}/", f"{self.name}:{self.major_version}")

    def version(self, minor_version: int | None = None) -> RoleTemplateVersion | None:
        """A version by its number, or the default one; None if there is no such version."""
        wanted = self.default_minor_version if minor_version is None else minor_version
        return next((version for version in self.versions if version.minor_version == wanted), None)

"""Who asks. The identities that AWS tells apart, as a sum type (evaluation.md §11 and §12).

Every one tells its `account`, None if it belongs to none, and whether it `has_own_policies`: identity-based policies
and a permissions boundary. Root has none, nor a session that root made (§10).
"""

from __future__ import annotations

from typing import ClassVar

import msgspec

from rolecall.names.arn import AccountId, Arn, federated_user_arn, root_arn, session_arn


class RootUser(msgspec.Struct, frozen=True, tag=True):
    """An account's root user, by long-term keys, GetSessionToken or AssumeRoot."""

    has_own_policies: ClassVar[bool] = False

    account: AccountId
    partition: str = "aws"

    @property
    def arn(self) -> Arn:
        return root_arn(self.account, self.partition)


class IamUser(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """An IAM user, by long-term keys or GetSessionToken. `arn` holds the path."""

    has_own_policies: ClassVar[bool] = True

    account: AccountId
    user_id: str
    name: str
    arn: Arn


class AssumedRole(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """A session of a role, whichever STS call made it. `role_arn` holds the role's path; `arn` is the session's."""

    has_own_policies: ClassVar[bool] = True

    account: AccountId
    role_id: str
    role_name: str
    role_arn: Arn
    session_name: str

    @property
    def arn(self) -> Arn:
        return session_arn(self.account, self.role_name, self.session_name, self.role_arn.partition)

    @property
    def is_service_linked(self) -> bool:
        """Is it a session of a service-linked role? Those are exempt from SCPs and RCPs."""
        return self.role_arn.resource.startswith("role/aws-service-role/")


class FederatedUser(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """A session made by GetFederationToken. `issuer` is the user, or root, whose keys made it."""

    account: AccountId
    name: str
    issuer: IamUser | RootUser

    @property
    def has_own_policies(self) -> bool:
        """Those of the user who made the session; root has none."""
        return isinstance(self.issuer, IamUser)

    @property
    def arn(self) -> Arn:
        return federated_user_arn(self.account, self.name, self.issuer.arn.partition)


class ServicePrincipal(msgspec.Struct, frozen=True, tag=True):
    """A service acting as itself, e.g. `ec2.amazonaws.com`. It has no account and no identity-based policies."""

    account: ClassVar[None] = None
    has_own_policies: ClassVar[bool] = False

    name: str


class WebIdentity(msgspec.Struct, frozen=True, tag=True):
    """The bearer of an identity provider's token, while it assumes a role. `provider` as in `Principal.Federated`."""

    account: ClassVar[None] = None
    has_own_policies: ClassVar[bool] = False

    provider: str


class Anonymous(msgspec.Struct, frozen=True, tag=True):
    """Nobody: a request without credentials."""

    account: ClassVar[None] = None
    has_own_policies: ClassVar[bool] = False


Principal = RootUser | IamUser | AssumedRole | FederatedUser | ServicePrincipal | WebIdentity | Anonymous
AccountPrincipal = RootUser | IamUser | AssumedRole | FederatedUser
"""Principals that belong to an account and may sign requests."""

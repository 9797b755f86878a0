"""What a temporary credential is: the content of a session token. Sealing and opening it is `rolecall.sts.tokens`."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from rolecall.names.arn import AccountId
from rolecall.state.entities import Tag


class SessionKind(StrEnum):
    """Which kind of session the credentials open (evaluation.md §11)."""

    ROLE = "role"  # AssumeRole and its relatives
    USER = "user"  # GetSessionToken by a user
    ROOT = "root"  # GetSessionToken by root
    FEDERATED_USER = "federated-user"  # GetFederationToken


class SessionFacts(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """What a session is, whatever its credentials.

    Parameters
    ----------
    kind: see `SessionKind`.
    account: the account whose principal the session is.
    principal_id: unique id of the role or user; empty for root.
    name: the role session's or federated user's name.
    policies: session policies, texts; policy_arns: managed session policies. `is_scoped` says whether any were passed.
    tags: session tags (PrincipalTag in later requests), those inherited included.
    transitive_tag_keys: the keys that stay for the whole chain, lower case.
    source_identity: set once for a chain.
    mfa_at: when the MFA device was used, in seconds since the epoch; None if it was not.
    federated_provider: the identity provider of a web identity or SAML session.
    """

    kind: SessionKind
    account: AccountId
    principal_id: str = ""
    name: str = ""
    policies: tuple[str, ...] = ()
    policy_arns: tuple[str, ...] = ()
    tags: tuple[Tag, ...] = ()
    transitive_tag_keys: tuple[str, ...] = ()
    source_identity: str | None = None
    mfa_at: int | None = None
    federated_provider: str | None = None

    @property
    def is_scoped(self) -> bool:
        """Were session policies passed?"""
        return bool(self.policies or self.policy_arns)


class Session(SessionFacts, frozen=True, kw_only=True):
    """One session: its facts and its credentials.

    Parameters
    ----------
    access_key_id, secret_access_key: the temporary credentials themselves.
    issued_at, expires_at: whole seconds since the epoch.
    padding: fills the token to the size that the request asked for.
    """

    access_key_id: str
    secret_access_key: str
    issued_at: int
    expires_at: int
    padding: bytes = b""

    def __repr__(self) -> str:
        # It holds a secret, which must not reach a log or a traceback.
        return f"Session({self.access_key_id} of {self.principal_id or self.account})"

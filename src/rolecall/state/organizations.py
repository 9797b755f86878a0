"""Organizations, as records of the world. Who may make and change them is said where that is done."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from rolecall.names.arn import AccountId, Arn
from rolecall.state.entities import Entity
from rolecall.state.indexes import Index, IndexKey


class Organization(Entity, frozen=True, kw_only=True):
    """An organization with all features; `account` is its management account.

    Parameters
    ----------
    id, root_id: `o-…` and `r-…`.
    member_accounts: without the management account.
    delegated_administrators: those of them that may act for IAM.
    trusts_iam: whether IAM has trusted access. Without it the features are out of reach, and none of them is lost.
    root_features: the names of the centralized root access features that are on.
    """

    kind: ClassVar[str] = "organization"
    id: str
    root_id: str
    created_at: int
    member_accounts: tuple[AccountId, ...] = ()
    delegated_administrators: tuple[AccountId, ...] = ()
    trusts_iam: bool = False
    root_features: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        return self.id

    @property
    def arn(self) -> Arn:
        return Arn("aws", "organizations", "", self.account, f"organization/{self.id}")

    def index_keys(self) -> Iterator[IndexKey]:
        yield from super().index_keys()
        for account in (self.account, *self.member_accounts):
            yield (Index.MEMBER_ACCOUNT, account)

"""Organizations, as records of the world. Who may make and change them is said where that is done."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from rolecall.names.arn import AccountId
from rolecall.state.entities import Entity
from rolecall.state.indexes import Index, IndexKey


class Organization(Entity, frozen=True, kw_only=True):
    """An organization; `account` is its management account.

    Parameters: `id`, `o-…`; `root_id`, `r-…`; `member_accounts`, without the management account;
    `delegated_administrators`, those of them that may act for IAM; `root_features`, the names of the centralized root
    access features that are on.
    """

    kind: ClassVar[str] = "organization"
    id: str
    root_id: str
    created_at: int
    member_accounts: tuple[AccountId, ...] = ()
    delegated_administrators: tuple[AccountId, ...] = ()
    root_features: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        return self.id

    def index_keys(self) -> Iterator[IndexKey]:
        yield from super().index_keys()
        for account in (self.account, *self.member_accounts):
            yield (Index.MEMBER_ACCOUNT, account)

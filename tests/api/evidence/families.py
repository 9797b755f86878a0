"""What a family of operations has to show: that each succeeds, and that each error of AWS's model happens.

A family is a module in this folder with a `FAMILY` in it. `tests/api/test_every_operation.py` runs them all and sees to
it that no operation and no modelled error is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore import xform_name

from rolecall.state.draft import Draft
from rolecall.state.entities import Entity
from rolecall.state.store import Store


class Caller:
    """The root user of a fresh account, and a note of every operation that succeeded for it or its users.

    `account` is the fixture of the API tests, with which more users and keys can be made; `store` the store of the
    running server, opened a second time.
    """

    def __init__(self, account: Any, store: Store) -> None:
        self.account = account
        self.store = store
        self.succeeded: set[str] = set()
        self.iam = self.noting(account.iam)

    @property
    def account_id(self) -> str:
        return str(self.account.id)

    def call(self, operation: str, **parameters: Any) -> Any:
        """Call an operation by AWS's name for it."""
        return getattr(self.iam, xform_name(operation))(**parameters)

    def put(self, *entities: Entity) -> None:
        """Write what no call can make, or not so many of: a quota's worth of users, a role that belongs to AWS."""

        def write(draft: Draft) -> None:
            for entity in entities:
                draft.put(entity)

        self.store.write(write).result()

    def noting(self, client: Any) -> Any:
        """`client`, whose successes count from now on."""

        def note(http_response: Any, model: Any, **_: Any) -> None:
            if http_response.status_code < 300:
                self.succeeded.add(model.name)

        client.meta.events.register("after-call.iam", note)
        return client


def never(code: str, why: str, *operations: str) -> dict[tuple[str, str], str]:
    """Entries for `Family.unreachable`: none of `operations` answers with `code`."""
    return {(operation, code): why for operation in operations}


@dataclass(frozen=True)
class ErrorCase:
    """Calls of which the last is refused: `operation` with `code` (AWS's, as on the wire)."""

    operation: str
    code: str
    provoke: Callable[[Caller], object]


@dataclass(frozen=True)
class Family:
    """Operations of one kind of entity.

    Parameters
    ----------
    operations: their names.
    tour: calls every one of them with success at least once.
    errors: one case for each error that the model names and that can happen.
    unreachable: (operation, code) of the others, and why they cannot happen here; `*` stands for every operation.
    """

    operations: frozenset[str]
    tour: Callable[[Caller], object]
    errors: tuple[ErrorCase, ...] = ()
    unreachable: Mapping[tuple[str, str], str] = field(default_factory=dict)

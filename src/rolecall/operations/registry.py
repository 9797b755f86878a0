"""The table of operations of a service, filled by a decorator beside each operation.

An operation cannot be registered without saying which permission it needs, so there is no route around the check.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec

from rolecall.operations.access import AccessCheck
from rolecall.operations.transaction import Transaction

Parameters = Mapping[str, Any]
"""An operation's input: the model's members in snake_case, decoded and validated; absent ones are missing."""

Answer = Mapping[str, object] | None
"""An operation's output: the model's members by their own names; None for operations without output."""

Access = Callable[[Transaction, str, Parameters], Iterable[AccessCheck]]
"""Which permissions a call needs, given the transaction, the action (`iam:GetUser`) and the parameters."""


Prepare = Callable[..., object]
"""Work that takes long, done before the writer's turn; see `Operation`."""


def on_account(tx: Transaction, action: str, parameters: Parameters) -> tuple[AccessCheck]:  # noqa: ARG001 - an Access
    """The permission of an action without resource, on the caller's account: only a statement on `*` covers it."""
    return (AccessCheck(action=action, resource=None, resource_account=tx.account),)


def always(tx: Transaction, action: str, parameters: Parameters) -> tuple[()]:  # noqa: ARG001 - an Access
    """No permission is needed: policies have no effect on the operation, not even an explicit deny."""
    return ()


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """One operation.

    Parameters
    ----------
    name: AWS's name.
    run: the function; it takes the transaction and the parameters by keyword.
    access: which permissions a call needs.
    writes: whether it may change the world; where that depends on the call, a function of its parameters.
    is_slow: whether a read may compute for longer than others should wait.
    prepare: what a write computes before its turn comes, so that others need not wait for it (hashing a password). It
        takes what `run` takes, is allowed as `run` is, may only read, and what it returns is `tx.prepared` in `run`.
        The world may have changed between the two.
    differs: how a self-hosted server differs from AWS here, as a sentence for the coverage page; empty if it does not.
    """

    name: str
    run: Callable[..., Answer]
    access: Access
    writes: bool | Callable[[Parameters], bool]
    is_slow: bool = False
    prepare: Prepare | None = None
    differs: str = ""

    def will_write(self, parameters: Parameters) -> bool:
        """May a call with these parameters change the world?"""
        return self.writes if isinstance(self.writes, bool) else self.writes(parameters)


class Registry:
    """The operations of one service by name. `service` is the action prefix, e.g. `iam`."""

    def __init__(self, service: str) -> None:
        self.service = service
        self._operations: dict[str, Operation] = {}

    def operation(
        self,
        name: str,
        *,
        access: Access,
        writes: bool | Callable[[Parameters], bool] = False,
        is_slow: bool = False,
        prepare: Prepare | None = None,
        differs: str = "",
    ) -> Callable[[Callable[..., Answer]], Callable[..., Answer]]:
        """Register a function as the operation `name`. The parameters are those of `Operation`."""

        def register(run: Callable[..., Answer]) -> Callable[..., Answer]:
            if name in self._operations:
                raise ValueError(f"{self.service}:{name} is registered twice")
            self._operations[name] = Operation(
                name=name,
                run=run,
                access=access,
                writes=writes,
                is_slow=is_slow,
                prepare=prepare,
                differs=differs,
            )
            return run

        return register

    def find(self, name: str) -> Operation | None:
        """The operation of that name, or None if nobody wrote it yet."""
        return self._operations.get(name)

    def names(self) -> frozenset[str]:
        """Which operations exist."""
        return frozenset(self._operations)

    def action(self, operation: Operation) -> str:
        """The action that permits the operation, e.g. `iam:GetUser`."""
        return f"{self.service}:{operation.name}"

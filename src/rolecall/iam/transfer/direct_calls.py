"""IAM's operations run in this process for the operator: validated as the API's calls are, but asked of no policy.

So whatever the operator's commands make has passed the same rules as what a client makes. Nothing here is durable: the
caller owns the draft.
"""

from __future__ import annotations

from typing import Any

from rolecall.decision.principal import RootUser
from rolecall.iam.service import IAM
from rolecall.names.arn import AccountId
from rolecall.operations.registry import Answer
from rolecall.operations.transaction import Surroundings, Transaction
from rolecall.state.caller import Caller
from rolecall.state.draft import Draft
from rolecall.state.entities import Entity
from rolecall.state.world import World
from rolecall.wire.constraints import validate
from rolecall.wire.model import load_service


class DirectCalls:
    """IAM as the root user of `account` calls it, on `draft`: `call("GetUser", user_name="bob")` gives the answer.

    Parameters: `now`, whole seconds since the epoch; `surroundings`, lent to the operations. `tx` is what they are
    handed.
    """

    def __init__(self, draft: Draft, *, account: AccountId, now: int, surroundings: Surroundings) -> None:
        self.account = account
        self._draft = draft
        self._operations = load_service("iam").operations
        caller = Caller(principal=RootUser(account), access_key_id="")
        self.tx = Transaction(draft, caller=caller, now=now, surroundings=surroundings)

    @property
    def world(self) -> World:
        """The world, with all that was changed through this object."""
        return self._draft.world

    def __call__(self, operation_name: str, **parameters: Any) -> Answer:
        """Run an operation. Raises the `ApiError` with which it refuses; then nothing of it is in the draft."""
        operation = IAM.find(operation_name)
        if operation is None:
            raise LookupError(f"nobody wrote {operation_name}")
        validate(self._operations[operation_name], parameters)
        if operation.prepare is not None:
            self.tx.prepared = operation.prepare(self.tx, **parameters)
        return operation.run(self.tx, **parameters)

    def put(self, entity: Entity) -> None:
        """Write an entity as no operation can make it."""
        self._draft.put(entity)

"""GetCallerIdentity and GetAccessKeyInfo: who am I, and whose key is this?"""

from __future__ import annotations

from collections.abc import Iterator

from rolecall.errors import ValidationError
from rolecall.names.ids import account_of_access_key
from rolecall.operations.access import AccessCheck
from rolecall.operations.registry import Answer, Parameters, on_account
from rolecall.operations.transaction import Transaction
from rolecall.state.caller import caller_id
from rolecall.state.credentials import AccessKey
from rolecall.sts.registry import operation


def always(tx: Transaction, action: str, parameters: Parameters) -> Iterator[AccessCheck]:  # noqa: ARG001 - an Access
    """No permission is needed: policies have no effect on the operation, not even an explicit deny."""
    yield from ()


@operation("GetCallerIdentity", access=always)
def get_caller_identity(tx: Transaction) -> Answer:
    return {"UserId": caller_id(tx.principal), "Account": tx.account, "Arn": str(tx.principal.arn)}


@operation("GetAccessKeyInfo", access=on_account)
def get_access_key_info(tx: Transaction, *, access_key_id: str) -> Answer:
    known = tx.world.get(AccessKey, access_key_id)
    account = known.account if known is not None else account_of_access_key(access_key_id)
    if account is None:
        raise ValidationError(f"{access_key_id} is not a valid access key id")
    return {"Account": account}

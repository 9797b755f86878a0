"""GetCallerIdentity and GetAccessKeyInfo: who am I, and whose key is this?"""

from __future__ import annotations

from rolecall.errors import ValidationError
from rolecall.names.ids import account_of_access_key
from rolecall.operations.registry import Answer, always, on_account
from rolecall.operations.transaction import Transaction
from rolecall.state.caller import caller_id
from rolecall.state.credentials import AccessKey
from rolecall.sts.registry import operation


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

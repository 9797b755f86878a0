"""A server process without its HTTP: the store, the request path, and the stage of the loads in one account.

For measuring the parts of the server by themselves; see `steps`.
"""

from __future__ import annotations

import secrets
import time
from typing import Any

from bench.servers import ACCOUNT, HOST
from bench.signing import Keys, SignedRequest
from bench.stage import CALLER, DOCUMENT, PERMISSIONS, POLICY, ROLE, TRUST, USERS
from rolecall.decision.principal import RootUser
from rolecall.iam.provisioning import create_account, plan_account
from rolecall.iam.service import IAM
from rolecall.names.arn import AccountId
from rolecall.operations.transaction import Surroundings, Transaction
from rolecall.server.authentication import Authenticator
from rolecall.server.exchange import Exchange
from rolecall.server.request_path import RequestPath
from rolecall.state.caller import Caller
from rolecall.state.draft import Draft
from rolecall.state.store import Store
from rolecall.state.token_ring import TokenRing
from rolecall.wire.sigv4 import HttpRequest


class Process:
    """What a server process has, but for its HTTP. Parameters: `store`, opened on a new data directory."""

    def __init__(self, store: Store) -> None:
        token_ring = TokenRing(store.sealer)
        self.store = store
        self.authenticator = Authenticator(store.sealer, token_ring)
        self.surroundings = Surroundings(
            randbits=secrets.randbits, sealer=store.sealer, uses=store.uses, token_ring=token_ring
        )
        self.request_path = RequestPath(store, self.surroundings, self.authenticator)

    def prepare(self) -> Keys:
        """Fill the store like `stage.prepare` fills a server; gives the caller's key."""
        account = plan_account(secrets.randbits, account=ACCOUNT)

        def fill(draft: Draft) -> Any:
            create_account(draft, account, now=int(time.time()), sealer=self.store.sealer)
            root = Caller(principal=RootUser(AccountId(ACCOUNT)), access_key_id=account.access_key_id)
            tx = self.transaction(draft, root)
            for name in (*USERS, CALLER):
                _run(tx, "CreateUser", user_name=name)
            _run(tx, "PutUserPolicy", user_name=CALLER, policy_name="load", policy_document=PERMISSIONS)
            _run(tx, "CreateRole", role_name=ROLE, assume_role_policy_document=TRUST)
            _run(tx, "CreatePolicy", policy_name=POLICY, policy_document=DOCUMENT)
            return _run(tx, "CreateAccessKey", user_name=CALLER)

        key = self.store.write(fill).result().value["AccessKey"]
        return Keys(key["AccessKeyId"], key["SecretAccessKey"])

    def transaction(self, draft: Draft, caller: Caller) -> Transaction:
        """A run of an operation by `caller`, now."""
        return Transaction(draft, caller=caller, now=int(time.time()), surroundings=self.surroundings)


def received(request: SignedRequest) -> Exchange:
    """`request` as the server hands it to its request path."""
    return Exchange(
        request_id="00000000-0000-4000-8000-000000000000",
        now=time.time(),
        client_ip=HOST,
        is_secure=False,
        request=HttpRequest(method="POST", raw_path="/", raw_query="", headers=request.headers, body=request.body),
    )


def _run(tx: Transaction, name: str, **parameters: str) -> Any:
    operation = IAM.find(name)
    if operation is None:
        raise LookupError(f"there is no operation {name}")
    return operation.run(tx, **parameters)

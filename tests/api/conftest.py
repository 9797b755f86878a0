"""One real server for all API tests of a worker; a fresh account for each test that asks for one."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from rolecall.iam.provisioning import create_account, plan_account
from rolecall.state.opening import open_store
from rolecall.state.store import Store
from serving import Keys, Server, keys_of, start_server


@dataclass(frozen=True)
class Account:
    """A fresh account of the running server. `iam` and `sts` are clients of its root user."""

    id: str
    root: Keys
    server: Server

    @property
    def iam(self) -> Any:
        return self.server.client("iam", self.root)

    @property
    def sts(self) -> Any:
        return self.server.client("sts", self.root)

    def client(self, service: str, access_key_id: str, secret: str, token: str | None = None) -> Any:
        """A client with any credentials."""
        return self.server.client(
            service, Keys(access_key_id=access_key_id, secret_access_key=secret, session_token=token)
        )

    def user(self, name: str, *statements: dict[str, Any]) -> User:
        """A new user with an access key and, if statements are given, one inline policy of them."""
        self.iam.create_user(UserName=name)
        if statements:
            document = json.dumps({"Version": "2012-10-17", "Statement": statements})
            self.iam.put_user_policy(UserName=name, PolicyName="test", PolicyDocument=document)
        return User(name, keys_of(self.iam.create_access_key(UserName=name)["AccessKey"]), self)


@dataclass(frozen=True)
class User:
    """A user of a fresh account, with its key."""

    name: str
    keys: Keys
    account: Account

    @property
    def arn(self) -> str:
        return f"arn:aws:iam::{self.account.id}:user/{self.name}"

    @property
    def iam(self) -> Any:
        return self.account.server.client("iam", self.keys)

    @property
    def sts(self) -> Any:
        return self.account.server.client("sts", self.keys)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A running server."""
    running = start_server(tmp_path_factory.mktemp("server") / "data")
    yield running
    assert running.stop() == 0
    assert not [line for line in running.log if '"status":5' in line], "a call got a 5xx"


@pytest.fixture(scope="session")
def store(server: Server) -> Iterator[Store]:
    """The store of the running server, opened a second time: another process on the same data directory."""
    opened = open_store(server.data_dir, clock=time.time, randbits=secrets.randbits, environment={})
    yield opened
    opened.close()


@pytest.fixture
def new_account(server: Server, store: Store):
    """Makes a fresh account."""

    def make() -> Account:
        plan = plan_account(secrets.randbits)
        store.write(lambda draft: create_account(draft, plan, now=int(time.time()), sealer=store.sealer)).result()
        root = Keys(access_key_id=plan.access_key_id, secret_access_key=plan.secret_access_key)
        return Account(plan.account, root, server)

    return make


@pytest.fixture
def account(new_account) -> Account:
    """A fresh account."""
    return new_account()

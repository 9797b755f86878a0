"""Whose attempt a call is: what the last-accessed reports and the last uses of roles rest on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from iam.harness import ACCOUNT
from rolecall.decision.principal import AccountPrincipal, AssumedRole, FederatedUser, IamUser, RootUser
from rolecall.names.arn import iam_arn
from rolecall.server.activity import note_attempt
from rolecall.state.caller import Caller
from rolecall.state.entities import Role
from rolecall.state.sqlite import SqliteLog
from rolecall.state.uses import LastUses

BOB = IamUser(account=ACCOUNT, user_id="AIDABOB", name="bob", arn=iam_arn(ACCOUNT, "user", "/", "bob"))
SESSION = AssumedRole(
    account=ACCOUNT,
    role_id="AROAOPS",
    role_name="ops",
    role_arn=iam_arn(ACCOUNT, "role", "/", "ops"),
    session_name="work",
)


@pytest.fixture
def uses(tmp_path: Path) -> Iterator[LastUses]:
    log = SqliteLog(tmp_path / "log.db")
    uses = LastUses(log, interval=3600)
    yield uses
    uses.close()
    log.close()


@pytest.mark.parametrize(
    ("principal", "actor"),
    [
        (RootUser(ACCOUNT), ACCOUNT),
        (BOB, "AIDABOB"),
        (SESSION, "AROAOPS"),
        (FederatedUser(account=ACCOUNT, name="visitor", issuer=BOB), "AIDABOB"),
        (FederatedUser(account=ACCOUNT, name="visitor", issuer=RootUser(ACCOUNT)), ACCOUNT),
    ],
    ids=["root", "a user", "a session of a role", "a federated user", "a federated user of root"],
)
def test_an_attempt_counts_for_the_user_or_role_behind_it(
    uses: LastUses, principal: AccountPrincipal, actor: str
) -> None:
    caller = Caller(principal=principal, access_key_id="ASIA")
    note_attempt(uses, caller, "iam", "GetUser", at=10, region="eu-west-1")
    (use,) = uses.action_uses(ACCOUNT)
    assert (use.principal, use.service, use.action, use.at, use.region) == (actor, "iam", "GetUser", 10, "eu-west-1")


def test_only_a_session_of_a_role_is_a_use_of_the_role(uses: LastUses) -> None:
    note_attempt(uses, Caller(principal=BOB, access_key_id="AKIA"), "iam", "GetUser", at=10, region="us-east-1")
    assert uses.last_use(Role, "AROAOPS") is None
    note_attempt(uses, Caller(principal=SESSION, access_key_id="ASIA"), "sts", "AssumeRole", at=11, region="us-east-1")
    use = uses.last_use(Role, "AROAOPS")
    assert use is not None
    assert (use.at, use.service) == (11, "sts")

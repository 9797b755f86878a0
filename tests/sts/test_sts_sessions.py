"""Opening a session: fresh credentials that end when asked, and a token of the size that was asked for."""

from __future__ import annotations

import random

import pytest

from rolecall.decision.principal import RootUser
from rolecall.errors import PackedPolicyTooLarge
from rolecall.names.ids import account_of_access_key
from rolecall.operations.transaction import Surroundings, Transaction
from rolecall.state.caller import Caller
from rolecall.state.draft import Draft
from rolecall.state.seal import Keyring, MasterKey, Sealer
from rolecall.state.session import SessionKind
from rolecall.state.token_keys import make_token_key
from rolecall.state.token_ring import TokenRing
from rolecall.state.world import World
from rolecall.sts.sessions import OpenedSession, SessionRequest, credentials_answer, open_session
from rolecall.sts.tokens import TOKEN_SIZE_LIMIT, open_token
from sts.sts_values import ACCOUNT

NOW = 1_700_000_000


@pytest.fixture
def tx() -> Transaction:
    """A call of root in a world with one token key."""
    randbits = random.Random(7).getrandbits
    sealer = Sealer(Keyring((MasterKey(bytes(32)),)), randbits)
    draft = Draft(World(), writable=True)
    make_token_key(draft, sealer, now=NOW, randbits=randbits)
    surroundings = Surroundings(randbits=randbits, sealer=sealer, uses=None, token_ring=TokenRing(sealer))
    caller = Caller(principal=RootUser(ACCOUNT), access_key_id="AKIAQQQQQQQQQQQQQQQQ")
    return Transaction(Draft(draft.world, writable=False), caller=caller, now=NOW, surroundings=surroundings)


def request(**members: object) -> SessionRequest:
    return SessionRequest(kind=SessionKind.ROOT, account=ACCOUNT, duration=900, **members)


def reopened(tx: Transaction, opened: OpenedSession):
    ring = tx.surroundings.token_ring.by_id(tx.world)
    return open_token(opened.token, opened.session.access_key_id, ring)


def test_a_session_has_new_credentials_of_its_account_and_ends_when_asked(tx):
    one, other = open_session(tx, request()), open_session(tx, request())
    assert one.session.access_key_id != other.session.access_key_id
    assert one.session.secret_access_key != other.session.secret_access_key
    assert one.session.access_key_id.startswith("ASIA")
    assert account_of_access_key(one.session.access_key_id) == ACCOUNT
    assert (one.session.issued_at, one.session.expires_at) == (NOW, NOW + 900)
    assert reopened(tx, one) == one.session


def test_the_answer_tells_the_credentials_and_the_size_of_the_token(tx):
    opened = open_session(tx, request())
    answer = credentials_answer(opened)
    assert answer["Credentials"] == {
        "AccessKeyId": opened.session.access_key_id,
        "SecretAccessKey": opened.session.secret_access_key,
        "SessionToken": opened.token,
        "Expiration": NOW + 900,
    }
    assert answer["SessionTokenSize"] == len(opened.token)
    assert 1 <= answer["SessionTokenUtilization"] <= 100


@pytest.mark.parametrize("size", [0, 500, 4096])
def test_a_token_is_at_least_as_long_as_asked_and_still_opens(tx, size):
    opened = open_session(tx, request(minimum_token_size=size))
    assert size <= len(opened.token) <= TOKEN_SIZE_LIMIT
    assert reopened(tx, opened) == opened.session


def test_a_session_that_makes_too_long_a_token_is_refused(tx):
    with pytest.raises(PackedPolicyTooLarge):
        open_session(tx, request(policies=("x" * TOKEN_SIZE_LIMIT,)))

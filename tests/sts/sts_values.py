"""Strategies and samples that the tests of STS share."""

from __future__ import annotations

import random

from hypothesis import strategies as st

from rolecall.names.arn import AccountId
from rolecall.state.entities import Tag
from rolecall.state.session import Session, SessionKind
from rolecall.state.token_keys import TokenKey

ACCOUNT = AccountId("123456789012")
ACCESS_KEY_ID = "ASIAQQQQQQQQQQQQQQQQ"
KEY = TokenKey("00112233445566ff", bytes(range(32)))
RING = {KEY.id: KEY.secret}
randbits = random.Random(2026).getrandbits

texts = st.text(st.characters(codec="utf-8"), max_size=30)
tag_keys = st.text(st.sampled_from("abABäÄ:-"), min_size=1, max_size=4)
tags = st.builds(Tag, tag_keys, texts)
times = st.integers(0, 2**40)

sessions = st.builds(
    Session,
    kind=st.sampled_from(SessionKind),
    account=st.just(ACCOUNT),
    principal_id=texts,
    name=texts,
    access_key_id=st.just(ACCESS_KEY_ID),
    secret_access_key=texts,
    issued_at=times,
    expires_at=times,
    policies=st.lists(texts, max_size=2).map(tuple),
    policy_arns=st.lists(texts, max_size=2).map(tuple),
    tags=st.lists(tags, max_size=3).map(tuple),
    transitive_tag_keys=st.lists(tag_keys, max_size=2).map(tuple),
    source_identity=st.none() | texts,
    mfa_at=st.none() | times,
    federated_provider=st.none() | texts,
    padding=st.binary(max_size=10),
)


def session(kind: SessionKind = SessionKind.ROLE, *, tags: tuple[Tag, ...] = (), transitive: tuple[str, ...] = ()):
    """A session of that kind with these tags; mfa was not used."""
    return Session(
        kind=kind,
        account=ACCOUNT,
        principal_id="AROAQQQQQQQQQQQQQQQQQ",
        name="session",
        access_key_id=ACCESS_KEY_ID,
        secret_access_key="s" * 40,
        issued_at=1_700_000_000,
        expires_at=1_700_003_600,
        tags=tags,
        transitive_tag_keys=transitive,
    )

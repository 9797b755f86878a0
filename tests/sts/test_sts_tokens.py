"""Session tokens: what was sealed opens as it was, beside its own access key id and under its own key alone."""

from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from rolecall.errors import InvalidClientTokenId
from rolecall.state.token_keys import TokenKey
from rolecall.sts.tokens import TOKEN_SIZE_LIMIT, open_token, seal_token
from sts.sts_values import ACCESS_KEY_ID, KEY, RING, randbits, session, sessions

OTHER_KEY = TokenKey("ffeeddccbbaa9900", bytes(range(1, 33)))


def refuse(token: str, access_key_id: str = ACCESS_KEY_ID, ring: dict[str, bytes] = RING) -> None:
    with pytest.raises(InvalidClientTokenId) as caught:
        open_token(token, access_key_id, ring)
    assert caught.value.message == "The security token included in the request is invalid."


@given(sessions)
def test_a_token_opens_as_the_session_that_was_sealed(given_session):
    assert open_token(seal_token(given_session, KEY, randbits), ACCESS_KEY_ID, RING) == given_session


def test_two_tokens_of_one_session_differ():
    assert seal_token(session(), KEY, randbits) != seal_token(session(), KEY, randbits)


def test_a_token_opens_under_any_key_of_the_ring():
    ring = {KEY.id: KEY.secret, OTHER_KEY.id: OTHER_KEY.secret}
    for key in (KEY, OTHER_KEY):
        assert open_token(seal_token(session(), key, randbits), ACCESS_KEY_ID, ring) == session()


def test_a_token_does_not_open_without_its_key():
    token = seal_token(session(), OTHER_KEY, randbits)
    refuse(token)
    refuse(token, ring={})
    refuse(token, ring={OTHER_KEY.id: KEY.secret})


def test_a_token_does_not_open_beside_another_access_key_id():
    token = seal_token(session(), KEY, randbits)
    for other in ("ASIAQQQQQQQQQQQQQQQR", ACCESS_KEY_ID.lower(), "", ACCESS_KEY_ID + "A"):
        refuse(token, access_key_id=other)


@given(sessions, st.data())
def test_no_bit_of_a_token_can_be_changed(given_session, data):
    raw = bytearray(base64.b64decode(seal_token(given_session, KEY, randbits)))
    bit = data.draw(st.integers(0, 8 * len(raw) - 1))
    raw[bit // 8] ^= 1 << bit % 8
    refuse(base64.b64encode(raw).decode())


@given(st.data())
def test_no_part_of_a_token_opens(data):
    raw = base64.b64decode(seal_token(session(), KEY, randbits))
    end = data.draw(st.integers(0, len(raw) - 1))
    refuse(base64.b64encode(raw[:end]).decode())
    refuse(base64.b64encode(raw + raw[:end] + b"x").decode())


@given(st.text(max_size=80) | st.binary(max_size=80).map(lambda raw: base64.b64encode(raw).decode()))
def test_made_up_text_is_refused_like_any_wrong_token(text):
    refuse(text)


@given(st.binary(max_size=60))
def test_what_is_sealed_under_the_right_key_but_is_no_session_is_refused(content):
    header, nonce = b"\x01" + bytes.fromhex(KEY.id), bytes(12)
    sealed = AESGCM(KEY.secret).encrypt(nonce, content, header + ACCESS_KEY_ID.encode())
    refuse(base64.b64encode(header + nonce + sealed).decode())


def test_a_token_longer_than_any_that_is_issued_is_not_even_decoded():
    refuse("A" * (TOKEN_SIZE_LIMIT + 4))


def test_nothing_of_a_session_can_be_read_in_its_token():
    raw = base64.b64decode(seal_token(session(), KEY, randbits))
    for told in (b"AROAQQQQQQQQQQQQQQQQQ", b"s" * 8, b"123456789012", ACCESS_KEY_ID.encode()):
        assert told not in raw

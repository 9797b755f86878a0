"""CreateAccessKey, UpdateAccessKey, DeleteAccessKey, ListAccessKeys, GetAccessKeyLastUsed."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from iam.harness import NOW, Iam, Server
from rolecall.errors import AccessDenied, InvalidInput, LimitExceeded, NoSuchEntity, ValidationError
from rolecall.names.ids import account_of_access_key
from rolecall.state.credentials import AccessKey
from rolecall.state.sealed_fields import open_secret


@pytest.fixture
def bob(iam: Iam) -> Iam:
    """IAM as the user bob calls it."""
    iam("CreateUser", user_name="bob")
    return iam.as_user("bob")


def listed(iam: Iam, **parameters: Any) -> list[str]:
    return [key["AccessKeyId"] for key in iam("ListAccessKeys", **parameters)["AccessKeyMetadata"]]


def status(iam: Iam, **parameters: Any) -> list[str]:
    return [key["Status"] for key in iam("ListAccessKeys", **parameters)["AccessKeyMetadata"]]


def stored(server: Server, access_key_id: str) -> AccessKey:
    key = server.world.get(AccessKey, access_key_id)
    assert key is not None
    return key


def test_a_new_key_is_told_with_its_secret(iam: Iam, bob: Iam) -> None:
    made = iam("CreateAccessKey", user_name="bob")["AccessKey"]
    assert made["UserName"] == "bob"
    assert made["Status"] == "Active"
    assert made["CreateDate"] == NOW
    assert len(made["SecretAccessKey"]) == 40
    assert made["AccessKeyId"].startswith("AKIA")
    assert account_of_access_key(made["AccessKeyId"]) == "123456789012"


def test_the_secret_is_told_once_and_stored_sealed(iam: Iam, bob: Iam, server: Server) -> None:
    made = iam("CreateAccessKey", user_name="bob")["AccessKey"]
    (shown,) = iam("ListAccessKeys", user_name="bob")["AccessKeyMetadata"]
    assert shown == {"UserName": "bob", "AccessKeyId": made["AccessKeyId"], "Status": "Active", "CreateDate": NOW}
    key = stored(server, made["AccessKeyId"])
    assert made["SecretAccessKey"].encode() not in key.sealed_secret
    assert open_secret(server.surroundings.sealer, key) == made["SecretAccessKey"]


def test_without_a_name_a_user_manages_its_own_keys(iam: Iam, bob: Iam) -> None:
    made = bob("CreateAccessKey")["AccessKey"]
    assert made["UserName"] == "bob"
    assert listed(bob) == listed(iam, user_name="bob") == [made["AccessKeyId"]]
    bob("UpdateAccessKey", access_key_id=made["AccessKeyId"], status="Inactive")
    assert status(bob) == ["Inactive"]
    bob("DeleteAccessKey", access_key_id=made["AccessKeyId"])
    assert listed(bob) == []


def test_without_a_name_root_manages_its_own_keys(iam: Iam, bob: Iam, server: Server) -> None:
    bob("CreateAccessKey")
    made = iam("CreateAccessKey")["AccessKey"]
    assert made["UserName"] is None
    assert stored(server, made["AccessKeyId"]).user_id is None
    assert listed(iam) == [made["AccessKeyId"]]
    iam("UpdateAccessKey", access_key_id=made["AccessKeyId"], status="Inactive")
    assert status(iam) == ["Inactive"]
    iam("DeleteAccessKey", access_key_id=made["AccessKeyId"])
    assert listed(iam) == []


def test_a_caller_who_is_neither_user_nor_root_must_give_a_name(iam: Iam, bob: Iam) -> None:
    visitor = iam.as_federated_user()
    for name in ("CreateAccessKey", "ListAccessKeys"):
        with pytest.raises(ValidationError) as caught:
            visitor(name)
        assert caught.value.message == "Must specify userName when calling with non-User credentials"
    assert visitor("CreateAccessKey", user_name="bob")["AccessKey"]["UserName"] == "bob"


def test_a_key_is_found_only_among_those_of_the_named_owner(iam: Iam, bob: Iam, server: Server) -> None:
    """The permission was asked for one owner: it must not reach the keys of another one, least of all root's."""
    iam("CreateUser", user_name="eve")
    foreign = server.account("210987654321")("CreateAccessKey")["AccessKey"]["AccessKeyId"]
    keys = [iam("CreateAccessKey")["AccessKey"]["AccessKeyId"], bob("CreateAccessKey")["AccessKey"]["AccessKeyId"]]
    before = server.world
    for caller, owner in ((iam, {"user_name": "eve"}), (iam.as_user("eve"), {})):
        for key in (*keys, foreign):
            with pytest.raises(NoSuchEntity):
                caller("DeleteAccessKey", access_key_id=key, **owner)
            with pytest.raises(NoSuchEntity):
                caller("UpdateAccessKey", access_key_id=key, status="Inactive", **owner)
    for key in (keys[1], foreign):
        with pytest.raises(NoSuchEntity):
            iam("DeleteAccessKey", access_key_id=key)
    assert server.world is before


def test_a_key_is_switched_off_and_on(iam: Iam, bob: Iam, server: Server) -> None:
    key = bob("CreateAccessKey")["AccessKey"]["AccessKeyId"]
    for word, is_active in (("Inactive", False), ("Active", True)):
        iam("UpdateAccessKey", user_name="bob", access_key_id=key, status=word)
        assert stored(server, key).is_active is is_active
        assert status(bob) == [word]


def test_nobody_can_set_a_key_to_expired(bob: Iam, server: Server) -> None:
    key = bob("CreateAccessKey")["AccessKey"]["AccessKeyId"]
    with pytest.raises(InvalidInput):
        bob("UpdateAccessKey", access_key_id=key, status="Expired")
    assert stored(server, key).is_active


def test_inactive_keys_count_against_the_quota(bob: Iam) -> None:
    key = bob("CreateAccessKey")["AccessKey"]["AccessKeyId"]
    bob("UpdateAccessKey", access_key_id=key, status="Inactive")
    bob("CreateAccessKey")
    with pytest.raises(LimitExceeded):
        bob("CreateAccessKey")


def test_keys_come_in_pages(bob: Iam) -> None:
    made = {bob("CreateAccessKey")["AccessKey"]["AccessKeyId"] for _ in range(2)}
    first = bob("ListAccessKeys", max_items=1)
    assert first["IsTruncated"]
    rest = bob("ListAccessKeys", marker=first["Marker"])
    assert {key["AccessKeyId"] for key in first["AccessKeyMetadata"] + rest["AccessKeyMetadata"]} == made


def test_a_new_key_never_takes_an_id_that_is_in_use(iam: Iam, bob: Iam, server: Server) -> None:
    bits = server.surroundings.randbits
    # The same two draws make the same id: 7 bits, 32 bits, then the secret.
    repeated = iter([5, 5, 1, 5, 5, 2, 6, 6, 3])
    server.surroundings = msgspec.structs.replace(
        server.surroundings, randbits=lambda count: next(repeated, None) or bits(count)
    )
    first = bob("CreateAccessKey")["AccessKey"]
    second = iam("CreateAccessKey")["AccessKey"]
    assert first["AccessKeyId"] != second["AccessKeyId"]
    assert listed(bob) == [first["AccessKeyId"]]


def test_a_key_that_was_never_used_says_so(iam: Iam, bob: Iam) -> None:
    key = bob("CreateAccessKey")["AccessKey"]["AccessKeyId"]
    assert iam("GetAccessKeyLastUsed", access_key_id=key) == {
        "UserName": "bob",
        "AccessKeyLastUsed": {"LastUsedDate": None, "ServiceName": "N/A", "Region": "N/A"},
    }


def test_the_last_use_of_a_key_is_told(iam: Iam, bob: Iam, server: Server) -> None:
    key = bob("CreateAccessKey")["AccessKey"]["AccessKeyId"]
    server.uses.note(AccessKey, key, at=NOW - 60, region="eu-central-1", service="sts")
    assert iam("GetAccessKeyLastUsed", access_key_id=key)["AccessKeyLastUsed"] == {
        "LastUsedDate": NOW - 60,
        "ServiceName": "sts",
        "Region": "eu-central-1",
    }


def test_the_last_use_of_a_root_key_names_no_user(iam: Iam) -> None:
    key = iam("CreateAccessKey")["AccessKey"]["AccessKeyId"]
    assert iam("GetAccessKeyLastUsed", access_key_id=key)["UserName"] is None


def test_a_key_of_another_account_looks_like_one_that_is_not_there(iam: Iam, server: Server) -> None:
    foreign = server.account("210987654321")("CreateAccessKey")["AccessKey"]["AccessKeyId"]
    with pytest.raises(AccessDenied) as caught:
        iam("GetAccessKeyLastUsed", access_key_id=foreign)
    assert caught.value.message.endswith(f"iam:GetAccessKeyLastUsed on resource: access key {foreign}")

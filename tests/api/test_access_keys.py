"""Access keys through boto3 against a running server: a key works while it is active and not a moment longer."""

from __future__ import annotations

from api.refusals import refused


def on_own_keys(account) -> dict[str, str]:
    return {
        "Effect": "Allow",
        "Action": "iam:*AccessKey*",
        "Resource": f"arn:aws:iam::{account.id}:user/${{aws:username}}",
    }


def test_a_new_key_works_at_once(account):
    account.iam.create_user(UserName="bob")
    key = account.iam.create_access_key(UserName="bob")["AccessKey"]
    sts = account.client("sts", key["AccessKeyId"], key["SecretAccessKey"])
    assert sts.get_caller_identity()["Arn"] == f"arn:aws:iam::{account.id}:user/bob"


def test_an_inactive_key_is_refused_until_it_is_active_again(account):
    bob = account.user("bob")
    (key,) = account.iam.list_access_keys(UserName="bob")["AccessKeyMetadata"]
    account.iam.update_access_key(UserName="bob", AccessKeyId=key["AccessKeyId"], Status="Inactive")
    with refused("InvalidClientTokenId", 403):
        bob.sts.get_caller_identity()
    account.iam.update_access_key(UserName="bob", AccessKeyId=key["AccessKeyId"], Status="Active")
    assert bob.sts.get_caller_identity()["Arn"] == bob.arn


def test_a_deleted_key_is_refused(account):
    bob = account.user("bob", on_own_keys(account))
    bob.iam.delete_access_key(AccessKeyId=bob.keys.access_key_id)
    with refused("InvalidClientTokenId", 403):
        bob.sts.get_caller_identity()


def test_a_user_rotates_its_own_key_and_reaches_no_other(account):
    eve = account.user("eve")
    bob = account.user("bob", on_own_keys(account))
    new = bob.iam.create_access_key()["AccessKey"]
    assert {key["AccessKeyId"] for key in bob.iam.list_access_keys()["AccessKeyMetadata"]} == {
        bob.keys.access_key_id,
        new["AccessKeyId"],
    }
    for call, parameters in (
        ("create_access_key", {"UserName": "eve"}),
        ("list_access_keys", {"UserName": "eve"}),
        ("delete_access_key", {"UserName": "eve", "AccessKeyId": eve.keys.access_key_id}),
        ("get_access_key_last_used", {"AccessKeyId": eve.keys.access_key_id}),
        ("get_access_key_last_used", {"AccessKeyId": account.root.access_key_id}),
    ):
        with refused("AccessDenied", 403):
            getattr(bob.iam, call)(**parameters)
    for key in (eve.keys.access_key_id, account.root.access_key_id):
        with refused("NoSuchEntity", 404):
            bob.iam.delete_access_key(AccessKeyId=key)
    assert eve.sts.get_caller_identity()["Arn"] == eve.arn


def test_root_manages_its_own_keys(account):
    new = account.iam.create_access_key()["AccessKey"]
    second = account.client("iam", new["AccessKeyId"], new["SecretAccessKey"])
    second.delete_access_key(AccessKeyId=account.root.access_key_id)
    assert [key["AccessKeyId"] for key in second.list_access_keys()["AccessKeyMetadata"]] == [new["AccessKeyId"]]
    with refused("InvalidClientTokenId", 403):
        account.sts.get_caller_identity()


def test_the_last_use_of_a_key_is_told(account):
    bob = account.user("bob")
    bob.sts.get_caller_identity()
    told = account.iam.get_access_key_last_used(AccessKeyId=bob.keys.access_key_id)
    assert told["UserName"] == "bob"
    assert told["AccessKeyLastUsed"]["ServiceName"] == "sts"
    assert "LastUsedDate" in told["AccessKeyLastUsed"]


def test_a_third_key_is_refused(account):
    account.user("bob")
    account.iam.create_access_key(UserName="bob")
    with refused("LimitExceeded", 409):
        account.iam.create_access_key(UserName="bob")

"""Evidence for access keys."""

from __future__ import annotations

from typing import Any

from api.evidence.families import Caller, ErrorCase, Family, never

NO_KEY = {"AccessKeyId": "AKIA0000000000000000"}
KEY_OPERATIONS: dict[str, dict[str, Any]] = {
    "CreateAccessKey": {},
    "ListAccessKeys": {},
    "UpdateAccessKey": {**NO_KEY, "Status": "Inactive"},
    "DeleteAccessKey": NO_KEY,
}


def tour(caller: Caller) -> None:
    iam = caller.iam
    iam.create_user(UserName="ann")
    key = iam.create_access_key(UserName="ann")["AccessKey"]["AccessKeyId"]
    iam.update_access_key(UserName="ann", AccessKeyId=key, Status="Inactive")
    (shown,) = iam.list_access_keys(UserName="ann")["AccessKeyMetadata"]
    assert (shown["AccessKeyId"], shown["Status"]) == (key, "Inactive")
    used = iam.get_access_key_last_used(AccessKeyId=key)
    assert (used["UserName"], used["AccessKeyLastUsed"]) == ("ann", {"ServiceName": "N/A", "Region": "N/A"})
    iam.delete_access_key(UserName="ann", AccessKeyId=key)
    assert iam.list_access_keys(UserName="ann")["AccessKeyMetadata"] == []


def make_a_third_key(caller: Caller) -> None:
    caller.iam.create_user(UserName="ann")
    for _ in range(3):
        caller.iam.create_access_key(UserName="ann")


def let_a_key_expire(caller: Caller) -> None:
    caller.iam.create_user(UserName="ann")
    key = caller.iam.create_access_key(UserName="ann")["AccessKey"]["AccessKeyId"]
    caller.iam.update_access_key(UserName="ann", AccessKeyId=key, Status="Expired")


def of_nobody(operation: str) -> ErrorCase:
    """The user is not there."""
    more = KEY_OPERATIONS[operation]
    return ErrorCase(operation, "NoSuchEntity", lambda caller: caller.call(operation, UserName="nobody", **more))


FAMILY = Family(
    operations=frozenset({*KEY_OPERATIONS, "GetAccessKeyLastUsed"}),
    tour=tour,
    errors=(
        *(of_nobody(operation) for operation in KEY_OPERATIONS),
        ErrorCase("CreateAccessKey", "LimitExceeded", make_a_third_key),
        ErrorCase("UpdateAccessKey", "InvalidInput", let_a_key_expire),
    ),
    unreachable=never("LimitExceeded", "it uses nothing up", "UpdateAccessKey", "DeleteAccessKey"),
)

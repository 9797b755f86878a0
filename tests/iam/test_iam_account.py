"""Account aliases and GetAccountSummary."""

from __future__ import annotations

import pytest

from iam.harness import Iam, Server
from rolecall.errors import EntityAlreadyExists
from rolecall.wire.model import load_service

TEXT = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}'


def aliases(iam: Iam) -> list[str]:
    return iam("ListAccountAliases")["AccountAliases"]


def test_an_account_has_no_alias_until_it_gets_one(iam: Iam) -> None:
    assert iam("ListAccountAliases") == {"AccountAliases": [], "IsTruncated": False}
    iam("CreateAccountAlias", account_alias="acme")
    assert aliases(iam) == ["acme"]
    iam("DeleteAccountAlias", account_alias="acme")
    assert aliases(iam) == []


def test_a_new_alias_replaces_the_old_one(iam: Iam, server: Server) -> None:
    iam("CreateAccountAlias", account_alias="acme")
    iam("CreateAccountAlias", account_alias="acme-corp")
    assert aliases(iam) == ["acme-corp"]
    server.account("210987654321")("CreateAccountAlias", account_alias="acme")


def test_an_alias_belongs_to_one_account_only(iam: Iam, server: Server) -> None:
    iam("CreateAccountAlias", account_alias="acme")
    other = server.account("210987654321")
    with pytest.raises(EntityAlreadyExists, match=r"^The account alias acme already exists\.$"):
        other("CreateAccountAlias", account_alias="acme")
    assert aliases(other) == []


def test_the_summary_has_every_key_that_the_model_knows(iam: Iam) -> None:
    summary = iam("GetAccountSummary")["SummaryMap"]
    shape = load_service("iam").operations["GetAccountSummary"].output.members[0].shape
    assert set(summary) == set(shape.key.enum)


def test_the_summary_counts_what_the_account_has(iam: Iam, server: Server) -> None:
    iam("CreateUser", user_name="bob")
    iam("CreateUser", user_name="eve")
    iam("CreateGroup", group_name="devs")
    iam("CreateInstanceProfile", instance_profile_name="web")
    arn = iam("CreatePolicy", policy_name="p", policy_document=TEXT)["Policy"]["Arn"]
    iam("CreatePolicyVersion", policy_arn=arn, policy_document=TEXT)
    iam("PutUserPermissionsBoundary", user_name="bob", permissions_boundary=arn)
    for user in ("bob", "eve"):
        iam("AttachUserPolicy", user_name=user, policy_arn="arn:aws:iam::aws:policy/ReadOnlyAccess")
    iam("CreatePolicy", policy_name="unused", policy_document=TEXT)
    server.account("210987654321")("CreateUser", user_name="stranger")
    summary = iam("GetAccountSummary")["SummaryMap"]
    counted = ("Users", "Groups", "Roles", "InstanceProfiles", "Policies", "PolicyVersionsInUse")
    assert [summary[key] for key in counted] == [2, 1, 0, 1, 2, 2]


def test_the_summary_tells_whether_root_has_access_keys(iam: Iam) -> None:
    iam("CreateUser", user_name="bob")
    iam("CreateAccessKey", user_name="bob")
    assert iam("GetAccountSummary")["SummaryMap"]["AccountAccessKeysPresent"] == 0
    iam("CreateAccessKey")
    assert iam("GetAccountSummary")["SummaryMap"]["AccountAccessKeysPresent"] == 1

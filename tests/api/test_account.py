"""The account as a whole through boto3 against a running server: alias, summary, authorization details."""

from __future__ import annotations

import json
import secrets

from api.refusals import refused


def test_an_alias_is_unique_on_the_server(new_account):
    first, second = new_account(), new_account()
    alias = f"acme-{secrets.token_hex(8)}"
    first.iam.create_account_alias(AccountAlias=alias)
    assert first.iam.list_account_aliases()["AccountAliases"] == [alias]
    with refused("EntityAlreadyExists", 409):
        second.iam.create_account_alias(AccountAlias=alias)
    first.iam.delete_account_alias(AccountAlias=alias)
    second.iam.create_account_alias(AccountAlias=alias)


def test_the_summary_counts(account):
    account.user("bob")
    summary = account.iam.get_account_summary()["SummaryMap"]
    assert (summary["Users"], summary["UsersQuota"], summary["AccountAccessKeysPresent"]) == (1, 5000, 1)


def test_the_authorization_details_come_with_documents(account):
    statement = {"Effect": "Allow", "Action": "iam:GetUser", "Resource": "*"}
    account.user("bob", statement)
    account.iam.create_group(GroupName="devs")
    account.iam.attach_group_policy(GroupName="devs", PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{account.id}:user/bob"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
    account.iam.create_role(RoleName="web", AssumeRolePolicyDocument=json.dumps(trust))
    pages = account.iam.get_paginator("get_account_authorization_details").paginate(PaginationConfig={"PageSize": 1})
    whole = pages.build_full_result()
    (user,), (group,), (role,) = whole["UserDetailList"], whole["GroupDetailList"], whole["RoleDetailList"]
    assert user["UserPolicyList"][0]["PolicyDocument"]["Statement"] == [statement]
    assert group["AttachedManagedPolicies"][0]["PolicyName"] == "ReadOnlyAccess"
    assert role["AssumeRolePolicyDocument"] == trust
    (policy,) = whole["Policies"]
    assert policy["PolicyVersionList"][0]["Document"]["Version"] == "2012-10-17"


def test_none_of_it_is_told_without_permission(account):
    bob = account.user("bob")
    for call in ("get_account_summary", "list_account_aliases", "get_account_authorization_details"):
        with refused("AccessDenied", 403):
            getattr(bob.iam, call)()

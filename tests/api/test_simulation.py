"""Simulations through boto3: whole answers on the wire, permissions, and the same decisions as real calls."""

from __future__ import annotations

import json

import pytest

from api.refusals import denied, refused

ALLOW = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}'
REPORT = "arn:aws:s3:::reports/a"
ON_ITSELF = {"Effect": "Allow", "Action": "iam:Simulate*", "Resource": "arn:aws:iam::*:user/dev/*"}


def decision(client, arn, action, resource="*"):
    results = client.simulate_principal_policy(PolicySourceArn=arn, ActionNames=[action], ResourceArns=[resource])
    return results["EvaluationResults"][0]["EvalDecision"]


def test_a_whole_answer_arrives(account):
    answer = account.iam.simulate_custom_policy(
        PolicyInputList=[ALLOW],
        ActionNames=["s3:GetObject"],
        ResourceArns=[REPORT],
        PermissionsBoundaryPolicyInputList=[ALLOW],
        OrderedOrganizationPolicyInputList=[{"ServiceControlPolicyInputList": [ALLOW]}],
        ContextEntries=[
            {"ContextKeyName": "aws:TagKeys", "ContextKeyType": "stringList", "ContextKeyValues": ["a", "b"]}
        ],
    )
    statement = {
        "SourcePolicyId": "PolicyInputList.1",
        "SourcePolicyType": "IAM Policy",
        "StartPosition": {"Line": 1, "Column": 38},
        "EndPosition": {"Line": 1, "Column": 95},
    }
    assert answer["EvaluationResults"] == [
        {
            "EvalActionName": "s3:GetObject",
            "EvalResourceName": REPORT,
            "EvalDecision": "allowed",
            "MatchedStatements": [statement],
            "MissingContextValues": [],
            "OrganizationsDecisionDetail": {"AllowedByOrganizations": True},
            "PermissionsBoundaryDecisionDetail": {"AllowedByPermissionsBoundary": True},
            "EvalDecisionDetails": {},
            "ResourceSpecificResults": [
                {
                    "EvalResourceName": REPORT,
                    "EvalResourceDecision": "allowed",
                    "MatchedStatements": [statement],
                    "PermissionsBoundaryDecisionDetail": {"AllowedByPermissionsBoundary": True},
                }
            ],
        }
    ]
    assert answer["IsTruncated"] is False


def test_details_across_accounts_arrive(account):
    (result,) = account.iam.simulate_custom_policy(
        PolicyInputList=[],
        ActionNames=["s3:GetObject"],
        ResourceArns=[REPORT],
        ResourceOwner="arn:aws:iam::999999999999:root",
        CallerArn=f"arn:aws:iam::{account.id}:user/ann",
        ResourcePolicy=ALLOW.replace('"*"', '"arn:aws:s3:::reports/*","Principal":"*"'),
    )["EvaluationResults"]
    assert result["EvalDecision"] == "implicitDeny"
    assert result["EvalDecisionDetails"] == {"Resource Policy": "allowed", "IAM Policy": "implicitDeny"}


def test_the_paginator_collects_all_pages(account):
    actions = [f"s3:Get{number}" for number in range(7)]
    paginator = account.iam.get_paginator("simulate_custom_policy")
    pages = paginator.paginate(PolicyInputList=[ALLOW], ActionNames=actions, PaginationConfig={"PageSize": 3})
    sizes, names = [], []
    for page in pages:
        sizes.append(len(page["EvaluationResults"]))
        names += [result["EvalActionName"] for result in page["EvaluationResults"]]
    assert (sizes, names) == ([3, 3, 1], actions)


def test_context_keys_arrive(account):
    policy = ALLOW.replace('"*"', '"arn:aws:s3:::homes/${aws:username}"')
    listed = account.iam.get_context_keys_for_custom_policy(PolicyInputList=[policy])
    assert listed["ContextKeyNames"] == ["aws:username"]
    user = account.user("ann", {"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::homes/${aws:userid}"})
    listed = account.iam.get_context_keys_for_principal_policy(PolicySourceArn=user.arn, PolicyInputList=[policy])
    assert listed["ContextKeyNames"] == ["aws:username", "aws:userid"]


def test_a_simulation_of_a_user_decides_as_its_real_calls_are_decided(account):
    bounds = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "iam:Get*", "Resource": "*"}]}
    arn = account.iam.create_policy(PolicyName="bounds", PolicyDocument=json.dumps(bounds))["Policy"]["Arn"]
    own = "arn:aws:iam::*:user/${aws:username}"
    ann = account.user(
        "ann",
        {"Effect": "Allow", "Action": "iam:*", "Resource": own},
        {"Effect": "Deny", "Action": "iam:GetLoginProfile", "Resource": "*"},
    )
    account.iam.put_user_permissions_boundary(UserName="ann", PermissionsBoundary=arn)
    other = account.user("bob")

    assert decision(account.iam, ann.arn, "iam:GetUser", ann.arn) == "allowed"
    ann.iam.get_user(UserName="ann")
    assert decision(account.iam, ann.arn, "iam:GetUser", other.arn) == "implicitDeny"
    with denied("because no identity-based policy allows the iam:GetUser action"):
        ann.iam.get_user(UserName="bob")
    assert decision(account.iam, ann.arn, "iam:ListAccessKeys", ann.arn) == "implicitDeny"
    with denied("because no permissions boundary allows the iam:ListAccessKeys action"):
        ann.iam.list_access_keys(UserName="ann")


def test_a_user_may_simulate_only_those_whom_its_policies_name(account):
    ann = account.user("ann", ON_ITSELF)
    account.iam.create_user(UserName="bob", Path="/dev/")
    bob = f"arn:aws:iam::{account.id}:user/dev/bob"
    assert decision(ann.iam, bob, "s3:GetObject") == "implicitDeny"
    claimed = f"arn:aws:iam::{account.id}:user/dev/ann"
    with denied(f"iam:SimulatePrincipalPolicy on resource: {claimed}"):
        decision(ann.iam, claimed, "s3:GetObject")  # there is no such user; ann has no path
    with denied("iam:SimulateCustomPolicy on resource: *"):
        ann.iam.simulate_custom_policy(PolicyInputList=[ALLOW], ActionNames=["s3:GetObject"])
    with denied("iam:GetContextKeysForPrincipalPolicy"):
        ann.iam.get_context_keys_for_principal_policy(PolicySourceArn=bob)


def test_what_is_not_there_and_what_makes_no_sense_is_refused(account):
    with refused("NoSuchEntity", 404, "Unable to retrieve specified IAM entity."):
        decision(account.iam, f"arn:aws:iam::{account.id}:role/none", "s3:GetObject")
    with refused("InvalidInput", 400, "Policy input list item 1 has invalid content"):
        account.iam.simulate_custom_policy(PolicyInputList=["{}"], ActionNames=["s3:GetObject"])


@pytest.mark.parametrize("marker", ["nonsense", "c2ltdWxhdGlvbjot", "c2ltdWxhdGlvbjo="])
def test_a_marker_that_was_never_given_out_is_refused(account, marker):
    with refused("InvalidInput", 400, "Invalid marker for pagination."):
        account.iam.simulate_custom_policy(PolicyInputList=[ALLOW], ActionNames=["s3:GetObject"], Marker=marker)

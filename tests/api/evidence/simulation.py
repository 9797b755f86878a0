"""Evidence for simulation and for the details of a whole account."""

from __future__ import annotations

from api.evidence.families import Caller, ErrorCase, Family, never
from api.evidence.managed_policies import DOCUMENT

READ = {"ActionNames": ["s3:GetObject"]}


def user_arn(caller: Caller) -> str:
    return f"arn:aws:iam::{caller.account_id}:user/ann"


def tour(caller: Caller) -> None:
    iam = caller.iam
    iam.create_user(UserName="ann")
    iam.put_user_policy(UserName="ann", PolicyName="read", PolicyDocument=DOCUMENT)
    for answer in (
        iam.simulate_custom_policy(PolicyInputList=[DOCUMENT], **READ),
        iam.simulate_principal_policy(PolicySourceArn=user_arn(caller), **READ),
    ):
        assert [result["EvalDecision"] for result in answer["EvaluationResults"]] == ["allowed"]
    for keys in (
        iam.get_context_keys_for_custom_policy(PolicyInputList=[DOCUMENT]),
        iam.get_context_keys_for_principal_policy(PolicySourceArn=user_arn(caller)),
    ):
        assert keys["ContextKeyNames"] == []
    details = iam.get_account_authorization_details()
    assert [user["UserName"] for user in details["UserDetailList"]] == ["ann"]


FAMILY = Family(
    operations=frozenset(
        {
            "SimulateCustomPolicy",
            "SimulatePrincipalPolicy",
            "GetContextKeysForCustomPolicy",
            "GetContextKeysForPrincipalPolicy",
            "GetAccountAuthorizationDetails",
        }
    ),
    tour=tour,
    errors=(
        ErrorCase(
            "SimulateCustomPolicy",
            "InvalidInput",
            lambda caller: caller.iam.simulate_custom_policy(PolicyInputList=["{}"], **READ),
        ),
        ErrorCase(
            "SimulatePrincipalPolicy",
            "NoSuchEntity",
            lambda caller: caller.iam.simulate_principal_policy(PolicySourceArn=user_arn(caller), **READ),
        ),
        ErrorCase(
            "SimulatePrincipalPolicy",
            "InvalidInput",
            lambda caller: caller.iam.simulate_principal_policy(PolicySourceArn="x" * 20, **READ),
        ),
        ErrorCase(
            "GetContextKeysForCustomPolicy",
            "InvalidInput",
            lambda caller: caller.iam.get_context_keys_for_custom_policy(PolicyInputList=["{}"]),
        ),
        ErrorCase(
            "GetContextKeysForPrincipalPolicy",
            "NoSuchEntity",
            lambda caller: caller.iam.get_context_keys_for_principal_policy(PolicySourceArn=user_arn(caller)),
        ),
        ErrorCase(
            "GetContextKeysForPrincipalPolicy",
            "InvalidInput",
            lambda caller: caller.iam.get_context_keys_for_principal_policy(PolicySourceArn="x" * 20),
        ),
    ),
    unreachable=never(
        "PolicyEvaluation",
        "evaluation never fails: what it could not judge is refused when it is read",
        "SimulateCustomPolicy",
        "SimulatePrincipalPolicy",
    ),
)

"""Evidence for role templates and the roles that are acquired from them."""

from __future__ import annotations

import json
from typing import Any

from api.delegations import role_template
from api.evidence.families import Caller, ErrorCase, Family, never
from rolecall.iam.quotas import ROLES
from rolecall.names.arn import AccountId
from rolecall.state.entities import Role

MISSING = "arn:aws:iam::aws:role-template/test.amazonaws.com/Missing:1"


def register(caller: Caller, **changes: Any) -> str:
    """A role template that only this caller knows; its ARN."""
    template = role_template(f"Reader-{caller.account_id}", **changes)
    caller.put(template)
    return str(template.arn)


def acquire(caller: Caller, arn: str, **values: str) -> dict[str, Any]:
    """The role that the template makes, for EC2 unless `values` say otherwise."""
    given = {"Service": "ec2.amazonaws.com"} | values
    answer = caller.iam.acquire_role(
        TemplateArn=arn, ReplacementValues={name: {"Values": [value]} for name, value in given.items()}
    )
    return dict(answer["Role"])


def tour(caller: Caller) -> None:
    arn = register(caller)
    version = caller.iam.get_role_template_version(TemplateArn=arn)["RoleTemplateVersion"]
    assert version["AssumeRolePolicyDocumentTemplate"]["Statement"][0]["Principal"] == {"Service": "@{Service}"}
    assert acquire(caller, arn)["RoleName"] == "reader"
    source = caller.iam.get_role(RoleName="reader")["Role"]["SourceRoleTemplate"]
    assert source == {"TemplateArn": arn, "TemplateMinorVersion": 0}


def make_one_role_too_many(caller: Caller) -> None:
    account = AccountId(caller.account_id)
    caller.put(
        *(
            Role(account=account, id=f"AROA{account}{n:05}", name=f"role{n}", created_at=0, trust_policy="{}")
            for n in range(ROLES.limit)
        )
    )
    acquire(caller, register(caller))


def change_the_role(caller: Caller) -> None:
    arn = register(caller)
    acquire(caller, arn)
    caller.iam.tag_role(RoleName="reader", Tags=[{"Key": "team", "Value": "storage"}])
    acquire(caller, arn)


def take_the_name(caller: Caller) -> None:
    trust = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    caller.iam.create_role(
        RoleName="reader", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": trust})
    )
    acquire(caller, register(caller))


FAMILY = Family(
    operations=frozenset({"GetRoleTemplateVersion", "AcquireRole"}),
    tour=tour,
    errors=(
        ErrorCase(
            "GetRoleTemplateVersion",
            "NoSuchEntity",
            lambda caller: caller.iam.get_role_template_version(TemplateArn=MISSING),
        ),
        ErrorCase(
            "GetRoleTemplateVersion",
            "InvalidInput",
            lambda caller: caller.iam.get_role_template_version(TemplateArn="this is no ARN at all"),
        ),
        ErrorCase("AcquireRole", "NoSuchEntity", lambda caller: acquire(caller, MISSING)),
        ErrorCase("AcquireRole", "LimitExceeded", make_one_role_too_many),
        ErrorCase("AcquireRole", "InvalidInput", lambda caller: acquire(caller, register(caller), Colour="red")),
        ErrorCase("AcquireRole", "RoleModified", change_the_role),
        ErrorCase("AcquireRole", "NameConflict", take_the_name),
        ErrorCase(
            "AcquireRole",
            "MalformedPolicyDocument",
            lambda caller: acquire(caller, register(caller), Service="not-a-service"),
        ),
        ErrorCase(
            "AcquireRole",
            "RoleTemplateDisabled",
            lambda caller: acquire(caller, register(caller, Enabled=False)),
        ),
    ),
    unreachable=never("EntityAlreadyExists", "a name that is taken answers NameConflict", "AcquireRole"),
)

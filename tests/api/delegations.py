"""Templates on the running server, and requests made from them, for the tests that speak to it."""

from __future__ import annotations

import random
from typing import Any

from iam.template_samples import read
from rolecall.iam.templates.registration import Template
from rolecall.state.store import Store

PARAMETERS = [
    {"Name": "bucketNames", "Values": ["reports"], "Type": "stringList"},
    {"Name": "MAKES_ROLES", "Values": ["False"], "Type": "string"},
]
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "@{Service}"}, "Action": "sts:AssumeRole"}],
}


def register(store: Store, *templates: Template) -> None:
    """Register templates as the operator does."""

    def write(draft: Any) -> None:
        for template in templates:
            draft.put(template)

    store.write(write).result()


def role_template(name: str, **changes: Any) -> Template:
    """A role template of that name, which no other test shares."""
    shape = {
        "TemplateArn": f"arn:aws:iam::aws:role-template/test.amazonaws.com/{name}:1",
        "RoleNamePattern": "@{RoleName}",
        "AssumeRolePolicyDocumentTemplate": TRUST,
        "ManagedPolicyArns": ["arn:aws:iam::aws:policy/ReadOnlyAccess"],
        "ParametersDefinition": [
            {"Name": "Service", "Type": "String", "IsRequired": True},
            {"Name": "RoleName", "Type": "String", "DefaultValue": "reader"},
        ],
    }
    return read({"RoleTemplateVersion": shape | changes})


def request_from(arn: str, account: str, **changes: Any) -> dict[str, Any]:
    """What CreateDelegationRequest takes, for a template of `account`."""
    return {
        "Description": "Set up reports",
        "Permissions": {"PolicyTemplateArn": arn, "Parameters": PARAMETERS},
        "RequestorWorkflowId": f"workflow-{random.getrandbits(64)}",
        "NotificationChannel": f"arn:aws:sns:us-east-1:{account}:delegations",
        "SessionDuration": 3600,
    } | changes

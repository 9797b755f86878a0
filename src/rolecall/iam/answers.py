"""The parts that the answers of several entities share: tags, boundaries, attached and inline policies.

The shapes of one entity live with it (`rolecall.iam.answers_of_users`, …). Members are the model's, by its names; a
member that is None is left out of the answer.
"""

from __future__ import annotations

from rolecall.iam.documents import encode_document
from rolecall.names.arn import parse_arn
from rolecall.state.entities import PolicyHolder, Tag


def tag_list(tags: tuple[Tag, ...]) -> list[dict[str, object]]:
    """The model's `tagListType`."""
    return [tag_element(tag) for tag in tags]


def tag_element(tag: Tag) -> dict[str, object]:
    """The model's `Tag`."""
    return {"Key": tag.key, "Value": tag.value}


def attached_boundary(policy_arn: str | None) -> dict[str, object] | None:
    """The model's `AttachedPermissionsBoundary`; None if there is no boundary.

    The model knows the type `PermissionsBoundaryPolicy` alone, yet all of AWS's recorded answers say `Policy`
    (localstack/localstack, test_iam_roles.snapshot.json; radkawar/stackd, role_wire_aws.json).
    """
    if policy_arn is None:
        return None
    return {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": policy_arn}


def attached_policy(policy_arn: str) -> dict[str, object]:
    """The model's `AttachedPolicy`."""
    return {"PolicyName": parse_arn(policy_arn).resource_name, "PolicyArn": policy_arn}


def attached_policies(holder: PolicyHolder) -> list[dict[str, object]]:
    """What a `…Detail` shape says under `AttachedManagedPolicies`."""
    return [attached_policy(arn) for arn in sorted(holder.attached_policies)]


def inline_policies(holder: PolicyHolder) -> list[dict[str, object]]:
    """What a `…Detail` shape says under `UserPolicyList` and its like."""
    return [
        {"PolicyName": policy.name, "PolicyDocument": encode_document(policy.document)}
        for policy in sorted(holder.inline_policies, key=lambda policy: policy.name)
    ]

"""What answers show of a managed policy and its versions, be it the account's or AWS's (identities.md §7)."""

from __future__ import annotations

from rolecall.catalog.managed_policies import AwsManagedPolicy
from rolecall.iam.answers import tag_list
from rolecall.iam.documents import encode_document
from rolecall.iam.policy_lookup import Policy
from rolecall.operations.transaction import Transaction
from rolecall.state.entities import ManagedPolicy, PolicyVersion


def listed_policy(tx: Transaction, policy: Policy) -> dict[str, object]:
    """A policy as ListPolicies shows it. The counts are of the caller's account."""
    arn = str(policy.arn)
    return {
        "PolicyName": policy.name,
        "PolicyId": policy.id,
        "Arn": arn,
        "Path": policy.path,
        "DefaultVersionId": policy.default_version_id,
        "AttachmentCount": tx.world.attachment_count(tx.account, arn),
        "PermissionsBoundaryUsageCount": tx.world.boundary_count(tx.account, arn),
        "IsAttachable": True,
        "CreateDate": policy.created_at,
        "UpdateDate": policy.updated_at,
    }


def created_policy(tx: Transaction, policy: ManagedPolicy) -> dict[str, object]:
    """A policy as CreatePolicy shows it: without its description, and with tags only if it has some.

    Recorded from AWS: localstack/localstack, test_iam_policies.snapshot.json.
    """
    return listed_policy(tx, policy) | {"Tags": tag_list(policy.tags) or None}


def whole_policy(tx: Transaction, policy: Policy) -> dict[str, object]:
    """A policy as GetPolicy shows it."""
    shown = listed_policy(tx, policy)
    if isinstance(policy, AwsManagedPolicy):
        return shown | {"Tags": []}
    return shown | {"Description": policy.description or None, "Tags": tag_list(policy.tags)}


def versions_of(policy: Policy) -> tuple[PolicyVersion, ...]:
    """The versions of a policy. Of AWS's only the default one is known."""
    if isinstance(policy, AwsManagedPolicy):
        return (PolicyVersion(policy.default_version_id, policy.document, policy.updated_at),)
    return policy.versions


def listed_version(policy: Policy, version: PolicyVersion) -> dict[str, object]:
    """A version as CreatePolicyVersion and ListPolicyVersions show it: without the document."""
    return {
        "VersionId": version.id,
        "IsDefaultVersion": version.id == policy.default_version_id,
        "CreateDate": version.created_at,
    }


def whole_version(policy: Policy, version: PolicyVersion) -> dict[str, object]:
    """A version as GetPolicyVersion shows it."""
    return listed_version(policy, version) | {"Document": encode_document(version.document)}

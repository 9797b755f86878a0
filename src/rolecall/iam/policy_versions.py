"""Versions of managed policies. Only the default version of a policy has an effect (identities.md §7)."""

from __future__ import annotations

from msgspec.structs import replace

from rolecall.errors import DeleteConflict, LimitExceeded, NoSuchEntity
from rolecall.iam.access import on_policy
from rolecall.iam.answers_of_policies import listed_version, versions_of, whole_version
from rolecall.iam.documents import parse_managed_policy
from rolecall.iam.paging import page
from rolecall.iam.policy_lookup import Policy, find_customer_policy, find_policy
from rolecall.iam.quotas import VERSIONS_PER_POLICY
from rolecall.iam.registry import operation
from rolecall.operations.registry import Answer
from rolecall.operations.transaction import Transaction
from rolecall.state.entities import PolicyVersion


@operation("CreatePolicyVersion", access=on_policy, writes=True)
def create_policy_version(
    tx: Transaction, *, policy_arn: str, policy_document: str, set_as_default: bool = False
) -> Answer:
    """Add a version to a customer managed policy."""
    policy = find_customer_policy(tx, policy_arn, action="iam:CreatePolicyVersion")
    parse_managed_policy(policy_document)
    if len(policy.versions) >= VERSIONS_PER_POLICY:
        raise LimitExceeded(
            f"A managed policy can have up to {VERSIONS_PER_POLICY} versions. Before you create a new version, you "
            "must delete an existing version."
        )
    version = PolicyVersion(f"v{policy.next_version}", policy_document, tx.now)
    changed = replace(
        policy,
        versions=(*policy.versions, version),
        default_version_id=version.id if set_as_default else policy.default_version_id,
        next_version=policy.next_version + 1,
        updated_at=tx.now,
    )
    tx.put(changed)
    return {"PolicyVersion": listed_version(changed, version)}


@operation("GetPolicyVersion", access=on_policy)
def get_policy_version(tx: Transaction, *, policy_arn: str, version_id: str) -> Answer:
    """Show a version and its document."""
    policy = find_policy(tx, policy_arn, missing=_no_version(version_id))
    return {"PolicyVersion": whole_version(policy, _find_version(policy, version_id))}


@operation("ListPolicyVersions", access=on_policy)
def list_policy_versions(
    tx: Transaction, *, policy_arn: str, marker: str | None = None, max_items: int | None = None
) -> Answer:
    """List the versions of a policy, newest first."""
    policy = find_policy(tx, policy_arn)
    return page(
        versions_of(policy),
        order=lambda version: _newest_first(version.id),
        member="Versions",
        render=lambda version: listed_version(policy, version),
        marker=marker,
        max_items=max_items,
    )


@operation("SetDefaultPolicyVersion", access=on_policy, writes=True)
def set_default_policy_version(tx: Transaction, *, policy_arn: str, version_id: str) -> Answer:
    """Put another version of a customer managed policy into effect."""
    policy = find_customer_policy(tx, policy_arn, action="iam:SetDefaultPolicyVersion", missing=_no_version(version_id))
    version = _find_version(policy, version_id)
    tx.put(replace(policy, default_version_id=version.id))
    return None


@operation("DeletePolicyVersion", access=on_policy, writes=True)
def delete_policy_version(tx: Transaction, *, policy_arn: str, version_id: str) -> Answer:
    """Delete a version that is not the default. Its number is not used again."""
    policy = find_customer_policy(tx, policy_arn, action="iam:DeletePolicyVersion", missing=_no_version(version_id))
    version = _find_version(policy, version_id)
    if version.id == policy.default_version_id:
        raise DeleteConflict("Cannot delete the default version of a policy.")
    tx.put(replace(policy, versions=tuple(other for other in policy.versions if other.id != version.id)))
    return None


def _find_version(policy: Policy, version_id: str) -> PolicyVersion:
    for version in versions_of(policy):
        if version.id == version_id:
            return version
    raise NoSuchEntity(_no_version(version_id).format(arn=policy.arn))


def _no_version(version_id: str) -> str:
    """AWS's text for a version that is not there, be it for want of the policy; `{arn}` stands for the policy's."""
    return f"Policy {{arn}} version {version_id} does not exist or is not attachable."


def _newest_first(version_id: str) -> str:
    return f"{10**12 - int(version_id.removeprefix('v')):012d}"

"""Managed policies: the account's own, and AWS's, which every account can read and attach (identities.md §7).

Their versions are in `policy_versions`, attaching them in `identity_policies`.
"""

from __future__ import annotations

from collections.abc import Iterator

from rolecall.catalog.managed_policies import AwsManagedPolicy, aws_managed_policies
from rolecall.errors import DeleteConflict, EntityAlreadyExists
from rolecall.iam.access import on_list, on_new_policy, on_policy
from rolecall.iam.answers_of_policies import created_policy, listed_policy, whole_policy
from rolecall.iam.documents import parse_managed_policy
from rolecall.iam.paging import cut, page
from rolecall.iam.policy_lookup import NOT_ATTACHABLE, Policy, find_customer_policy, find_policy
from rolecall.iam.quotas import POLICIES
from rolecall.iam.registry import operation
from rolecall.iam.tags import TagParameters, new_tags
from rolecall.names.arn import AWS_ACCOUNT
from rolecall.names.ids import IdPrefix
from rolecall.operations.registry import Answer
from rolecall.operations.transaction import Transaction
from rolecall.state.entities import Group, ManagedPolicy, PolicyHolder, PolicyVersion, Role, User

FIRST_VERSION = "v1"
PERMISSIONS_POLICY = "PermissionsPolicy"
PERMISSIONS_BOUNDARY = "PermissionsBoundary"
"""The two uses of a policy: the model's `PolicyUsageType`."""

HOLDERS: tuple[type[PolicyHolder], ...] = (Group, User, Role)


@operation("CreatePolicy", access=on_new_policy, writes=True)
def create_policy(
    tx: Transaction,
    *,
    policy_name: str,
    policy_document: str,
    path: str = "/",
    description: str = "",
    tags: TagParameters | None = None,
) -> Answer:
    """Make a customer managed policy; the document is its version v1."""
    parse_managed_policy(policy_document)
    policy_tags = new_tags(ManagedPolicy, tags)
    if tx.world.named(ManagedPolicy, tx.account, policy_name) is not None:
        raise EntityAlreadyExists(f"A policy called {policy_name} already exists. Duplicate names are not allowed.")
    POLICIES.check(tx.world.count(ManagedPolicy, tx.account) + 1)
    policy = ManagedPolicy(
        account=tx.account,
        id=tx.new_id(IdPrefix.MANAGED_POLICY),
        name=policy_name,
        path=path,
        created_at=tx.now,
        updated_at=tx.now,
        tags=policy_tags,
        description=description,
        versions=(PolicyVersion(FIRST_VERSION, policy_document, tx.now),),
        default_version_id=FIRST_VERSION,
    )
    tx.put(policy)
    return {"Policy": created_policy(tx, policy)}


@operation("GetPolicy", access=on_policy)
def get_policy(tx: Transaction, *, policy_arn: str) -> Answer:
    """Show a managed policy, without its document."""
    return {"Policy": whole_policy(tx, find_policy(tx, policy_arn))}


@operation("ListPolicies", access=on_list(ManagedPolicy))
def list_policies(
    tx: Transaction,
    *,
    scope: str = "All",
    only_attached: bool = False,
    path_prefix: str = "/",
    policy_usage_filter: str | None = None,
    marker: str | None = None,
    max_items: int | None = None,
) -> Answer:
    """List the managed policies below a path, AWS's among them unless `scope` is `Local`.

    Only together with `only_attached` does `policy_usage_filter` have an effect; without it, both uses count (recorded
    from AWS: radkawar/stackd, policy_management.json).
    """
    uses = (policy_usage_filter,) if policy_usage_filter is not None else (PERMISSIONS_POLICY, PERMISSIONS_BOUNDARY)
    return page(
        (
            policy
            for policy in _policies_in(tx, scope)
            if policy.path.startswith(path_prefix)
            and (not only_attached or any(_is_used(tx, policy, usage) for usage in uses))
        ),
        order=_name_and_owner,
        member="Policies",
        render=lambda policy: listed_policy(tx, policy),
        marker=marker,
        max_items=max_items,
    )


@operation("ListEntitiesForPolicy", access=on_policy)
def list_entities_for_policy(
    tx: Transaction,
    *,
    policy_arn: str,
    entity_filter: str | None = None,
    path_prefix: str = "/",
    policy_usage_filter: str | None = None,
    marker: str | None = None,
    max_items: int | None = None,
) -> Answer:
    """List the users, groups and roles of the account that use a policy, as permissions policy or as boundary."""
    find_policy(tx, policy_arn, missing=NOT_ATTACHABLE)
    found = {
        holder.id: holder
        for kind in HOLDERS
        if entity_filter in (None, kind.__name__)
        for holder in _used_by(tx, kind, policy_arn, policy_usage_filter)
        if holder.path.startswith(path_prefix)
    }
    shown, truncation = cut(
        found.values(), order=lambda holder: f"{holder.kind} {holder.name}", marker=marker, max_items=max_items
    )
    return {
        f"Policy{kind.__name__}s": [
            {f"{kind.__name__}Name": holder.name, f"{kind.__name__}Id": holder.id}
            for holder in shown
            if isinstance(holder, kind)
        ]
        for kind in HOLDERS
    } | truncation


@operation("DeletePolicy", access=on_policy, writes=True)
def delete_policy(tx: Transaction, *, policy_arn: str) -> Answer:
    """Delete a customer managed policy that nobody uses and that has no version but the default one."""
    policy = find_customer_policy(tx, policy_arn, action="iam:DeletePolicy")
    if _is_used(tx, policy, PERMISSIONS_POLICY) or _is_used(tx, policy, PERMISSIONS_BOUNDARY):
        raise DeleteConflict("Cannot delete a policy attached to entities.")
    if len(policy.versions) > 1:
        raise DeleteConflict(
            "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. "
            "The default version is deleted with the policy."
        )
    tx.delete(policy)
    return None


def _policies_in(tx: Transaction, scope: str) -> Iterator[Policy]:
    if scope != "AWS":
        yield from tx.world.owned(ManagedPolicy, tx.account)
    if scope != "Local":
        yield from aws_managed_policies().values()


def _name_and_owner(policy: Policy) -> str:
    # Names hold no spaces; a policy of the account may be called like one of AWS's.
    return f"{policy.name} {AWS_ACCOUNT if isinstance(policy, AwsManagedPolicy) else policy.account}"


def _is_used(tx: Transaction, policy: Policy, usage: str) -> bool:
    count = tx.world.boundary_count if usage == PERMISSIONS_BOUNDARY else tx.world.attachment_count
    return count(tx.account, str(policy.arn)) > 0


def _used_by(tx: Transaction, kind: type[PolicyHolder], policy_arn: str, usage: str | None) -> Iterator[PolicyHolder]:
    if usage != PERMISSIONS_BOUNDARY:
        yield from tx.world.attached_to(kind, tx.account, policy_arn)
    if usage != PERMISSIONS_POLICY:
        yield from tx.world.bounded_by(kind, tx.account, policy_arn)

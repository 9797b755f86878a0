"""The policies of users, groups and roles: those that live in them and those that are attached. One table, three kinds.

Each function is registered once for each kind (see `rolecall.iam.parameters`).
The texts of policies are judged in `rolecall.iam.documents`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from msgspec.structs import replace

from rolecall.errors import NoSuchEntity
from rolecall.iam.access import on_group, on_role, on_user
from rolecall.iam.answers import attached_policy
from rolecall.iam.documents import check_inline_size, encode_document, parse_identity_policy
from rolecall.iam.find import find_group, find_role, find_user
from rolecall.iam.paging import page
from rolecall.iam.parameters import EntityKind, for_each
from rolecall.iam.policy_lookup import NOT_FOUND, NOT_VALID, find_attachable_policy, find_policy
from rolecall.iam.protected import modifiable
from rolecall.iam.quotas import POLICIES_PER_GROUP, POLICIES_PER_ROLE, POLICIES_PER_USER, Quota
from rolecall.names.arn import parse_arn
from rolecall.names.case import lower_name
from rolecall.operations.registry import Answer
from rolecall.operations.transaction import Transaction
from rolecall.state.entities import InlinePolicy, PolicyHolder


class HolderKind(EntityKind, frozen=True, kw_only=True):
    """Users, groups or roles as holders of policies.

    Parameters: `find`, how one is found by name; `attached_quota`, how many policies may be attached to one.
    """

    find: Callable[[Transaction, str], PolicyHolder]
    attached_quota: Quota


HOLDER_KINDS = (
    HolderKind(noun="User", parameter="user_name", access=on_user, find=find_user, attached_quota=POLICIES_PER_USER),
    HolderKind(
        noun="Group", parameter="group_name", access=on_group, find=find_group, attached_quota=POLICIES_PER_GROUP
    ),
    HolderKind(noun="Role", parameter="role_name", access=on_role, find=find_role, attached_quota=POLICIES_PER_ROLE),
)


@for_each(HOLDER_KINDS, "Put{}Policy", writes=True)
def put_policy(kind: HolderKind, tx: Transaction, *, name: str, policy_name: str, policy_document: str) -> Answer:
    """Write an inline policy, in place of the one of that name, in whatever case, which keeps its name."""
    holder = modifiable(kind.find(tx, name))
    before = _named(holder, policy_name)
    policy = InlinePolicy(policy_name if before is None else before.name, policy_document)
    policies = (*_others(holder, before), policy)
    check_inline_size(holder, (policy.document for policy in policies))  # before parsing, as for managed policies
    parse_identity_policy(policy_document)
    tx.put(replace(holder, inline_policies=policies))
    return None


@for_each(HOLDER_KINDS, "Get{}Policy")
def get_policy(kind: HolderKind, tx: Transaction, *, name: str, policy_name: str) -> Answer:
    """Tell the text of an inline policy, as it was written, under the name that it is asked for by, as AWS does."""
    holder = kind.find(tx, name)
    policy = _inline_policy(kind, holder, policy_name)
    return {
        f"{kind.noun}Name": holder.name,
        "PolicyName": policy_name,
        "PolicyDocument": encode_document(policy.document),
    }


@for_each(HOLDER_KINDS, "List{}Policies")
def list_policies(
    kind: HolderKind, tx: Transaction, *, name: str, marker: str | None = None, max_items: int | None = None
) -> Answer:
    """List the names of the inline policies."""
    return page(
        (policy.name for policy in kind.find(tx, name).inline_policies),
        order=str,
        member="PolicyNames",
        render=str,
        marker=marker,
        max_items=max_items,
    )


@for_each(HOLDER_KINDS, "Delete{}Policy", writes=True)
def delete_policy(kind: HolderKind, tx: Transaction, *, name: str, policy_name: str) -> Answer:
    """Delete an inline policy."""
    holder = modifiable(kind.find(tx, name))
    policy = _inline_policy(kind, holder, policy_name)
    tx.put(replace(holder, inline_policies=tuple(_others(holder, policy))))
    return None


@for_each(HOLDER_KINDS, "Attach{}Policy", writes=True)
def attach_policy(kind: HolderKind, tx: Transaction, *, name: str, policy_arn: str) -> Answer:
    """Attach a managed policy. Nothing happens if it is attached already."""
    holder = modifiable(kind.find(tx, name))
    policy = find_attachable_policy(tx, policy_arn)
    if str(policy.arn) in holder.attached_policies:
        return None
    kind.attached_quota.check(len(holder.attached_policies) + 1)
    tx.put(replace(holder, attached_policies=(*holder.attached_policies, str(policy.arn))))
    return None


@for_each(HOLDER_KINDS, "Detach{}Policy", writes=True)
def detach_policy(kind: HolderKind, tx: Transaction, *, name: str, policy_arn: str) -> Answer:
    """Detach a managed policy."""
    holder = modifiable(kind.find(tx, name))
    if policy_arn not in holder.attached_policies:
        find_policy(tx, policy_arn, unparsable=NOT_VALID)  # it refuses in its own words what is no policy at all
        raise NoSuchEntity(NOT_FOUND.format(arn=policy_arn))
    remaining = tuple(arn for arn in holder.attached_policies if arn != policy_arn)
    tx.put(replace(holder, attached_policies=remaining))
    return None


@for_each(HOLDER_KINDS, "ListAttached{}Policies")
def list_attached_policies(
    kind: HolderKind,
    tx: Transaction,
    *,
    name: str,
    path_prefix: str = "/",
    marker: str | None = None,
    max_items: int | None = None,
) -> Answer:
    """List the attached policies under a path, by ARN."""
    return page(
        (arn for arn in kind.find(tx, name).attached_policies if parse_arn(arn).resource_path.startswith(path_prefix)),
        order=str,
        member="AttachedPolicies",
        render=attached_policy,
        marker=marker,
        max_items=max_items,
    )


def _others(holder: PolicyHolder, policy: InlinePolicy | None) -> Iterable[InlinePolicy]:
    return (other for other in holder.inline_policies if other is not policy)


def _named(holder: PolicyHolder, policy_name: str) -> InlinePolicy | None:
    """The inline policy of that name, in whatever case (recorded: radkawar/stackd, policy_management.json)."""
    wanted = lower_name(policy_name)
    return next((policy for policy in holder.inline_policies if lower_name(policy.name) == wanted), None)


def _inline_policy(kind: HolderKind, holder: PolicyHolder, policy_name: str) -> InlinePolicy:
    policy = _named(holder, policy_name)
    if policy is not None:
        return policy
    raise NoSuchEntity(f"The {kind.noun.lower()} policy with name {policy_name} cannot be found.")

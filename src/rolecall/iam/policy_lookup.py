"""Finding managed policies by ARN: the account's own and AWS's, with AWS's error when there is none.

Messages: identities.md §5.
"""

from __future__ import annotations

from rolecall.catalog.managed_policies import AwsManagedPolicy, find_aws_managed_policy
from rolecall.errors import AccessDenied, InvalidArn, InvalidInput, NoSuchEntity, PolicyNotAttachable, ValidationError
from rolecall.names.arn import parse_arn
from rolecall.operations.transaction import Transaction
from rolecall.state.entities import Group, ManagedPolicy, PolicyHolder, Role, User

Policy = ManagedPolicy | AwsManagedPolicy

NOT_FOUND = "Policy {arn} was not found."
NOT_ATTACHABLE = "Policy {arn} does not exist or is not attachable."
NOT_PARSED = "Invalid ARN:  Could not be parsed!"
NOT_VALID = "ARN {arn} is not valid."


def find_policy(tx: Transaction, policy_arn: str, *, missing: str = NOT_FOUND, unparsable: str = NOT_PARSED) -> Policy:
    """The customer managed policy of the caller's account, or AWS's policy, of exactly that ARN.

    Parameters: `missing`, the message if there is none, and `unparsable`, that for a text which is no ARN; `{arn}` in
    them stands for the ARN.

    Raises `NoSuchEntity` if there is none, also for a policy of another account; `ValidationError` or `InvalidInput`
    if the text is not the ARN of a policy.
    """
    policy = _lookup(tx, policy_arn, unparsable)
    if policy is None:
        raise NoSuchEntity(missing.format(arn=policy_arn))
    return policy


def find_attachable_policy(tx: Transaction, policy_arn: str) -> Policy:
    """The policy to attach to a user, group or role.

    Raises as `find_policy`, and `PolicyNotAttachable` for the policies that AWS keeps for service-linked roles.
    """
    policy = find_policy(tx, policy_arn, missing=NOT_ATTACHABLE, unparsable=NOT_VALID)
    if not is_attachable(policy):
        raise PolicyNotAttachable("Cannot attach a Service Role Policy to a Customer Role.")
    return policy


def find_customer_policy(tx: Transaction, policy_arn: str, *, action: str, missing: str = NOT_FOUND) -> ManagedPolicy:
    """The customer managed policy that `action` (`iam:DeletePolicy`) is to change; `missing` as in `find_policy`.

    Raises as `find_policy`, and `AccessDenied` for a policy of AWS: nobody but AWS changes those, whatever one's own
    policies allow.
    """
    policy = find_policy(tx, policy_arn, missing=missing)
    if isinstance(policy, AwsManagedPolicy):
        raise not_customer_managed(tx, policy, action)
    return policy


def not_customer_managed(tx: Transaction, policy: AwsManagedPolicy, action: str) -> AccessDenied:
    """The error for a call that would change a policy of AWS."""
    return AccessDenied(
        f"User: {tx.principal.arn} is not authorized to perform: {action} on resource: policy {policy.arn}"
    )


def used_policy_arns(tx: Transaction) -> set[str]:
    """The ARNs of all managed policies that the account uses, attached or as boundaries."""
    kinds: tuple[type[PolicyHolder], ...] = (User, Group, Role)
    holders = [holder for kind in kinds for holder in tx.world.owned(kind, tx.account)]
    boundaries = {holder.permissions_boundary for holder in holders if isinstance(holder, User | Role)}
    return {arn for holder in holders for arn in holder.attached_policies} | {arn for arn in boundaries if arn}


def is_attachable(policy: Policy) -> bool:
    """Can the policy be attached to anything but a service-linked role?"""
    return isinstance(policy, ManagedPolicy) or policy.is_attachable


def _lookup(tx: Transaction, policy_arn: str, unparsable: str) -> Policy | None:
    try:
        arn = parse_arn(policy_arn)
    except InvalidArn:
        raise ValidationError(unparsable.format(arn=policy_arn)) from None
    if (arn.service, arn.region, arn.resource_type) != ("iam", "", "policy"):
        raise InvalidInput(NOT_VALID.format(arn=policy_arn))
    aws_policy = find_aws_managed_policy(policy_arn)
    if aws_policy is not None:
        return aws_policy
    policy = tx.world.named(ManagedPolicy, tx.account, arn.resource_name)
    return policy if policy is not None and str(policy.arn) == policy_arn else None

"""Finding managed policies by ARN: the account's own and AWS's, with AWS's error when there is none.

Messages: identities.md §5.
"""

from __future__ import annotations

from rolecall.catalog.managed_policies import AwsManagedPolicy, find_aws_managed_policy
from rolecall.errors import AccessDenied, InvalidArn, InvalidInput, NoSuchEntity, PolicyNotAttachable, ValidationError
from rolecall.names.arn import parse_arn
from rolecall.operations.transaction import Transaction
from rolecall.state.entities import ManagedPolicy

Policy = ManagedPolicy | AwsManagedPolicy

NOT_FOUND = "Policy {arn} was not found."
NOT_ATTACHABLE = "Policy {arn} does not exist or is not attachable."


def find_policy(tx: Transaction, policy_arn: str, *, missing: str = NOT_FOUND) -> Policy:
    """The customer managed policy of the caller's account, or AWS's policy, of exactly that ARN.

    Parameters: `missing`, the message if there is none; `{arn}` in it stands for the ARN.

    Raises `NoSuchEntity` if there is none, also for a policy of another account; `ValidationError` or `InvalidInput`
    if the text is not the ARN of a policy.
    """
    policy = _lookup(tx, policy_arn)
    if policy is None:
        raise NoSuchEntity(missing.format(arn=policy_arn))
    return policy


def find_attachable_policy(tx: Transaction, policy_arn: str) -> Policy:
    """The policy to attach to a user, group or role.

    Raises as `find_policy`, and `PolicyNotAttachable` for the policies that AWS keeps for service-linked roles.
    """
    policy = find_policy(tx, policy_arn, missing=NOT_ATTACHABLE)
    if not is_attachable(policy):
        raise PolicyNotAttachable("Cannot attach a Service Role Policy to a Customer Role.")
    return policy


def find_customer_policy(tx: Transaction, policy_arn: str, *, action: str) -> ManagedPolicy:
    """The customer managed policy that `action` (`iam:DeletePolicy`) is to change.

    Raises as `find_policy`, and `AccessDenied` for a policy of AWS: nobody but AWS changes those, whatever one's own
    policies allow.
    """
    policy = find_policy(tx, policy_arn)
    if isinstance(policy, AwsManagedPolicy):
        raise not_customer_managed(tx, policy, action)
    return policy


def not_customer_managed(tx: Transaction, policy: AwsManagedPolicy, action: str) -> AccessDenied:
    """The error for a call that would change a policy of AWS."""
    return AccessDenied(
        f"User: {tx.principal.arn} is not authorized to perform: {action} on resource: policy {policy.arn}"
    )


def is_attachable(policy: Policy) -> bool:
    """Can the policy be attached to anything but a service-linked role?"""
    return isinstance(policy, ManagedPolicy) or policy.is_attachable


def _lookup(tx: Transaction, policy_arn: str) -> Policy | None:
    try:
        arn = parse_arn(policy_arn)
    except InvalidArn:
        raise ValidationError("Invalid ARN:  Could not be parsed!") from None
    if (arn.service, arn.region, arn.resource_type) != ("iam", "", "policy"):
        raise InvalidInput(f"ARN {policy_arn} is not valid.")
    aws_policy = find_aws_managed_policy(policy_arn)
    if aws_policy is not None:
        return aws_policy
    policy = tx.world.named(ManagedPolicy, tx.account, arn.resource_name)
    return policy if policy is not None and str(policy.arn) == policy_arn else None

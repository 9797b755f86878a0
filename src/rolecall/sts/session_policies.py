"""Session policies: what may be passed, and how much room it takes (sts.md §9, evaluation.md §11)."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping, Sequence

from rolecall.errors import (
    ApiError,
    InvalidArn,
    MalformedPolicyDocument,
    PackedPolicyTooLarge,
    PolicyError,
    ValidationError,
)
from rolecall.language.document import PolicyType
from rolecall.language.parser import parse_policy
from rolecall.names.arn import AWS_ACCOUNT, AccountId, parse_arn
from rolecall.state.entities import Tag
from rolecall.state.policy_sets import managed_policy_text, parsed
from rolecall.state.world import World

MOST_POLICY_ARNS = 10
MOST_PLAINTEXT = 2048
"""Characters of the inline document and the ARNs together (AssumeRole's documentation; sts.md §9)."""

PACKED_ROOM = 4096
"""Room for compressed policies, policy ARNs and tags, in bytes. AWS does not publish its own packing or room."""


def check_session_policies(
    world: World, account: AccountId, policy: str | None, descriptors: Sequence[Mapping[str, str]]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The texts and the ARNs of the session policies of a request.

    Parameters: `account`, whose managed policies may be named; `policy`, the inline document; `descriptors`, the
    request's `PolicyArns`. Raises `MalformedPolicyDocument` for a bad document and `ValidationError` for a policy that
    does not exist, belongs to another account, or is not named, and for more text than a session may have.
    """
    texts = () if policy is None else (policy,)
    if len(policy or "") + sum(len(descriptor.get("arn", "")) for descriptor in descriptors) > MOST_PLAINTEXT:
        raise ValidationError(
            f"1 validation error detected: Value '{policy or ''}' at 'policy' failed to satisfy constraint: "
            f"Member must have length less than or equal to {MOST_PLAINTEXT}"
        )
    for text in texts:
        try:
            # Not `parsed`: it would keep a text in memory that no session may come to hold.
            parse_policy(text, PolicyType.SESSION)
        except PolicyError as error:
            raise MalformedPolicyDocument(str(error)) from error
    arns = tuple(_arn(number, descriptor) for number, descriptor in enumerate(descriptors, 1))
    if len(arns) > MOST_POLICY_ARNS:
        raise ValidationError(
            "1 validation error detected: Value at 'policyArns' failed to satisfy constraint: "
            f"Member must have length less than or equal to {MOST_POLICY_ARNS}"
        )
    for arn in arns:
        _check_managed(world, account, arn)
    return texts, arns


def packed_size(texts: Iterable[str], arns: Iterable[str], tags: Iterable[Tag]) -> int | None:
    """How much of the room for policies and tags is taken, in whole percent, rounded up; None if there are none.

    Raises `PackedPolicyTooLarge` above 100 percent.
    """
    policy_parts = (*texts, *arns)
    tag_parts = tuple(part for tag in tags for part in (tag.key, tag.value))
    if not policy_parts and not tag_parts:
        return None
    packed = zlib.compress("\0".join((*policy_parts, *tag_parts)).encode(), 9)
    percent = -(-100 * len(packed) // PACKED_ROOM)
    if percent > 100:
        raise _too_large(percent, policies=bool(policy_parts))
    return percent


def _arn(number: int, descriptor: Mapping[str, str]) -> str:
    # The model lets it be left out; passed over, the session would be wider than asked for.
    if "arn" not in descriptor:
        raise ValidationError(
            f"1 validation error detected: Value null at 'policyArns.{number}.member.arn' "
            "failed to satisfy constraint: Member must not be null"
        )
    return descriptor["arn"]


def policies_too_large(percent: int) -> ApiError:
    """AWS's error for session policies that take `percent` of their room."""
    return PackedPolicyTooLarge(f"Packed policy consumes {percent}% of allotted space, please use smaller policy.")


def _too_large(percent: int, *, policies: bool) -> ApiError:
    if policies:
        return policies_too_large(percent)
    return PackedPolicyTooLarge(f"Packed size of session tags consumes {percent}% of allotted space.")


def _check_managed(world: World, account: AccountId, arn: str) -> None:
    try:
        owner = parse_arn(arn).account
    except InvalidArn:
        raise ValidationError(f"{arn} is invalid") from None
    text = managed_policy_text(world, account, arn) if owner in (account, AWS_ACCOUNT) else None
    if text is None:
        raise ValidationError(f"Policy {arn} does not exist or is not attachable.")
    try:
        parsed(text, PolicyType.SESSION, published_by_aws=owner == AWS_ACCOUNT)
    except PolicyError as error:
        raise MalformedPolicyDocument(str(error)) from error

"""The policies that a simulation takes from the world: those of a user, a group or a role, and which to leave out.

The permission that looking at them takes is here too. What is simulated with them is in `simulation`.
Source: the model's documentation of `PolicySourceArn` and `PolicyExclusionList`; AWS's answers recorded in September
2026 (radkawar/stackd, testdata/aws/iam/simulation.json).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from rolecall.catalog.actions import find_action
from rolecall.errors import InvalidArn, InvalidInput, NoSuchEntity
from rolecall.iam.access import resource_tag_keys
from rolecall.language.document import PolicyDocument, PolicyType
from rolecall.names.arn import AWS_ACCOUNT, Arn, is_account_id, parse_arn
from rolecall.names.wildcard import matches
from rolecall.operations.access import AccessCheck
from rolecall.operations.registry import Parameters
from rolecall.operations.transaction import Transaction
from rolecall.state.entities import Group, PolicyHolder, Role, User
from rolecall.state.policy_sets import managed_policy_text, parsed
from rolecall.state.world import World

HOLDER_KINDS: dict[str, type[PolicyHolder]] = {kind.arn_kind: kind for kind in (User, Group, Role)}

INVALID_ARN = "Invalid ARN provided in the request: {arn}"
OTHER_ACCOUNT = (
    "Invalid Policy Source Arn: caller's account {own} does not have access to policies in account {account}."
)
MISSING = "Unable to retrieve specified IAM entity."


class SourcePolicy(msgspec.Struct, frozen=True):
    """A policy of a simulation.

    Parameters: `key`, which tells it from the others of its type; `source_id`, what the answer calls it.
    """

    key: str
    source_id: str
    document: PolicyDocument


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """What a user, group or role brings: its ARN, its policies and, unless it has none, its boundary."""

    arn: Arn
    identity: tuple[SourcePolicy, ...]
    boundary: SourcePolicy | None


def on_policy_source(tx: Transaction, action: str, parameters: Parameters) -> Iterator[AccessCheck]:
    """On the user, group or role named by `PolicySourceArn`, under its real ARN: AWS takes one with another path.

    Whoever may not look learns neither that nor whether it exists: the denial shows the ARN as the caller wrote it.
    """
    text = parameters["policy_source_arn"]
    resource: Arn | None = None
    keys = {}
    try:
        resource = parse_arn(text)
        holder = _holder(tx, resource)
    except InvalidArn:
        holder = None  # the operation refuses it in its own words; nothing but `*` covers it
    if holder is not None:
        resource, keys = holder.arn, resource_tag_keys(holder.tags)
    known = find_action(action)
    yield AccessCheck(
        action=action,
        resource=resource,
        shown_resource=text,
        # Another account's entities are refused by the operation, not for want of a permission that none could give.
        resource_account=tx.account,
        context={key: value for key, value in keys.items() if known is not None and known.supports(key)},
    )


def find_holder(tx: Transaction, policy_source_arn: str) -> PolicyHolder:
    """The user, group or role of that ARN; its path may be another.

    Raises `InvalidInput` if the text is no such ARN or one of another account, `NoSuchEntity` if there is none.
    """
    invalid = InvalidInput(INVALID_ARN.format(arn=policy_source_arn))
    try:
        arn = parse_arn(policy_source_arn)
    except InvalidArn:
        raise invalid from None
    if not is_entity(arn):
        raise invalid
    if arn.account != tx.account:
        raise InvalidInput(OTHER_ACCOUNT.format(own=tx.account, account=arn.account))
    holder = _holder(tx, arn)
    if holder is None or holder.arn.partition != arn.partition:
        raise NoSuchEntity(MISSING)
    return holder


def is_entity(arn: Arn) -> bool:
    """Is it the ARN of a user, a group or a role?"""
    return (
        (arn.service, arn.region) == ("iam", "")
        and is_account_id(arn.account)
        and arn.resource_type in HOLDER_KINDS
        and "/" in arn.resource
        and bool(arn.resource_name)
    )


def read_source(tx: Transaction, policy_source_arn: str, exclusions: Sequence[Mapping[str, Any]] = ()) -> Source:
    """The policies of a user (those of its groups included), a group or a role, but for the excluded ones.

    Parameters: `exclusions`, the request's `PolicyExclusionList`.

    Raises as `find_holder`, and `InvalidInput` for an exclusion that says nothing, or more than one thing.
    """
    is_excluded = _exclusion(exclusions)
    holder = find_holder(tx, policy_source_arn)
    identity = {
        policy.key: policy for owner in _owners(tx.world, holder) for policy in _policies(tx, owner, is_excluded)
    }
    boundary_arn = holder.permissions_boundary if isinstance(holder, User | Role) else None
    if is_excluded(_Candidate(type="permission-boundary")):
        boundary_arn = None
    return Source(
        arn=holder.arn,
        identity=tuple(identity.values()),
        boundary=None if boundary_arn is None else _managed(tx, boundary_arn, PolicyType.PERMISSIONS_BOUNDARY),
    )


def _holder(tx: Transaction, arn: Arn) -> PolicyHolder | None:
    if not is_entity(arn) or arn.account != tx.account:
        return None
    return tx.world.named(HOLDER_KINDS[arn.resource_type], tx.account, arn.resource_name)


def _owners(world: World, holder: PolicyHolder) -> Iterator[PolicyHolder]:
    yield holder
    if isinstance(holder, User):
        groups = (world.get(Group, group_id) for group_id in holder.groups)
        yield from (group for group in groups if group is not None)


def _policies(
    tx: Transaction, owner: PolicyHolder, is_excluded: Callable[[_Candidate], bool]
) -> Iterator[SourcePolicy]:
    for inline in owner.inline_policies:
        if not is_excluded(_Candidate(type="inline", owner=owner, name=inline.name)):
            source_id = f"{owner.kind}_{owner.name}_{inline.name}"
            key = f"{owner.kind}/{owner.name}/{inline.name}"
            yield SourcePolicy(key, source_id, parsed(inline.document, PolicyType.IDENTITY))
    for arn in owner.attached_policies:
        kind = "aws-managed" if parse_arn(arn).account == AWS_ACCOUNT else "user-managed"
        if not is_excluded(_Candidate(type=kind, arn=parse_arn(arn))):
            yield _managed(tx, arn, PolicyType.IDENTITY)


def _managed(tx: Transaction, arn: str, policy_type: PolicyType) -> SourcePolicy:
    text = managed_policy_text(tx.world, tx.account, arn)
    assert text is not None  # no policy is deleted while it is attached
    parts = parse_arn(arn)
    document = parsed(text, policy_type, published_by_aws=parts.account == AWS_ACCOUNT)
    return SourcePolicy(arn, parts.resource_name, document)


# What to leave out


class _Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """A policy that may be excluded. `type` is AWS's word; inline policies have an owner and a name, others an ARN."""

    type: str
    owner: PolicyHolder | None = None
    name: str | None = None
    arn: Arn | None = None


def _exclusion(exclusions: Iterable[Mapping[str, Any]]) -> Callable[[_Candidate], bool]:
    rules = tuple(_exclusion_rule(identifier) for identifier in exclusions)
    return lambda candidate: any(rule(candidate) for rule in rules)


def _exclusion_rule(identifier: Mapping[str, Any]) -> Callable[[_Candidate], bool]:
    match dict(identifier):
        case {"policy_type": kind, **rest} if not rest:
            return lambda candidate: candidate.type == kind
        case {"policy_arn": arn, **rest} if not rest:
            return _excluded_by_arn(arn)
        case {"inline_policy_identifier": inline, **rest} if not rest:
            return _excluded_by_name(inline)
        case _:
            raise InvalidInput(
                "a policy identifier has exactly one of `PolicyType`, `PolicyArn` and `InlinePolicyIdentifier`"
            )


def _excluded_by_arn(text: str) -> Callable[[_Candidate], bool]:
    """By the ARN of a managed policy, or by its ARN without path, which is all that AWS was seen to compare."""
    try:
        arn = parse_arn(text)
    except InvalidArn:
        raise InvalidInput(INVALID_ARN.format(arn=text)) from None
    before_name = text.removesuffix(arn.resource_name)
    if (
        (arn.service, arn.region, arn.resource_type) != ("iam", "", "policy")
        or "*" in before_name
        or "?" in before_name
    ):
        raise InvalidInput(INVALID_ARN.format(arn=text))
    _check_wildcards(arn.resource_name)

    def is_excluded(candidate: _Candidate) -> bool:
        found = candidate.arn
        return (
            found is not None
            and (found.partition, found.account) == (arn.partition, arn.account)
            and arn.resource_path in (found.resource_path, "/")
            and matches(arn.resource_name, found.resource_name)
        )

    return is_excluded


def _excluded_by_name(inline: Mapping[str, str]) -> Callable[[_Candidate], bool]:
    pattern = inline["attachment_name"]
    _check_wildcards(pattern)
    return lambda candidate: (
        candidate.owner is not None
        and (candidate.owner.kind, candidate.name) == (inline["attachment_type"], inline["policy_name"])
        and matches(pattern, candidate.owner.name)
    )


def _check_wildcards(pattern: str) -> None:
    if pattern.count("*") > 1:
        raise InvalidInput(f"`{pattern}` holds more than one `*`")

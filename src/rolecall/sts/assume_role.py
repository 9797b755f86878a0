"""AssumeRole: credentials of a role, if its trust policy and the caller's own policies allow it (sts.md §1–4)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from rolecall.decision.policies import PolicySet
from rolecall.decision.principal import RootUser
from rolecall.decision.request import ContextValues
from rolecall.errors import AccessDenied, InvalidArn, InvalidParameterValue, ValidationError
from rolecall.language.document import PolicyType
from rolecall.names.arn import AccountId, Arn, is_account_id, parse_arn, session_arn
from rolecall.names.case import lower_name
from rolecall.operations.access import AccessCheck
from rolecall.operations.registry import Answer, Parameters
from rolecall.operations.transaction import Transaction
from rolecall.state.entities import Role
from rolecall.state.policy_sets import trust_policy_set
from rolecall.state.session import SessionKind
from rolecall.sts.mfa import brings_code, check_mfa, use_mfa
from rolecall.sts.registry import operation
from rolecall.sts.session_policies import check_session_policies, packed_size
from rolecall.sts.session_tags import SessionTags, check_session_tags
from rolecall.sts.sessions import SessionRequest, credentials_answer, open_session

DEFAULT_DURATION = 3600
MOST_IN_A_CHAIN = 3600
"""Seconds, as `DEFAULT_DURATION`: how long a session may last whose caller is a role session itself."""

RESERVED_SOURCE_IDENTITY = "aws:"

TRUSTS_NOBODY = PolicySet(PolicyType.TRUST)
"""Stands in for the trust policy of a role that does not exist, so that its denial reads like any other."""


class Assumption(msgspec.Struct, frozen=True, kw_only=True):
    """What a call asks for, before it is known to be allowed. `role` is None if there is no such role."""

    role_arn: Arn
    role: Role | None
    tags: SessionTags
    source_identity: str | None


def read_assumption(
    tx: Transaction,
    role_arn: str,
    tags: Sequence[Mapping[str, str]],
    transitive_tag_keys: Sequence[str],
    source_identity: str | None,
) -> Assumption:
    """Read what a call asks for.

    Raises `ValidationError` for a malformed role ARN, `AccessDenied` for callers that may assume no role at all, and
    what `check_session_tags` raises.
    """
    arn = _parse_role_arn(role_arn)
    if isinstance(tx.principal, RootUser):
        raise AccessDenied("Roles may not be assumed by root accounts.")
    return Assumption(
        role_arn=arn,
        role=_find_role(tx, arn),
        tags=check_session_tags(tx.caller.session, tags, transitive_tag_keys),
        source_identity=_source_identity(tx, source_identity),
    )


def may_assume(tx: Transaction, action: str, parameters: Parameters) -> Iterator[AccessCheck]:
    """AssumeRole on the role; TagSession and SetSourceIdentity too where the session gets tags or a source identity."""
    assumption = read_assumption(
        tx,
        parameters["role_arn"],
        parameters.get("tags", ()),
        parameters.get("transitive_tag_keys", ()),
        parameters.get("source_identity"),
    )
    context = _context(parameters, assumption)
    # Before anything is allowed: a trust policy may ask for MFA, and a wrong code is AWS's first complaint.
    if check_mfa(tx, parameters.get("serial_number"), parameters.get("token_code")) is not None:
        context |= {"aws:multifactorauthpresent": "true", "aws:multifactorauthage": "0"}
    actions = [action]
    if assumption.tags.all:
        actions.append("sts:TagSession")
    if assumption.source_identity is not None:
        actions.append("sts:SetSourceIdentity")
    for each in actions:
        yield AccessCheck(
            action=each,
            resource=assumption.role_arn,
            resource_account=AccountId(assumption.role_arn.account),
            resource_policy=trust_policy_set(assumption.role) if assumption.role is not None else TRUSTS_NOBODY,
            requires_resource_policy=True,
            context=context,
        )


@operation("AssumeRole", access=may_assume, writes=brings_code)
def assume_role(
    tx: Transaction,
    *,
    role_arn: str,
    role_session_name: str,
    policy_arns: tuple[Mapping[str, str], ...] = (),
    policy: str | None = None,
    duration_seconds: int = DEFAULT_DURATION,
    tags: tuple[Mapping[str, str], ...] = (),
    transitive_tag_keys: tuple[str, ...] = (),
    external_id: str | None = None,
    serial_number: str | None = None,
    token_code: str | None = None,
    source_identity: str | None = None,
    provided_contexts: tuple[Mapping[str, Any], ...] = (),
    minimum_session_token_size: int = 0,
) -> Answer:
    """`external_id` is a condition key only. Trusted contexts are refused: no context provider exists here.

    MFA counts for the permission to assume the role. The session itself knows nothing of it: what AssumeRole returns
    does "not include MFA information in the context" (IAM user guide, "Secure API access with MFA").
    """
    del external_id
    use_mfa(tx, serial_number, token_code)
    if provided_contexts:
        raise InvalidParameterValue("ProvidedContexts name a context provider that does not exist.")
    assumption = read_assumption(tx, role_arn, tags, transitive_tag_keys, source_identity)
    role = assumption.role
    if role is None:
        raise LookupError("a role that does not exist was allowed to be assumed")
    _check_duration(tx, role, duration_seconds)
    texts, arns = check_session_policies(tx.world, role.account, policy, policy_arns)
    percent = packed_size(texts, arns, assumption.tags.all)
    opened = open_session(
        tx,
        SessionRequest(
            kind=SessionKind.ROLE,
            account=role.account,
            principal_id=role.id,
            name=role_session_name,
            duration=duration_seconds,
            policies=texts,
            policy_arns=arns,
            tags=assumption.tags.all,
            transitive_tag_keys=assumption.tags.transitive,
            source_identity=assumption.source_identity,
            minimum_token_size=minimum_session_token_size,
        ),
    )
    return {
        **credentials_answer(opened),
        "AssumedRoleUser": {
            "AssumedRoleId": f"{role.id}:{role_session_name}",
            "Arn": str(session_arn(role.account, role.name, role_session_name)),
        },
        "PackedPolicySize": percent,
        "SourceIdentity": assumption.source_identity,
    }


def _parse_role_arn(text: str) -> Arn:
    try:
        arn = parse_arn(text)
    except InvalidArn:
        raise ValidationError(f"{text} is invalid") from None
    if arn.service != "iam" or not is_account_id(arn.account) or not arn.resource.startswith("role/"):
        raise ValidationError(f"{text} is invalid")
    return arn


def _find_role(tx: Transaction, arn: Arn) -> Role | None:
    """The role of exactly that ARN: path, and the case of its name, included."""
    role = tx.world.named(Role, AccountId(arn.account), arn.resource_name)
    return role if role is not None and role.arn == arn else None


def _source_identity(tx: Transaction, asked: str | None) -> str | None:
    """The session's source identity: set once in a chain, then inherited (sts.md §4)."""
    session = tx.caller.session
    inherited = session.source_identity if session is not None else None
    if asked is not None and asked.lower().startswith(RESERVED_SOURCE_IDENTITY):
        raise ValidationError(f"Source identity must not begin with {RESERVED_SOURCE_IDENTITY}")
    if inherited is not None and asked is not None and asked != inherited:
        raise AccessDenied("The source identity of a session cannot be changed by role chaining.")
    return asked if inherited is None else inherited


def _context(parameters: Parameters, assumption: Assumption) -> dict[str, ContextValues]:
    """The condition keys of the request and of the role. Source: policy-language.md §8, evaluation.md §7."""
    keys: dict[str, ContextValues] = {"sts:rolesessionname": parameters["role_session_name"]}
    if parameters.get("external_id") is not None:
        keys["sts:externalid"] = parameters["external_id"]
    if assumption.source_identity is not None:
        keys["sts:sourceidentity"] = assumption.source_identity
    role, tags = assumption.role, assumption.tags
    if tags.transitive:
        keys["sts:transitivetagkeys"] = tags.transitive
    if tags.passed:
        keys["aws:tagkeys"] = tuple(tag.key for tag in tags.passed)
        keys.update((f"aws:requesttag/{lower_name(tag.key)}", tag.value) for tag in tags.passed)
    resource_tags = {lower_name(tag.key): tag.value for tag in (*(role.tags if role else ()), *tags.inherited)}
    for key, value in resource_tags.items():
        keys[f"aws:resourcetag/{key}"] = keys[f"iam:resourcetag/{key}"] = value
    return keys


def _check_duration(tx: Transaction, role: Role, duration: int) -> None:
    if duration > role.max_session_duration:
        raise ValidationError("The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
    session = tx.caller.session
    if session is not None and session.kind is SessionKind.ROLE and duration > MOST_IN_A_CHAIN:
        raise ValidationError(
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining."
        )

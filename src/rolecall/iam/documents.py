"""Policy texts at the edge of IAM: parsed and measured when they come in, URL-encoded when they go out.

The one place where a refused text becomes an error answer. What a policy means, and whom a trust policy names
(`rolecall.iam.trust_policies`), is not decided here.
"""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote

from rolecall.errors import LimitExceeded, MalformedPolicyDocument, PolicyError
from rolecall.iam.quotas import (
    GROUP_INLINE_SIZE,
    MANAGED_POLICY_SIZE,
    ROLE_INLINE_SIZE,
    TRUST_POLICY_SIZE,
    USER_INLINE_SIZE,
)
from rolecall.language.document import PolicyDocument, PolicyType
from rolecall.language.parser import parse_policy
from rolecall.language.size import policy_size
from rolecall.state.entities import Group, PolicyHolder, Role, User

INLINE_SIZES: dict[type[PolicyHolder], int] = {
    User: USER_INLINE_SIZE,
    Group: GROUP_INLINE_SIZE,
    Role: ROLE_INLINE_SIZE,
}
"""How large all inline policies of a holder may be together, in characters without white space."""


def parse_identity_policy(text: str) -> PolicyDocument:
    """Parse an inline policy.

    Raises `MalformedPolicyDocument` with AWS's message about the first thing that it refuses.
    """
    return _parse(text, PolicyType.IDENTITY)


def parse_managed_policy(text: str) -> PolicyDocument:
    """Parse a version of a managed policy. Raises as `parse_identity_policy` and `LimitExceeded` if it is too large.

    The size comes first, as for trust policies: a text that no policy may have must not keep the writer for a tenth of
    a second. Which of the two errors AWS prefers is not known.
    """
    MANAGED_POLICY_SIZE.check(policy_size(text))
    return parse_identity_policy(text)


def parse_trust_policy(text: str) -> PolicyDocument:
    """Parse a role's trust policy. Raises as `parse_managed_policy`. Whether its principals exist is not looked at."""
    TRUST_POLICY_SIZE.check(policy_size(text))
    return _parse(text, PolicyType.TRUST)


def check_inline_size(holder: PolicyHolder, texts: Iterable[str]) -> None:
    """Raise `LimitExceeded` if `texts`, all inline policies that `holder` would have, are too large together."""
    limit = INLINE_SIZES[type(holder)]
    if sum(map(policy_size, texts)) > limit:
        raise LimitExceeded(f"Maximum policy size of {limit} bytes exceeded for {holder.kind} {holder.name}")


def encode_document(text: str) -> str:
    """A policy text as IAM's answers show it: URL-encoded by RFC 3986 (identities.md §7)."""
    return quote(text, safe="")


def _parse(text: str, policy_type: PolicyType) -> PolicyDocument:
    try:
        return parse_policy(text, policy_type)
    except PolicyError as error:
        raise MalformedPolicyDocument(str(error)) from error

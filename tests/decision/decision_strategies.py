"""Hypothesis strategies for requests and policies, from a vocabulary so small that they often meet."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from decision.decision_worlds import document_of, principal_of
from rolecall.decision.policies import ApplicablePolicies, AppliedPolicy, PolicySet
from rolecall.decision.principal import Principal
from rolecall.decision.request import AuthorizationRequest
from rolecall.language.document import PolicyType
from rolecall.language.operators import OPERATORS
from rolecall.names.arn import parse_arn

Json = dict[str, Any]

OWN, OTHER = "111111111111", "222222222222"
USER = f"arn:aws:iam::{OWN}:user/ann"
ROLE = f"arn:aws:iam::{OWN}:role/app"
SESSION = f"arn:aws:sts::{OWN}:assumed-role/app/s"
FEDERATED = f"arn:aws:sts::{OWN}:federated-user/fed"

ACTIONS = st.sampled_from(["s3:GetObject", "s3:PutObject", "sqs:SendMessage", "S3:getobject"])
ACTION_PATTERNS = st.sampled_from(["s3:GetObject", "s3:Get*", "s3:*", "*", "sqs:*", "s3:?utObject", "sqs:SendMessage"])
RESOURCES = st.sampled_from(["arn:aws:s3:::b/ann", "arn:aws:s3:::b/x", "arn:aws:s3:::c", None])
RESOURCE_PATTERNS = st.sampled_from(
    ["*", "arn:aws:s3:::b/*", "arn:aws:s3:::b/${aws:username}", "arn:*:s3:::?", "arn:aws:s3:::c", "arn:aws:sqs:*"]
)
KEYS = st.sampled_from(["aws:username", "aws:TagKeys", "aws:SourceIp", "aws:EpochTime"])
VALUES = st.sampled_from(["ann", "x", "", "true", "10.0.0.1", "1700000000", "2024-01-01T00:00:00Z", "arn:aws:s3:::c"])
POLICY_VALUES = {
    "Date": st.sampled_from(["2024-01-01", "1700000000"]),
    "Null": st.sampled_from(["true", "false"]),
    "IpAddress": st.sampled_from(["10.0.0.0/8", "::1"]),
    "Numeric": st.sampled_from(["1700000000", "1e3"]),
    "Bool": st.sampled_from(["true", "FALSE"]),
    "Binary": st.sampled_from(["", "QUJD"]),
    "Arn": st.sampled_from(["*", "arn:aws:s3:::c", "arn:aws:s3:::${aws:username}"]),
}
PRINCIPAL_NAMES = st.sampled_from(["*", OWN, OTHER, USER, ROLE, SESSION, FEDERATED])
SIGNING_PRINCIPALS: st.SearchStrategy[Principal] = st.sampled_from(
    [
        principal_of(said)
        for said in (
            USER,
            SESSION,
            f"arn:aws:iam::{OWN}:root",
            {"federated_user": "fed", "issuer": USER},
            {"federated_user": "fed", "issuer": f"arn:aws:iam::{OWN}:root"},
            {"role": f"arn:aws:iam::{OWN}:role/aws-service-role/x.amazonaws.com/X", "session": "s"},
        )
    ]
)
PRINCIPALS: st.SearchStrategy[Principal] = SIGNING_PRINCIPALS | st.sampled_from(
    [
        principal_of(said)
        for said in ({"service": "ec2.amazonaws.com"}, {"provider": "accounts.google.com"}, "anonymous")
    ]
)


def requests(principals: st.SearchStrategy[Principal] = PRINCIPALS) -> st.SearchStrategy[AuthorizationRequest]:
    """Requests of one caller, to its own account or to another."""
    return st.builds(
        AuthorizationRequest,
        principal=principals,
        action=ACTIONS,
        resource=RESOURCES.map(lambda text: parse_arn(text) if text else None),
        resource_account=st.sampled_from([None, OWN, OTHER]),
        context=st.dictionaries(KEYS.map(str.lower), VALUES | st.lists(VALUES, max_size=2).map(tuple), max_size=4),
    )


@st.composite
def conditions(draw: st.DrawFn, operators: tuple[str, ...] = tuple(OPERATORS)) -> Json:
    """A `Condition` element with one of `operators`."""
    operator = draw(st.sampled_from(operators))
    values = next((values for kind, values in POLICY_VALUES.items() if kind in operator), VALUES)
    return {operator: {draw(KEYS): draw(st.lists(values, min_size=1, max_size=2))}}


@st.composite
def statements(draw: st.DrawFn, effect: str | None = None, *, has_principal: bool = False) -> Json:
    """A statement, of either effect unless one is given."""
    statement: Json = {
        "Effect": effect or draw(st.sampled_from(["Allow", "Deny"])),
        draw(st.sampled_from(["Action", "NotAction"])): draw(st.lists(ACTION_PATTERNS, min_size=1, max_size=3)),
        draw(st.sampled_from(["Resource", "NotResource"])): draw(st.lists(RESOURCE_PATTERNS, min_size=1, max_size=2)),
    }
    if draw(st.booleans()):
        statement["Condition"] = draw(conditions())
    if has_principal:
        names = draw(st.lists(PRINCIPAL_NAMES, min_size=1, max_size=3))
        negated = "*" not in names and draw(st.booleans())
        statement["NotPrincipal" if negated else "Principal"] = {"AWS": names}
    return statement


@st.composite
def policy_sets(draw: st.DrawFn, kind: PolicyType, *, has_principal: bool = False) -> PolicySet:
    """Up to two policies of one type."""
    documents = st.lists(statements(has_principal=has_principal), min_size=1, max_size=3)
    said = draw(st.lists(documents, max_size=2))
    return PolicySet(kind, (AppliedPolicy(f"{kind}-{at}", document_of(it, kind)) for at, it in enumerate(said)))


@st.composite
def worlds(draw: st.DrawFn) -> ApplicablePolicies:
    """All the policies of a request; each layer may be absent."""
    return ApplicablePolicies(
        identity=draw(policy_sets(PolicyType.IDENTITY)),
        resource=draw(st.none() | policy_sets(PolicyType.RESOURCE, has_principal=True)),
        requires_resource_policy=draw(st.booleans()),
        permissions_boundary=draw(st.none() | policy_sets(PolicyType.PERMISSIONS_BOUNDARY)),
        session=draw(st.none() | policy_sets(PolicyType.SESSION)),
        service_control=draw(st.none() | scp_levels()),
        resource_control=draw(st.none() | rcp_levels()),
        vpc_endpoint=draw(st.none() | policy_sets(PolicyType.VPC_ENDPOINT, has_principal=True)),
    )


def scp_levels() -> st.SearchStrategy[tuple[PolicySet, ...]]:
    """SCPs on up to two levels; Allows are of the classic form."""
    allow = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    said = st.lists(st.just(allow) | st.builds(_plain_deny, ACTION_PATTERNS), min_size=1, max_size=2)
    return _levels(PolicyType.SERVICE_CONTROL, said)


def rcp_levels() -> st.SearchStrategy[tuple[PolicySet, ...]]:
    """RCPs on up to two levels; they only deny."""
    patterns = ACTION_PATTERNS.filter(lambda pattern: pattern != "*")
    said = st.lists(patterns.map(lambda it: {**_plain_deny(it), "Principal": "*"}), min_size=1, max_size=2)
    return _levels(PolicyType.RESOURCE_CONTROL, said)


def _plain_deny(pattern: str) -> Json:
    return {"Effect": "Deny", "Action": pattern, "Resource": "arn:aws:s3:::c"}


def _levels(kind: PolicyType, said: st.SearchStrategy[list[Json]]) -> st.SearchStrategy[tuple[PolicySet, ...]]:
    policies = st.builds(lambda it: AppliedPolicy(str(kind), document_of(it, kind)), said)
    return st.lists(st.lists(policies, max_size=2).map(lambda level: PolicySet(kind, level)), max_size=2).map(tuple)

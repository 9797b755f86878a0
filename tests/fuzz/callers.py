"""Callers of every kind, as questions spell them, with the names by which policies can mean them."""

from __future__ import annotations

from random import Random
from typing import Any, NamedTuple

from fuzz.vocabulary import CALLERS_ACCOUNT, OTHER_ACCOUNT, THIRD_ACCOUNT, pick

Json = dict[str, Any]
NamedPrincipal = tuple[str, str]
"""A kind of principal (`AWS`, `Service`, `Federated`) and a value of it."""


class Caller(NamedTuple):
    """Who asks.

    `said` is the question's `principal`. `names` are what a policy can call the caller, its account last. `context` are
    the condition keys that such a caller's requests carry. `account` is None for callers that have none.
    """

    said: str | Json
    names: tuple[NamedPrincipal, ...]
    context: Json
    account: str | None = CALLERS_ACCOUNT
    partition: str = "aws"


STRANGERS: tuple[NamedPrincipal, ...] = (
    ("AWS", THIRD_ACCOUNT),
    ("AWS", f"arn:aws:iam::{OTHER_ACCOUNT}:root"),
    ("AWS", f"arn:aws:iam::{CALLERS_ACCOUNT}:user/zoe"),
    ("AWS", f"arn:aws:iam::{CALLERS_ACCOUNT}:user/Ann"),
    ("AWS", f"arn:aws:iam::{CALLERS_ACCOUNT}:role/app2"),
    ("AWS", f"arn:aws:sts::{CALLERS_ACCOUNT}:assumed-role/app/s2"),
    ("AWS", f"arn:aws:sts::{CALLERS_ACCOUNT}:federated-user/fed2"),
    ("AWS", "AIDAZZZZZZZZZZZZZZZZZ"),
    ("Service", "sns.amazonaws.com"),
    ("Federated", "graph.facebook.com"),
)
CANONICAL_USER = ("CanonicalUser", "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be")

_ACCOUNT = (("AWS", f"arn:aws:iam::{CALLERS_ACCOUNT}:root"), ("AWS", CALLERS_ACCOUNT))
_ANN = f"arn:aws:iam::{CALLERS_ACCOUNT}:user/ann"
_TEAM_ANN = f"arn:aws:iam::{CALLERS_ACCOUNT}:user/team/ann"
_ANN_ID = "AIDAANN00000000000000"
_APP = f"arn:aws:iam::{CALLERS_ACCOUNT}:role/app"
_TEAM_APP = f"arn:aws:iam::{CALLERS_ACCOUNT}:role/team/app"
_APP_ID = "AROAAPP00000000000000"
_APP_SESSION = f"arn:aws:sts::{CALLERS_ACCOUNT}:assumed-role/app/s1"
_LINKED = "AWSServiceRoleForEC2"
_LINKED_ROLE = f"arn:aws:iam::{CALLERS_ACCOUNT}:role/aws-service-role/ec2.amazonaws.com/{_LINKED}"
_LINKED_SESSION = f"arn:aws:sts::{CALLERS_ACCOUNT}:assumed-role/{_LINKED}/s1"
_FEDERATED = f"arn:aws:sts::{CALLERS_ACCOUNT}:federated-user/fed"
_CHINA_ANN = f"arn:aws-cn:iam::{CALLERS_ACCOUNT}:user/ann"
_OIDC = f"arn:aws:iam::{OTHER_ACCOUNT}:oidc-provider/idp.example.com"
_SAML = f"arn:aws:iam::{OTHER_ACCOUNT}:saml-provider/corp"


def _aws(*values: str) -> tuple[NamedPrincipal, ...]:
    return (*(("AWS", value) for value in values), *_ACCOUNT)


def _user(arn: str, said: str | Json, *names: str) -> Caller:
    keys = {"aws:username": "ann", "aws:userid": _ANN_ID, "aws:PrincipalArn": arn, "aws:PrincipalType": "User"}
    return Caller(said, _aws(arn, *names), {**keys, "aws:PrincipalTag/team": "red"})


def _session(role: str, said: str | Json, *names: str) -> Caller:
    keys = {"aws:userid": f"{_APP_ID}:s1", "aws:PrincipalArn": role, "aws:PrincipalType": "AssumedRole"}
    return Caller(said, _aws(*names, role), {**keys, "aws:TokenIssueTime": "2024-01-02T03:04:05Z"})


def _root(said: str | Json) -> Caller:
    arn = f"arn:aws:iam::{CALLERS_ACCOUNT}:root"
    return Caller(said, _ACCOUNT, {"aws:PrincipalArn": arn, "aws:userid": CALLERS_ACCOUNT})


def _federated(said: str | Json, *names: str) -> Caller:
    keys = {"aws:userid": f"{CALLERS_ACCOUNT}:fed", "aws:PrincipalArn": _FEDERATED}
    return Caller(said, _aws(_FEDERATED, *names), {**keys, "aws:PrincipalType": "FederatedUser"})


def _service(said: str | Json) -> Caller:
    keys: Json = {"aws:PrincipalIsAWSService": True, "aws:SourceArn": "arn:aws:s3:::orders"}
    return Caller(said, (("Service", "ec2.amazonaws.com"),), keys, None)


def _web(provider: str) -> Caller:
    return Caller({"type": "WebIdentity", "provider": provider}, (("Federated", provider),), {}, None)


_USERS = (
    _user(_ANN, _ANN),
    _user(_TEAM_ANN, _TEAM_ANN),
    _user(_TEAM_ANN, {"type": "User", "arn": _TEAM_ANN, "userId": _ANN_ID}, _ANN_ID),
    _user(_CHINA_ANN, _CHINA_ANN)._replace(partition="aws-cn"),
)
_SESSIONS = (
    _session(_APP, _APP_SESSION, _APP_SESSION),
    _session(_TEAM_APP, {"type": "AssumedRole", "roleArn": _TEAM_APP, "sessionName": "s1"}, _APP_SESSION),
    _session(
        _TEAM_APP,
        {"type": "AssumedRole", "roleArn": _TEAM_APP, "roleId": _APP_ID, "sessionName": "s1"},
        _APP_SESSION,
        _APP_ID,
    ),
    _session(_LINKED_ROLE, {"type": "AssumedRole", "roleArn": _LINKED_ROLE, "sessionName": "s1"}, _LINKED_SESSION),
)
_ROOTS = (
    _root(f"arn:aws:iam::{CALLERS_ACCOUNT}:root"),
    _root(CALLERS_ACCOUNT),
    _root({"type": "Root", "arn": f"arn:aws:iam::{CALLERS_ACCOUNT}:root"}),
)
_FEDERATED_USERS = (
    _federated(_FEDERATED),
    _federated({"type": "FederatedUser", "arn": _FEDERATED, "issuer": _ANN}, _ANN),
    _federated(
        {"type": "FederatedUser", "arn": _FEDERATED, "issuer": {"type": "User", "arn": _ANN, "userId": _ANN_ID}},
        _ANN,
        _ANN_ID,
    ),
    _federated({"type": "FederatedUser", "arn": _FEDERATED, "issuer": f"arn:aws:iam::{CALLERS_ACCOUNT}:root"}),
)
_WITHOUT_ACCOUNT = (
    _service("ec2.amazonaws.com"),
    _service({"type": "Service", "name": "ec2.amazonaws.com"}),
    _web("accounts.google.com"),
    _web(_OIDC),
    _web(_SAML),
    Caller({"type": "Anonymous"}, (), {"aws:PrincipalAccount": "anonymous", "aws:PrincipalType": "Anonymous"}, None),
)
_KINDS = (*[_USERS] * 5, *[_SESSIONS] * 5, _ROOTS, *[_FEDERATED_USERS] * 2, *[_WITHOUT_ACCOUNT] * 2)


def caller(rng: Random) -> Caller:
    """One caller: users and role sessions most often."""
    return pick(rng, pick(rng, _KINDS))

"""Rolecall, asked through its library: policies are parsed and compiled once, then `evaluate` is called."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from msgspec.structs import replace

from bench.decisions.engines import Engine, Loaded
from bench.decisions.workloads import ACCOUNT, ROLE, Grant, Question, Workload
from rolecall.decision.evaluate import evaluate
from rolecall.decision.policies import ApplicablePolicies, AppliedPolicy, PolicySet
from rolecall.decision.principal import AssumedRole
from rolecall.decision.request import AuthorizationRequest
from rolecall.decision.result import EvaluationResult
from rolecall.language.document import PolicyDocument, PolicyType
from rolecall.language.parser import parse_policy
from rolecall.names.arn import AccountId, Arn, iam_arn

STATEMENTS_OF_A_POLICY = 10
"""So that each policy stays well within the 6,144 characters of a managed policy."""

LAYERS = (PolicyType.RESOURCE, PolicyType.PERMISSIONS_BOUNDARY, PolicyType.SESSION, PolicyType.SERVICE_CONTROL)
"""What the further layers of a workload are, in their order."""

_ACCOUNT = AccountId(ACCOUNT)
CALLER = AssumedRole(
    account=_ACCOUNT,
    role_id="AROAEXAMPLEEXAMPLE123",
    role_name=ROLE,
    role_arn=iam_arn(_ACCOUNT, "role", "/", ROLE),
    session_name="session",
)


@dataclass(frozen=True)
class Texts:
    """The policies of a workload as JSON: several identity-based ones, and one of each further type or none."""

    identity: tuple[str, ...]
    further: dict[PolicyType, str]


@dataclass(frozen=True)
class Documents:
    """The same, parsed."""

    identity: tuple[PolicyDocument, ...]
    further: dict[PolicyType, PolicyDocument]


def write(workload: Workload) -> Texts:
    """The workload in AWS's policy language."""
    grants = workload.grants
    parts = (grants[start : start + STATEMENTS_OF_A_POLICY] for start in range(0, len(grants), STATEMENTS_OF_A_POLICY))
    further = zip(LAYERS, workload.layers, strict=False)
    return Texts(tuple(map(policy_text, parts)), {kind: policy_text(layer, kind) for kind, layer in further})


def policy_text(grants: Iterable[Grant], kind: PolicyType = PolicyType.IDENTITY) -> str:
    """A policy with a statement for each grant."""
    statements = [_statement(grant) for grant in grants]
    if kind is PolicyType.RESOURCE:
        statements = [{**statement, "Principal": {"AWS": ACCOUNT}} for statement in statements]
    return json.dumps({"Version": "2012-10-17", "Statement": statements}, indent=2)


def parse(texts: Texts) -> Documents:
    """Parse all of them."""
    return Documents(
        tuple(parse_policy(text, PolicyType.IDENTITY) for text in texts.identity),
        {kind: parse_policy(text, kind) for kind, text in texts.further.items()},
    )


def compile_documents(documents: Documents) -> ApplicablePolicies:
    """Prepare parsed policies for decisions."""

    def only(kind: PolicyType) -> PolicySet | None:
        if kind not in documents.further:
            return None
        return PolicySet(kind, [AppliedPolicy(kind, documents.further[kind])])

    identity = (AppliedPolicy(f"policy-{number:04}", each) for number, each in enumerate(documents.identity))
    service_control = only(PolicyType.SERVICE_CONTROL)
    return ApplicablePolicies(
        identity=PolicySet(PolicyType.IDENTITY, identity),
        resource=only(PolicyType.RESOURCE) or only(PolicyType.TRUST),
        permissions_boundary=only(PolicyType.PERMISSIONS_BOUNDARY),
        session=only(PolicyType.SESSION),
        service_control=None if service_control is None else (service_control,),
    )


def request(question: Question) -> AuthorizationRequest:
    """The question as the library takes it; every value that differs is made anew."""
    return AuthorizationRequest(
        principal=replace(CALLER, session_name=question.session),
        action=question.action,
        resource=Arn("aws", "s3", "", "", question.resource.removeprefix("arn:aws:s3:::")),
        context={
            "aws:principaltag/team": question.team,
            "aws:principaltag/user": question.user,
            "aws:sourceip": question.address,
        },
    )


def load(texts: Texts) -> Loaded:
    """Parse and compile."""
    policies = compile_documents(parse(texts))

    def arguments(question: Question) -> tuple[Any, ...]:
        return request(question), policies

    return Loaded(evaluate, arguments, _is_allowed)


def _is_allowed(result: EvaluationResult) -> bool:
    return result.is_allowed


def _statement(grant: Grant) -> dict[str, Any]:
    folder = "${aws:PrincipalTag/user}/*" if grant.own_folder else "*"
    return {
        "Effect": "Deny" if grant.denies else "Allow",
        "Action": list(grant.actions),
        "Resource": f"{grant.prefix}{folder}",
        "Condition": {
            "StringEquals": {"aws:PrincipalTag/team": grant.team},
            "IpAddress": {"aws:SourceIp": grant.network},
        },
    }


ROLECALL = Engine(name="Rolecall", packages=("rolecall",), source=write, load=load, lacks={})

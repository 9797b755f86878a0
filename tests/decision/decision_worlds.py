"""Golden cases as values: from the JSON of `tests/cases/decisions` to requests and policies.

A case is the file's `given` overlaid by its own members. A policy is the name of one in the file's `policies`, a
statement, a list of statements, or a whole document. A principal is an ARN, or an object for what ARNs cannot say.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from rolecall.decision.policies import ApplicablePolicies, AppliedPolicy, PolicySet
from rolecall.decision.principal import (
    Anonymous,
    AssumedRole,
    FederatedUser,
    IamUser,
    Principal,
    RootUser,
    ServicePrincipal,
    WebIdentity,
)
from rolecall.decision.request import AuthorizationRequest
from rolecall.language.document import PolicyDocument, PolicyType
from rolecall.language.parser import parse_policy
from rolecall.names.arn import AccountId, parse_arn

Json = dict[str, Any]


def cases_in(folder: Path) -> Iterator[tuple[str, Json]]:
    """Every case of every file in `folder`, completed from its file, with a name for the test report."""
    for path in sorted(folder.glob("*.json")):
        file = json.loads(path.read_text(encoding="utf-8"))
        assert file["source"], f"{path.name} names no source"
        for case in file["cases"]:
            yield f"{path.stem}: {case['name']}", {"library": file.get("policies", {}), **file.get("given", {}), **case}


def principal_of(said: str | Json) -> Principal:
    """Read a principal: an ARN, `anonymous`, or an object."""
    match said:
        case "anonymous":
            return Anonymous()
        case str():
            return _principal_of_arn(said)
        case {"user": arn, **rest}:
            found = parse_arn(arn)
            account, name = AccountId(found.account), found.resource_name
            return IamUser(account=account, user_id=rest.get("id", _id("AIDA", name)), name=name, arn=found)
        case {"role": arn, "session": session, **rest}:
            found = parse_arn(arn)
            return AssumedRole(
                account=AccountId(found.account),
                role_id=rest.get("id", _id("AROA", found.resource_name)),
                role_name=found.resource_name,
                role_arn=found,
                session_name=session,
            )
        case {"federated_user": name, "issuer": arn}:
            issuer = principal_of(arn)
            assert isinstance(issuer, IamUser | RootUser)
            return FederatedUser(account=issuer.account, name=name, issuer=issuer)
        case {"service": name}:
            return ServicePrincipal(name)
        case {"provider": name}:
            return WebIdentity(name)
    raise ValueError(f"no principal: {said}")


def request_of(case: Json) -> AuthorizationRequest:
    """The request of a case; names of condition keys in any case."""
    return AuthorizationRequest(
        principal=principal_of(case["principal"]),
        action=case["action"],
        resource=parse_arn(case["resource"]) if case.get("resource") else None,
        resource_account=case.get("resource_account"),
        context=context_of(case.get("context", {})),
    )


def context_of(said: Mapping[str, Any]) -> dict[str, str | tuple[str, ...]]:
    """A request context: arrays are multivalued keys."""
    return {key.lower(): tuple(value) if isinstance(value, list) else value for key, value in said.items()}


def policies_of(case: Json) -> ApplicablePolicies:
    """The policies of a case. `trust` is a resource policy of a role, which grants nothing without one."""
    library = case["library"]

    def one(kind: PolicyType, said: Any, name: str) -> AppliedPolicy:
        name = said if isinstance(said, str) else name
        return AppliedPolicy(name, document_of(library[said] if isinstance(said, str) else said, kind))

    def several(kind: PolicyType, member: str) -> PolicySet | None:
        said = case.get(member)
        if said is None:
            return None
        return PolicySet(kind, (one(kind, it, f"{member}-{at}") for at, it in enumerate(said)))

    def levels(kind: PolicyType, member: str) -> tuple[PolicySet, ...] | None:
        said = case.get(member)
        if said is None:
            return None
        return tuple(PolicySet(kind, (one(kind, it, member) for it in level)) for level in said)

    resource = PolicyType.TRUST if "trust" in case else PolicyType.RESOURCE
    attached = case.get("trust", case.get("resource_policy"))
    return ApplicablePolicies(
        identity=several(PolicyType.IDENTITY, "identity") or PolicySet(PolicyType.IDENTITY),
        resource=None if attached is None else PolicySet(resource, [one(resource, attached, "resource")]),
        requires_resource_policy="trust" in case or case.get("requires_resource_policy", False),
        permissions_boundary=several(PolicyType.PERMISSIONS_BOUNDARY, "permissions_boundary"),
        session=several(PolicyType.SESSION, "session"),
        service_control=levels(PolicyType.SERVICE_CONTROL, "service_control"),
        resource_control=levels(PolicyType.RESOURCE_CONTROL, "resource_control"),
        vpc_endpoint=several(PolicyType.VPC_ENDPOINT, "vpc_endpoint"),
    )


def document_of(said: Any, kind: PolicyType) -> PolicyDocument:
    """Parse a policy; what is no whole document is the statements of one."""
    whole = said if isinstance(said, dict) and "Statement" in said else {"Version": "2012-10-17", "Statement": said}
    return parse_policy(json.dumps(whole), kind)


def _principal_of_arn(text: str) -> Principal:
    arn = parse_arn(text)
    match arn.resource_type:
        case "root":
            return RootUser(AccountId(arn.account), arn.partition)
        case "user":
            return principal_of({"user": text})
        case _:
            _kind, role, session = arn.resource.split("/")
            return principal_of({"role": f"arn:{arn.partition}:iam::{arn.account}:role/{role}", "session": session})


def _id(prefix: str, name: str) -> str:
    return (prefix + "".join(letter for letter in name.upper() if letter.isalnum())).ljust(21, "X")

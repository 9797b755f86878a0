"""Golden cases as questions: from the JSON of `tests/cases/decisions` to what the reference evaluator reads.

The format of the cases is told at the head of `tests/decision/decision_worlds.py`; this module says the same in the
other format, without the engine's types. Also here: a golden case's names of policies, and a row of
`tests/cases/conditions` as a question.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Json = dict[str, Any]

SETS = {
    "identity": "identityPolicies",
    "permissions_boundary": "permissionsBoundaries",
    "session": "sessionPolicies",
    "vpc_endpoint": "vpcEndpointPolicies",
}
LEVELS = {"service_control": "serviceControlPolicies", "resource_control": "resourceControlPolicies"}


def cases_in(folder: Path) -> Iterator[tuple[str, Json]]:
    """Every case of every file in `folder`, completed from its file, with a name for the test report."""
    for path in sorted(folder.glob("*.json")):
        file = json.loads(path.read_text(encoding="utf-8"))
        for case in file["cases"]:
            yield f"{path.stem}: {case['name']}", {"library": file.get("policies", {}), **file.get("given", {}), **case}


def question_of(case: Json) -> Json:
    """The question a case asks. Its policies' names are those of `policy_names`."""
    question: Json = {
        "request": {
            "principal": _principal_of(case["principal"]),
            "action": case["action"],
            "resource": case.get("resource"),
            "resourceAccount": case.get("resource_account") or _account_of(case["principal"]),
            "context": case.get("context", {}),
        },
        "resourcePolicyRequired": "trust" in case or case.get("requires_resource_policy", False),
    }
    attached = case.get("trust", case.get("resource_policy"))
    if attached is not None:
        question["resourcePolicy"] = _document_of(case, attached)
    for member, its_name in SETS.items():
        if case.get(member) is not None:
            question[its_name] = [_document_of(case, said) for said in case[member]]
    for member, its_name in LEVELS.items():
        if case.get(member) is not None:
            question[its_name] = [[_document_of(case, said) for said in level] for level in case[member]]
    return question


def policy_names(case: Json) -> dict[str, str]:
    """The case's own name of each policy by its name in the question."""
    attached = case.get("trust", case.get("resource_policy"))
    names = {"resourcePolicy": _name_of(attached, "resource")}
    for member, its_name in SETS.items():
        for at, said in enumerate(case.get(member) or ()):
            names[f"{its_name}[{at}]"] = _name_of(said, f"{member}-{at}")
    for member, its_name in LEVELS.items():
        for level, policies in enumerate(case.get(member) or ()):
            for at, said in enumerate(policies):
                names[f"{its_name}[{level}][{at}]"] = _name_of(said, member)
    return names


def condition_rows(folder: Path) -> Iterator[tuple[str, Json, Any, bool]]:
    """Each row of the condition tables with one value of the key (null: missing), and whether the condition holds."""
    for path in sorted(folder.glob("*.json")):
        for row in json.loads(path.read_text(encoding="utf-8"))["rows"]:
            for holds in (True, False):
                for present in row.get("holds_for" if holds else "fails_for", []):
                    said = f"{row['operator']} {json.dumps(row['values'])} for {json.dumps(present)}"
                    yield f"{path.stem}: {said} given {json.dumps(row.get('context', {}))}", row, present, holds


def question_of_row(row: Json, present: Any, effect: str) -> Json:
    """A question whose statement of this effect applies if the row's condition holds for `present`."""
    key = "test:Key"
    condition = {row["operator"]: {key: row["values"]}}
    statements: list[Json] = [{"Effect": effect, "Action": "*", "Resource": "*", "Condition": condition}]
    if effect == "Deny":
        statements.insert(0, {"Effect": "Allow", "Action": "*", "Resource": "*"})
    context = {**row.get("context", {}), **({} if present is None else {key: present})}
    return {
        "request": {"principal": "arn:aws:iam::111111111111:user/ann", "action": "svc:Do", "context": context},
        "identityPolicies": [{"Version": "2012-10-17", "Statement": statements}],
    }


def _document_of(case: Json, said: Any) -> Json:
    found = case["library"][said] if isinstance(said, str) else said
    is_whole = isinstance(found, dict) and "Statement" in found
    return found if is_whole else {"Version": "2012-10-17", "Statement": found}


def _account_of(principal: str | Json) -> str | None:
    """A case that names no account is about the caller's own, whatever the ARN of its resource says."""
    arn = _arn_of(principal)
    return arn.split(":")[4] if arn else None


def _arn_of(principal: str | Json) -> str:
    """The ARN in which a case tells the caller's account; empty for callers without one."""
    match principal:
        case {"user": str(arn)} | {"role": str(arn)}:
            return arn
        case {"issuer": issuer}:
            return _arn_of(issuer)
        case str() if principal != "anonymous":
            return principal
    return ""


def _name_of(said: Any, otherwise: str) -> str:
    return said if isinstance(said, str) else otherwise


def _principal_of(said: str | Json) -> str | Json:
    match said:
        case "anonymous":
            return {"type": "Anonymous"}
        case str():
            return said
        case {"user": arn, **rest}:
            return {"type": "User", "arn": arn, **({"userId": rest["id"]} if "id" in rest else {})}
        case {"role": arn, "session": session, **rest}:
            ids = {"roleId": rest["id"]} if "id" in rest else {}
            return {"type": "AssumedRole", "roleArn": arn, "sessionName": session, **ids}
        case {"federated_user": name, "issuer": issuer}:
            partition = _arn_of(issuer).split(":")[1]
            arn = f"arn:{partition}:sts::{_account_of(issuer)}:federated-user/{name}"
            return {"type": "FederatedUser", "arn": arn, "issuer": _principal_of(issuer)}
        case {"service": name}:
            return {"type": "Service", "name": name}
        case {"provider": name}:
            return {"type": "WebIdentity", "provider": name}
    raise ValueError(f"no principal: {said}")

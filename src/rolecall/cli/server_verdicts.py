"""Verdicts of a running server, by SimulatePrincipalPolicy: what AWS's own API tells about a principal.

botocore's client is loaded here, and nowhere else in Rolecall but for its tests: nothing of the server may import this.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.session import Session

from rolecall.cli.verdicts import AskedOnCommandLine, Unanswered, Verdict
from rolecall.decision.request import AuthorizationRequest, ContextValues, is_key, is_trusted_role
from rolecall.decision.result import Decision
from rolecall.errors import InvalidArn
from rolecall.names.arn import AccountId, Arn, iam_arn, is_account_id, parse_arn
from rolecall.questions.requests import read_request
from rolecall.server.asking import LOOPBACK, REGION, default_request_keys
from rolecall.state.gather import iso_time

CONNECT_PATIENCE = 5
READ_PATIENCE = 60
"""Seconds."""

_TYPES: Mapping[str, str] = {
    "aws:currenttime": "date",
    "aws:epochtime": "numeric",
    "aws:multifactorauthpresent": "boolean",
    "aws:securetransport": "boolean",
    "aws:sourceip": "ip",
    "aws:tokenissuetime": "date",
}
"""What AWS calls the types of the keys that it checks; every other key is given as text."""

_WORDS: Mapping[str, str] = {
    Decision.ALLOWED: "allowed",
    Decision.EXPLICIT_DENY: "denied with an explicit deny",
    Decision.IMPLICIT_DENY: "denied because nothing allows the action",
}


def ask_server(question: AskedOnCommandLine, endpoint_url: str) -> Verdict:
    """Ask the server at `endpoint_url`, with the credentials that AWS's tools would use.

    Raises `Unanswered` if the server cannot be asked or refuses, and for what its simulation leaves out: root, which
    has no policies, and the policies of roles and keys.
    """
    asked = read_request({"principal": "123456789012", "action": question.action, "resource": question.resource})
    if is_trusted_role(asked.action, asked.resource) or is_key(asked.resource):
        raise Unanswered(
            "a server's simulation leaves trust and key policies out: ask its data directory about roles and keys"
        )
    source = _policy_source(question.principal)
    resources = [] if asked.resource is None else [str(asked.resource)]
    answer = _simulate(
        endpoint_url,
        PolicySourceArn=str(source),
        ActionNames=[asked.action],
        ResourceArns=resources or ["*"],
        ContextEntries=list(_context_entries(question, asked, source, endpoint_url)),
    )
    return _verdict(question, answer)


def _policy_source(principal: str) -> Arn:
    """The user or role whose policies count."""
    if is_account_id(principal):
        raise Unanswered(_ROOT)
    arn = parse_arn(principal)
    match arn.service, arn.resource_type:
        case "iam", "user" | "role":
            return arn
        case "iam", "root":
            raise Unanswered(_ROOT)
        case "sts", "assumed-role":
            # A session's ARN does not tell the path of its role; the server refuses a role that is not there.
            match arn.resource.split("/"):
                case [_, str(role), str(session)] if role and session:
                    return iam_arn(AccountId(arn.account), "role", "/", role, arn.partition)
    raise InvalidArn(f"`{principal}` is neither a user nor a role nor a role session")


_ROOT = "a server's simulation knows users and roles only: ask its data directory about root"


def _context_entries(
    question: AskedOnCommandLine, asked: AuthorizationRequest, source: Arn, endpoint_url: str
) -> Iterator[dict[str, object]]:
    """The keys of a call, as far as they can be known here, and those of the question.

    The server fills in what follows from the caller's name. Tags of the caller and of the resource stay unknown.
    """
    now, parts = int(time.time()), urlsplit(endpoint_url)
    keys: dict[str, ContextValues] = {
        **default_request_keys(now, is_secure=parts.scheme == "https"),
        "aws:principalisawsservice": "false",
        "aws:principaltype": "User",
        "aws:viaawsservice": "false",
        "aws:resourceaccount": asked.resource_account or AccountId(source.account),
    }
    if source.resource_type == "role":
        keys.update(_session_keys(now))
    if parts.hostname not in {LOOPBACK, "localhost"}:
        del keys["aws:sourceip"]  # from elsewhere, the server would see an address that is not known here
    keys.update(question.context)
    for key, value in keys.items():
        if key not in question.without:
            kind = _TYPES.get(key, "string")
            yield {
                "ContextKeyName": key,
                "ContextKeyValues": [value] if isinstance(value, str) else list(value),
                "ContextKeyType": kind if isinstance(value, str) else f"{kind}List",
            }


def _session_keys(now: int) -> Mapping[str, ContextValues]:
    """What a fresh session of a role brings, made without MFA."""
    return {
        "aws:multifactorauthpresent": "false",
        "aws:principaltype": "AssumedRole",
        "aws:tokenissuetime": iso_time(now),
    }


def _simulate(endpoint_url: str, **parameters: object) -> Mapping[str, Any]:
    """The server's answer. Raises `Unanswered`."""
    config = Config(connect_timeout=CONNECT_PATIENCE, read_timeout=READ_PATIENCE, retries={"total_max_attempts": 1})
    try:
        session = Session()
        region = session.get_config_variable("region") or REGION
        client = session.create_client("iam", region_name=region, endpoint_url=endpoint_url, config=config)
        answer: Mapping[str, Any] = client.simulate_principal_policy(**parameters)
    except ClientError as error:
        told = error.response["Error"]
        raise Unanswered(f"the server refuses: {told['Code']}: {told['Message']}") from error
    except (BotoCoreError, ValueError) as error:  # a malformed address is a ValueError of botocore's
        raise Unanswered(f"the server cannot be asked: {error}") from error
    return answer


def _verdict(question: AskedOnCommandLine, answer: Mapping[str, Any]) -> Verdict:
    (result,) = answer["EvaluationResults"]
    specific = result.get("ResourceSpecificResults", ())
    decision = specific[0]["EvalResourceDecision"] if specific else result["EvalDecision"]
    found = specific[0] if specific else result
    statements = [_statement(each) for each in found.get("MatchedStatements", ())]
    missing = sorted(found.get("MissingContextValues", ()))
    boundary = found.get("PermissionsBoundaryDecisionDetail") or result.get("PermissionsBoundaryDecisionDetail")
    lines = [f"{_WORDS[decision]}: {question.principal} performs {question.action} on {question.resource}"]
    if boundary is not None and not boundary["AllowedByPermissionsBoundary"]:
        lines.append("blocked by the permissions boundary")
    lines += [
        f"matched a statement of {each['policyType']} `{each['policy']}`, line {each['line']}" for each in statements
    ]
    if missing:
        lines.append(f"not in the request: {', '.join(missing)}")
    text = "\n".join(lines)
    told: dict[str, object] = {
        "decision": decision,
        "matchedStatements": statements,
        "missingContextKeys": missing,
    }
    if boundary is not None:
        told["allowedByPermissionsBoundary"] = boundary["AllowedByPermissionsBoundary"]
    return Verdict(
        is_allowed=decision == Decision.ALLOWED,
        line=_WORDS[decision],
        text=text,
        answer=told,
        explanation={**told, "explanation": text},
    )


def _statement(statement: Mapping[str, Any]) -> dict[str, object]:
    start = statement.get("StartPosition", {})
    return {
        "policy": statement.get("SourcePolicyId", ""),
        "policyType": statement.get("SourcePolicyType", ""),
        "line": start.get("Line"),
        "column": start.get("Column"),
    }

"""`rolecall simulate`: what would policy files allow? No server and no data directory are needed.

Files become policies and options become requests here; reading and deciding are done by the rooms below.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import product
from pathlib import Path

import click
import msgspec

from rolecall.cli.verdicts import NO, YES, TextType, Unanswered, answer_errors, context_option
from rolecall.decision.evaluate import evaluate
from rolecall.decision.explain import explain
from rolecall.decision.policies import ApplicablePolicies, AppliedPolicy
from rolecall.decision.request import AuthorizationRequest, ContextValues, is_trusted_role
from rolecall.decision.result import EvaluationResult
from rolecall.errors import PolicyError
from rolecall.language.document import PolicyType
from rolecall.language.parser import parse_policy
from rolecall.names.case import lower_name
from rolecall.questions.answers import explanation_of
from rolecall.questions.json_values import JsonValue, checked, decode
from rolecall.questions.library import compile_policies
from rolecall.questions.policies import refusal
from rolecall.questions.question_error import QuestionError
from rolecall.questions.requests import read_request

Simulated = tuple[AuthorizationRequest, EvaluationResult]
Levels = tuple[tuple[str, ...], ...]


class PolicyFiles(msgspec.Struct, frozen=True, kw_only=True):
    """The names of the files, by the type of the policies in them."""

    identity: tuple[str, ...]
    resource: str | None
    permissions_boundary: tuple[str, ...]
    session: tuple[str, ...]
    service_control: Levels
    resource_control: Levels
    vpc_endpoint: tuple[str, ...]


def _levels(_context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]) -> Levels:
    return tuple(tuple(value.split(",")) for value in values)


@click.command()
@click.option("--identity", multiple=True, metavar="FILE", help="Identity-based policy; several times for several.")
@click.option("--boundary", multiple=True, metavar="FILE", help="Permissions boundary.")
@click.option("--session", multiple=True, metavar="FILE", help="Session policy.")
@click.option("--resource-policy", metavar="FILE", help="The resource's own policy; of a role, its trust policy.")
@click.option(
    "--resource-policy-required/--resource-policy-optional",
    "is_required",
    default=None,
    help="Does the resource grant nothing without its own policy? By default roles to assume and KMS keys do not.",
)
@click.option(
    "--scp",
    multiple=True,
    metavar="FILE[,FILE]…",
    callback=_levels,
    help="The service control policies of one level; several times for several levels.",
)
@click.option(
    "--rcp",
    multiple=True,
    metavar="FILE[,FILE]…",
    callback=_levels,
    help="The resource control policies of one level, without RCPFullAWSAccess, which always applies.",
)
@click.option("--endpoint", multiple=True, metavar="FILE", help="Policy of the VPC endpoint.")
@click.option(
    "--principal", required=True, type=TextType(), help="ARN, account id, service, or a JSON object with `type`."
)
@click.option("--action", "actions", required=True, multiple=True, type=TextType(), help="`service:Name`.")
@click.option(
    "--resource",
    "resources",
    multiple=True,
    default=("*",),
    type=TextType(),
    help="ARN, or * for no particular one, as if none is given.",
)
@click.option("--resource-account", type=TextType(), help="Who owns the resource, if its ARN does not say.")
@context_option
@click.option("--context-file", metavar="FILE", help="JSON object of condition keys; -c replaces single ones.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@answer_errors
def simulate(
    identity: tuple[str, ...],
    boundary: tuple[str, ...],
    session: tuple[str, ...],
    resource_policy: str | None,
    is_required: bool | None,
    scp: Levels,
    rcp: Levels,
    endpoint: tuple[str, ...],
    principal: str,
    actions: tuple[str, ...],
    resources: tuple[str, ...],
    resource_account: str | None,
    context: dict[str, ContextValues],
    context_file: str | None,
    form: str,
) -> None:
    """Ask policy files, without a server: may the principal do each ACTION on each RESOURCE?

    Policies of a type for which no file is given do not apply. Exit status: 0 if everything is allowed, 1 if anything
    is denied, 2 if there is no answer.
    """
    files = PolicyFiles(
        identity=identity,
        resource=resource_policy,
        permissions_boundary=boundary,
        session=session,
        service_control=scp,
        resource_control=rcp,
        vpc_endpoint=endpoint,
    )
    asked: dict[str, JsonValue] = {
        "principal": decode(principal.encode()) if principal.startswith("{") else principal,
        "resourceAccount": resource_account,
        "context": _context(context_file, context),
    }
    combinations = [
        {**asked, "action": action, "resource": resource} for action, resource in product(actions, resources)
    ]
    simulated = list(_simulate(combinations, files, is_required))
    if form == "json":
        answers = [
            {"action": asked["action"], "resource": asked["resource"], **explanation_of(request, result)}
            for asked, (request, result) in zip(combinations, simulated, strict=True)
        ]
        click.echo(json.dumps(answers, indent=2))
    else:
        click.echo("\n\n".join(explain(request, result) for request, result in simulated))
    click.get_current_context().exit(YES if all(result.is_allowed for _request, result in simulated) else NO)


def _simulate(
    combinations: list[dict[str, JsonValue]], files: PolicyFiles, is_required: bool | None
) -> Iterator[Simulated]:
    @cache
    def policies(is_role: bool) -> ApplicablePolicies:
        return _read_policies(files, is_role=is_role, is_required=is_required)

    for value in combinations:
        request = read_request(checked(value))
        is_role = is_trusted_role(request.action, request.resource)
        yield request, evaluate(request, policies(is_role), traced=True)


def _read_policies(files: PolicyFiles, *, is_role: bool, is_required: bool | None) -> ApplicablePolicies:
    def read(policy_type: PolicyType, names: tuple[str, ...]) -> list[AppliedPolicy] | None:
        return [_read_policy(name, policy_type) for name in names] or None

    def read_levels(policy_type: PolicyType, levels: Levels) -> list[list[AppliedPolicy]] | None:
        return [[_read_policy(name, policy_type) for name in level] for level in levels] or None

    own = PolicyType.TRUST if is_role else PolicyType.RESOURCE
    attached = None if files.resource is None else _read_policy(files.resource, own)
    return compile_policies(
        identity=read(PolicyType.IDENTITY, files.identity) or (),
        resource=None if is_role else attached,
        trust=attached if is_role else None,
        requires_resource_policy=is_required,
        permissions_boundary=read(PolicyType.PERMISSIONS_BOUNDARY, files.permissions_boundary),
        session=read(PolicyType.SESSION, files.session),
        service_control=read_levels(PolicyType.SERVICE_CONTROL, files.service_control),
        resource_control=read_levels(PolicyType.RESOURCE_CONTROL, files.resource_control),
        vpc_endpoint=read(PolicyType.VPC_ENDPOINT, files.vpc_endpoint),
    )


def _read_policy(name: str, policy_type: PolicyType) -> AppliedPolicy:
    try:
        return AppliedPolicy(name, parse_policy(_read_file(name), policy_type))
    except PolicyError as error:
        raise refusal(name, error) from None


def _read_file(name: str) -> str:
    try:
        return Path(name).read_bytes().decode()
    except OSError as error:
        raise Unanswered(f"{name}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise Unanswered(f"{name}: not UTF-8 at byte {error.start}") from error


def _context(name: str | None, given: Mapping[str, ContextValues]) -> JsonValue:
    """The condition keys of the file, but for those given by themselves."""
    if name is None:
        return given
    try:
        context = decode(_read_file(name).encode())
    except QuestionError as error:
        raise Unanswered(f"{name}: {error}") from error
    if not isinstance(context, dict):
        raise Unanswered(f"{name}: must be a JSON object of condition keys")
    return {**{key: values for key, values in context.items() if lower_name(key) not in given}, **given}

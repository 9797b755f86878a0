"""Whom a role's trust policy names: checked and exchanged for unique ids when it is stored, shown as ARNs when read.

So that a user or role made anew under an old name inherits no trust. AWS also gives these policies, and no others, a
normal form. The grammar is `rolecall.language`'s; what the policy allows is the decision engine's. Source:
evaluation.md §6, policy-language.md §10.
"""

from __future__ import annotations

import json
from typing import assert_never

from rolecall.errors import MalformedPolicyDocument
from rolecall.iam.documents import parse_trust_policy
from rolecall.language.document import (
    AccountPrincipal,
    AnyPrincipal,
    ArnPrincipal,
    CanonicalUser,
    FederatedProvider,
    PrincipalEntry,
    ServicePrincipalName,
    UniqueIdPrincipal,
)
from rolecall.language.messages import invalid_principal
from rolecall.language.principals import rewrite_principals
from rolecall.names.arn import AccountId, is_account_id, parse_arn, root_arn
from rolecall.names.ids import IdPrefix, is_principal_id
from rolecall.state.entities import Account, Role, User
from rolecall.state.providers import OidcProvider, SamlProvider
from rolecall.state.world import World

SERVICE_SUFFIX = ".amazonaws.com"
"""AWS knows its services one by one. Here any name of that form is taken: trust in a service that does not exist lets
nobody in."""

POLICY_ORDER = ("Version", "Id", "Statement")
STATEMENT_ORDER = ("Sid", "Effect", "Principal", "Action", "NotAction", "Condition")
"""How AWS orders the elements of a trust policy and of its statements, whatever the order they came in."""


def resolve_principals(world: World, text: str) -> str:
    """The trust policy `text` as it is stored: in normal form, with the unique ids of the users and roles it names.

    Users and roles of every account of this server can be named, by the exact ARN or by unique id.

    Raises `MalformedPolicyDocument` if the text is no trust policy or names somebody who does not exist, and
    `LimitExceeded` if it is too large.
    """
    document = parse_trust_policy(text)
    stored: dict[str, str] = {}
    for statement in document.statements:
        for entry in statement.principals.entries if statement.principals is not None else ():
            if not _exists(world, entry):
                raise MalformedPolicyDocument(invalid_principal(entry.kind.upper(), entry.text))
            match entry.pattern:
                case ArnPrincipal():
                    unique_id = _unique_id(world, entry.text)
                    if unique_id is not None:
                        stored[entry.text] = unique_id
                case AccountPrincipal() if is_account_id(entry.text):
                    # AWS gives it back in this form (IAM user guide, "AWS JSON policy elements: Principal").
                    stored[entry.text] = str(root_arn(AccountId(entry.text)))
    return normal_form(rewrite_principals(text, stored.get))


def normal_form(text: str) -> str:
    """The trust policy `text` as AWS gives it back: without white space, elements in AWS's order, lists of one undone.

    A text that is no policy stays as it is. Recorded: radkawar/stackd, role_wire_aws.json, account_reporting.json and
    service_linked_roles_aws.json. That a single statement becomes a list, and numbers and truth values texts, is a
    guess.
    """
    try:
        policy = json.loads(text, parse_int=str, parse_float=str)
    except (ValueError, RecursionError):
        return text
    if not isinstance(policy, dict):
        return text
    given = policy.get("Statement")
    statements = []
    for statement in given if isinstance(given, list) else [given]:
        if not isinstance(statement, dict):
            return text
        statements.append(_ordered({name: _undone(value) for name, value in statement.items()}, STATEMENT_ORDER))
    policy["Statement"] = statements
    return json.dumps(_ordered(policy, POLICY_ORDER), ensure_ascii=False, separators=(",", ":"))


def _ordered(elements: dict[str, object], order: tuple[str, ...]) -> dict[str, object]:
    places = {name: place for place, name in enumerate(order)}
    return {name: elements[name] for name in sorted(elements, key=lambda name: places.get(name, len(order)))}


def _undone(value: object) -> object:
    match value:
        case [one]:
            return _undone(one)
        case list():
            return [_undone(each) for each in value]
        case dict():
            return {name: _undone(inner) for name, inner in value.items()}
        case bool():
            return str(value).lower()
        case _:
            return value


def show_principals(world: World, text: str) -> str:
    """The stored trust policy `text` as its readers see it: with the ARNs that the named users and roles have now.

    The id of one who is gone stays.
    """

    def arn_of(principal: str) -> str | None:
        entity = _entity(world, principal) if is_principal_id(principal) else None
        return None if entity is None else str(entity.arn)

    return rewrite_principals(text, arn_of)


def _exists(world: World, entry: PrincipalEntry) -> bool:
    match entry.pattern:
        case AnyPrincipal():
            return True
        case AccountPrincipal(account, partition):
            return partition == "aws" and world.get(Account, account) is not None
        case ArnPrincipal(arn):
            return _unique_id(world, arn) is not None or _is_session(world, arn)
        case UniqueIdPrincipal(unique_id):
            return _entity(world, unique_id) is not None
        case ServicePrincipalName(name):
            return name.endswith(SERVICE_SUFFIX)
        case FederatedProvider(provider):
            # The grammar lets well-known names and ARNs through.
            return not provider.startswith("arn:") or _is_provider(world, provider)
        case CanonicalUser():
            return False
        case _:
            assert_never(entry.pattern)


def _unique_id(world: World, text: str) -> str | None:
    """The id of the user or role whose ARN is exactly `text`, path and case included; None if there is none."""
    arn = parse_arn(text)
    account, name = AccountId(arn.account), arn.resource_name
    entity = world.named(Role, account, name) if arn.resource_type == "role" else world.named(User, account, name)
    return entity.id if entity is not None and str(entity.arn) == text else None


def _is_session(world: World, text: str) -> bool:
    """Is `text` the ARN of a session that could be: of a role that exists, or of a federated user of an account?"""
    arn = parse_arn(text)
    account = AccountId(arn.account)
    if arn.service != "sts" or arn.partition != "aws":
        return False
    if arn.resource_type == "federated-user":
        return world.get(Account, account) is not None
    _, role_name, _ = arn.resource.split("/")
    role = world.named(Role, account, role_name)
    return role is not None and role.name == role_name


def _is_provider(world: World, text: str) -> bool:
    """Is `text` the exact ARN of an identity provider of any account?"""
    arn = parse_arn(text)
    account, name = AccountId(arn.account), arn.resource.partition("/")[2]
    return any(
        found is not None and str(found.arn) == text
        for found in (world.named(kind, account, name) for kind in (OidcProvider, SamlProvider))
    )


def _entity(world: World, unique_id: str) -> User | Role | None:
    return world.get(User, unique_id) if unique_id.startswith(IdPrefix.USER) else world.get(Role, unique_id)

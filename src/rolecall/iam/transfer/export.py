"""What an account holds as one JSON document: the answer of GetAccountAuthorizationDetails, and the little it omits.

Secrets are in no part of that answer. Members that are ours alone (see `details`) are written only where an account
needs them to come back as it was.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

import msgspec

from rolecall.iam.answers import tag_list
from rolecall.iam.answers_of_instance_profiles import whole_instance_profile
from rolecall.iam.roles import DEFAULT_SESSION_DURATION
from rolecall.iam.transfer.details import AccountFileError
from rolecall.iam.transfer.direct_calls import DirectCalls
from rolecall.names.arn import AccountId
from rolecall.operations.transaction import Surroundings
from rolecall.state.draft import Draft
from rolecall.state.entities import Account, InstanceProfile, ManagedPolicy, Role
from rolecall.state.world import World

LISTS = ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies")
LONGEST_PAGE = 1000
INDENT = 4
"""Spaces, as the `aws` CLI indents."""


def export_account(world: World, account: AccountId, *, now: int, surroundings: Surroundings) -> bytes:
    """The JSON of everything that `account` of `world` holds, as it is read by `details.read_account_details`.

    Parameters: `now`, whole seconds since the epoch; `surroundings`, lent to IAM's operations. Raises
    `AccountFileError` if there is no such account.
    """
    if world.get(Account, account) is None:
        raise AccountFileError(f"the account `{account}` does not exist here: `rolecall account list` shows all")
    call = DirectCalls(Draft(world, writable=False), account=account, now=now, surroundings=surroundings)
    details = {name: [_printed(item) for item in items] for name, items in _listed(call).items()}
    for role in details["RoleDetailList"]:
        _complete_role(world, account, role)
    for policy in details["Policies"]:
        own = world.named(ManagedPolicy, account, policy["PolicyName"])
        if own is not None and str(own.arn) == policy["Arn"]:
            _complete_policy(own, policy)
    profiles = world.owned(InstanceProfile, account)
    empty = sorted((profile for profile in profiles if profile.role_id is None), key=lambda profile: profile.name)
    if empty:
        details["InstanceProfileList"] = [_printed(whole_instance_profile(call.tx, profile)) for profile in empty]
    return msgspec.json.format(msgspec.json.encode(details), indent=INDENT) + b"\n"


def _listed(call: DirectCalls) -> dict[str, list[dict[str, Any]]]:
    """The whole answer of GetAccountAuthorizationDetails, all its pages together."""
    details: dict[str, list[dict[str, Any]]] = {name: [] for name in LISTS}
    page: Any = {"Marker": None}
    while "Marker" in page:
        page = call("GetAccountAuthorizationDetails", marker=page["Marker"], max_items=LONGEST_PAGE)
        for name in LISTS:
            details[name] += page[name]
    return details


def _complete_policy(policy: ManagedPolicy, detail: dict[str, Any]) -> None:
    if policy.description:
        detail["Description"] = policy.description
    if policy.tags:
        detail["Tags"] = tag_list(policy.tags)


def _complete_role(world: World, account: AccountId, detail: dict[str, Any]) -> None:
    role = world.named(Role, account, detail["RoleName"])
    assert role is not None  # the answer was made of this world
    if role.description:
        detail["Description"] = role.description
    if role.max_session_duration != DEFAULT_SESSION_DURATION:
        detail["MaxSessionDuration"] = role.max_session_duration
    for profile in detail["InstanceProfileList"]:
        entity = world.named(InstanceProfile, account, profile["InstanceProfileName"])
        if entity is not None and entity.tags:
            profile["Tags"] = tag_list(entity.tags)


def _printed(value: Any, name: str = "") -> Any:
    """A part of an answer as the `aws` CLI prints it."""
    if isinstance(value, dict):
        return {name: _printed(member, name) for name, member in value.items() if member is not None}
    if isinstance(value, list):
        return [_printed(item) for item in value]
    return _PRINTED.get(name, _as_it_is)(value)


def _as_it_is(value: Any) -> Any:
    return value


def _document(text: str) -> msgspec.Raw:
    return msgspec.Raw(unquote(text).encode())


def _date(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat()


_PRINTED: dict[str, Callable[[Any], Any]] = {
    "PolicyDocument": _document,
    "AssumeRolePolicyDocument": _document,
    "Document": _document,
    "CreateDate": _date,
    "UpdateDate": _date,
    "LastUsedDate": _date,
}

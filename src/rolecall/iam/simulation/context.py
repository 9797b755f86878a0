"""Who calls in a simulation, and under which circumstances: the principal and the condition keys.

The keys are those of the request's entries and what AWS fills in for the caller, and no others. Messages are AWS's,
recorded in September 2026 (radkawar/stackd, testdata/aws/iam/simulation.json and simulation_inputs.json).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from rolecall.decision.limits import beyond_limits
from rolecall.decision.principal import AccountPrincipal, AssumedRole, IamUser
from rolecall.decision.request import ContextValues
from rolecall.decision.values import parse_address, parse_binary, parse_instant, parse_number
from rolecall.errors import InvalidArn, InvalidInput
from rolecall.iam.simulation.sources import HOLDER_KINDS, is_entity
from rolecall.names.arn import AccountId, Arn, iam_arn, parse_arn
from rolecall.names.case import lower_name
from rolecall.operations.transaction import Transaction
from rolecall.state.entities import User

NO_CALLER_ID = "STUB_PRINCIPAL_FOR_POLICY_SIMULATOR"
"""What AWS puts into `aws:userid` when nobody in particular calls."""

_CONTEXT_FORMATS: dict[str, tuple[Callable[[str], object], str]] = {
    "numeric": (parse_number, "numeric format"),
    "date": (parse_instant, "DateTime format"),
    "ip": (parse_address, "IP address"),
    "binary": (parse_binary, "base-64 encoded binary format"),
}
"""What a value of a type must be, and what AWS says it expected. It takes any text as a string and as a boolean."""


def read_caller(tx: Transaction, caller_arn: str | None) -> tuple[AccountPrincipal, dict[str, ContextValues]]:
    """Who calls in the simulation, and the condition keys that follow from it.

    Nobody in particular calls as a user without a name of the caller's account. A role calls as a session of which only
    the role is known. A group, which can neither call nor be named by a policy, counts as a user of that ARN.

    Raises `InvalidInput` for an ARN of anything else.
    """
    if caller_arn is None:
        nobody = IamUser(account=tx.account, user_id="", name="", arn=iam_arn(tx.account, "user", "/", ""))
        return nobody, {"aws:principalaccount": tx.account, "aws:userid": NO_CALLER_ID}
    try:
        arn = parse_arn(caller_arn)
    except InvalidArn:
        arn = None
    if arn is None or not is_entity(arn):
        raise InvalidInput("Invalid caller - Caller must be an IAM user, role or group in this context.")
    account = AccountId(arn.account)
    known_id = _unique_id(tx, arn)
    keys: dict[str, ContextValues] = {
        "aws:principalaccount": account,
        "aws:principalarn": caller_arn,
        "aws:userid": caller_arn,
    }
    if arn.resource_type == "role":
        return AssumedRole(
            account=account, role_id=known_id, role_name=arn.resource_name, role_arn=arn, session_name=""
        ), keys
    if arn.resource_type == User.arn_kind:
        keys["aws:username"] = arn.resource_name
        # AWS says the ARN here too. The id is what the user's calls have, so the simulation decides as enforcement.
        keys["aws:userid"] = known_id or caller_arn
    return IamUser(account=account, user_id=known_id, name=arn.resource_name, arn=arn), keys


def _unique_id(tx: Transaction, arn: Arn) -> str:
    """The id of the caller's own entity of exactly that ARN; of others none is known, and no policy's id matches."""
    if arn.account != tx.account:
        return ""
    entity = tx.world.named(HOLDER_KINDS[arn.resource_type], tx.account, arn.resource_name)
    return entity.id if entity is not None and entity.arn == arn else ""


def read_context(entries: Iterable[Mapping[str, Any]]) -> dict[str, ContextValues]:
    """The condition keys of `ContextEntries`, names in lower case. A list type makes a multivalued key.

    Raises `InvalidInput` for an entry without name, type or value, a name given twice (whatever its case), several
    values of a single-valued type, a value that is not of its type, and more than a request can have.
    """
    context: dict[str, ContextValues] = {}
    for entry in entries:
        name, kind = entry.get("context_key_name"), entry.get("context_key_type")
        values = tuple(entry.get("context_key_values") or ())
        if name is None and kind is None and not values:
            continue
        if not name:
            raise InvalidInput("ContextKeyName cannot be null or empty.")
        if lower_name(name) in context:
            raise InvalidInput(f"Duplicate context key: {name}.")
        context[lower_name(name)] = _context_values(name, kind, values)
    complaint = beyond_limits(context)
    if complaint is not None:
        raise InvalidInput(f"Context entries are too large: {complaint}.")
    return context


def _context_values(name: str, kind: str | None, values: tuple[str, ...]) -> ContextValues:
    if kind is None:
        raise InvalidInput(f"Context key {name} has invalid type null.")
    if not values:
        raise InvalidInput(f"Context values for context key {name} cannot be null or empty.")
    is_list = kind.endswith("List")
    if not is_list and len(values) > 1:
        raise InvalidInput(f"Context key {kind} expected a single value, but received {len(values)}.")
    parse, expected = _CONTEXT_FORMATS.get(kind.removesuffix("List"), (str, ""))
    if any(parse(value) is None for value in values):
        raise InvalidInput(f"Invalid context value for key {name}: expected {expected}.")
    return values if is_list else values[0]

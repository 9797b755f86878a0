"""Who asks: from the JSON of a question to a `Principal`. Whether the principal exists is nobody's business here.

A text says what an ARN can say; an object says the rest: a role's path, unique ids, who issued a federated session.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

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
from rolecall.errors import InvalidArn
from rolecall.names.arn import PARTITIONS, AccountId, Arn, iam_arn, is_account_id, parse_arn
from rolecall.names.ids import IdPrefix, is_principal_id
from rolecall.questions.json_values import JsonValue
from rolecall.questions.members import read_object, read_optional_text, read_text
from rolecall.questions.question_error import QuestionError

UNKNOWN_ID = ""
"""The unique id of a user or role of which none was told. No policy can name it."""

_LONGEST_ARN = 2048
"""Characters, as IAM's API has it."""
_PATH = r"(?:[!-)+-.0->@-~]+/)*"
_NAME = r"[\w+=,.@-]+"
_USER = re.compile(rf"user/{_PATH}{_NAME}", re.ASCII)
_ROLE = re.compile(rf"role/{_PATH}{_NAME}", re.ASCII)
_ROLE_SESSION = re.compile(rf"assumed-role/({_NAME})/({_NAME})", re.ASCII)
_FEDERATED_USER = re.compile(rf"federated-user/({_NAME})", re.ASCII)
_SESSION_NAME = re.compile(_NAME, re.ASCII)
_SERVICE = re.compile(r"(?=.{3,253}\Z)[a-z0-9-]+(?:\.[a-z0-9-]+)+")


def read_principal(value: JsonValue, place: str = "request.principal") -> Principal:
    """Read a principal: a text or an object with `type`. Raises `QuestionError` with `place` in front."""
    if isinstance(value, str):
        return _principal_of_text(value, place)
    if not isinstance(value, dict):
        raise QuestionError(f"{place}: must be an ARN, an account id, a service's name, or an object with `type`")
    kind = value.get("type")
    if not isinstance(kind, str) or kind not in _KINDS:
        raise QuestionError(f"{place}.type: must be one of {', '.join(_KINDS)}")
    known, read = _KINDS[kind]
    return read(read_object(value, place, known | {"type"}), place)


# From a text


@lru_cache(maxsize=4096)
def _principal_of_text(text: str, place: str) -> Principal:
    if is_account_id(text):
        return RootUser(AccountId(text))
    if not text.startswith("arn:"):
        return ServicePrincipal(_service_name(text, place))
    arn = _read_arn(text, place)
    match arn.service, arn.resource_type:
        case "iam", "root":
            return _root(text, place)
        case "iam", "user":
            return _user(text, None, place)
        case "sts", "assumed-role":
            return _session_of_role_without_path(text, place)
        case "sts", "federated-user":
            return _federated_user(text, RootUser(AccountId(arn.account), arn.partition), place)
        case "iam", "role":
            raise QuestionError(
                f"{place}: a role acts in sessions only: give `arn:{arn.partition}:sts::{arn.account}:assumed-role/"
                f"{arn.resource_name}/SESSION`, or an object of the type `AssumedRole`"
            )
        case _:
            raise QuestionError(f"{place}: `{text}` is the ARN of no principal")


def _session_of_role_without_path(text: str, place: str) -> AssumedRole:
    arn = _read_arn(text, place)
    session = _ROLE_SESSION.fullmatch(arn.resource)
    if session is None:
        raise QuestionError(f"{place}: `{text}` is not the ARN of a role session: `assumed-role/ROLE/SESSION`")
    role = iam_arn(AccountId(arn.account), "role", "/", session[1], arn.partition)
    return _assumed_role(str(role), None, session[2], place)


# From an object


def _read_user(members: dict[str, JsonValue], place: str) -> Principal:
    return _user(read_text(members, "arn", place), read_optional_text(members, "userId", place), place)


def _read_root(members: dict[str, JsonValue], place: str) -> Principal:
    return _root(read_text(members, "arn", place), place)


def _read_assumed_role(members: dict[str, JsonValue], place: str) -> Principal:
    role, role_id = read_text(members, "roleArn", place), read_optional_text(members, "roleId", place)
    return _assumed_role(role, role_id, read_text(members, "sessionName", place), place)


def _read_federated_user(members: dict[str, JsonValue], place: str) -> Principal:
    issuer = read_principal(members.get("issuer"), f"{place}.issuer")
    if not isinstance(issuer, IamUser | RootUser):
        raise QuestionError(f"{place}.issuer: only a user or root can issue a federated session")
    return _federated_user(read_text(members, "arn", place), issuer, place)


def _read_service(members: dict[str, JsonValue], place: str) -> Principal:
    return ServicePrincipal(_service_name(read_text(members, "name", place), f"{place}.name"))


def _read_web_identity(members: dict[str, JsonValue], place: str) -> Principal:
    return WebIdentity(read_text(members, "provider", place))


def _read_anonymous(_members: dict[str, JsonValue], _place: str) -> Principal:
    return Anonymous()


_KINDS: dict[str, tuple[frozenset[str], Callable[[dict[str, JsonValue], str], Principal]]] = {
    "Anonymous": (frozenset(), _read_anonymous),
    "User": (frozenset({"arn", "userId"}), _read_user),
    "Root": (frozenset({"arn"}), _read_root),
    "AssumedRole": (frozenset({"roleArn", "roleId", "sessionName"}), _read_assumed_role),
    "FederatedUser": (frozenset({"arn", "issuer"}), _read_federated_user),
    "Service": (frozenset({"name"}), _read_service),
    "WebIdentity": (frozenset({"provider"}), _read_web_identity),
}


# The principals themselves


def _root(text: str, place: str) -> RootUser:
    arn = _read_arn(text, place)
    if (arn.service, arn.resource) != ("iam", "root"):
        raise QuestionError(f"{place}: `{text}` is not the ARN of a root user: `arn:aws:iam::ACCOUNT:root`")
    return RootUser(AccountId(arn.account), arn.partition)


def _user(text: str, user_id: str | None, place: str) -> IamUser:
    arn = _read_arn(text, place)
    if arn.service != "iam" or not _USER.fullmatch(arn.resource):
        raise QuestionError(f"{place}: `{text}` is not the ARN of a user: `arn:aws:iam::ACCOUNT:user/NAME`")
    unique_id = _unique_id(user_id, IdPrefix.USER, f"{place}.userId")
    return IamUser(account=AccountId(arn.account), user_id=unique_id, name=arn.resource_name, arn=arn)


def _assumed_role(text: str, role_id: str | None, session_name: str, place: str) -> AssumedRole:
    arn = _read_arn(text, place)
    if arn.service != "iam" or not _ROLE.fullmatch(arn.resource):
        raise QuestionError(f"{place}: `{text}` is not the ARN of a role: `arn:aws:iam::ACCOUNT:role/NAME`")
    if not _SESSION_NAME.fullmatch(session_name):
        raise QuestionError(f"{place}.sessionName: `{session_name}` holds more than letters, digits and `+=,.@_-`")
    return AssumedRole(
        account=AccountId(arn.account),
        role_id=_unique_id(role_id, IdPrefix.ROLE, f"{place}.roleId"),
        role_name=arn.resource_name,
        role_arn=arn,
        session_name=session_name,
    )


def _federated_user(text: str, issuer: IamUser | RootUser, place: str) -> FederatedUser:
    arn = _read_arn(text, place)
    session = _FEDERATED_USER.fullmatch(arn.resource)
    if arn.service != "sts" or session is None:
        form = "arn:aws:sts::ACCOUNT:federated-user/NAME"
        raise QuestionError(f"{place}: `{text}` is not the ARN of a federated user: `{form}`")
    if (arn.account, arn.partition) != (issuer.account, issuer.arn.partition):
        raise QuestionError(f"{place}.issuer: must belong to the account of the federated user")
    return FederatedUser(account=AccountId(arn.account), name=session[1], issuer=issuer)


def _read_arn(text: str, place: str) -> Arn:
    if len(text) > _LONGEST_ARN:
        raise QuestionError(f"{place}: no ARN is longer than {_LONGEST_ARN} characters")
    try:
        arn = parse_arn(text)
    except InvalidArn as error:
        raise QuestionError(f"{place}: {error}") from None
    if arn.partition not in PARTITIONS or arn.region or not is_account_id(arn.account):
        raise QuestionError(f"{place}: `{text}` names no account of a known partition")
    return arn


def _service_name(text: str, place: str) -> str:
    if not _SERVICE.fullmatch(text):
        raise QuestionError(f"{place}: `{text}` is neither an ARN nor an account id nor a service's name")
    return text


def _unique_id(text: str | None, prefix: IdPrefix, place: str) -> str:
    if text is None:
        return UNKNOWN_ID
    if not text.startswith(prefix) or not is_principal_id(text):
        raise QuestionError(f"{place}: `{text}` is not a unique id that begins with {prefix}")
    return text

"""`Principal` and `NotPrincipal`, and the exchange of ARNs for unique ids in a policy's text.

Whether a principal exists is asked by those who store the policy. Source: evaluation.md §5 and §6,
policy-language.md §10.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator

from rolecall.language import messages
from rolecall.language.document import (
    AccountPrincipal,
    AnyPrincipal,
    ArnPrincipal,
    CanonicalUser,
    FederatedProvider,
    PrincipalEntry,
    PrincipalPattern,
    Principals,
    ServicePrincipalName,
    UniqueIdPrincipal,
)
from rolecall.language.findings import Check
from rolecall.language.grammar import read_strings
from rolecall.language.json_text import JsonArray, JsonObject, JsonString, JsonValue, read_json
from rolecall.language.review import Review
from rolecall.names.arn import PARTITIONS, AccountId, is_account_id
from rolecall.names.ids import is_principal_id

_NAME = r"[\w+=,.@-]+"
_IAM_ENTITY = re.compile(rf"(?:user|role)/(?:[!-)+-.0->@-~]+/)*{_NAME}", re.ASCII)
_STS_SESSION = re.compile(rf"assumed-role/{_NAME}/{_NAME}|federated-user/{_NAME}", re.ASCII)
_PROVIDER = re.compile(r"(?:saml|oidc)-provider/[!-)+->@-~]+", re.ASCII)
_SERVICE = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+")
_CANONICAL_ID = re.compile(r"[0-9a-f]{64}")
_WELL_KNOWN_PROVIDERS = frozenset(
    {"accounts.google.com", "cognito-identity.amazonaws.com", "graph.facebook.com", "www.amazon.com"}
)


def parse_principals(name: str, value: JsonValue, review: Review) -> Principals | None:
    """Read the element called `name` (`Principal` or `NotPrincipal`); None if it was refused."""
    negated = name == "NotPrincipal"
    if isinstance(value, JsonString):
        if value.text == "*" and review.rules.star_principal and not negated:
            return Principals((PrincipalEntry("*", "*", AnyPrincipal(), review.span(value)),))
        detail = f'`{name}` must be an object such as `{{"AWS": "123456789012"}}`'
        message = messages.invalid_principal("STAR" if value.text == "*" else "AWS", value.text)
        if review.rules.trust and value.text == "*":
            message = messages.TRUST_STAR
        review.refuse(Check.PRINCIPAL_FORMAT, value, detail, message)
        return None
    if not isinstance(value, JsonObject):
        review.refuse(Check.SYNTAX, value, f"`{name}` must be an object of kinds of principals")
        return None
    if review.rules.only_everyone:
        review.refuse(Check.PRINCIPAL_FORMAT, value, 'in a policy of this type, `Principal` must be `"*"`')
    entries = tuple(entry for kind, names in value.members for entry in _entries(name, kind, names, review))
    if not any(_holds_strings(names) for _, names in value.members):
        review.refuse(Check.PRINCIPAL_PRESENT, value, f"`{name}` names no one", messages.NO_PRINCIPALS)
        return None
    return Principals(entries, negated)


def rewrite_principals(text: str, replace: Callable[[str], str | None]) -> str:
    """Exchange the `AWS` principals of a policy, leaving everything else of its text as it is.

    `replace` is given each string that stands under `AWS` in a `Principal` or `NotPrincipal`, and gives the string to
    put there, or None to leave it. Used to store unique ids for ARNs, and to show ARNs for stored ids.

    Raises `InvalidJson` if `text` is no JSON.
    """
    pieces: list[str] = []
    at = 0
    for string in _aws_principals(read_json(text)):
        replacement = replace(string.text)
        if replacement is not None:
            pieces += text[at : string.start], json.dumps(replacement)
            at = string.end
    return "".join((*pieces, text[at:]))


def _aws_principals(document: JsonValue) -> Iterator[JsonString]:
    for statements in _members(document, "Statement"):
        for statement in statements.items if isinstance(statements, JsonArray) else (statements,):
            for principal in _members(statement, "Principal", "NotPrincipal"):
                for names in _members(principal, "AWS"):
                    items = names.items if isinstance(names, JsonArray) else (names,)
                    yield from (item for item in items if isinstance(item, JsonString))


def _members(value: JsonValue, *names: str) -> Iterator[JsonValue]:
    if isinstance(value, JsonObject):
        yield from (member for key, member in value.members if key.text in names)


def _holds_strings(names: JsonValue) -> bool:
    return not isinstance(names, JsonArray) or bool(names.items)


def _entries(name: str, kind: JsonString, names: JsonValue, review: Review) -> Iterator[PrincipalEntry]:
    read = _READERS.get(kind.text)
    if read is None or (review.rules.trust and kind.text == "CanonicalUser"):
        known = ", ".join(known for known in _READERS if known != "CanonicalUser" or not review.rules.trust)
        review.refuse(Check.SYNTAX, kind, f"there is no kind of principal `{kind.text}`: use one of {known}")
        return
    for string in read_strings(f"{name}.{kind.text}", names, review) or ():
        pattern = read(string.text)
        if pattern is None or (pattern == AnyPrincipal() and name == "NotPrincipal"):
            detail = f"`{string.text}` is not a principal of the kind `{kind.text}`; wildcards cannot be part of one"
            message = messages.invalid_principal(kind.text.upper(), string.text)
            review.refuse(Check.PRINCIPAL_FORMAT, string, detail, message)
            continue
        yield PrincipalEntry(kind.text, string.text, pattern, review.span(string))


def _aws(text: str) -> PrincipalPattern | None:
    if text == "*":
        return AnyPrincipal()
    if is_account_id(text):
        return AccountPrincipal(AccountId(text))
    if is_principal_id(text):
        return UniqueIdPrincipal(text)
    match text.split(":", 5):
        case ["arn", partition, "iam", "", account, "root"] if partition in PARTITIONS and is_account_id(account):
            return AccountPrincipal(AccountId(account), partition)
        case ["arn", partition, service, "", account, resource] if partition in PARTITIONS and is_account_id(account):
            form = {"iam": _IAM_ENTITY, "sts": _STS_SESSION}.get(service)
            return ArnPrincipal(text) if form and form.fullmatch(resource) else None
        case _:
            return None


def _service(text: str) -> PrincipalPattern | None:
    return ServicePrincipalName(text) if _SERVICE.fullmatch(text) else None


def _federated(text: str) -> PrincipalPattern | None:
    if text in _WELL_KNOWN_PROVIDERS:
        return FederatedProvider(text)
    match text.split(":", 5):
        case ["arn", partition, "iam", "", account, resource] if partition in PARTITIONS and is_account_id(account):
            return FederatedProvider(text) if _PROVIDER.fullmatch(resource) else None
        case _:
            return None


def _canonical_user(text: str) -> PrincipalPattern | None:
    return CanonicalUser(text) if _CANONICAL_ID.fullmatch(text) else None


_READERS: dict[str, Callable[[str], PrincipalPattern | None]] = {
    "AWS": _aws,
    "Service": _service,
    "Federated": _federated,
    "CanonicalUser": _canonical_user,
}

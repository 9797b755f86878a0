"""Service-specific credentials: a user name and password, or an API key, that a user has for one service.

A secret is told once and kept as a digest. Texts and rules were recorded at AWS (radkawar/stackd,
service_credentials_aws.json and service_credentials_authorization_aws.json; localstack's test_iam.snapshot.json).
Checking a secret is not done here.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator
from itertools import count

import msgspec
from msgspec.structs import replace

from rolecall.decision.request import ContextValues
from rolecall.errors import InvalidInput, NoSuchEntity, ValidationError
from rolecall.iam.access import on_user, supported
from rolecall.iam.credential_status import CredentialStatus, means_active, shown_status
from rolecall.iam.find import find_user, find_user_or_own
from rolecall.iam.paging import page
from rolecall.iam.quotas import SERVICE_CREDENTIALS_PER_USER
from rolecall.iam.registry import operation
from rolecall.names.arn import iam_arn
from rolecall.names.ids import IdPrefix
from rolecall.operations.access import AccessCheck
from rolecall.operations.registry import Answer, Parameters
from rolecall.operations.transaction import Transaction
from rolecall.state.credentials import ServiceSpecificCredential
from rolecall.state.entities import User

SECRET_BYTES = 44
"""In base64 these are the 60 characters, the last of them `=`, that AWS's passwords have."""

SECONDS_A_DAY = 86_400
_SERVICE_NAME = re.compile("[a-zA-Z0-9.-]*")


class CredentialService(msgspec.Struct, frozen=True, kw_only=True):
    """A service with credentials of its own. `key_prefix` begins its API keys; None: it takes name and password."""

    name: str
    key_prefix: str | None = None


SERVICES = {
    service.name: service
    for service in (
        CredentialService(name="codecommit.amazonaws.com"),
        CredentialService(name="cassandra.amazonaws.com"),
        CredentialService(name="bedrock.amazonaws.com", key_prefix="ABSK"),
        CredentialService(name="logs.amazonaws.com", key_prefix="ACWL"),
        CredentialService(name="cloudwatch.amazonaws.com", key_prefix="APIAACWM"),
        CredentialService(name="aws-external-anthropic.amazonaws.com", key_prefix="AEAA"),
    )
}
"""Those of September 2026."""


def on_new_credential(tx: Transaction, action: str, parameters: Parameters) -> Iterator[AccessCheck]:
    """On the user, with the service and the age that the request names; no age, no key."""
    keys: dict[str, ContextValues] = {"iam:servicespecificcredentialservicename": parameters["service_name"].lower()}
    if parameters.get("credential_age_days") is not None:
        keys["iam:servicespecificcredentialagedays"] = str(parameters["credential_age_days"])
    return _on_user(tx, action, parameters, keys)


def on_credential(tx: Transaction, action: str, parameters: Parameters) -> Iterator[AccessCheck]:
    """On the user, with the service that the credential is for."""
    credential = _of_account(tx, parameters["service_specific_credential_id"])
    keys: dict[str, ContextValues] = {}
    if credential is not None:
        keys["iam:servicespecificcredentialservicename"] = credential.service
    return _on_user(tx, action, parameters, keys)


def on_listed_users(tx: Transaction, action: str, parameters: Parameters) -> Iterator[AccessCheck]:
    """On the user; for `AllUsers` on every user there is or could be."""
    if parameters.get("all_users"):
        everyone = iam_arn(tx.account, User.arn_kind, "/", "*")
        yield AccessCheck(action=action, resource=everyone, resource_account=tx.account)
    else:
        yield from on_user(tx, action, parameters)


@operation(
    "CreateServiceSpecificCredential",
    access=on_new_credential,
    writes=True,
    differs="The credential is made and managed; no service here accepts it.",
)
def create_service_specific_credential(
    tx: Transaction, *, user_name: str, service_name: str, credential_age_days: int | None = None
) -> Answer:
    """Make a credential and tell its secret, this once.

    It expires after `credential_age_days`, whatever the service: AWS documents that for API keys alone, and does it for
    passwords too.
    """
    service = _service(service_name)
    user = find_user(tx, user_name)
    in_use = [one for one in _credentials(tx, user) if one.service == service.name]
    SERVICE_CREDENTIALS_PER_USER.check(len(in_use) + 1)
    alias = _free_alias(tx, service, user)
    secret = _new_secret(tx, service, alias)
    credential = ServiceSpecificCredential(
        account=tx.account,
        user_id=user.id,
        credential_id=tx.new_id(IdPrefix.SERVICE_SPECIFIC_CREDENTIAL),
        service=service.name,
        alias=alias,
        secret_digest=_digest(secret),
        created_at=tx.now,
        expires_at=None if credential_age_days is None else tx.now + credential_age_days * SECONDS_A_DAY,
    )
    tx.put(credential)
    return {"ServiceSpecificCredential": _with_secret(tx, credential, user, secret)}


@operation("ListServiceSpecificCredentials", access=on_listed_users)
def list_service_specific_credentials(
    tx: Transaction,
    *,
    user_name: str | None = None,
    service_name: str | None = None,
    all_users: bool = False,
    marker: str | None = None,
    max_items: int | None = None,
) -> Answer:
    """List the credentials of a user or of all users, for one service; for all if none or the empty one is named."""
    if all_users and user_name is not None:
        raise InvalidInput("Cannot list credentials for all users if a username is given")
    service = _service(service_name) if service_name else None
    if all_users:
        found = tx.world.owned(ServiceSpecificCredential, tx.account)
    else:
        found = _credentials(tx, find_user_or_own(tx, user_name))
    return page(
        (credential for credential in found if service is None or credential.service == service.name),
        order=lambda credential: credential.credential_id,
        member="ServiceSpecificCredentials",
        render=lambda credential: _metadata(tx, credential, _user_of(tx, credential)),
        marker=marker,
        max_items=max_items,
    )


@operation("UpdateServiceSpecificCredential", access=on_credential, writes=True)
def update_service_specific_credential(
    tx: Transaction, *, service_specific_credential_id: str, status: str, user_name: str | None = None
) -> Answer:
    """Switch a credential on or off."""
    credential = _find(tx, find_user_or_own(tx, user_name), service_specific_credential_id)
    tx.put(replace(credential, is_active=means_active(status)))
    return None


@operation("ResetServiceSpecificCredential", access=on_credential, writes=True)
def reset_service_specific_credential(
    tx: Transaction, *, service_specific_credential_id: str, user_name: str | None = None
) -> Answer:
    """Give a credential a new secret and tell it, this once. Its name, status and expiry stay."""
    user = find_user_or_own(tx, user_name)
    credential = _find(tx, user, service_specific_credential_id)
    secret = _new_secret(tx, SERVICES[credential.service], credential.alias)
    tx.put(replace(credential, secret_digest=_digest(secret)))
    return {"ServiceSpecificCredential": _with_secret(tx, credential, user, secret)}


@operation("DeleteServiceSpecificCredential", access=on_credential, writes=True)
def delete_service_specific_credential(
    tx: Transaction, *, service_specific_credential_id: str, user_name: str | None = None
) -> Answer:
    """Delete a credential."""
    tx.delete(_find(tx, find_user_or_own(tx, user_name), service_specific_credential_id))
    return None


def _on_user(
    tx: Transaction, action: str, parameters: Parameters, keys: dict[str, ContextValues]
) -> Iterator[AccessCheck]:
    for check in on_user(tx, action, parameters):
        yield replace(check, context={**check.context, **supported(action, keys)})


def _service(name: str) -> CredentialService:
    """The service of that name, in whatever case."""
    if not _SERVICE_NAME.fullmatch(name):
        raise ValidationError("ServiceName must match [a-zA-Z0-9.-]*")
    service = SERVICES.get(name.lower())
    if service is None:
        raise NoSuchEntity(f"No such service {name} is supported for Service Specific Credentials")
    return service


def _credentials(tx: Transaction, user: User) -> tuple[ServiceSpecificCredential, ...]:
    return tx.world.of_user(ServiceSpecificCredential, tx.account, user.id)


def _of_account(tx: Transaction, credential_id: str) -> ServiceSpecificCredential | None:
    credential = tx.world.get(ServiceSpecificCredential, credential_id)
    return credential if credential is not None and credential.account == tx.account else None


def _find(tx: Transaction, user: User, credential_id: str) -> ServiceSpecificCredential:
    credential = _of_account(tx, credential_id)
    if credential is None:
        raise NoSuchEntity(f"No such credential {credential_id} exists")
    if credential.user_id != user.id:
        raise ValidationError(f"User {user.name} does not have a service specific credential with id {credential_id}")
    return credential


def _user_of(tx: Transaction, credential: ServiceSpecificCredential) -> User:
    user = tx.world.get(User, credential.user_id or "")
    assert user is not None  # root has none, and a user that has some cannot be deleted
    return user


def _free_alias(tx: Transaction, service: CredentialService, user: User) -> str:
    """The first of `name-at-account`, `name+1-at-account`, … that no credential for the service has.

    One that is in use can be that of a user who has been renamed.
    """
    aliases = (f"{user.name}{f'+{number}' if number else ''}-at-{tx.account}" for number in count())
    return next(alias for alias in aliases if not _is_taken(tx, service, alias))


def _is_taken(tx: Transaction, service: CredentialService, alias: str) -> bool:
    name = ServiceSpecificCredential.unique_name_of(service.name, alias)
    return tx.world.named(ServiceSpecificCredential, tx.account, name) is not None


def _new_secret(tx: Transaction, service: CredentialService, alias: str) -> str:
    password = base64.b64encode(tx.surroundings.randbits(8 * SECRET_BYTES).to_bytes(SECRET_BYTES, "big")).decode()
    if service.key_prefix is None:
        return password
    return service.key_prefix + base64.b64encode(f"{alias}:{password}".encode()).decode()


def _digest(secret: str) -> bytes:
    # The secret is random and longer than the digest: nothing is won by a slow hash.
    return hashlib.sha256(secret.encode()).digest()


def _status(tx: Transaction, credential: ServiceSpecificCredential) -> CredentialStatus:
    if credential.expires_at is not None and credential.expires_at <= tx.now:
        return CredentialStatus.EXPIRED
    return shown_status(credential.is_active)


def _metadata(tx: Transaction, credential: ServiceSpecificCredential, user: User) -> dict[str, object]:
    is_api_key = SERVICES[credential.service].key_prefix is not None
    return {
        "UserName": user.name,
        "Status": _status(tx, credential),
        "ServiceCredentialAlias" if is_api_key else "ServiceUserName": credential.alias,
        "CreateDate": credential.created_at,
        "ExpirationDate": credential.expires_at,
        "ServiceSpecificCredentialId": credential.credential_id,
        "ServiceName": credential.service,
    }


def _with_secret(tx: Transaction, credential: ServiceSpecificCredential, user: User, secret: str) -> dict[str, object]:
    is_api_key = SERVICES[credential.service].key_prefix is not None
    return {
        **_metadata(tx, credential, user),
        "ServiceCredentialSecret" if is_api_key else "ServicePassword": secret,
    }

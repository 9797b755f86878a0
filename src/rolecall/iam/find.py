"""Finding entities by name, with AWS's error when there is none, or one where there must be none.

Messages: identities.md §5.
"""

from __future__ import annotations

from typing import TypeVar

from rolecall.decision.principal import IamUser, RootUser
from rolecall.errors import EntityAlreadyExists, InvalidArn, InvalidInput, NoSuchEntity, ValidationError
from rolecall.names.arn import parse_arn
from rolecall.operations.transaction import Transaction
from rolecall.state.credentials import MfaDevice
from rolecall.state.entities import Account, Group, InstanceProfile, NamedEntity, Role, User
from rolecall.state.providers import OidcProvider, SamlProvider, ServerCertificate

E = TypeVar("E", bound=NamedEntity)


def find_account(tx: Transaction) -> Account:
    """The caller's account."""
    account = tx.world.get(Account, tx.account)
    assert account is not None  # nobody can call from an account that is not there, and accounts are not deleted
    return account


def find_user(tx: Transaction, name: str) -> User:
    """The user called `name` in the caller's account."""
    return _found(tx.world.named(User, tx.account, name), f"The user with name {name} cannot be found.")


def find_group(tx: Transaction, name: str) -> Group:
    """The group called `name` in the caller's account."""
    return _found(tx.world.named(Group, tx.account, name), f"The group with name {name} cannot be found.")


def find_role(tx: Transaction, name: str) -> Role:
    """The role called `name` in the caller's account."""
    return _found(tx.world.named(Role, tx.account, name), f"The role with name {name} cannot be found.")


def find_instance_profile(tx: Transaction, name: str) -> InstanceProfile:
    """The instance profile called `name` in the caller's account."""
    return _found(
        tx.world.named(InstanceProfile, tx.account, name),
        f"Instance Profile {name} cannot be found.",
    )


def find_by_arn(tx: Transaction, kind: type[E], arn: str) -> E | None:
    """The entity of a kind in the caller's account that has exactly this ARN, or None."""
    try:
        parsed = parse_arn(arn)
    except InvalidArn:
        return None
    # By their names most kinds are unique, MFA devices by path and name; the names of OIDC providers hold slashes.
    path_and_name = parsed.resource[len(parsed.resource_type) :]
    for name in (parsed.resource_name, path_and_name, path_and_name.removeprefix("/")):
        found = tx.world.named(kind, tx.account, name)
        if found is not None and str(found.arn) == arn:
            return found
    return None


def find_mfa_device(tx: Transaction, serial_number: str) -> MfaDevice:
    """The virtual MFA device of that serial number in the caller's account."""
    return _found(
        find_by_arn(tx, MfaDevice, serial_number), f"MFA Device with serial number {serial_number} does not exist."
    )


def find_oidc_provider(
    tx: Transaction, arn: str, *, missing: str = "OpenIDConnect Provider not found for arn {arn}"
) -> OidcProvider:
    """The OpenID Connect provider of that ARN in the caller's account.

    Parameters: `missing`, the message if there is none; `{arn}` in it stands for the ARN.

    Raises `NoSuchEntity`, and what `_check_provider_arn` raises.
    """
    _check_provider_arn(OidcProvider, arn)
    return _found(find_by_arn(tx, OidcProvider, arn), missing.format(arn=arn))


def find_saml_provider(tx: Transaction, arn: str) -> SamlProvider:
    """The SAML provider of that ARN in the caller's account. Raises as `find_oidc_provider`."""
    _check_provider_arn(SamlProvider, arn)
    return _found(find_by_arn(tx, SamlProvider, arn), f"Manifest not found for arn {arn}")


def find_server_certificate(tx: Transaction, name: str) -> ServerCertificate:
    """The server certificate called `name` in the caller's account."""
    return _found(
        tx.world.named(ServerCertificate, tx.account, name),
        f"The Server Certificate with name {name} cannot be found.",
    )


def find_user_or_own(tx: Transaction, name: str | None) -> User:
    """The user called `name`, or the caller's own where AWS lets the name be left out.

    Raises `ValidationError` if there is no name and the caller is not an IAM user.
    """
    if name is not None:
        return find_user(tx, name)
    if isinstance(tx.principal, IamUser):
        # By id: the name may be another user's by now.
        return _found(
            tx.world.get(User, tx.principal.user_id), f"The user with name {tx.principal.name} cannot be found."
        )
    raise ValidationError("Must specify userName when calling with non-User credentials")


def find_owner(tx: Transaction, user_name: str | None) -> User | None:
    """Whose credentials a call is about; None stands for root, who alone can mean itself by giving no name.

    Raises as `find_user_or_own`.
    """
    if user_name is None and isinstance(tx.principal, RootUser):
        return None
    return find_user_or_own(tx, user_name)


def check_name_is_free(
    tx: Transaction,
    kind: type[User | Group | Role | ServerCertificate],
    name: str,
    *,
    but_for: NamedEntity | None = None,
    shown: str | None = None,
) -> None:
    """Raise `EntityAlreadyExists` if another entity of the kind than `but_for` has the name, in whatever case.

    Parameters: `shown`, what the message calls the kind, if not by the name of its class.
    """
    holder = tx.world.named(kind, tx.account, name)
    if holder is not None and (but_for is None or holder.id != but_for.id):
        raise EntityAlreadyExists(f"{shown or kind.__name__} with name {name} already exists.")


def _check_provider_arn(kind: type[OidcProvider | SamlProvider], arn: str) -> None:
    """Raise `ValidationError` for what is no ARN, `InvalidInput` for that of something else.

    Both texts are a guess: AWS's own for the ARNs of policies.
    """
    try:
        parsed = parse_arn(arn)
    except InvalidArn:
        raise ValidationError("Invalid ARN:  Could not be parsed!") from None
    if (parsed.service, parsed.region, parsed.resource_type) != ("iam", "", kind.arn_kind):
        raise InvalidInput(f"ARN {arn} is not valid.")


def _found(entity: E | None, message: str) -> E:
    if entity is None:
        raise NoSuchEntity(message)
    return entity

"""MFA devices and whose they are: enable, deactivate, synchronize, read. What a right code is, is said elsewhere.

There are virtual devices only. AWS knows hardware tokens and security keys too, but has no operation that makes one.
Root's devices are root's own business: nobody else can name them, as at AWS.
"""

from __future__ import annotations

from msgspec.structs import replace

from rolecall.decision.principal import IamUser, RootUser
from rolecall.errors import AccessDenied, EntityAlreadyExists, InvalidAuthenticationCode, NoSuchEntity
from rolecall.iam.access import on_user
from rolecall.iam.answers_of_mfa_devices import enabled_device
from rolecall.iam.find import find_account, find_mfa_device, find_owner
from rolecall.iam.paging import page
from rolecall.iam.quotas import MFA_DEVICES_PER_USER
from rolecall.iam.registry import operation
from rolecall.operations.mfa_codes import synchronize
from rolecall.operations.registry import Answer
from rolecall.operations.transaction import Transaction
from rolecall.state.credentials import MfaDevice
from rolecall.state.entities import User

VIRTUAL_ONLY = "Only virtual devices exist; AWS's hardware tokens and security keys are not made through this API."


@operation("EnableMFADevice", access=on_user, writes=True, differs=VIRTUAL_ONLY)
def enable_mfa_device(
    tx: Transaction, *, user_name: str, serial_number: str, authentication_code1: str, authentication_code2: str
) -> Answer:
    """Give a device to a user who shows two consecutive codes of it.

    Root names itself by the account's id, since AWS's model wants a name and root has none. Raises
    `EntityAlreadyExists` if the device is somebody's already, `InvalidAuthenticationCode` for wrong or used codes, and
    what `_check_own_mfa` raises.
    """
    owner = _owner(tx, user_name)
    device = find_mfa_device(tx, serial_number)
    _check_own_mfa(tx, owner)
    if device.enabled_at is not None:
        if owner is not None and device.user_id == owner.id:
            raise EntityAlreadyExists(f"MFA Device for user {owner.name} already exists.")
        raise EntityAlreadyExists("MFA Device is already in use.")
    MFA_DEVICES_PER_USER.check(len(_devices(tx, owner)) + 1)
    synchronized = _synchronized(tx, device, authentication_code1, authentication_code2)
    tx.put(replace(synchronized, enabled_at=tx.now, user_id=owner.id if owner is not None else None))
    return None


@operation("DeactivateMFADevice", access=on_user, writes=True)
def deactivate_mfa_device(tx: Transaction, *, serial_number: str, user_name: str | None = None) -> Answer:
    """Take a device from its user. It stays, as nobody's; codes that were used before stay used.

    Raises what `_check_own_mfa` raises.
    """
    owner = _owner(tx, user_name)
    device = _find_device(tx, owner, serial_number)
    _check_own_mfa(tx, owner)
    tx.put(replace(device, enabled_at=None, user_id=None))
    return None


@operation("ResyncMFADevice", access=on_user, writes=True)
def resync_mfa_device(
    tx: Transaction, *, user_name: str, serial_number: str, authentication_code1: str, authentication_code2: str
) -> Answer:
    """Learn from two consecutive codes by how much the device's clock is off.

    Raises `InvalidAuthenticationCode` for wrong or used codes.
    """
    device = _find_device(tx, _owner(tx, user_name), serial_number)
    tx.put(_synchronized(tx, device, authentication_code1, authentication_code2))
    return None


@operation("ListMFADevices", access=on_user)
def list_mfa_devices(
    tx: Transaction, *, user_name: str | None = None, marker: str | None = None, max_items: int | None = None
) -> Answer:
    """List the devices of a user, or of the caller, by serial number."""
    owner, account = _owner(tx, user_name), find_account(tx)
    return page(
        _devices(tx, owner),
        order=lambda device: device.serial_number,
        member="MFADevices",
        render=lambda device: enabled_device(device, account, owner),
        marker=marker,
        max_items=max_items,
    )


@operation(
    "GetMFADevice",
    access=on_user,
    differs="Tells about virtual devices, the only ones there are; AWS documents it for security keys alone.",
)
def get_mfa_device(tx: Transaction, *, serial_number: str, user_name: str | None = None) -> Answer:
    """Tell about one device of a user, or of the caller. Virtual ones have no certifications."""
    owner = _owner(tx, user_name)
    return enabled_device(_find_device(tx, owner, serial_number), find_account(tx), owner)


def _owner(tx: Transaction, user_name: str | None) -> User | None:
    """Whose devices a call is about; None stands for root, who says so by the account's id or by no name at all."""
    names_root = user_name == tx.account and tx.world.named(User, tx.account, user_name) is None
    if names_root and isinstance(tx.principal, RootUser):
        return None
    return find_owner(tx, user_name)


def _devices(tx: Transaction, owner: User | None) -> tuple[MfaDevice, ...]:
    return tx.world.of_user(MfaDevice, tx.account, owner.id if owner is not None else None)


def _find_device(tx: Transaction, owner: User | None, serial_number: str) -> MfaDevice:
    """The device of that serial number, which must be the owner's."""
    device = find_mfa_device(tx, serial_number)
    if device not in _devices(tx, owner):
        raise NoSuchEntity("MFA Device invalid for user.")
    return device


def _synchronized(tx: Transaction, device: MfaDevice, first: str, second: str) -> MfaDevice:
    synchronized = synchronize(tx, device, first, second)
    if synchronized is None:
        raise InvalidAuthenticationCode("Authentication code for device is not valid.")
    return synchronized


def _check_own_mfa(tx: Transaction, owner: User | None) -> None:
    """Raise `AccessDenied` if somebody who has a device changes the own ones without having shown a code of one.

    Else a stolen access key would be enough to add a device of the thief's, or to take away the one in its way. Whoever
    manages the devices of others is not concerned. Seen from AWS, rule and text: Enable and DeactivateMFADevice with
    long-term keys and with sessions without MFA, of users and of root.
    """
    match tx.principal:
        case RootUser():
            is_own = owner is None
        case IamUser(user_id=user_id):
            is_own = owner is not None and owner.id == user_id
        case _:
            is_own = False
    session = tx.caller.session
    if is_own and _devices(tx, owner) and (session is None or session.mfa_at is None):
        raise AccessDenied(
            "To complete this action, please ensure that you are authenticated with an MFA device that is enabled "
            "for this user."
        )

"""Virtual MFA devices: make, delete, list. Whose they are, and their codes, is the business of `mfa_devices`."""

from __future__ import annotations

import base64
import re
from enum import StrEnum

import msgspec

from rolecall.errors import DeleteConflict, EntityAlreadyExists, InvalidInput
from rolecall.iam.access import on_list, on_mfa_device, on_new
from rolecall.iam.answers_of_mfa_devices import new_device, qr_code, virtual_device
from rolecall.iam.find import find_account, find_mfa_device
from rolecall.iam.paging import page
from rolecall.iam.protected import check_path
from rolecall.iam.quotas import VIRTUAL_MFA_DEVICES
from rolecall.iam.registry import operation
from rolecall.iam.tags import TagParameters, new_tags
from rolecall.names.arn import iam_arn
from rolecall.operations.mfa_codes import seal_seed
from rolecall.operations.registry import Answer
from rolecall.operations.transaction import Transaction
from rolecall.state.credentials import MfaDevice
from rolecall.state.entities import User

SEED_BYTES = 40
"""64 letters of base32, as many as AWS gives."""

_ADDRESSABLE = re.compile(r"[A-Za-z0-9_+=/:,.@-]{9,256}")
"""What the model accepts as a `SerialNumber`."""


class Assignment(StrEnum):
    """Which devices ListVirtualMFADevices lists."""

    ASSIGNED = "Assigned"
    UNASSIGNED = "Unassigned"
    ANY = "Any"


class NewSeed(msgspec.Struct, frozen=True):
    """A seed and the picture of it, made before the writer's turn."""

    seed: bytes
    qr_code: bytes

    @property
    def base32(self) -> str:
        return base64.b32encode(self.seed).decode()

    def __repr__(self) -> str:
        # It is a secret, which must not reach a log or a traceback.
        return "NewSeed(…)"


def make_seed(
    tx: Transaction,
    *,
    virtual_mfa_device_name: str,
    path: str = "/",
    tags: TagParameters | None = None,  # noqa: ARG001 - takes what the operation takes
) -> NewSeed:
    """A new seed and its QR code. The picture may show an alias that is changed meanwhile: it is only a label.

    Raises `InvalidInput` for a path and name that make no serial number: those are the ones too long for a QR code.
    """
    check_path(path)
    if not _ADDRESSABLE.fullmatch(str(iam_arn(tx.account, MfaDevice.arn_kind, path, virtual_mfa_device_name))):
        # AWS's text is not known to us. A serial number that the model does not accept could never be used or deleted.
        raise InvalidInput("A serial number has at most 256 characters, alphanumeric ones and +=/:,.@_- alone.")
    seed = tx.surroundings.randbits(8 * SEED_BYTES).to_bytes(SEED_BYTES, "big")
    base32 = base64.b32encode(seed).decode()
    return NewSeed(seed, qr_code(virtual_mfa_device_name, find_account(tx), base32))


@operation(
    "CreateVirtualMFADevice",
    access=on_new(MfaDevice, name="virtual_mfa_device_name"),
    writes=True,
    prepare=make_seed,
    differs="The QR code names Rolecall as the issuer, not Amazon Web Services.",
)
def create_virtual_mfa_device(
    tx: Transaction, *, virtual_mfa_device_name: str, path: str = "/", tags: TagParameters | None = None
) -> Answer:
    """Make a device that is nobody's yet, and tell its seed, this once.

    Raises `EntityAlreadyExists` if the account has one of that path and name, in whatever case.
    """
    assert isinstance(tx.prepared, NewSeed)  # `make_seed` ran before, and accepted path and name
    device_id = f"{tx.surroundings.randbits(128):032x}"
    device = MfaDevice(
        account=tx.account,
        id=device_id,
        name=virtual_mfa_device_name,
        path=path,
        created_at=tx.now,
        tags=new_tags(MfaDevice, tags),
        sealed_seed=seal_seed(tx, device_id, tx.prepared.seed),
    )
    if tx.world.named(MfaDevice, tx.account, device.unique_name) is not None:
        raise EntityAlreadyExists("MFA device already exists.")
    VIRTUAL_MFA_DEVICES.check(tx.world.count(MfaDevice, tx.account) + 1)
    tx.put(device)
    return {"VirtualMFADevice": new_device(device, tx.prepared.base32, tx.prepared.qr_code)}


@operation("DeleteVirtualMFADevice", access=on_mfa_device, writes=True)
def delete_virtual_mfa_device(tx: Transaction, *, serial_number: str) -> Answer:
    """Delete a device that nobody has."""
    device = find_mfa_device(tx, serial_number)
    if device.enabled_at is not None:
        raise DeleteConflict("MFA VirtualDevice in use. Must deactivate first.")
    tx.delete(device)
    return None


@operation("ListVirtualMFADevices", access=on_list(MfaDevice))
def list_virtual_mfa_devices(
    tx: Transaction,
    *,
    assignment_status: str = Assignment.ANY,
    marker: str | None = None,
    max_items: int | None = None,
) -> Answer:
    """List the account's devices by serial number: those that are somebody's, those that are nobody's, or all."""
    wanted = {True, False}
    if assignment_status != Assignment.ANY:
        wanted = {assignment_status == Assignment.ASSIGNED}
    account = find_account(tx)
    return page(
        (each for each in tx.world.owned(MfaDevice, tx.account) if (each.enabled_at is not None) in wanted),
        order=lambda device: device.serial_number,
        member="VirtualMFADevices",
        render=lambda device: virtual_device(
            device, account, tx.world.get(User, device.user_id) if device.user_id is not None else None
        ),
        marker=marker,
        max_items=max_items,
    )

"""MFA devices as answers show them, and the QR code of a new one. Rules live with the operations."""

from __future__ import annotations

import io
from urllib.parse import quote, urlencode

import segno

from rolecall.iam.answers import tag_list
from rolecall.iam.answers_of_users import listed_user, root_user
from rolecall.state.credentials import MfaDevice
from rolecall.state.entities import Account, User

ISSUER = "Rolecall"
"""What authenticator apps show as the issuer. AWS says `Amazon Web Services`, which this server is not."""


def new_device(device: MfaDevice, seed: str, qr_code: bytes) -> dict[str, object]:
    """A device in CreateVirtualMFADevice. `seed` in base32; `qr_code` is a PNG. Both are secrets, told this once."""
    return {
        "SerialNumber": device.serial_number,
        "Base32StringSeed": seed.encode(),
        "QRCodePNG": qr_code,
        "Tags": tag_list(device.tags) or None,
    }


def virtual_device(device: MfaDevice, account: Account, user: User | None) -> dict[str, object]:
    """A device in ListVirtualMFADevices, which omits tags. `user` has it; None stands for root, or nobody."""
    answer: dict[str, object] = {"SerialNumber": device.serial_number, "EnableDate": device.enabled_at}
    if device.enabled_at is not None:
        answer["User"] = listed_user(user) if user is not None else root_user(account)
    return answer


def enabled_device(device: MfaDevice, account: Account, user: User | None) -> dict[str, object]:
    """A device in ListMFADevices and GetMFADevice. Root has a name only if the account has an alias, as in GetUser."""
    return {
        "UserName": user.name if user is not None else account.alias,
        "SerialNumber": device.serial_number,
        "EnableDate": device.enabled_at,
    }


def qr_code(device_name: str, account: Account, seed: str) -> bytes:
    """A PNG with which an authenticator app takes over the `seed` (base32): `otpauth://totp/Rolecall:device@account?…`.

    The account is called by its alias, if it has one, as at AWS.
    """
    label = quote(f"{ISSUER}:{device_name}@{account.alias or account.account}", safe=":@")
    uri = f"otpauth://totp/{label}?{urlencode({'secret': seed, 'issuer': ISSUER})}"
    png = io.BytesIO()
    segno.make_qr(uri, error="m").save(png, kind="png", scale=4)
    return png.getvalue()

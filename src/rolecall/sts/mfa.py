"""MFA parameters of STS calls: whose device it is, and AWS's words for a code that will not do (sts.md §2)."""

from __future__ import annotations

from rolecall.decision.principal import IamUser, RootUser
from rolecall.errors import AccessDenied
from rolecall.operations.mfa_codes import accept_code
from rolecall.operations.registry import Parameters
from rolecall.operations.transaction import Transaction
from rolecall.state.credentials import MfaDevice


def brings_code(parameters: Parameters) -> bool:
    """Does a call bring a code? Then it writes that the code has been used."""
    return "token_code" in parameters


def check_mfa(tx: Transaction, serial_number: str | None, token_code: str | None) -> MfaDevice | None:
    """The caller's device as it is when the code has been used; None if the call brings neither parameter.

    Nothing is written yet. Raises `AccessDenied` for one parameter without the other, for a device that is not the
    caller's own, and for a code that is wrong or was used before.
    """
    if serial_number is None and token_code is None:
        return None
    if serial_number is None or token_code is None:
        raise AccessDenied(
            "MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code."
        )
    device = next((each for each in _own_devices(tx) if each.serial_number == serial_number), None)
    if device is None:
        raise AccessDenied(
            "MultiFactorAuthentication failed, unable to validate MFA code.  "
            "Please verify your MFA serial number is valid and associated with this user."
        )
    used = accept_code(tx, device, token_code)
    if used is None:
        # The space at the end is AWS's: clients compare the whole text.
        raise AccessDenied("MultiFactorAuthentication failed with invalid MFA one time pass code. ")
    return used


def use_mfa(tx: Transaction, serial_number: str | None, token_code: str | None) -> int | None:
    """When MFA was used: now, if the call brings a right code, which is written as used; None if it brings none.

    Raises what `check_mfa` raises.
    """
    used = check_mfa(tx, serial_number, token_code)
    if used is None:
        return None
    tx.put(used)
    return tx.now


def _own_devices(tx: Transaction) -> tuple[MfaDevice, ...]:
    """Those that are enabled for the caller. Roles and federated users have none."""
    match tx.principal:
        case IamUser(user_id=user_id):
            return tx.world.of_user(MfaDevice, tx.account, user_id)
        case RootUser():
            return tx.world.of_user(MfaDevice, tx.account, None)
        case _:
            return ()

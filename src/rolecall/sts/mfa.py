"""MFA parameters of STS calls. No MFA device exists on this server yet, so no code can be right."""

from __future__ import annotations

from rolecall.errors import AccessDenied


def check_mfa(serial_number: str | None, token_code: str | None) -> None:
    """Refuse MFA parameters as AWS does for an incomplete pair and for an unknown device (sts.md §2).

    Raises `AccessDenied` if either is given.
    """
    if serial_number is None and token_code is None:
        return
    if serial_number is None or token_code is None:
        raise AccessDenied(
            "MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code."
        )
    raise AccessDenied(
        "MultiFactorAuthentication failed, unable to validate MFA code.  "
        "Please verify your MFA serial number is valid and associated with this user."
    )

"""The codes of MFA devices: which are right, and that each counts once. RFC 6238: SHA-1, steps of 30 s, six digits.

IAM asks for two codes when a device is enabled or synchronized, STS for one when a session is opened; both come here,
since they may not know each other. Who may use a device, and the words of a refusal, are theirs. AWS does not say how
far a clock may be off: the numbers here are ours (docs/guides/mfa.md).
"""

from __future__ import annotations

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor import InvalidToken
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from msgspec.structs import replace

from rolecall.operations.transaction import Transaction
from rolecall.state.credentials import MfaDevice
from rolecall.state.sealed_fields import purpose

STEP = 30
"""Seconds for which a code is shown."""

DIGITS = 6

TOLERANCE = 1
"""Steps by which a code may be early or late, besides the drift that is known of the device."""

SYNCHRONIZATION_RANGE = 10
"""Steps by which two consecutive codes may be off together; what they are off by is the drift from then on."""


def seal_seed(tx: Transaction, device_id: str, seed: bytes) -> bytes:
    """The `sealed_seed` of the device with that id."""
    return tx.surroundings.sealer.seal(seed, purpose(MfaDevice, device_id))


def accept_code(tx: Transaction, device: MfaDevice, code: str) -> MfaDevice | None:
    """The device after `code` has been used; the caller has to write it, or the code could be used again.

    None if the code is wrong, or was used, or is older than one that was used, or if there were so many wrong codes
    that this one is not looked at (`CodeAttempts`). A wrong code counts at once, whether or not anything is written.
    """
    attempts = tx.surroundings.code_attempts
    if attempts.are_refused(device.id, tx.now):
        return None
    totp, expected = _totp(tx, device), tx.now // STEP + device.drift
    unused = range(max(expected - TOLERANCE, device.last_step + 1), expected + TOLERANCE + 1)
    step = next((step for step in unused if _is_code(totp, code, step)), None)
    if step is None:
        attempts.failed(device.id, tx.now)
        return None
    attempts.succeeded(device.id)
    return replace(device, last_step=step)


def synchronize(tx: Transaction, device: MfaDevice, first: str, second: str) -> MfaDevice | None:
    """The device after two consecutive codes have been used; its drift is what they are off by.

    None if they do not follow each other within the range, or one was used already. They are taken from the steps
    nearest to now. Two codes cannot be guessed, so wrong ones are not counted.
    """
    totp, now = _totp(tx, device), tx.now // STEP
    offsets = sorted(range(-SYNCHRONIZATION_RANGE, SYNCHRONIZATION_RANGE + 1), key=abs)
    for step in (now + offset for offset in offsets):
        if step <= device.last_step or not _is_code(totp, first, step) or not _is_code(totp, second, step + 1):
            continue
        drift = step + 1 - now
        # Somebody who types the codes a moment late, or a script ahead of time, has no clock that is off.
        return replace(device, last_step=step + 1, drift=drift if abs(drift) > TOLERANCE else 0)
    return None


def _totp(tx: Transaction, device: MfaDevice) -> TOTP:
    seed = tx.surroundings.sealer.open(device.sealed_seed, purpose(MfaDevice, device.id))
    return TOTP(seed, DIGITS, SHA1(), STEP)  # noqa: S303 - as HMAC, and all that authenticator apps know


def _is_code(totp: TOTP, code: str, step: int) -> bool:
    """Is it the code of that step? Compared in constant time."""
    try:
        totp.verify(code.encode(), step * STEP)
    except InvalidToken:
        return False
    return True

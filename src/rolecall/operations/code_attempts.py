"""How often the codes of an MFA device may be guessed: a count of wrong ones per device, in memory, and nothing else.

The old password that ChangePassword asks for is guessed no oftener: what is said of devices holds for it too.

Six digits and a tolerance of a step each way make three of a million codes right, so at the speed of a server they are
guessed within minutes. After a handful of wrong codes the next ones are therefore not looked at for a while, and that
while doubles with each further one. At the longest wait an attacker who has the user's access key has one try an hour,
which hits within a year with a likelihood of 2.6 percent. The count is kept by each process for itself, and is
forgotten when it ends: several workers give several times as many tries.
"""

from __future__ import annotations

import threading

import msgspec

FREE_TRIES = 5
"""Wrong codes in a row that have no consequence."""

FIRST_WAIT = 30
LONGEST_WAIT = 3600
"""Seconds for which no code is looked at: after one wrong code more than `FREE_TRIES`, and at the longest."""

FORGOTTEN_AFTER = 86400
"""Seconds without a wrong code after which those before count no more. They would bring fewer tries than waiting."""


class WrongCodes(msgspec.Struct, frozen=True):
    """Wrong codes in a row: how many, when the last one came, and until when no code is looked at."""

    count: int
    last_at: int
    refused_until: int


class CodeAttempts:
    """The wrong codes of all devices. Times are whole seconds since the epoch. May be called from any thread."""

    def __init__(self) -> None:
        self._wrong: dict[str, WrongCodes] = {}
        self._lock = threading.Lock()

    def are_refused(self, device: str, now: int) -> bool:
        """Is it too early to look at another code of that device?"""
        wrong = self._wrong.get(device)
        return wrong is not None and now < wrong.refused_until

    def failed(self, device: str, now: int) -> None:
        """A code of that device was wrong."""
        with self._lock:
            self._forget(now)
            before = self._wrong.get(device)
            count = 1 if before is None else before.count + 1
            self._wrong[device] = WrongCodes(count, now, now + wait_after(count))

    def succeeded(self, device: str) -> None:
        """A code of that device was right: whoever holds it has shown so, and the count begins anew."""
        with self._lock:
            self._wrong.pop(device, None)

    def _forget(self, now: int) -> None:
        # Devices that are gone go this way too, so that there is never more here than was guessed at in a day.
        for device in [each for each, wrong in self._wrong.items() if now - wrong.last_at > FORGOTTEN_AFTER]:
            del self._wrong[device]


def wait_after(count: int) -> int:
    """For how many seconds no code is looked at after `count` wrong ones in a row."""
    if count <= FREE_TRIES:
        return 0
    doublings = min(count - FREE_TRIES - 1, LONGEST_WAIT.bit_length())
    return min(FIRST_WAIT << doublings, LONGEST_WAIT)

"""An authenticator app, as the tests hold it: RFC 6238 written out, sharing nothing with the server."""

from __future__ import annotations

import base64
import hmac
import time
from dataclasses import dataclass

STEP = 30


@dataclass(frozen=True)
class Authenticator:
    """Shows the codes of one device. `seed` is its `Base32StringSeed`."""

    seed: bytes

    def code(self, step: int) -> str:
        """The code of a time step."""
        digest = hmac.digest(base64.b32decode(self.seed), step.to_bytes(8, "big"), "sha1")
        at = digest[-1] & 15
        return f"{(int.from_bytes(digest[at : at + 4], 'big') & 0x7FFFFFFF) % 10**6:06}"

    def wrong_code(self, step: int) -> str:
        """A code of none of the steps around that one."""
        right = {self.code(each) for each in range(step - 20, step + 20)}
        return next(code for code in map("{:06}".format, range(100)) if code not in right)


def step_now() -> int:
    """The time step of this moment."""
    return int(time.time()) // STEP

"""The error of this room. Nothing else may live here."""

from __future__ import annotations

from rolecall.errors import RolecallError


class QuestionError(RolecallError):
    """A question that cannot be asked: it breaks the format, or holds a policy that AWS would refuse.

    Parameters
    ----------
    message: what is wrong and where, with the member's place in front.
    code: AWS's error code if a policy is refused, else None.
    """

    def __init__(self, message: str, code: str | None = None) -> None:
        self.message = message
        self.code = code
        super().__init__(message)

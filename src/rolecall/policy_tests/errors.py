"""The error of this room. Nothing else may live here."""

from __future__ import annotations

from rolecall.errors import RolecallError


class PolicyTestError(RolecallError):
    """A file of policy tests that cannot be read.

    Parameters: `message`; `file`, its name; `line` and `column`, counted from 1, where the place is known.
    """

    def __init__(self, message: str, file: str, line: int | None = None, column: int | None = None) -> None:
        self.message = message
        self.file = file
        self.line = line
        self.column = column
        place = ":".join(str(part) for part in (file, line, column) if part is not None)
        super().__init__(f"{place}: {message}")

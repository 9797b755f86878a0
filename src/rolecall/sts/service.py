"""STS as a service: its registry, filled. Importing this module is what registers the operations."""

from __future__ import annotations

from rolecall.sts import (  # noqa: F401 - imported for the operations that they register
    assume_role,
    identity,
    session_token,
)
from rolecall.sts.registry import STS

__all__ = ["STS"]

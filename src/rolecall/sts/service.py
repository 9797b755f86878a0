"""Every operation of STS that exists. Importing this fills the registry."""

from __future__ import annotations

from rolecall.sts import assume_role, identity, session_token
from rolecall.sts.registry import STS

MODULES = (assume_role, identity, session_token)

__all__ = ["MODULES", "STS"]

"""What is wrong with a policy text: AWS's error code, AWS's message, and where."""

from __future__ import annotations

import msgspec

from rolecall.language.document import SourceSpan


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that AWS would refuse. `code` is the error code of the answer (`MalformedPolicyDocument`, …)."""

    message: str
    span: SourceSpan | None = None
    code: str = "MalformedPolicyDocument"

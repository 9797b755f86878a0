"""What is wrong with a policy text: AWS's error code, AWS's message, where, and what that means.

The checks and their order are here, the messages in `messages`; nothing here looks at a policy.
"""

from __future__ import annotations

from enum import IntEnum, auto

import msgspec

from rolecall.language.document import SourceSpan


class Check(IntEnum):
    """The things AWS checks, in its order: of several findings, it reports the one of the earliest check.

    Source: policy-language.md §10. Where that is silent (the text of a Sid, principals, the checks of trust policies
    after their actions) the order is ours.
    """

    JSON = auto()
    SYNTAX = auto()
    VERSION = auto()
    LEGACY_PARSING = auto()
    SID_TEXT = auto()
    SID_UNIQUE = auto()
    PRINCIPAL_FORBIDDEN = auto()
    ACTION_PRESENT = auto()
    RESOURCE_FORMAT = auto()
    ACTION_FORMAT = auto()
    RESOURCE_PRESENT = auto()
    TRUST_ACTION = auto()
    PROHIBITED_FIELD = auto()
    PRINCIPAL_PRESENT = auto()
    PRINCIPAL_FORMAT = auto()
    TRUST_CONDITION = auto()
    POLICY_TYPE = auto()


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that AWS would refuse.

    Parameters
    ----------
    message: AWS's text, exactly.
    code: the error code of the answer (`MalformedPolicyDocument`, …).
    span: where it is.
    detail: in our words, what is wrong and what to do: AWS's messages seldom tell.
    """

    message: str
    code: str
    span: SourceSpan
    detail: str

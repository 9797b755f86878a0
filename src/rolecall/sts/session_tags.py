"""Session tags: which may be passed, and which a session hands on (sts.md §3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from rolecall.errors import InvalidParameterValue, ValidationError
from rolecall.names.case import lower_name
from rolecall.state.entities import Tag
from rolecall.state.session import Session

MOST_TAGS = 50
RESERVED_PREFIX = "aws:"


class SessionTags(msgspec.Struct, frozen=True, kw_only=True):
    """The tags of a new session.

    Parameters: `passed`, with this request; `inherited`, the transitive ones of the calling session; `transitive`, the
    lower-case keys that the new session hands on.
    """

    passed: tuple[Tag, ...] = ()
    inherited: tuple[Tag, ...] = ()
    transitive: tuple[str, ...] = ()

    @property
    def all(self) -> tuple[Tag, ...]:
        """Every tag of the session; no key comes twice."""
        return self.inherited + self.passed


NO_TAGS = SessionTags()


def inherited_tags(session: Session | None) -> tuple[Tag, ...]:
    """The tags that a calling session hands on."""
    if session is None:
        return ()
    return tuple(tag for tag in session.tags if lower_name(tag.key) in session.transitive_tag_keys)


def check_session_tags(
    session: Session | None, tags: Sequence[Mapping[str, str]], transitive_keys: Sequence[str]
) -> SessionTags:
    """The tags of a new session that `session` (None for long-term keys) asks for.

    Raises `InvalidParameterValue` for repeated keys, for transitive keys without a tag, and for keys that are
    inherited; `ValidationError` for reserved keys and for more than 50 tags.
    """
    if not tags and not transitive_keys and (session is None or not session.tags):
        return NO_TAGS
    passed = tuple(Tag(tag["key"], tag["value"]) for tag in tags)
    inherited = inherited_tags(session)
    keys = [lower_name(tag.key) for tag in passed]
    if len(set(keys)) < len(keys):
        raise InvalidParameterValue("Duplicate tag keys found. Please note that Tag keys are case insensitive.")
    if any(key.startswith(RESERVED_PREFIX) for key in keys):
        raise ValidationError("Tag keys must not begin with the reserved prefix aws:")
    marked = [lower_name(key) for key in transitive_keys]
    if any(key not in keys for key in marked):
        raise InvalidParameterValue("The specified transitive tag key must be included in the requested tags.")
    kept = {lower_name(tag.key) for tag in inherited}
    if kept.intersection(keys):
        raise InvalidParameterValue(
            "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key "
            "from the calling session."
        )
    if len(passed) + len(inherited) > MOST_TAGS:
        raise ValidationError(f"A session cannot have more than {MOST_TAGS} tags.")
    return SessionTags(passed=passed, inherited=inherited, transitive=tuple(sorted(kept.union(marked))))

"""Patterns: text, wildcards and policy variables told apart.

Which elements may hold which is decided by their modules; what a variable's value is, by the decision engine.
Source: policy-language.md §3 and §5.
"""

from __future__ import annotations

import re

from rolecall.errors import RolecallError
from rolecall.language.document import AnyOne, AnyRun, Part, Template, Text, Variable

_WILDCARD = re.compile(r"[*?]")
# The Kelvin sign is in no key: keys are compared in lower case, where it is a `k`.
_WILDCARD_OR_VARIABLE = re.compile(
    r"""
    [*?]
    | \$\{ (?P<literal> [*?$] ) \}
    | \$\{
        (?P<key> [^\s${}',"*?\u212a] (?: [^${}',"*?\u212a]* [^\s${}',"*?\u212a] )? )
        (?: ,[ ] ' (?P<default> [^']* ) ' )?
      \}
    | (?P<malformed> \$\{ )
    """,
    re.VERBOSE,
)


class MalformedVariable(RolecallError):
    """A `${` does not begin a policy variable."""


def parse_template(text: str, *, wildcards: bool, variables: bool) -> Template:
    """Split `text` into its parts.

    With `wildcards`, each `*` and `?` is one; with `variables`, `${key}`, `${key, 'default'}`, `${*}`, `${?}` and
    `${$}` are what policy-language.md §5 says. Whatever is not asked for is plain text. Neighbouring texts, and
    neighbouring `*`, become one part.

    Raises `MalformedVariable` if `variables` and a `${` begins none of those forms. What AWS does with such text is not
    known; taken as plain text, a Deny would silently match nothing.
    """
    if not wildcards and not variables:
        return (Text(text),) if text else ()
    parts: list[Part] = []
    start = 0
    for match in (_WILDCARD_OR_VARIABLE if variables else _WILDCARD).finditer(text):
        _append(parts, Text(text[start : match.start()]))
        _append(parts, _special(match, wildcards))
        start = match.end()
    _append(parts, Text(text[start:]))
    return tuple(parts)


def _special(match: re.Match[str], wildcards: bool) -> Part:
    groups = match.groupdict()
    if groups.get("malformed"):
        raise MalformedVariable("`${` does not begin a policy variable: write `${key}`, or `${$}{` for the characters")
    if key := groups.get("key"):
        return Variable(key.lower(), groups["default"])
    if literal := groups.get("literal"):
        return Text(literal)
    if not wildcards:
        return Text(match.group())
    return AnyRun() if match.group() == "*" else AnyOne()


def _append(parts: list[Part], part: Part) -> None:
    last = parts[-1] if parts else None
    match part, last:
        case (Text(""), _) | (AnyRun(), AnyRun()):
            pass
        case Text(text), Text(before):
            parts[-1] = Text(before + text)
        case _:
            parts.append(part)

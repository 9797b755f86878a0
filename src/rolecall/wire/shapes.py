"""The shapes of the service models, as frozen values: what a parameter or a part of an answer looks like.

Constraints are kept as the model states them; what follows from them is decided in `constraints`, and where shapes come
from is in `model`.
"""

from __future__ import annotations

from dataclasses import dataclass


# Shapes compare and hash by identity: what is prepared for one is cached under it.
@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StringShape:
    """Text. `minimum` and `maximum` bound its length in code points; `pattern` is a Java regular expression."""

    name: str
    minimum: int | None
    maximum: int | None
    pattern: str | None
    enum: tuple[str, ...]
    is_sensitive: bool


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class IntegerShape:
    """A signed whole number of `bits` bits; `minimum` and `maximum` bound its value."""

    name: str
    bits: int
    minimum: int | None
    maximum: int | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FloatShape:
    """A finite decimal number."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BooleanShape:
    """`true` or `false`."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TimestampShape:
    """A point in time; in Rolecall an `int`, seconds since 1970-01-01T00:00:00Z."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BlobShape:
    """Bytes; base64 on the wire."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ListShape:
    """Values of one shape; `minimum` and `maximum` bound their number."""

    name: str
    member: Shape
    minimum: int | None
    maximum: int | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MapShape:
    """Values by key; `minimum` and `maximum` bound their number."""

    name: str
    key: Shape
    value: Shape
    minimum: int | None
    maximum: int | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Member:
    """A member of a structure.

    `name` is the wire's (`RoleName`), `path_name` is the one in AWS's validation messages (`roleName`), `python_name`
    is the parameter of our operations (`role_name`).
    """

    name: str
    path_name: str
    python_name: str
    shape: Shape
    is_required: bool


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StructureShape:
    """Named members, in the model's order."""

    name: str
    members: tuple[Member, ...]


Shape = (
    StructureShape
    | ListShape
    | MapShape
    | StringShape
    | IntegerShape
    | FloatShape
    | BooleanShape
    | TimestampShape
    | BlobShape
)

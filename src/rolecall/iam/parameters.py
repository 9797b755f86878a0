"""Operations that differ only in the kind of entity: one function, registered once for each kind.

The model calls the same parameter `UserName`, `RoleName`, `PolicyArn`, …; the one function calls it `name`. What the
operations do, and for which kinds, is said where they are written.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from rolecall.iam.registry import operation
from rolecall.operations.registry import Access, Answer
from rolecall.operations.transaction import Transaction


class EntityKind(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of entity that operations are registered for.

    Parameters: `noun`, its word in the operations' names; `parameter`, the one that names the entity (`user_name`);
    `access`, which permission its operations need.
    """

    noun: str
    parameter: str
    access: Access


def for_each(
    kinds: Iterable[EntityKind], name: str, *, writes: bool = False
) -> Callable[[Callable[..., Answer]], Callable[..., Answer]]:
    """Register a function for every one of `kinds`; `{}` in `name` stands for the noun.

    The function takes the kind, the transaction, and the entity's name as `name`.
    """

    def register(run: Callable[..., Answer]) -> Callable[..., Answer]:
        for kind in kinds:
            run_for_kind = with_name_as(kind.parameter, functools.partial(run, kind))
            operation(name.format(kind.noun), access=kind.access, writes=writes)(run_for_kind)
        return run

    return register


def with_name_as(parameter: str, run: Callable[..., Answer]) -> Callable[..., Answer]:
    """`run` with its parameter `name` called `parameter`, in its signature too."""

    @functools.wraps(run)
    def call(tx: Transaction, **parameters: Any) -> Answer:
        return run(tx, name=parameters.pop(parameter), **parameters)

    signature = inspect.signature(run)
    renamed = [one.replace(name=parameter) if one.name == "name" else one for one in signature.parameters.values()]
    call.__signature__ = signature.replace(parameters=renamed)  # type: ignore[attr-defined]
    return call

"""What an import comes to, entity by entity. Values only."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

import msgspec

from rolecall.state.entities import Entity
from rolecall.state.world import Reference, World


class Change(StrEnum):
    """What becomes of an entity of the file."""

    CREATE = "create"
    UPDATE = "update"
    UNCHANGED = "unchanged"
    SKIP = "skip"
    FAIL = "fail"


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What becomes of one entity of the file.

    Parameters: `kind` and `name` of the entity; `detail`, which parts an update changes, why it is skipped or refused;
    `note`, what of the file it goes without.
    """

    kind: str
    name: str
    change: Change
    detail: str = ""
    note: str = ""


class ImportPlan(msgspec.Struct, frozen=True, kw_only=True):
    """What an import would do.

    Parameters: `before`, the world it rests on; `after`, the world with every entity that can be imported; `outcomes`,
    in the order of the import.
    """

    before: World
    after: World
    outcomes: tuple[Outcome, ...]
    touched: frozenset[Reference]

    @property
    def failures(self) -> tuple[Outcome, ...]:
        """The entities that are refused."""
        return tuple(outcome for outcome in self.outcomes if outcome.change is Change.FAIL)

    @property
    def changes_anything(self) -> bool:
        """Would the world be another one?"""
        return next(self.entities(), None) is not None

    def entities(self) -> Iterator[Entity]:
        """The entities to write."""
        for reference in sorted(self.touched):
            entity = self.after.entities.get(reference)
            if entity is not None and entity != self.before.entities.get(reference):
                yield entity

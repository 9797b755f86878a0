"""A draft: a world that is being changed, and the list of what was changed. Nothing in it is durable yet."""

from __future__ import annotations

from rolecall.state.entities import Entity
from rolecall.state.world import Reference, World


class Draft:
    """The world as an operation sees it, own changes included.

    Parameters: `world`, where it starts; `writable`, False for operations that only read.
    """

    __slots__ = ("_changes", "_writable", "world")

    def __init__(self, world: World, *, writable: bool = True) -> None:
        self.world = world
        self._writable = writable
        self._changes: dict[Reference, tuple[Entity, bool]] = {}

    def put(self, entity: Entity) -> None:
        """Write `entity` under its key."""
        self._change(entity, True)
        self.world = self.world.put(entity)

    def delete(self, entity: Entity) -> None:
        """Remove `entity`."""
        self._change(entity, False)
        self.world = self.world.delete(entity)

    @property
    def changes(self) -> tuple[tuple[Entity, bool], ...]:
        """What changed, in order, once per entity: (entity, True if it stands, False if it was removed)."""
        return tuple(self._changes.values())

    def _change(self, entity: Entity, stands: bool) -> None:
        if not self._writable:
            raise RuntimeError(f"a read operation changed a {entity.kind}")
        reference = (entity.kind, entity.key)
        self._changes.pop(reference, None)
        self._changes[reference] = (entity, stands)

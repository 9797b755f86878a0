"""The world: every entity of every account, in memory, as one immutable value, and the indexes that reads need.

A change makes a new world that shares almost everything with the old one, so a reader keeps a consistent snapshot for
as long as it likes and needs no lock. What an entity contributes to the indexes it says itself, in `Entity.index_keys`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

import msgspec
from immutables import Map, MapMutation

from rolecall.names.arn import AccountId
from rolecall.state.entities import Account, Entity, InstanceProfile, User
from rolecall.state.indexes import Index, IndexKey
from rolecall.state.organizations import Organization

E = TypeVar("E", bound=Entity)
Reference = tuple[str, str]
"""(kind, key) of an entity."""


_NONE: Map[Reference, None] = Map()


class World(msgspec.Struct, frozen=True):
    """All entities at one revision.

    Parameters: `revision`, the `seq` of the last change in it; `entities` by reference; `index`, the references that
    stand under each index key.
    """

    revision: int = 0
    entities: Map[Reference, Entity] = Map()
    index: Map[IndexKey, Map[Reference, None]] = Map()

    def get(self, kind: type[E], key: str) -> E | None:
        """The entity of that kind and key, or None."""
        found = self.entities.get((kind.kind, key))
        return found if isinstance(found, kind) else None

    def named(self, kind: type[E], account: AccountId, name: str) -> E | None:
        """The entity of that `unique_name` in an account; case does not matter. None if there is none."""
        for _, key in self.index.get((Index.NAMED, kind.kind, account, name.lower()), _NONE):
            return self.get(kind, key)
        return None

    def owned(self, kind: type[E], account: AccountId) -> tuple[E, ...]:
        """All entities of a kind in an account, in no particular order."""
        return self._all(kind, (Index.OWNED, kind.kind, account))

    def count(self, kind: type[Entity], account: AccountId) -> int:
        """How many entities of a kind an account has."""
        return len(self.index.get((Index.OWNED, kind.kind, account), _NONE))

    def accounts(self) -> tuple[Account, ...]:
        """All accounts, in no particular order. Looks at every entity: for the operator's commands, not for calls."""
        return tuple(entity for entity in self.entities.values() if isinstance(entity, Account))

    def members(self, group_id: str) -> tuple[User, ...]:
        """The users of a group."""
        return self._all(User, (Index.MEMBERS, group_id))

    def attached_to(self, kind: type[E], account: AccountId, policy_arn: str) -> tuple[E, ...]:
        """The users, groups or roles of an account that have the policy attached."""
        return self._all(kind, (Index.ATTACHED, account, policy_arn))

    def attachment_count(self, account: AccountId, policy_arn: str) -> int:
        """How many users, groups and roles of an account have the policy attached."""
        return len(self.index.get((Index.ATTACHED, account, policy_arn), _NONE))

    def bounded_by(self, kind: type[E], account: AccountId, policy_arn: str) -> tuple[E, ...]:
        """The users or roles of an account that have the policy as their permissions boundary."""
        return self._all(kind, (Index.BOUNDED, account, policy_arn))

    def boundary_count(self, account: AccountId, policy_arn: str) -> int:
        """How many users and roles of an account have the policy as their permissions boundary."""
        return len(self.index.get((Index.BOUNDED, account, policy_arn), _NONE))

    def of_user(self, kind: type[E], account: AccountId, user_id: str | None) -> tuple[E, ...]:
        """What of a kind belongs to a user, or to the root user if `user_id` is None, in no particular order."""
        return self._all(kind, (Index.OF_USER, kind.kind, account, user_id or ""))

    def parts_of(self, kind: type[E], whole: str) -> tuple[E, ...]:
        """The records of a kind that are parts of the one with the key `whole`, in no particular order."""
        return self._all(kind, (Index.PART_OF, kind.kind, whole))

    def profiles_of_role(self, role_id: str) -> tuple[InstanceProfile, ...]:
        """The instance profiles that hold a role."""
        return self._all(InstanceProfile, (Index.PROFILES, role_id))

    def account_of_alias(self, alias: str) -> Account | None:
        """The account that has an alias, or None."""
        return next(iter(self._all(Account, (Index.ALIAS, alias))), None)

    def organization_of(self, account: AccountId) -> Organization | None:
        """The organization that an account manages or is a member of, or None."""
        return next(iter(self._all(Organization, (Index.MEMBER_ACCOUNT, account))), None)

    def put(self, entity: Entity) -> World:
        """The world in which `entity` stands under its key, in place of what stood there."""
        return self.apply(((entity.kind, entity.key, entity),), self.revision)

    def delete(self, entity: Entity) -> World:
        """The world without `entity`."""
        return self.apply(((entity.kind, entity.key, None),), self.revision)

    def apply(self, changes: Iterable[tuple[str, str, Entity | None]], revision: int) -> World:
        """The world after `changes` (kind, key, new state or None), at `revision`."""
        entities = self.entities.mutate()
        touched: dict[IndexKey, MapMutation[Reference, None]] = {}
        for kind, key, entity in changes:
            reference = (kind, key)
            before = entities.get(reference)
            old = frozenset(before.index_keys()) if before is not None else frozenset()
            new = frozenset(entity.index_keys()) if entity is not None else frozenset()
            for index_key in old ^ new:
                if index_key not in touched:
                    touched[index_key] = self.index.get(index_key, _NONE).mutate()
                if index_key in new:
                    touched[index_key][reference] = None
                else:
                    del touched[index_key][reference]
            if entity is not None:
                entities[reference] = entity
            elif before is not None:
                del entities[reference]
        return World(revision, entities.finish(), self._reindexed(touched))

    def _reindexed(self, touched: dict[IndexKey, MapMutation[Reference, None]]) -> Map[IndexKey, Map[Reference, None]]:
        index = self.index.mutate()
        for index_key, references in touched.items():
            found = references.finish()
            if found:
                index[index_key] = found
            else:
                index.pop(index_key, None)
        return index.finish()

    def _all(self, kind: type[E], index_key: IndexKey) -> tuple[E, ...]:
        found = (self.entities[reference] for reference in self.index.get(index_key, _NONE))
        return tuple(entity for entity in found if isinstance(entity, kind))

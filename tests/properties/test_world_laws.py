"""The laws of the world: it is nothing but its log, and its indexes are nothing but its entities."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from rolecall.names.arn import AccountId
from rolecall.state.credentials import AccessKey
from rolecall.state.draft import Draft
from rolecall.state.entities import (
    Account,
    Entity,
    Group,
    InlinePolicy,
    InstanceProfile,
    ManagedPolicy,
    PolicyVersion,
    Role,
    SealedKey,
    Tag,
    User,
)
from rolecall.state.records import decode, encode
from rolecall.state.replica import advance, world_of
from rolecall.state.sqlite import SqliteLog
from rolecall.state.store import changed
from rolecall.state.world import World

# Few ids and names, so that references meet and entities replace each other.
accounts = st.sampled_from([AccountId("111122223333"), AccountId("444455556666")])
ids = st.sampled_from(["ID1", "ID2", "ID3"])
names = st.sampled_from(["Alice", "alice", "Bob", "carol-\u20ac"])
arns = st.sampled_from(["arn:aws:iam::aws:policy/ReadOnlyAccess", "arn:aws:iam::111122223333:policy/p"])
times = st.integers(0, 2**40)
texts = st.text(st.characters(codec="utf-8"), max_size=20)
tags = st.lists(st.builds(Tag, key=texts, value=texts), max_size=3).map(tuple)
attached = st.lists(arns, unique=True, max_size=2).map(tuple)
inline = st.lists(st.builds(InlinePolicy, name=names, document=texts), max_size=2).map(tuple)
versions = st.lists(st.builds(PolicyVersion, id=ids, document=texts, created_at=times), max_size=2).map(tuple)
named = {"account": accounts, "id": ids, "name": names, "created_at": times, "tags": tags}
holder = {**named, "attached_policies": attached, "inline_policies": inline}
boundary = {"permissions_boundary": st.none() | arns}
entities: st.SearchStrategy[Entity] = st.one_of(
    st.builds(Account, account=accounts, created_at=times, alias=st.none() | names),
    st.builds(User, **holder, **boundary, groups=st.lists(ids, unique=True, max_size=3).map(tuple)),
    st.builds(Group, **holder),
    st.builds(Role, **holder, **boundary, trust_policy=texts),
    st.builds(ManagedPolicy, **named, updated_at=times, versions=versions, default_version_id=ids),
    st.builds(InstanceProfile, **named, role_id=st.none() | ids),
    st.builds(
        AccessKey,
        account=accounts,
        access_key_id=ids,
        user_id=st.none() | ids,
        sealed_secret=st.binary(max_size=40),
        created_at=times,
    ),
    st.builds(SealedKey, account=st.just(""), key_id=ids, sealed_key=st.binary(max_size=40), created_at=times),
)
steps = st.lists(st.tuples(entities, st.booleans()), max_size=25)
writes = st.lists(steps, max_size=6)


def drafted(world: World, steps: list[tuple[Entity, bool]]) -> Draft:
    draft = Draft(world)
    for entity, stands in steps:
        if stands:
            draft.put(entity)
        else:
            draft.delete(entity)
    return draft


def recomputed(world: World) -> World:
    """The same entities, indexed from scratch."""
    entities = ((entity.kind, entity.key, entity) for entity in world.entities.values())
    return World().apply(entities, world.revision)


@given(entities)
def test_an_entity_reads_back_as_it_was_written(entity: Entity) -> None:
    assert decode(entity.account, entity.kind, entity.key, encode(entity)) == entity


@given(steps)
def test_the_indexes_are_those_computed_from_scratch(steps: list[tuple[Entity, bool]]) -> None:
    world = drafted(World(), steps).world
    assert world == recomputed(world)
    listed = {(key, reference) for key, references in world.index.items() for reference in references}
    assert listed == {
        (key, (entity.kind, entity.key)) for entity in world.entities.values() for key in entity.index_keys()
    }


@given(steps)
def test_a_world_holds_the_last_word_on_each_entity(steps: list[tuple[Entity, bool]]) -> None:
    last = {(entity.kind, entity.key): entity if stands else None for entity, stands in steps}
    standing = {reference: entity for reference, entity in last.items() if entity is not None}
    assert dict(drafted(World(), steps).world.entities.items()) == standing


@given(steps, steps)
def test_a_change_leaves_the_world_before_it_alone(
    first: list[tuple[Entity, bool]], second: list[tuple[Entity, bool]]
) -> None:
    before = drafted(World(), first).world
    entities, index = dict(before.entities.items()), dict(before.index.items())
    drafted(before, second)
    assert (dict(before.entities.items()), dict(before.index.items())) == (entities, index)


@given(writes)
def test_the_log_says_what_the_drafts_did(writes: list[list[tuple[Entity, bool]]]) -> None:
    world, log = World(), []
    for steps in writes:
        draft = drafted(world, steps)
        log += changed(draft, world, 1)
        world = World(log[-1].seq if log else 0, draft.world.entities, draft.world.index)
    assert advance(World(), log) == world
    assert [entry.seq for entry in log] == list(range(1, len(log) + 1))


@given(writes, st.integers(0, 100))
def test_the_log_in_two_parts_gives_the_same_world(writes: list[list[tuple[Entity, bool]]], cut: int) -> None:
    world, log = World(), []
    for steps in writes:
        entries = changed(drafted(world, steps), world, 1)
        world = advance(world, entries)
        log += entries
    assert advance(advance(World(), log[:cut]), log[cut:]) == world


@settings(max_examples=40)
@given(writes)
def test_the_world_of_the_log_is_the_world_of_the_live_rows(writes: list[list[tuple[Entity, bool]]]) -> None:
    with TemporaryDirectory() as folder:
        log, world = SqliteLog(Path(folder) / "log.db"), World()
        for steps in writes:
            entries = changed(drafted(world, steps), world, 1)
            world = advance(world, entries)
            with log.writer() as writer:
                writer.append(entries)
        standing, logged = world_of(log.snapshot()), advance(World(), log.entries_after(0))
        log.close()
    assert standing == logged == world

"""The contract of `LogEngine`, for every engine."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from rolecall.errors import StoreError
from rolecall.state.log import LastUse, LogEngine, Snapshot
from store.engines import OpenLog
from store.samples import entry, user


def append(log: LogEngine, *entries: object) -> None:
    with log.writer() as writer:
        writer.append(entries)


def use(at: int, region: str = "us-east-1") -> LastUse:
    return LastUse(kind="access-key", key="AKIA1", at=at, region=region, service="iam")


def test_a_new_log_is_empty(log: LogEngine) -> None:
    assert log.snapshot() == Snapshot(revision=0, rows=())
    assert log.entries_after(0) == ()


def test_appended_changes_are_read_back_in_order(log: LogEngine) -> None:
    entries = (entry(1, user(1)), entry(2, user(2)), entry(3, user(1), stands=False))
    append(log, *entries)
    assert log.entries_after(0) == entries
    assert log.entries_after(2) == entries[2:]
    assert log.entries_after(3) == ()


def test_live_rows_are_what_the_changes_left(log: LogEngine) -> None:
    append(log, entry(1, user(1)), entry(2, user(2)), entry(3, user(2, "/moved/")), entry(4, user(1), stands=False))
    snapshot = log.snapshot()
    assert snapshot.revision == 4
    (row,) = snapshot.rows
    assert (row.key, row.body, row.seq) == (user(2).id, entry(3, user(2, "/moved/")).body, 3)


def test_a_removed_entity_can_stand_again(log: LogEngine) -> None:
    append(log, entry(1, user(1)))
    append(log, entry(2, user(1), stands=False))
    append(log, entry(3, user(1, "/again/")))
    assert [row.seq for row in log.snapshot().rows] == [3]


def test_removing_and_putting_in_one_append_leaves_the_last_state(log: LogEngine) -> None:
    append(log, entry(1, user(1)))
    append(
        log,
        entry(2, user(1), stands=False),
        entry(3, user(1, "/b/")),
        entry(4, user(2)),
        entry(5, user(2), stands=False),
    )
    assert [(row.key, row.seq) for row in log.snapshot().rows] == [(user(1).id, 3)]


def test_more_changes_than_one_statement_takes_are_appended_and_removed_in_one_go(log: LogEngine) -> None:
    """SQLite before 3.32 takes 999 parameters in a statement: 166 changes, 199 live rows, 499 removals."""
    count = 1001
    put = tuple(entry(number, user(number)) for number in range(1, count + 1))
    append(log, *put)
    assert log.entries_after(0) == put
    assert sorted(row.seq for row in log.snapshot().rows) == list(range(1, count + 1))
    gone = tuple(entry(count + number, user(number), stands=False) for number in range(1, count))
    append(log, *gone)
    assert log.entries_after(count) == gone
    assert [row.key for row in log.snapshot().rows] == [user(count).id]


def test_the_writer_sees_the_head_and_what_it_has_appended(log: LogEngine) -> None:
    append(log, entry(1, user(1)))
    with log.writer() as writer:
        assert writer.revision == 1
        writer.append((entry(2, user(2)),))
        assert writer.revision == 2
        assert writer.entries_after(0) == (entry(1, user(1)), entry(2, user(2)))


@pytest.mark.parametrize("numbers", [(2,), (0,), (1, 3), (1, 1), (2, 1)])
def test_a_gap_in_the_numbers_is_refused(log: LogEngine, numbers: tuple[int, ...]) -> None:
    with pytest.raises(StoreError, match="do not follow change 0"):
        append(log, *(entry(number, user(number)) for number in numbers))
    assert log.snapshot().revision == 0


def test_a_block_that_raises_leaves_nothing(log: LogEngine) -> None:
    def raise_within() -> None:
        with log.writer() as writer:
            writer.append((entry(1, user(1)),))
            raise LookupError

    with pytest.raises(LookupError):
        raise_within()
    assert log.snapshot() == Snapshot(revision=0, rows=())
    append(log, entry(1, user(2)))
    assert log.snapshot().revision == 1


def test_nobody_sees_a_change_before_its_commit(log: LogEngine, engine_factory: OpenLog) -> None:
    other = engine_factory()
    before = other.change_token(), log.change_token()
    with log.writer() as writer:
        writer.append((entry(1, user(1)),))
        assert other.entries_after(0) == log.entries_after(0) == ()
        assert (other.change_token(), log.change_token()) == before
    assert other.entries_after(0) == log.entries_after(0) == (entry(1, user(1)),)


def test_the_token_differs_after_every_commit_of_anyone(log: LogEngine, engine_factory: OpenLog) -> None:
    other = engine_factory()
    for number in range(1, 9):
        before = log.change_token(), other.change_token()
        append(log if number % 2 else other, entry(number, user(number)))
        after = log.change_token(), other.change_token()
        assert before[0] != after[0]
        assert before[1] != after[1]


def test_the_token_stays_while_nothing_is_committed(log: LogEngine) -> None:
    before = log.change_token()
    with log.writer() as writer:
        writer.entries_after(0)
    log.snapshot()
    assert log.change_token() == before


def test_there_is_one_writer_at_a_time(log: LogEngine, engine_factory: OpenLog) -> None:
    other, order, started = engine_factory(), [], threading.Event()

    def write_too() -> None:
        started.set()
        with other.writer() as writer:
            order.append(("second", writer.revision))

    thread = threading.Thread(target=write_too)
    with log.writer() as writer:
        thread.start()
        started.wait()
        writer.append((entry(1, user(1)),))
        order.append(("first", writer.revision))
    thread.join()
    assert order == [("first", 1), ("second", 1)]


def test_text_of_every_script_and_size_survives(log: LogEngine) -> None:
    odd = user(1, "/ünï-\u0001-\u20ac-\U0001f511/" + "x" * 200_000)
    append(log, entry(1, odd))
    assert log.entries_after(0) == (entry(1, odd),)


def test_last_uses_are_stored_beside_the_log(log: LogEngine) -> None:
    assert log.last_use("access-key", "AKIA1") is None
    log.record_uses((use(10),))
    assert log.last_use("access-key", "AKIA1") == use(10)
    assert log.snapshot().revision == 0


def test_a_stored_use_gives_way_to_a_later_one_only(log: LogEngine, engine_factory: OpenLog) -> None:
    log.record_uses((use(10),))
    engine_factory().record_uses((use(20, "eu-west-1"),))
    log.record_uses((use(15, "eu-north-1"),))
    assert log.last_use("access-key", "AKIA1") == use(20, "eu-west-1")


def test_a_backup_is_as_of_one_moment_and_opens_like_any_log(
    log: LogEngine, engine_factory: OpenLog, tmp_path: Path
) -> None:
    append(log, entry(1, user(1)))
    with engine_factory().writer() as writer:
        writer.append((entry(2, user(2)),))
        log.backup(tmp_path / "copy")
    assert log.snapshot().revision == 2
    copy = type(log)(tmp_path / "copy")
    assert copy.entries_after(0) == (entry(1, user(1)),)
    copy.close()


def test_the_schema_version_counts_the_migrations(log: LogEngine) -> None:
    assert log.schema_version >= 2

"""Reading and writing through the store, for every engine."""

from __future__ import annotations

import threading
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from rolecall.errors import NoSuchEntity, ServiceUnavailable, StoreError
from rolecall.state.draft import Draft
from rolecall.state.entities import User
from rolecall.state.log import LogEngine
from rolecall.state.replica import world_of
from rolecall.state.store import Store, WriteResult
from store.engines import OpenFaultyStore, OpenStore
from store.samples import ACCOUNT, entry, user


class Gate:
    """A job that keeps the writer busy until it is opened, so that the jobs behind it form one batch."""

    def __init__(self, store: Store) -> None:
        self._open, entered = threading.Event(), threading.Event()

        def wait(draft: Draft) -> None:
            entered.set()
            self._open.wait()

        self.future = store.write(wait)
        entered.wait()

    def open(self) -> None:
        self._open.set()


def put(number: int) -> object:
    def job(draft: Draft) -> int:
        draft.put(user(number))
        return number

    return job


def rename_counter(draft: Draft) -> int:
    """A read-modify-write: it loses an update if two run on the same world."""
    before = draft.world.get(User, user(0).id)
    count = 0 if before is None else int(before.path.strip("/"))
    draft.put(user(0, f"/{count + 1}/"))
    return count + 1


def refuse(draft: Draft) -> None:
    draft.put(user(99))
    raise NoSuchEntity("no")


def test_what_was_written_is_in_the_next_view(store: Store) -> None:
    assert store.write(put(1)).result() == WriteResult(1, 1)
    assert store.view().get(User, user(1).id) == user(1)
    assert store.view().revision == store.revision == 1


def test_a_view_is_a_snapshot_that_later_writes_leave_alone(store: Store) -> None:
    before = store.view()
    store.write(put(1)).result()
    assert before.get(User, user(1).id) is None


def test_a_result_names_the_revision_of_its_last_change(store: Store) -> None:
    def put_three(draft: Draft) -> None:
        for number in range(3):
            draft.put(user(number))

    assert store.write(put_three).result().revision == 3
    assert store.write(lambda draft: draft.delete(user(0))).result().revision == 4


def test_a_job_sees_what_earlier_jobs_of_its_batch_wrote(store: Store) -> None:
    gate = Gate(store)
    futures = [store.write(rename_counter) for _ in range(20)]
    gate.open()
    assert [future.result().value for future in futures] == list(range(1, 21))
    assert [future.result().revision for future in futures] == list(range(1, 21))


def test_many_writes_share_one_commit(faulty_store_factory: OpenFaultyStore) -> None:
    store, log = faulty_store_factory()
    gate = Gate(store)
    futures = [store.write(put(number)) for number in range(50)]
    gate.open()
    assert {future.result().value for future in futures} == set(range(50))
    assert log.commits <= 2


def test_a_write_that_changes_nothing_commits_nothing(faulty_store_factory: OpenFaultyStore) -> None:
    store, log = faulty_store_factory()
    store.write(put(1)).result()
    assert store.write(put(1)).result() == WriteResult(1, 1)
    assert store.write(lambda draft: draft.delete(user(2))).result() == WriteResult(None, 1)
    assert store.write(lambda draft: len(draft.world.entities)).result() == WriteResult(1, 1)
    assert log.commits == 1


def test_a_job_that_raises_leaves_no_trace_and_disturbs_nobody(store: Store, log: LogEngine) -> None:
    gate = Gate(store)
    futures: list[Future[WriteResult[object]]] = [store.write(job) for job in (put(1), refuse, put(2))]
    gate.open()
    assert futures[0].result().revision == 1
    with pytest.raises(NoSuchEntity, match="no"):
        futures[1].result()
    assert futures[2].result().revision == 2
    assert {row.key for row in log.snapshot().rows} == {user(1).id, user(2).id}


def test_a_job_may_even_raise_what_would_end_a_thread(store: Store) -> None:
    def leave(draft: Draft) -> None:
        raise SystemExit

    with pytest.raises(SystemExit):
        store.write(leave).result()
    assert store.write(put(1)).result().revision == 1


def test_an_entity_that_could_not_be_read_back_fails_its_own_job(store: Store) -> None:
    wrong_type = User(account=ACCOUNT, id="AIDA", name="n", created_at="1")  # type: ignore[arg-type]
    lone_surrogate = User(account=ACCOUNT, id="AIDA", name="\ud800", created_at=1)
    with pytest.raises(StoreError, match="cannot be read"):
        store.write(lambda draft: draft.put(wrong_type)).result()
    with pytest.raises(UnicodeEncodeError):
        store.write(lambda draft: draft.put(lone_surrogate)).result()
    assert store.write(put(1)).result().revision == 1


def test_memory_holds_what_the_log_holds(store: Store, store_factory: OpenStore) -> None:
    listed = User(account=ACCOUNT, id="AIDA", name="n", created_at=1, groups=["AGPA"])  # type: ignore[arg-type]
    store.write(lambda draft: draft.put(listed)).result()
    assert store.view().get(User, "AIDA").groups == ("AGPA",)
    assert store_factory().view() == store.view()


def test_a_cancelled_write_is_not_run(store: Store) -> None:
    gate = Gate(store)
    cancelled, kept = store.write(put(1)), store.write(put(2))
    assert cancelled.cancel()
    gate.open()
    assert kept.result().revision == 1
    assert store.view().get(User, user(1).id) is None


def test_if_the_commit_fails_every_write_of_the_batch_fails(faulty_store_factory: OpenFaultyStore) -> None:
    store, log = faulty_store_factory()
    store.write(put(1)).result()
    gate = Gate(store)
    log.fails_to_commit = True
    futures: list[Future[WriteResult[object]]] = [store.write(job) for job in (put(2), refuse, put(3))]
    gate.open()
    for future in futures:
        with pytest.raises(StoreError, match="not committed: the disk is full"):
            future.result()
    assert store.view().revision == 1
    assert store.view().get(User, user(2).id) is None
    log.fails_to_commit = False
    assert store.write(put(4)).result().revision == 2


def test_reads_go_on_without_the_log_for_max_staleness_and_then_stop(faulty_store_factory: OpenFaultyStore) -> None:
    now = [100.0]
    store, log = faulty_store_factory(monotonic=lambda: now[0], max_staleness=5.0)
    world = store.view()
    log.fails_to_read = True
    now[0] = 105.0
    assert store.view() is world
    now[0] = 105.1
    with pytest.raises(ServiceUnavailable):
        store.view()
    log.fails_to_read = False
    assert store.view() is world


def test_a_log_with_a_gap_is_not_served(faulty_store_factory: OpenFaultyStore) -> None:
    now = [0.0]
    store, log = faulty_store_factory(monotonic=lambda: now[0])
    log.loses = 1
    with log.writer() as writer:
        writer.append((entry(1, user(1)), entry(2, user(2))))
    now[0] = 6.0
    with pytest.raises(ServiceUnavailable) as caught:
        store.view()
    assert "the log has a gap: change 1 is missing before change 2" in str(caught.value.__cause__)


def test_a_log_that_has_lost_its_end_is_not_written_to(faulty_store_factory: OpenFaultyStore) -> None:
    store, _ = faulty_store_factory()
    store.write(put(1)).result()
    store._replica.move_to(store.view().apply((), 5))
    with pytest.raises(StoreError, match="the log ends at change 1, but change 5 has been seen"):
        store.write(put(2)).result()


def test_two_stores_see_each_other_s_writes_in_the_next_view(store_factory: OpenStore) -> None:
    one, two = store_factory(), store_factory()
    for number in range(10):
        writer, reader = (one, two) if number % 2 else (two, one)
        revision = writer.write(put(number)).result().revision
        assert reader.view().revision == revision == number + 1
        assert reader.view() == writer.view()


def test_a_write_builds_on_what_another_process_has_just_written(store_factory: OpenStore) -> None:
    one, two = store_factory(), store_factory()
    values = [store.write(rename_counter).result().value for store in (one, two) * 10]
    assert values == list(range(1, 21))


def test_concurrent_writers_lose_nothing_and_leave_no_gap(store_factory: OpenStore, log: LogEngine) -> None:
    stores = (store_factory(), store_factory())

    def write_many(worker: int) -> list[int]:
        futures = [stores[worker % 2].write(rename_counter) for _ in range(40)]
        return [future.result().revision for future in futures]

    with ThreadPoolExecutor(8) as pool:
        revisions = [revision for result in pool.map(write_many, range(8)) for revision in result]
    assert sorted(revisions) == list(range(1, 321))
    assert [change.seq for change in log.entries_after(0)] == list(range(1, 321))
    assert stores[0].view() == stores[1].view() == world_of(log.snapshot())
    assert stores[0].view().get(User, user(0).id).path == "/320/"


def test_a_reader_in_any_thread_sees_every_write_acknowledged_before(store_factory: OpenStore) -> None:
    writer, reader = store_factory(), store_factory()
    stop = threading.Event()

    def read_on() -> None:
        while not stop.is_set():
            reader.view()

    with ThreadPoolExecutor(2) as pool:
        others = [pool.submit(read_on) for _ in range(2)]
        seen = []
        for number in range(100):
            revision = writer.write(put(number)).result().revision
            seen.append(reader.view().revision >= revision)
        stop.set()
    assert all(seen)
    assert all(other.result() is None for other in others)


def test_the_world_never_goes_back(store: Store) -> None:
    early = store.view()
    store.write(put(1)).result()
    store._replica.move_to(early)
    assert store.view().revision == 1


def test_closing_finishes_the_writes_that_wait(store_factory: OpenStore, log: LogEngine) -> None:
    store = store_factory()
    gate = Gate(store)
    futures = [store.write(put(number)) for number in range(300)]
    closer = threading.Thread(target=store.close)
    closer.start()
    gate.open()
    closer.join()
    assert [future.result().revision for future in futures] == list(range(1, 301))
    assert log.snapshot().revision == 300


def test_a_closed_store_takes_no_writes(store: Store) -> None:
    store.close()
    with pytest.raises(StoreError, match="closed"):
        store.write(put(1))


def test_changes_carry_the_clock_in_whole_seconds(store: Store, log: LogEngine) -> None:
    store.write(put(1)).result()
    assert [change.at for change in log.entries_after(0)] == [1_700_000_000]

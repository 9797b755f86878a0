"""The store: one world to read, one place to write. Everything above the state room comes in here.

Reading is a look at an immutable value (`Replica`). Writing is a job, a function over a draft, and is done by one
thread: it takes all jobs that wait, becomes the writer of the log, catches up with other processes, runs each job on
the world that the jobs before it left, appends what they changed, commits once, and only then tells the callers. So
many writes cost one wait for the disk, and no caller ever hears of something that is not durable, be it success or a
refusal that rests on a change of the same batch.

A job that raises leaves no trace. If the commit fails, all jobs of the batch fail and the world stays as it was. What
operations do is none of this module's business.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Generic, TypeVar

import msgspec

from rolecall.errors import StoreError
from rolecall.state.draft import Draft
from rolecall.state.log import LogEngine, LogEntry
from rolecall.state.records import encode
from rolecall.state.replica import Replica, advance
from rolecall.state.seal import Sealer
from rolecall.state.uses import LastUses
from rolecall.state.world import World

T = TypeVar("T")
Job = Callable[[Draft], T]

MAX_STALENESS = 5.0
"""Seconds for which reads go on without the log confirming that they are current."""

MAX_BATCH = 256
"""Jobs in one commit at most, so that the first of them does not wait for an endless stream of later ones."""


class WriteResult(msgspec.Struct, Generic[T], frozen=True):
    """What a job returned, and the revision at which its changes stand."""

    value: T
    revision: int


class _Pending(msgspec.Struct, frozen=True):
    job: Job[Any]
    future: Future[WriteResult[Any]]


_Outcome = WriteResult[Any] | BaseException
"""What a job came to: a result to give out after the commit, or the error that it raised."""


class Store:
    """One world to read, one place to write.

    Parameters: `log`, closed with the store; `clock`, seconds since the epoch; `monotonic`, seconds of a clock that
    never goes back; `max_staleness`, see `Replica`. `sealer` and `uses` (last uses, stored beside the log) are there
    for the callers. All functions may be called from any thread.
    """

    def __init__(
        self,
        log: LogEngine,
        *,
        sealer: Sealer,
        clock: Callable[[], float],
        monotonic: Callable[[], float] = time.monotonic,
        max_staleness: float = MAX_STALENESS,
    ) -> None:
        self.sealer = sealer
        self.uses = LastUses(log)
        self._log = log
        self._clock = clock
        self._replica = Replica(log, monotonic=monotonic, max_staleness=max_staleness)
        self._queue: queue.SimpleQueue[_Pending | None] = queue.SimpleQueue()
        self._closed = False
        self._entry_lock = threading.Lock()
        self._thread = threading.Thread(target=self._work, name="rolecall-writer", daemon=True)
        self._thread.start()

    def view(self) -> World:
        """The world with everything that was committed, by any process, before the call. Costs microseconds.

        Raises `ServiceUnavailable` if the log could not confirm that for longer than `max_staleness`.
        """
        return self._replica.view()

    @property
    def revision(self) -> int:
        """The revision of the newest world this process has seen."""
        return self._replica.world.revision

    def write(self, job: Job[T]) -> Future[WriteResult[T]]:
        """Run `job` on a draft and make what it changes durable.

        The future gives what the job returned and its revision once the changes are durable; or the error that the job
        raised; or `StoreError` if the log could not be written: then nothing of it is in the world. A job must be
        quick, since others wait for it, and must not wait for another write. Raises `StoreError` if the store is
        closed.
        """
        future: Future[WriteResult[T]] = Future()
        with self._entry_lock:
            if self._closed:
                raise StoreError("the store is closed")
            self._queue.put(_Pending(job, future))
        return future

    def close(self) -> None:
        """Finish the writes that wait, then give the log back. Closing twice is harmless."""
        with self._entry_lock:
            if self._closed:
                return
            self._closed = True
            self._queue.put(None)
        self._thread.join()
        self.uses.close()
        self._log.close()

    def _work(self) -> None:
        while (first := self._queue.get()) is not None:
            batch, is_last = self._batch(first)
            if wanted := [pending for pending in batch if pending.future.set_running_or_notify_cancel()]:
                self._commit(wanted)
            if is_last:
                return

    def _batch(self, first: _Pending) -> tuple[list[_Pending], bool]:
        """All jobs that wait now, and whether the store closes after them."""
        batch = [first]
        while len(batch) < MAX_BATCH:
            try:
                pending = self._queue.get_nowait()
            except queue.Empty:
                break
            if pending is None:
                return batch, True
            batch.append(pending)
        return batch, False

    def _commit(self, batch: list[_Pending]) -> None:
        outcomes: list[_Outcome] = []
        try:
            with self._log.writer() as writer:
                world = self._caught_up(writer.revision, writer.entries_after)
                entries: list[LogEntry] = []
                for pending in batch:
                    world, outcome = self._run(pending.job, world, entries)
                    outcomes.append(outcome)
                if entries:
                    writer.append(entries)
        except Exception as error:
            for pending in batch:
                failure = StoreError(f"the write was not committed: {error}")
                failure.__cause__ = error
                pending.future.set_exception(failure)
            return
        self._replica.move_to(world)
        for pending, outcome in zip(batch, outcomes, strict=True):
            if isinstance(outcome, WriteResult):
                pending.future.set_result(outcome)
            else:
                pending.future.set_exception(outcome)

    def _caught_up(self, revision: int, entries_after: Callable[[int], tuple[LogEntry, ...]]) -> World:
        """The world at the head of the log, `revision`."""
        world = self._replica.world
        if revision > world.revision:
            world = advance(world, entries_after(world.revision))
        if revision != world.revision:
            raise StoreError(f"the log ends at change {revision}, but change {world.revision} has been seen")
        return world

    def _run(self, job: Job[Any], world: World, entries: list[LogEntry]) -> tuple[World, _Outcome]:
        """Run one job; its changes go to the end of `entries`. The world after it, and what it came to.

        The changes enter the world as they will be read back, so no process ever holds an entity that the log does not,
        and an entity that could not be read back fails here, where it hurts only its own job.
        """
        draft = Draft(world)
        try:
            value = job(draft)
            changes = changed(draft, world, int(self._clock()))
            after = advance(world, changes)
        except BaseException as error:
            return world, error
        entries.extend(changes)
        return after, WriteResult(value, after.revision)


def changed(draft: Draft, world: World, at: int) -> list[LogEntry]:
    """The log entries for what `draft` changed in `world`. Writing what stands already is no change."""
    entries: list[LogEntry] = []
    for entity, stands in draft.changes:
        before = world.entities.get((entity.kind, entity.key))
        if before == (entity if stands else None):
            continue
        entries.append(
            LogEntry(
                seq=world.revision + len(entries) + 1,
                at=at,
                account=entity.account,
                kind=entity.kind,
                key=entity.key,
                body=encode(entity) if stands else None,
            )
        )
    return entries

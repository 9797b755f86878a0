"""Last uses: noted at once, stored in batches, never in the log."""

from __future__ import annotations

import threading

import pytest

from rolecall.errors import StoreError
from rolecall.state.credentials import AccessKey
from rolecall.state.entities import Role
from rolecall.state.log import ActionUse, LastUse, LogEngine
from rolecall.state.uses import FORGETTING_INTERVAL, TRACKING_PERIOD, LastUses
from store.engines import FaultyLog, OpenLog


@pytest.fixture
def uses(log: LogEngine) -> LastUses:
    return LastUses(log, interval=3600)


def record(uses: LastUses, at: int, key: str = "AKIA1", region: str = "us-east-1") -> None:
    uses.record(AccessKey, key, at=at, region=region, service="iam")


def stored(log: LogEngine, key: str = "AKIA1") -> int | None:
    use = log.last_use("access-key", key)
    return None if use is None else use.at


def test_a_use_is_seen_at_once_by_its_own_process(uses: LastUses, log: LogEngine) -> None:
    record(uses, 10)
    assert uses.last_use(AccessKey, "AKIA1") == LastUse(
        kind="access-key", key="AKIA1", at=10, region="us-east-1", service="iam"
    )
    assert stored(log) is None
    uses.close()


def test_what_was_never_used_has_no_last_use(uses: LastUses) -> None:
    record(uses, 10)
    assert uses.last_use(AccessKey, "AKIA2") is None
    assert uses.last_use(Role, "AKIA1") is None
    uses.close()


def test_a_stored_use_is_seen_by_other_processes(uses: LastUses, engine_factory: OpenLog) -> None:
    other = LastUses(engine_factory())
    record(uses, 10)
    uses.flush()
    assert other.last_use(AccessKey, "AKIA1") == uses.last_use(AccessKey, "AKIA1") is not None
    uses.close()


def test_the_later_use_wins_wherever_it_is(uses: LastUses, log: LogEngine) -> None:
    record(uses, 20)
    record(uses, 15)
    assert uses.last_use(AccessKey, "AKIA1").at == 20
    log.record_uses((LastUse(kind="access-key", key="AKIA1", at=30, region="eu-west-1", service="sts"),))
    assert uses.last_use(AccessKey, "AKIA1").at == 30
    uses.flush()
    assert stored(log) == 30
    record(uses, 40)
    assert uses.last_use(AccessKey, "AKIA1").at == 40
    uses.close()


def test_closing_stores_what_is_noted(uses: LastUses, log: LogEngine) -> None:
    record(uses, 10)
    uses.close()
    assert stored(log) == 10


def test_many_uses_are_one_batch(log: LogEngine) -> None:
    batches = []
    counting = FaultyLog(log)
    counting.record_uses = batches.append  # type: ignore[method-assign]
    uses = LastUses(counting, interval=3600)
    for number in range(1000):
        record(uses, number, f"AKIA{number % 10}")
    uses.flush()
    uses.flush()
    assert [len(batch) for batch in batches] == [10]
    uses.close()


def test_the_thread_stores_after_the_interval(log: LogEngine) -> None:
    flushed = threading.Event()
    telling = FaultyLog(log)
    telling.record_uses = lambda batch: flushed.set()  # type: ignore[method-assign]
    uses = LastUses(telling, interval=0.001)
    record(uses, 10)
    assert flushed.wait(60)
    uses.close()


def test_a_failed_batch_is_tried_again(log: LogEngine) -> None:
    faulty = FaultyLog(log)
    uses = LastUses(faulty, interval=3600)
    faulty.fails_to_commit = True
    record(uses, 10)
    with pytest.raises(StoreError):
        uses.flush()
    assert uses.last_use(AccessKey, "AKIA1").at == 10
    faulty.fails_to_commit = False
    uses.close()
    assert stored(log) == 10


def test_closing_on_a_broken_disk_loses_the_facts_and_nothing_else(log: LogEngine) -> None:
    faulty = FaultyLog(log)
    uses = LastUses(faulty, interval=3600)
    faulty.fails_to_commit = True
    record(uses, 10)
    uses.close()
    assert stored(log) is None


def attempt(uses: LastUses, at: int, action: str = "GetUser", region: str = "us-east-1", account: str = "1") -> None:
    uses.record_action(account, "AIDA1", "iam", action, at=at, region=region)


def attempted(uses: LastUses | LogEngine, account: str = "1") -> dict[str, tuple[int, str]]:
    return {use.action: (use.at, use.region) for use in uses.action_uses(account)}


def test_an_attempt_is_seen_at_once_and_stored_in_the_next_batch(uses: LastUses, log: LogEngine) -> None:
    attempt(uses, 10)
    assert uses.action_uses("1") == (
        ActionUse(account="1", principal="AIDA1", service="iam", action="GetUser", at=10, region="us-east-1"),
    )
    assert attempted(log) == {}
    uses.flush()
    assert attempted(log) == attempted(uses) == {"GetUser": (10, "us-east-1")}
    uses.close()


def test_the_latest_attempt_of_each_action_wins_wherever_it_is(uses: LastUses, log: LogEngine) -> None:
    attempt(uses, 20)
    attempt(uses, 15, region="eu-west-1")
    attempt(uses, 5, "ListUsers")
    assert attempted(uses) == {"GetUser": (20, "us-east-1"), "ListUsers": (5, "us-east-1")}
    log.record_uses(
        (ActionUse(account="1", principal="AIDA1", service="iam", action="GetUser", at=30, region="eu-west-1"),)
    )
    assert attempted(uses)["GetUser"] == (30, "eu-west-1")
    uses.flush()
    assert attempted(log)["GetUser"] == (30, "eu-west-1")
    uses.close()


def test_attempts_are_told_by_account(uses: LastUses) -> None:
    attempt(uses, 10)
    attempt(uses, 11, account="2")
    assert attempted(uses, "2") == {"GetUser": (11, "us-east-1")}
    assert attempted(uses, "3") == {}
    uses.close()


def test_attempts_are_seen_by_other_processes_and_after_a_restart(uses: LastUses, engine_factory: OpenLog) -> None:
    attempt(uses, 10)
    uses.close()
    assert attempted(LastUses(engine_factory())) == {"GetUser": (10, "us-east-1")}


def test_attempts_stay_noted_until_they_are_stored(log: LogEngine) -> None:
    faulty = FaultyLog(log)
    uses = LastUses(faulty, interval=3600)
    faulty.fails_to_commit = True
    attempt(uses, 10)
    with pytest.raises(StoreError):
        uses.flush()
    assert attempted(uses) == {"GetUser": (10, "us-east-1")}
    faulty.fails_to_commit = False
    uses.close()
    assert attempted(log) == {"GetUser": (10, "us-east-1")}


def test_memory_is_bounded_while_nothing_can_be_stored(log: LogEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rolecall.state.uses.MOST_NOTED", 3)
    uses = LastUses(log, interval=3600)
    for number in range(5):
        attempt(uses, number, f"Get{number}")
        record(uses, number, f"AKIA{number}")
    attempt(uses, 9, "Get0")
    uses.close()
    assert attempted(log) == {"Get0": (9, "us-east-1"), "Get1": (1, "us-east-1"), "Get2": (2, "us-east-1")}
    assert [stored(log, f"AKIA{number}") for number in range(5)] == [0, 1, 2, None, None]


def test_attempts_of_more_than_400_days_ago_are_removed_once_a_day(uses: LastUses, log: LogEngine) -> None:
    attempt(uses, 10, "Old")
    uses.flush()
    attempt(uses, 10 + FORGETTING_INTERVAL - 1, "Recent")
    uses.flush()
    attempt(uses, 10 + TRACKING_PERIOD + 1, "New")
    uses.flush()
    assert set(attempted(log)) == {"Recent", "New"}
    attempt(uses, 9, "Older")
    uses.flush()
    assert set(attempted(log)) == {"Recent", "New", "Older"}
    uses.close()

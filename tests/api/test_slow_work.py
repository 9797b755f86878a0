"""Slow work has one thread, in which accounts take turns."""

from __future__ import annotations

import asyncio
import threading

import pytest

from rolecall.errors import Throttling
from rolecall.names.arn import AccountId
from rolecall.server.slow_work import MOST_WAITING, SlowWork

BUSY, OTHER = AccountId("111111111111"), AccountId("222222222222")


def test_an_account_that_asks_for_much_makes_others_wait_for_one_call_only():
    done: list[AccountId] = []

    async def ask() -> None:
        slow, first = SlowWork(), threading.Event()

        def work(account: AccountId) -> None:
            first.wait(30)
            done.append(account)

        asked = [asyncio.create_task(slow.run(each, lambda each=each: work(each))) for each in (*[BUSY] * 4, OTHER)]
        await asyncio.sleep(0)  # now all of them have asked
        first.set()
        await asyncio.gather(*asked)

    asyncio.run(ask())
    assert done == [BUSY, OTHER, BUSY, BUSY, BUSY]


def test_an_account_that_asks_for_too_much_is_refused_and_others_are_not():
    async def ask() -> list[object]:
        slow, first = SlowWork(), threading.Event()
        asked = [asyncio.create_task(slow.run(BUSY, lambda: first.wait(30))) for _ in range(MOST_WAITING + 1)]
        asked.append(asyncio.create_task(slow.run(OTHER, lambda: first.wait(30))))
        await asyncio.sleep(0)  # now all of them have asked
        first.set()
        answers: list[object] = await asyncio.gather(*asked, return_exceptions=True)
        assert await slow.run(BUSY, lambda: "again") == "again"
        return answers

    answers = asyncio.run(ask())
    refused = [answer for answer in answers if isinstance(answer, Throttling)]
    assert (len(refused), answers.index(refused[0])) == (1, MOST_WAITING)


def test_work_that_fails_lets_the_next_one_have_its_turn():
    async def ask() -> str:
        slow = SlowWork()
        with pytest.raises(ZeroDivisionError):
            await slow.run(BUSY, lambda: 1 // 0)
        return await slow.run(BUSY, lambda: "done")

    assert asyncio.run(ask()) == "done"

"""Work that takes longer than others should wait: one thread for it, in which accounts take turns. Nothing else.

One thread, so that many slow calls at once cannot keep the processor from the quick ones. Turns, so that an account
that asks for much slow work at once makes its own calls wait, and everybody else's for one of them at most. Too much
of it is refused, so that no call waits for minutes.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar
from weakref import WeakValueDictionary

from rolecall.errors import Throttling
from rolecall.names.arn import AccountId

T = TypeVar("T")

MOST_WAITING = 32
"""Calls of one account that may wait at once."""


class SlowWork:
    """Runs slow work for the calls of one event loop."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="slow-work")
        # A turn lives as long as somebody holds it or waits for it.
        self._turns: WeakValueDictionary[AccountId, asyncio.Lock] = WeakValueDictionary()
        self._waiting: Counter[AccountId] = Counter()

    async def run(self, account: AccountId, work: Callable[[], T]) -> T:
        """What `work` returns, once those have had their turn who asked before: of `account` all, of others one each.

        Raises what `work` raises, and `Throttling` if too much of `account` waits already.
        """
        if self._waiting[account] >= MOST_WAITING:
            raise Throttling("Rate exceeded")
        turn = self._turns.setdefault(account, asyncio.Lock())
        self._waiting[account] += 1
        try:
            async with turn:
                return await asyncio.get_running_loop().run_in_executor(self._thread, work)
        finally:
            self._waiting[account] -= 1
            if not self._waiting[account]:
                del self._waiting[account]

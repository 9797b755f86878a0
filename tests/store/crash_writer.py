"""A process that writes until it is killed: `crash_writer.py DATA_DIR NAME`.

Each write puts three users. When it is acknowledged, and not before, one line goes out: its name and its revision.
"""

from __future__ import annotations

import itertools
import os
import secrets
import sys
import time
from collections import deque
from concurrent.futures import Future
from functools import partial
from pathlib import Path

from rolecall.names.arn import AccountId
from rolecall.state.draft import Draft
from rolecall.state.entities import User
from rolecall.state.opening import open_store
from rolecall.state.store import WriteResult

ACCOUNT = AccountId("111122223333")
OUTSTANDING = 16


def put_three(name: str, draft: Draft) -> str:
    for part in "abc":
        draft.put(User(account=ACCOUNT, id=f"{name}-{part}", name=f"{name}-{part}", created_at=1))
    return name


def acknowledge(future: Future[WriteResult[str]]) -> None:
    result = future.result()
    os.write(sys.stdout.fileno(), f"{result.value} {result.revision}\n".encode())


def main(data_dir: Path, prefix: str) -> None:
    store = open_store(data_dir, clock=time.time, randbits=secrets.randbits, environment={})
    outstanding: deque[Future[WriteResult[str]]] = deque()
    for number in itertools.count():
        outstanding.append(store.write(partial(put_three, f"{prefix}-{number}")))
        outstanding[-1].add_done_callback(acknowledge)
        if len(outstanding) == OUTSTANDING:
            outstanding.popleft().result()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])

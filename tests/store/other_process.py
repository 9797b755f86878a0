"""Another process on the same data directory, told what to do line by line: `put N`, `revision`, `has N`."""

from __future__ import annotations

import secrets
import sys
import time
from pathlib import Path

from rolecall.state.entities import User
from rolecall.state.opening import open_store
from store.samples import user

store = open_store(Path(sys.argv[1]), clock=time.time, randbits=secrets.randbits, environment={})
for line in sys.stdin:
    match line.split():
        case ["put", number]:
            put = user(int(number))
            print(store.write(lambda draft, put=put: draft.put(put)).result().revision, flush=True)
        case ["revision"]:
            print(store.view().revision, flush=True)
        case ["has", number]:
            print(store.view().get(User, user(int(number)).id) is not None, flush=True)
store.close()

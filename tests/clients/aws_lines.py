"""A program that runs `aws` command lines one after the other, through the entry point of the command line itself.

A process of its own for each costs most of a second, and there are close on two hundred operations to try. It reads the
words of a command as a line of JSON and writes its exit status and what it printed as another. It knows nothing of us.
"""

from __future__ import annotations

import contextlib
import io
import json
import sys

from awscli.clidriver import create_clidriver

if __name__ == "__main__":
    driver = create_clidriver()
    answers = sys.stdout
    for line in sys.stdin:
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                status = driver.main(json.loads(line))
            except SystemExit as ended:
                status = ended.code
        print(json.dumps({"status": status, "out": out.getvalue(), "err": err.getvalue()}), file=answers, flush=True)

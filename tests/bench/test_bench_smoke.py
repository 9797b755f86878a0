"""The benchmarks of the server run and print all their rows. How fast anything is, is not tested."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from serving import clean_environment

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
PEERS = ["Rolecall", "moto"]
OPERATIONS = ("GetUser", "ListUsers (100)", "CreateUser", "AssumeRole", "GetCallerIdentity")
MIXED = ("GetUser", "ListUsers (100)", "GetRole", "GetPolicy", "reads together")
STEPS = (
    "form, decode, validate",
    "read signature, verify",
    "gather, authorize",
    "run",
    "render",
    "the whole request path",
)


def printed(part: str) -> list[str]:
    ran = subprocess.run(
        [sys.executable, "-m", "bench", part, "--quick"],
        cwd=ROOT,
        env=clean_environment({}),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.splitlines()


def table(lines: list[str], head: str) -> list[str]:
    """The lines below the one that begins with `head`, up to an empty one."""
    rows = lines[next(at for at, line in enumerate(lines) if line.startswith(head)) + 1 :]
    return rows[: rows.index("")] if "" in rows else rows


@pytest.fixture(scope="module")
def servers() -> list[str]:
    return printed("servers")


@pytest.fixture(scope="module")
def account() -> list[str]:
    return printed("account")


def test_a_row_is_printed_for_each_load_on_each_server(servers: list[str]):
    lines = table(servers, "operation          server")
    for operation in OPERATIONS:
        rows = [line for line in lines if line.startswith(f"{operation} ")]
        assert [row.removeprefix(operation).split()[0] for row in rows] == PEERS
        assert rows[0].endswith("×")


def test_a_row_is_printed_for_each_step_of_a_request(servers: list[str]):
    lines = table(servers, "step ")
    for operation in ("GetUser", "AssumeRole", "GetCallerIdentity"):
        rows = [line for line in lines if line.startswith(f"{operation}: ")]
        assert [row.partition(": ")[2].rsplit(maxsplit=1)[0] for row in rows] == list(STEPS)
    assert sum(line.startswith("Store.") for line in lines) == 3


@pytest.mark.parametrize(("writers", "titles"), [("0", MIXED), ("20", (*MIXED, "writes together"))])
def test_reads_beside_that_many_writers_have_a_row_on_each_server(
    servers: list[str], writers: str, titles: tuple[str, ...]
):
    lines = table(servers, "operation          writers")
    rows = [(title, row.removeprefix(title).split()) for row in lines for title in titles if row.startswith(title)]
    own = [(title, peer, rest) for title, (count, peer, *rest) in rows if count == writers]
    assert [(title, peer) for title, peer, _ in own] == [(title, peer) for title in titles for peer in PEERS]
    assert all([word[-1] for word in rest[-2:]] == ["×", "×"] for _, peer, rest in own if peer == PEERS[0])


def test_import_and_start_are_printed_with_the_account_and_its_revisions(account: list[str]):
    lines = table(account, "import and start")
    assert [line.split()[0] for line in lines[:3]] == ["rolecall", "start", "start"]
    assert "the account: 140 users, 4 groups, 8 roles, 12 policies, 4 instance profiles" in lines[3]
    # The stage of the loads made 101 of the users, one role and one policy; the import writes each of the others once.
    revisions = [int(word.replace(",", "")) for word in lines[4].split() if word.replace(",", "").isdigit()]
    assert revisions[1] - revisions[0] == 140 + 4 + 8 + 12 + 4 - 103


def test_reads_beside_slow_work_have_a_row_for_each_kind_of_it(account: list[str]):
    lines = table(account, "GetUser, while")
    for title in (
        "nothing else, before the import",
        "an account is imported",
        "nothing else, after the import",
        "passwords are set",
        "passwords are changed",
    ):
        assert sum(line.startswith(title) for line in lines) == 1

"""`rolecall export` and `rolecall import`, as an operator uses them beside a running server."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from scale.generated_accounts import Size, dump, role_name
from serving import ROOT_KEY, ROOT_SECRET, Keys, Server, clean_environment, rolecall, start_server

ROOT = Keys(access_key_id=ROOT_KEY, secret_access_key=ROOT_SECRET)
SMALL = Size(users=20, groups=4, roles=8, policies=6, instance_profiles=3)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A running server."""
    running = start_server(tmp_path_factory.mktemp("server") / "data")
    yield running
    assert running.stop() == 0


@pytest.fixture
def account(server: Server) -> tuple[str, Any]:
    """A fresh account: its id, and IAM as its root user."""
    account_id, root = server.new_account()
    return account_id, server.client("iam", root)


@pytest.fixture
def file(tmp_path: Path, account: tuple[str, Any]) -> Path:
    """A dump that fits the account."""
    path = tmp_path / "dump.json"
    path.write_text(json.dumps(dump(SMALL, account[0])))
    return path


def import_(server: Server, file: Path | str, account_id: str, *options: str) -> subprocess.CompletedProcess[str]:
    return rolecall("import", str(file), "--account", account_id, *options, "--data-dir", str(server.data_dir))


def export(server: Server, account_id: str, *options: str) -> subprocess.CompletedProcess[str]:
    return rolecall("export", "--account", account_id, *options, "--data-dir", str(server.data_dir))


def test_an_import_is_seen_at_once_through_the_server(server: Server, account: tuple[str, Any], file: Path):
    account_id, iam = account
    done = import_(server, file, account_id)
    assert done.returncode == 0, done.stderr
    assert len(iam.list_users()["Users"]) == SMALL.users
    assert iam.get_role(RoleName=role_name(2))["Role"]["AssumeRolePolicyDocument"]["Statement"]
    assert [group["GroupName"] for group in iam.list_groups_for_user(UserName="user-0001")["Groups"]] == ["group-001"]
    assert f"account {account_id}: imported" in done.stdout


def test_a_plan_tells_what_would_change_by_its_status_and_changes_nothing(
    server: Server, account: tuple[str, Any], file: Path
):
    account_id, iam = account
    planned = import_(server, file, account_id, "--plan")
    assert planned.returncode == 3
    assert "create     user              user-0001" in planned.stdout
    assert "nothing was written" in planned.stdout
    assert iam.list_users()["Users"] == []

    assert import_(server, file, account_id).returncode == 0
    iam.tag_user(UserName="user-0001", Tags=[{"Key": "extra", "Value": "1"}])
    planned = import_(server, file, account_id, "--plan")
    assert planned.returncode == 3
    assert "update     user              user-0001  (tags)" in planned.stdout
    assert "unchanged  user              user-0002" in planned.stdout


def test_a_second_import_changes_nothing(server: Server, account: tuple[str, Any], file: Path):
    account_id, iam = account
    assert import_(server, file, account_id).returncode == 0
    revision = iam.list_users()["ResponseMetadata"]["HTTPHeaders"]["x-rolecall-revision"]
    again = import_(server, file, account_id, "--json")
    assert again.returncode == 0
    told = json.loads(again.stdout)
    assert {entity["change"] for entity in told["entities"]} == {"unchanged"}
    assert iam.list_users()["ResponseMetadata"]["HTTPHeaders"]["x-rolecall-revision"] == revision
    assert import_(server, file, account_id, "--plan").returncode == 0


def test_the_answer_of_the_api_is_what_is_exported_and_imports_elsewhere(
    server: Server, account: tuple[str, Any], file: Path
):
    account_id, iam = account
    assert import_(server, file, account_id).returncode == 0
    exported = export(server, account_id)
    assert exported.returncode == 0, exported.stderr
    pages = iam.get_paginator("get_account_authorization_details").paginate().build_full_result()
    assert json.loads(exported.stdout) == json.loads(json.dumps(pages, default=lambda at: at.isoformat()))

    other, _ = server.new_account()
    moved = rolecall_with_input(
        exported.stdout, "import", "-", "--account", other, "--rewrite-account", "--data-dir", str(server.data_dir)
    )
    assert moved.returncode == 0, moved.stderr
    assert len(json.loads(export(server, other).stdout)["RoleDetailList"]) == SMALL.roles


def rolecall_with_input(text: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "rolecall.cli", *arguments],
        input=text,
        env=clean_environment({}),
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_an_export_goes_into_a_new_file_of_its_owner_and_replaces_none(
    server: Server, account: tuple[str, Any], tmp_path: Path
):
    target = tmp_path / "account.json"
    assert export(server, account[0], "-o", str(target)).returncode == 0
    assert target.stat().st_mode & 0o777 == 0o600
    assert json.loads(target.read_text())["UserDetailList"] == []
    refused = export(server, account[0], "-o", str(target))
    assert refused.returncode == 1
    assert "cannot make" in refused.stderr


def test_of_a_file_with_errors_nothing_is_imported_and_every_error_names_its_entity(
    server: Server, account: tuple[str, Any], tmp_path: Path
):
    account_id, iam = account
    users = [{"UserName": "good"}, {"UserName": "b\x1bd"}, {"UserName": "lost", "GroupList": ["nowhere"]}]
    file = tmp_path / "dump.json"
    file.write_text(json.dumps({"UserDetailList": users}))
    refused = import_(server, file, account_id)
    assert refused.returncode == 1
    assert "Error: user b\\x1bd: ValidationError" in refused.stderr
    assert "Error: user lost: NoSuchEntity: The group with name nowhere cannot be found." in refused.stderr
    assert iam.list_users()["Users"] == []

    going = import_(server, file, account_id, "--keep-going")
    assert going.returncode == 1
    assert len(going.stderr.splitlines()) == 2
    assert [user["UserName"] for user in iam.list_users()["Users"]] == ["good"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "not the JSON of an account"),
        (b"\xff\xfe{\x00}\x00", "not UTF-8 at byte 0"),
        (
            b'{"UserDetailList": [{"UserName": "a", "Colour": "red"}]}',
            "unknown field `Colour` - at `$.UserDetailList[0]`",
        ),
        (b'{"\x1b": 1}', "not the JSON of an account"),
    ],
    ids=["empty", "UTF-16", "unknown member", "escape"],
)
def test_a_file_that_is_none_is_refused_in_one_line(
    server: Server, account: tuple[str, Any], tmp_path: Path, content: bytes, reason: str
):
    file = tmp_path / "dump.json"
    file.write_bytes(content)
    refused = import_(server, file, account[0])
    assert refused.returncode == 1
    assert reason in refused.stderr
    assert len(refused.stderr.splitlines()) == 1
    assert "\x1b" not in refused.stderr


def test_a_trust_policy_that_names_a_stranger_is_refused_with_a_hint_unless_strangers_are_left_out(
    server: Server, account: tuple[str, Any], tmp_path: Path
):
    account_id, iam = account
    trust = {
        "Version": "2012-10-17",
        "Statement": {"Effect": "Allow", "Principal": {"AWS": "888888888888"}, "Action": "sts:AssumeRole"},
    }
    file = tmp_path / "dump.json"
    file.write_text(json.dumps({"RoleDetailList": [{"RoleName": "ops", "AssumeRolePolicyDocument": trust}]}))
    refused = import_(server, file, account_id)
    assert refused.returncode == 1
    assert "Error: role ops: MalformedPolicyDocument: Invalid principal in policy" in refused.stderr
    assert "--drop-unknown-principals" in refused.stderr
    done = import_(server, file, account_id, "--drop-unknown-principals")
    assert done.returncode == 0
    assert "ops  (its trust policy goes without 888888888888)" in done.stdout
    assert iam.get_role(RoleName="ops")["Role"]["AssumeRolePolicyDocument"]["Statement"][0]["Effect"] == "Deny"


def test_an_account_that_is_not_there_is_named(server: Server, file: Path):
    for refused in (import_(server, file, "999999999999"), export(server, "999999999999")):
        assert refused.returncode == 1
        assert "the account `999999999999` does not exist here" in refused.stderr


def test_a_profile_that_lists_a_role_by_itself_is_refused(server: Server, account: tuple[str, Any], tmp_path: Path):
    file = tmp_path / "dump.json"
    file.write_text(
        json.dumps({"InstanceProfileList": [{"InstanceProfileName": "web", "Roles": [{"RoleName": "ops"}]}]})
    )
    refused = import_(server, file, account[0])
    assert refused.returncode == 1
    assert "the instance profile `web` holds a role" in refused.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_a_full_disk_is_one_plain_line(server: Server, account: tuple[str, Any]):
    with Path("/dev/full").open("wb") as full:
        refused = subprocess.run(
            [sys.executable, "-m", "rolecall.cli", "export", "--account", account[0], "--data-dir", server.data_dir],
            env=clean_environment({}),
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
        )
    assert refused.returncode == 1
    assert refused.stderr == "Error: cannot read or write: [Errno 28] No space left on device\n"


def test_an_export_of_one_of_several_accounts_must_say_which(server: Server, account: tuple[str, Any]):
    refused = rolecall("export", "--data-dir", str(server.data_dir))
    assert refused.returncode == 2
    assert "--account" in refused.stderr


def test_a_terminal_sees_a_progress_bar(server: Server, account: tuple[str, Any], file: Path):
    ours, theirs = pty.openpty()
    command = ["import", str(file), "--account", account[0], "--data-dir", str(server.data_dir)]
    with os.fdopen(ours, "rb", buffering=0) as terminal:
        done = subprocess.run(
            [sys.executable, "-m", "rolecall.cli", *command],
            env=clean_environment({"TERM": "xterm", "COLUMNS": "100"}),
            stdout=subprocess.PIPE,
            stderr=theirs,
            timeout=60,
        )
        os.close(theirs)
        seen = terminal.read(1 << 16)
    assert done.returncode == 0
    assert b"importing" in seen
    assert b"importing" not in done.stdout

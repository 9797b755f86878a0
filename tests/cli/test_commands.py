"""The command line, as an operator uses it."""

from __future__ import annotations

import base64
import json
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from serving import ACCOUNT, ROOT_KEY, ROOT_SECRET, Keys, Server, rolecall, start_server

ROOT = Keys(access_key_id=ROOT_KEY, secret_access_key=ROOT_SECRET)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A running server with a user in its account."""
    running = start_server(tmp_path_factory.mktemp("server") / "data")
    running.client("iam", ROOT).create_user(UserName="kept")
    yield running
    assert running.stop() == 0


def data_dir(server: Server) -> tuple[str, str]:
    return "--data-dir", str(server.data_dir)


def test_account_create_prints_exactly_the_three_members_as_json(server: Server):
    made = json.loads(rolecall("account", "create", "--json", *data_dir(server)).stdout)
    assert made.keys() == {"AccountId", "AccessKeyId", "SecretAccessKey"}
    keys = Keys(access_key_id=made["AccessKeyId"], secret_access_key=made["SecretAccessKey"])
    assert server.client("sts", keys).get_caller_identity()["Arn"] == f"arn:aws:iam::{made['AccountId']}:root"


def test_account_create_prints_the_credentials_for_people_too(server: Server):
    printed = rolecall("account", "create", "--id", "222222222222", *data_dir(server)).stdout.splitlines()
    assert [line.rsplit("  ", 1)[0].strip() for line in printed] == [
        "account",
        "root access key id",
        "root secret key",
    ]
    assert printed[0].endswith("222222222222")


def test_an_account_that_exists_is_not_made_again(server: Server):
    refused = rolecall("account", "create", "--id", ACCOUNT, *data_dir(server))
    assert refused.returncode == 1
    assert "exists already" in refused.stderr


def test_a_root_user_without_keys_gets_a_new_one(server: Server):
    account_id, lost = server.new_account()
    root = server.client("iam", lost)
    root.delete_access_key(AccessKeyId=lost.access_key_id)
    made = rolecall("account", "root-key", account_id, "--json", *data_dir(server))
    found = json.loads(made.stdout)
    keys = Keys(access_key_id=found["AccessKeyId"], secret_access_key=found["SecretAccessKey"])
    assert server.client("sts", keys).get_caller_identity()["Arn"] == f"arn:aws:iam::{account_id}:root"
    assert rolecall("account", "root-key", account_id, *data_dir(server)).returncode == 0
    third = rolecall("account", "root-key", account_id, *data_dir(server))
    assert third.returncode == 1
    assert "Cannot exceed quota for AccessKeysPerUser: 2" in third.stderr


def test_a_root_key_needs_an_account(server: Server):
    refused = rolecall("account", "root-key", "999999999999", *data_dir(server))
    assert refused.returncode == 1
    assert "does not exist here" in refused.stderr


def test_account_list_shows_every_account(server: Server):
    server.client("iam", ROOT).create_account_alias(AccountAlias="first-account")
    rows = json.loads(rolecall("account", "list", "--json", *data_dir(server)).stdout)
    assert {"AccountId": ACCOUNT, "Alias": "first-account"}.items() <= next(
        row for row in rows if row["AccountId"] == ACCOUNT
    ).items()
    assert f"{ACCOUNT}  " in rolecall("account", "list", *data_dir(server)).stdout


@pytest.mark.parametrize(
    "command",
    [
        ("account", "create"),
        ("account", "list"),
        ("env",),
        ("backup", "copy.db"),
        ("master-key", "reseal"),
    ],
    ids=" ".join,
)
def test_commands_want_a_data_directory_that_exists(tmp_path: Path, command: tuple[str, ...]):
    missing = tmp_path / "missing"
    refused = rolecall(*command, "--data-dir", str(missing))
    assert refused.returncode == 1
    assert "no data directory" in refused.stderr
    assert not missing.exists()


def test_a_backup_of_a_running_server_restores_to_a_server_with_the_same_users(server: Server, tmp_path: Path):
    copy, restored = tmp_path / "copy.db", tmp_path / "restored"
    made = rolecall("backup", str(copy), *data_dir(server))
    assert made.returncode == 0, made.stderr
    assert ROOT_SECRET.encode() not in copy.read_bytes()

    restored.mkdir(mode=0o700)
    shutil.copy2(server.data_dir / "master.key", restored / "master.key")
    done = rolecall("restore", str(copy), "--data-dir", str(restored))
    assert done.returncode == 0, done.stderr
    second = start_server(restored, environment={})
    try:
        users = second.client("iam", ROOT).list_users()["Users"]
    finally:
        second.stop()
    assert [user["UserName"] for user in users] == ["kept"]


def test_a_backup_never_overwrites(server: Server, tmp_path: Path):
    taken = tmp_path / "taken"
    taken.write_text("mine")
    assert rolecall("backup", str(taken), *data_dir(server)).returncode == 1
    assert taken.read_text() == "mine"


def test_a_restore_never_overwrites(server: Server, tmp_path: Path):
    copy = tmp_path / "copy.db"
    assert rolecall("backup", str(copy), *data_dir(server)).returncode == 0
    refused = rolecall("restore", str(copy), *data_dir(server))
    assert refused.returncode == 1
    assert "not empty" in refused.stderr


def test_master_keys_can_be_rotated(tmp_path: Path):
    folder = tmp_path / "data"
    old, new = (base64.b64encode(secrets.token_bytes(32)).decode() for _ in range(2))
    first = start_server(
        folder,
        environment={
            "ROLECALL_ACCOUNT_ID": ACCOUNT,
            "ROLECALL_ROOT_ACCESS_KEY_ID": ROOT_KEY,
            "ROLECALL_ROOT_SECRET_ACCESS_KEY": ROOT_SECRET,
            "ROLECALL_MASTER_KEY": old,
        },
    )
    assert first.stop() == 0
    refused = rolecall("account", "list", "--data-dir", str(folder), environment={"ROLECALL_MASTER_KEY": new})
    assert refused.returncode == 1
    both = {"ROLECALL_MASTER_KEY": f"{new},{old}"}
    resealed = rolecall("master-key", "reseal", "--data-dir", str(folder), environment=both)
    assert resealed.returncode == 0, resealed.stderr
    second = start_server(folder, environment={"ROLECALL_MASTER_KEY": new})
    assert second.client("sts", ROOT).get_caller_identity()["Account"] == ACCOUNT
    assert second.stop() == 0


def test_a_first_start_that_cannot_listen_makes_nothing(server: Server, tmp_path: Path):
    """The account's secret would have been shown to nobody."""
    port = server.endpoint.rsplit(":", 1)[1]
    refused = rolecall("serve", "--data-dir", str(tmp_path / "data"), "--port", port)
    assert refused.returncode == 1
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("content", ["", "no certificate"], ids=["empty", "garbage"])
def test_tls_files_that_cannot_be_used_stop_the_start_and_leave_everything_as_it_was(
    server: Server, tmp_path: Path, content: str
):
    for name in ("certificate.pem", "key.pem"):
        (tmp_path / name).write_text(content)
    noted = (server.data_dir / "endpoint").read_text()
    tls = ("--tls-certificate", str(tmp_path / "certificate.pem"), "--tls-key", str(tmp_path / "key.pem"))
    refused = rolecall("serve", *data_dir(server), "--port", "0", *tls)
    assert refused.returncode == 1
    assert "certificate.pem" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert (server.data_dir / "endpoint").read_text() == noted


@pytest.mark.parametrize("command", [("account", "list"), ("account", "create"), ("env",)], ids=" ".join)
def test_a_command_makes_no_database_where_there_is_none(tmp_path: Path, command: tuple[str, ...]):
    refused = rolecall(*command, "--data-dir", str(tmp_path))
    assert refused.returncode == 1
    assert "no data directory" in refused.stderr
    assert list(tmp_path.iterdir()) == []


def test_env_gives_an_address_to_connect_to_when_the_server_listens_everywhere(tmp_path: Path):
    running = start_server(tmp_path / "data", "--host", "0.0.0.0")
    try:
        printed = rolecall("env", "--data-dir", str(tmp_path / "data")).stdout
    finally:
        running.stop()
    assert running.endpoint.startswith("http://0.0.0.0:")
    assert "export AWS_ENDPOINT_URL_IAM=http://127.0.0.1:" in printed
    assert any("WARNING" in line for line in running.output)


def test_help_names_every_command():
    shown = rolecall("--help")
    assert shown.returncode == 0
    for command in (
        "serve",
        "check",
        "explain",
        "simulate",
        "evaluate",
        "test",
        "env",
        "account",
        "backup",
        "delegation",
        "export",
        "import",
        "organization",
        "restore",
        "template",
        "master-key",
        "docs",
    ):
        assert command in shown.stdout

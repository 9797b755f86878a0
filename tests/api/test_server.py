"""The server as a program: its banner, its health, its end."""

from __future__ import annotations

import json
import urllib.request
from pathlib import Path

import pytest

from serving import ACCOUNT, ROOT_KEY, ROOT_SECRET, Keys, rolecall, start_server


def get(url: str) -> tuple[int, str]:
    with urllib.request.urlopen(url) as answer:
        return answer.status, answer.read().decode()


def test_health_readiness_and_metrics_answer_without_credentials(server):
    assert get(server.endpoint + "/healthz") == (200, "ok\n")
    assert get(server.endpoint + "/readyz") == (200, "ready\n")
    status, text = get(server.endpoint + "/metrics")
    assert status == 200
    assert "rolecall_calls_total" in text


def test_the_first_start_takes_the_credentials_it_is_given_and_never_prints_a_chosen_secret(tmp_path: Path):
    data_dir = tmp_path / "data"
    root = Keys(access_key_id=ROOT_KEY, secret_access_key=ROOT_SECRET)
    first = start_server(data_dir)
    assert first.client("sts", root).get_caller_identity()["Arn"] == f"arn:aws:iam::{ACCOUNT}:root"
    assert first.stop() == 0, first.log
    second = start_server(data_dir, environment={})
    assert second.client("sts", root).get_caller_identity()["Account"] == ACCOUNT
    assert second.stop() == 0, second.log
    printed = first.output + first.log + second.output + second.log
    assert any(ROOT_KEY in line for line in first.output)
    assert not any(ROOT_SECRET in line for line in printed)


def test_without_settings_the_first_account_is_random(tmp_path: Path):
    endings = []
    for name in ("one", "two"):
        server = start_server(tmp_path / name, environment={})
        server.stop()
        endings.append([line.split()[-1] for line in server.output if "root" in line or "  account" in line])
    assert endings[0] != endings[1]


@pytest.mark.parametrize(
    ("setting", "value", "complaint"),
    [
        ("ROLECALL_PROT", "1", "unknown setting `ROLECALL_PROT`"),
        ("ROLECALL_WORKERS", "none", "workers must be a whole number"),
        ("ROLECALL_PORT", "70000", "port must be at most 65535"),
        ("ROLECALL_LOG_LEVEL", "loud", "log level must be one of"),
        ("ROLECALL_TLS_KEY", "key.pem", "TLS needs both"),
        ("ROLECALL_METRICS_TOKEN", "short", "the metrics token is too short"),
        ("ROLECALL_ACCOUNT_ID", "12", "is not twelve digits"),
        ("ROLECALL_ROOT_ACCESS_KEY_ID", "AKIATESTROOT00000000", "or neither"),
        ("ROLECALL_MASTER_KEY", "c2hvcnQ=", "ROLECALL_MASTER_KEY gives no master key"),
    ],
)
def test_a_wrong_setting_stops_the_start_with_a_plain_message(tmp_path: Path, setting, value, complaint):
    ended = rolecall("serve", "--data-dir", str(tmp_path / "data"), environment={setting: value})
    assert ended.returncode == 1
    assert complaint in ended.stderr
    assert "Traceback" not in ended.stderr


def test_env_prints_what_a_shell_needs(server):
    printed = rolecall("env", "--account", ACCOUNT, "--data-dir", str(server.data_dir)).stdout
    assert f"export AWS_ENDPOINT_URL_IAM={server.endpoint}" in printed
    assert f"export AWS_ENDPOINT_URL_STS={server.endpoint}" in printed
    assert f"export AWS_ACCESS_KEY_ID={ROOT_KEY}" in printed
    assert f"export AWS_SECRET_ACCESS_KEY={ROOT_SECRET}" in printed


def test_an_account_made_while_the_server_runs_works_at_once(server):
    account_id, keys = server.new_account()
    assert server.client("sts", keys).get_caller_identity()["Account"] == account_id
    listed = json.loads(rolecall("account", "list", "--json", "--data-dir", str(server.data_dir)).stdout)
    assert account_id in {row["AccountId"] for row in listed}


def test_a_port_that_is_taken_is_named(server, tmp_path: Path):
    port = server.endpoint.rsplit(":", 1)[1]
    ended = rolecall("serve", "--data-dir", str(tmp_path / "data"), "--port", port)
    assert ended.returncode == 1
    assert f"cannot listen on 127.0.0.1, port {port}" in ended.stderr

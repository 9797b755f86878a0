"""The real `aws` command line: it makes entities, assumes a role through a profile, is allowed and is denied."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from serving import ACCOUNT, ROOT_KEY, ROOT_SECRET, Server, clean_environment

BESIDE_PYTHON = Path(sys.executable).parent
AWS = BESIDE_PYTHON / "aws"
PATIENCE = 120

pytestmark = [
    pytest.mark.clients,
    pytest.mark.slow,
    pytest.mark.skipif(not AWS.exists(), reason="the aws command line is not installed beside this Python"),
]


class Shell:
    """Runs command lines as a user's shell would, with settings of its own and none of this machine's."""

    def __init__(self, home: Path, variables: Mapping[str, str]) -> None:
        self._home = home
        self._environment = clean_environment(
            {
                "HOME": str(home),
                "AWS_CONFIG_FILE": str(home / "config"),
                "AWS_SHARED_CREDENTIALS_FILE": str(home / "credentials"),
                "AWS_PAGER": "",
                "AWS_MAX_ATTEMPTS": "1",
                **variables,
            }
        )

    def run(self, command: str) -> subprocess.CompletedProcess[str]:
        """Run one command line; `aws` is the one beside this Python."""
        path = f"{BESIDE_PYTHON}:{self._environment['PATH']}"
        return subprocess.run(
            ["bash", "-c", command],
            cwd=self._home,
            env={**self._environment, "PATH": path},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )

    def answer(self, command: str) -> Any:
        """The JSON that a command prints; it must succeed."""
        ended = self.run(command)
        assert ended.returncode == 0, ended.stderr
        return json.loads(ended.stdout) if ended.stdout.strip() else None

    def denial(self, command: str) -> str:
        """What a command complains of; it must be denied."""
        ended = self.run(command)
        assert ended.returncode != 0, ended.stdout
        assert "An error occurred (AccessDenied)" in ended.stderr
        return ended.stderr


@pytest.fixture
def root(server: Server, tmp_path: Path) -> Shell:
    """A shell with root's credentials."""
    variables = {
        "AWS_ENDPOINT_URL_IAM": server.endpoint,
        "AWS_ENDPOINT_URL_STS": server.endpoint,
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": ROOT_KEY,
        "AWS_SECRET_ACCESS_KEY": ROOT_SECRET,
    }
    return Shell(tmp_path, variables)


def policy(**statement: Any) -> str:
    """A policy of one statement, quoted for a shell."""
    return shlex.quote(json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]}))


def test_a_user_assumes_a_role_through_a_profile_and_may_do_what_the_role_may(
    server: Server, root: Shell, tmp_path: Path
):
    user = root.answer("aws iam create-user --user-name deployer")["User"]
    key = root.answer("aws iam create-access-key --user-name deployer")["AccessKey"]
    document = policy(Action="iam:ListUsers", Resource="*")
    made = root.answer(f"aws iam create-policy --policy-name list-users --policy-document {document}")["Policy"]
    trust = policy(Principal={"AWS": user["Arn"]}, Action="sts:AssumeRole")
    role = root.answer(f"aws iam create-role --role-name lister --assume-role-policy-document {trust}")["Role"]
    root.answer(f"aws iam attach-role-policy --role-name lister --policy-arn {made['Arn']}")

    (tmp_path / "credentials").write_text(
        f"[deployer]\naws_access_key_id = {key['AccessKeyId']}\naws_secret_access_key = {key['SecretAccessKey']}\n"
    )
    (tmp_path / "config").write_text(
        f"[profile deployer]\nregion = us-east-1\n\n"
        f"[profile lister]\nregion = us-east-1\nrole_arn = {role['Arn']}\nsource_profile = deployer\n"
        f"role_session_name = from-the-profile\n"
    )
    shell = Shell(tmp_path, {"AWS_ENDPOINT_URL_IAM": server.endpoint, "AWS_ENDPOINT_URL_STS": server.endpoint})
    session = f"arn:aws:sts::{ACCOUNT}:assumed-role/lister/from-the-profile"
    assert shell.answer("aws sts get-caller-identity --profile deployer")["Arn"] == user["Arn"]
    assert shell.answer("aws sts get-caller-identity --profile lister")["Arn"] == session
    assert [each["UserName"] for each in shell.answer("aws iam list-users --profile lister")["Users"]] == ["deployer"]
    assert (
        f"User: {session} is not authorized to perform: iam:CreateUser on resource: "
        f"arn:aws:iam::{ACCOUNT}:user/intruder because no identity-based policy allows the iam:CreateUser action"
    ) in shell.denial("aws iam create-user --user-name intruder --profile lister")
    assert (
        f"User: {user['Arn']} is not authorized to perform: iam:ListUsers on resource: "
        f"arn:aws:iam::{ACCOUNT}:user/ because no identity-based policy allows the iam:ListUsers action"
    ) in shell.denial("aws iam list-users --profile deployer")

    root.answer(f"aws iam detach-role-policy --role-name lister --policy-arn {made['Arn']}")
    shell.denial("aws iam list-users --profile lister")


def test_what_rolecall_env_prints_makes_a_shell_speak_to_the_server(server: Server, tmp_path: Path):
    shell = Shell(tmp_path, {"AWS_PROFILE": "of-somebody-else", "AWS_SESSION_TOKEN": "of-somebody-else"})
    data_dir = shlex.quote(str(server.data_dir))
    told = shell.answer(f'eval "$(python -m rolecall.cli env --data-dir {data_dir})" && aws sts get-caller-identity')
    assert told == {"UserId": ACCOUNT, "Account": ACCOUNT, "Arn": f"arn:aws:iam::{ACCOUNT}:root"}
    assert shell.run("aws sts get-caller-identity").returncode != 0

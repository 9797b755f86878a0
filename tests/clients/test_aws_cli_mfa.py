"""The real `aws` command line with MFA: it sets up a device, and a profile with `mfa_serial` asks for a code."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from serving import ACCOUNT, ROOT_KEY, ROOT_SECRET, Server, clean_environment
from totp import Authenticator, step_now

AWS = Path(sys.executable).parent / "aws"
PATIENCE = 120
SERIAL = f"arn:aws:iam::{ACCOUNT}:mfa/deployer"

pytestmark = [
    pytest.mark.clients,
    pytest.mark.slow,
    pytest.mark.skipif(not AWS.exists(), reason="the aws command line is not installed beside this Python"),
]


class Terminal:
    """Runs `aws` with settings of its own; what it asks for is typed on standard input."""

    def __init__(self, server: Server, home: Path, variables: Mapping[str, str]) -> None:
        self._home = home
        self._environment = clean_environment(
            {
                "HOME": str(home),
                "AWS_CONFIG_FILE": str(home / "config"),
                "AWS_SHARED_CREDENTIALS_FILE": str(home / "credentials"),
                "AWS_ENDPOINT_URL_IAM": server.endpoint,
                "AWS_ENDPOINT_URL_STS": server.endpoint,
                "AWS_DEFAULT_REGION": "us-east-1",
                "AWS_PAGER": "",
                "AWS_MAX_ATTEMPTS": "1",
                **variables,
            }
        )

    def run(self, *words: str, typed: str = "") -> subprocess.CompletedProcess[str]:
        """Run one command. It has no terminal, or it would ask there, past its standard input."""
        return subprocess.run(
            [AWS, *words],
            cwd=self._home,
            env=self._environment,
            input=typed,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            start_new_session=True,
        )

    def answer(self, *words: str, typed: str = "") -> Any:
        """The JSON that a command prints; it must succeed."""
        ended = self.run(*words, typed=typed)
        assert ended.returncode == 0, ended.stderr
        return json.loads(ended.stdout) if ended.stdout.strip() else None


def policy(**statement: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]})


def test_a_profile_with_mfa_assumes_a_role_that_wants_it(server: Server, tmp_path: Path):
    root = Terminal(server, tmp_path, {"AWS_ACCESS_KEY_ID": ROOT_KEY, "AWS_SECRET_ACCESS_KEY": ROOT_SECRET})
    user = root.answer("iam", "create-user", "--user-name", "deployer")["User"]
    key = root.answer("iam", "create-access-key", "--user-name", "deployer")["AccessKey"]

    # The seed as a file of base32, then as a picture: the two forms in which the command line hands it out.
    create = ("iam", "create-virtual-mfa-device", "--virtual-mfa-device-name", "deployer", "--outfile")
    root.answer(*create, "seed.txt", "--bootstrap-method", "Base32StringSeed")
    app = Authenticator((tmp_path / "seed.txt").read_bytes())
    root.answer(*create[:3], "picture", *create[4:], "qr.png", "--bootstrap-method", "QRCodePNG")
    assert (tmp_path / "qr.png").read_bytes().startswith(b"\x89PNG")

    now = step_now()
    enable = ("iam", "enable-mfa-device", "--user-name", "deployer", "--serial-number", SERIAL)
    codes = app.code(now - 1), app.code(now)
    root.answer(*enable, "--authentication-code1", codes[0], "--authentication-code2", codes[1])
    (device,) = root.answer("iam", "list-mfa-devices", "--user-name", "deployer")["MFADevices"]
    assert device["SerialNumber"] == SERIAL

    with_mfa = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    trust = policy(Principal={"AWS": user["Arn"]}, Action="sts:AssumeRole", Condition=with_mfa)
    role = root.answer("iam", "create-role", "--role-name", "ops", "--assume-role-policy-document", trust)["Role"]
    (tmp_path / "credentials").write_text(
        f"[deployer]\naws_access_key_id = {key['AccessKeyId']}\naws_secret_access_key = {key['SecretAccessKey']}\n"
    )
    assuming = f"role_arn = {role['Arn']}\nsource_profile = deployer\nrole_session_name = session\n"
    (tmp_path / "config").write_text(
        f"[profile without]\n{assuming}\n[profile with]\n{assuming}mfa_serial = {SERIAL}\n"
    )
    shell = Terminal(server, tmp_path, {})
    who = ("sts", "get-caller-identity", "--profile")
    refused = shell.run(*who, "without")
    assert refused.returncode != 0
    assert "because no role trust policy allows the sts:AssumeRole action" in refused.stderr
    wrong = shell.run(*who, "with", typed=f"{app.wrong_code(step_now())}\n")
    assert "MultiFactorAuthentication failed with invalid MFA one time pass code." in wrong.stderr
    session = f"arn:aws:sts::{ACCOUNT}:assumed-role/ops/session"
    assert shell.answer(*who, "with", typed=f"{app.code(step_now() + 1)}\n")["Arn"] == session
    # The command line remembers the session: no code is asked for.
    assert shell.answer(*who, "with")["Arn"] == session

"""Terraform with the real AWS provider: apply, no changes, a changed apply, no changes, destroy."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from serving import ROOT_KEY, ROOT_SECRET, Keys, Server, clean_environment

MIRROR = os.environ.get("ROLECALL_TERRAFORM_MIRROR")
CONFIGURATION = Path(__file__).parent / "terraform"
PATIENCE = 240

pytestmark = [
    pytest.mark.clients,
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("terraform") is None, reason="terraform is not installed"),
    pytest.mark.skipif(MIRROR is None, reason="ROLECALL_TERRAFORM_MIRROR does not name a provider mirror"),
]

CHANGED = (
    "-var=description=second",
    "-var=max_session=7200",
    "-var=group_path=/new/",
    '-var=actions=["iam:GetUser","iam:ListUsers"]',
)


class Terraform:
    """One Terraform working directory that talks to a server."""

    def __init__(self, folder: Path, server: Server) -> None:
        self._folder = folder
        shutil.copytree(CONFIGURATION, folder, dirs_exist_ok=True)
        settings = folder / "terraform.rc"
        settings.write_text(f"provider_installation {{\n  filesystem_mirror {{ path = {json.dumps(MIRROR)} }}\n}}\n")
        self._environment = clean_environment(
            {
                "AWS_ACCESS_KEY_ID": ROOT_KEY,
                "AWS_SECRET_ACCESS_KEY": ROOT_SECRET,
                "TF_CLI_CONFIG_FILE": str(settings),
                "TF_VAR_endpoint": server.endpoint,
                "TF_IN_AUTOMATION": "1",
                "CHECKPOINT_DISABLE": "1",
            }
        )

    def run(self, *arguments: str, expected: int = 0) -> str:
        """Run one command; it must end with `expected`."""
        ended = subprocess.run(
            ["terraform", *arguments],
            cwd=self._folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )
        assert ended.returncode == expected, ended.stdout + ended.stderr
        return ended.stdout

    def outputs(self) -> dict[str, str]:
        """The configuration's outputs."""
        return {name: output["value"] for name, output in json.loads(self.run("output", "-json")).items()}


@pytest.fixture(scope="module")
def terraform(tmp_path_factory: pytest.TempPathFactory, server: Server) -> Iterator[Terraform]:
    """A working directory, initialized; destroyed at the end whatever happened."""
    made = Terraform(tmp_path_factory.mktemp("terraform"), server)
    made.run("init", "-no-color")
    return made


def test_terraform_applies_changes_and_destroys_without_drift(terraform: Terraform, server: Server):
    root = server.client("iam", Keys(access_key_id=ROOT_KEY, secret_access_key=ROOT_SECRET))
    terraform.run("apply", "-auto-approve", "-no-color")
    terraform.run("plan", "-detailed-exitcode", "-no-color")  # exit status 2 would mean changes

    outputs = terraform.outputs()
    worker = Keys(access_key_id=outputs["access_key_id"], secret_access_key=outputs["secret_access_key"])
    assert server.client("iam", worker).get_user()["User"]["UserName"] == "worker"
    assumed = server.client("sts", worker).assume_role(
        RoleArn=outputs["role_arn"], RoleSessionName="terraform", ExternalId="terraform"
    )
    assert assumed["AssumedRoleUser"]["Arn"].endswith(":assumed-role/deployer/terraform")

    terraform.run("apply", "-auto-approve", "-no-color", *CHANGED)
    terraform.run("plan", "-detailed-exitcode", "-no-color", *CHANGED)
    assert root.get_role(RoleName="deployer")["Role"]["MaxSessionDuration"] == 7200
    assert root.get_group(GroupName="workers")["Group"]["Path"] == "/new/"

    terraform.run("destroy", "-auto-approve", "-no-color", *CHANGED)
    assert root.list_users()["Users"] == []
    assert root.list_roles()["Roles"] == []
    assert root.list_policies(Scope="Local")["Policies"] == []

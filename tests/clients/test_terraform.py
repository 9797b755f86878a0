"""Terraform with the real AWS provider: a stack of every IAM resource and data source it has lives its whole life.

Created, unchanged, changed in place, unchanged, imported into a second state, unchanged, destroyed.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

import certificates
from saml_documents import metadata
from serving import ACCOUNT, ROOT_KEY, ROOT_SECRET, Keys, Server, clean_environment, rolecall
from totp import Authenticator, step_now

MIRROR = os.environ.get("ROLECALL_TERRAFORM_MIRROR")
CONFIGURATION = Path(__file__).parent / "terraform"
PROVIDER = "registry.terraform.io/hashicorp/aws"
BLOCK = re.compile(r'^(resource|data) "(aws_iam_\w+)"', re.MULTILINE)
PATIENCE = 300

pytestmark = [
    pytest.mark.clients,
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("terraform") is None, reason="terraform is not installed"),
    pytest.mark.skipif(MIRROR is None, reason="ROLECALL_TERRAFORM_MIRROR does not name a provider mirror"),
]

FIRST: Mapping[str, Any] = {
    "note": "first",
    "path": "/",
    "newcomer": "newcomer",
    "actions": ["iam:GetUser"],
    "session_seconds": 3600,
    "status": "Active",
    "password_length": 12,
    "token_version": "v1Token",
    "root_features": ["RootSessions"],
    "client_ids": ["one"],
    "thumbprints": ["a" * 40],
}
SECOND: Mapping[str, Any] = {
    "note": "second",
    "path": "/new/",
    "newcomer": "colleague",
    "actions": ["iam:GetUser", "iam:ListUsers"],
    "session_seconds": 7200,
    "status": "Inactive",
    "password_length": 16,
    "token_version": "v2Token",
    "root_features": ["RootCredentialsManagement"],
    "client_ids": ["two", "three"],
    "thumbprints": ["b" * 40],
}

IMPORT_IDS = {
    "aws_iam_group_policies_exclusive": "{group_name}",
    "aws_iam_group_policy_attachment": "{group}/{policy_arn}",
    "aws_iam_group_policy_attachments_exclusive": "{group_name}",
    "aws_iam_role_policies_exclusive": "{role_name}",
    "aws_iam_role_policy_attachment": "{role}/{policy_arn}",
    "aws_iam_role_policy_attachments_exclusive": "{role_name}",
    "aws_iam_server_certificate": "{name}",
    "aws_iam_user_group_membership": "{user}/{groups[0]}/{groups[1]}",
    "aws_iam_user_policies_exclusive": "{user_name}",
    "aws_iam_user_policy_attachment": "{user}/{policy_arn}",
    "aws_iam_user_policy_attachments_exclusive": "{user_name}",
    "aws_iam_user_ssh_key": "{username}:{ssh_public_key_id}:{encoding}",
}
"""What Terraform imports a resource by, where that is not its `id`."""

NOT_IMPORTED = {
    "aws_iam_group_membership": "the provider says that it does not support import",
    "aws_iam_policy_attachment": "the provider says that it does not support import",
    "aws_iam_security_token_service_preferences": "the provider says that it does not support import",
}
"""Resources that the provider cannot import. Created a second time, they find what they want there already."""


class Terraform:
    """One Terraform working directory that talks to a server."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        shutil.copytree(CONFIGURATION, folder, dirs_exist_ok=True)
        settings = folder / "terraform.rc"
        settings.write_text(f"provider_installation {{\n  filesystem_mirror {{ path = {json.dumps(MIRROR)} }}\n}}\n")
        self._environment = clean_environment(
            {
                "AWS_ACCESS_KEY_ID": ROOT_KEY,
                "AWS_SECRET_ACCESS_KEY": ROOT_SECRET,
                "TF_CLI_CONFIG_FILE": str(settings),
                "TF_IN_AUTOMATION": "1",
                "CHECKPOINT_DISABLE": "1",
            }
        )
        self.run("init", "-no-color")

    def write(self, name: str, text: str) -> None:
        """Add a file to the directory, or replace one."""
        (self._folder / name).write_text(text, encoding="utf-8")

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

    def apply(self, variables: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Apply the stack with these values; gives the resources as the state holds them afterwards."""
        self.write("terraform.tfvars.json", json.dumps(variables))
        self.run("apply", "-auto-approve", "-no-color", "-refresh=false")
        return [
            {"address": f"{each['type']}.{each['name']}", "type": each["type"], **each["instances"][0]}
            for each in json.loads(self.run("state", "pull"))["resources"]
            if each["mode"] == "managed"
        ]

    def has_nothing_to_change(self) -> None:
        """The real world is what the configuration says: exit status 2 would mean changes."""
        self.run("plan", "-detailed-exitcode", "-no-color")

    def show(self, plan: str) -> Any:
        """A saved plan."""
        return json.loads(self.run("show", "-json", plan))

    def outputs(self) -> dict[str, str]:
        """The configuration's outputs."""
        return {name: output["value"] for name, output in json.loads(self.run("output", "-json")).items()}


@pytest.fixture(scope="module")
def organization(server: Server) -> None:
    """An organization that the account manages: one of the resources is a setting of it."""
    made = rolecall("organization", "create", "--management-account", ACCOUNT, "--data-dir", str(server.data_dir))
    assert made.returncode == 0, made.stderr


@pytest.fixture(scope="module")
def terraform(tmp_path_factory: pytest.TempPathFactory) -> Terraform:
    """A working directory with the stack, initialized."""
    return Terraform(tmp_path_factory.mktemp("terraform"))


@pytest.fixture(scope="module")
def given(server: Server) -> dict[str, str]:
    """The variables that stay: where the server is, and keys and certificates made on the spot."""
    now = int(time.time())
    authority = certificates.certificate("authority", now=now, is_authority=True, may_sign=True)
    site = certificates.certificate("site.example.com", now=now, issuer=authority)
    return {
        "endpoint": server.endpoint,
        "certificate": site.body,
        "certificate_key": site.private_key,
        "certificate_chain": authority.body,
        "signing_certificate": certificates.certificate("signer", now=now, key=certificates.rsa_key()).body,
        "ssh_public_key": f"{certificates.openssh(certificates.rsa_key())} worker@example.com",
    }


def identities(resources: list[dict[str, Any]]) -> dict[str, str | None]:
    """By the addresses of resources what they keep as long as they live."""
    return {each["address"]: each["attributes"].get("unique_id") or each["attributes"].get("id") for each in resources}


def import_blocks(resources: list[dict[str, Any]]) -> Iterator[str]:
    """What imports all that can be imported."""
    for each in resources:
        if each["type"] not in NOT_IMPORTED:
            import_id = IMPORT_IDS.get(each["type"], "{id}").format(**each["attributes"])
            yield f"import {{\n  to = {each['address']}\n  id = {json.dumps(import_id)}\n}}\n"


def give_everything(iam: Any, user: str, given: Mapping[str, str]) -> None:
    """Give a user one credential of each kind: what `force_destroy` must find and take away."""
    iam.create_access_key(UserName=user)
    iam.create_login_profile(UserName=user, Password="Correct-horse-battery-staple-1")
    iam.upload_ssh_public_key(UserName=user, SSHPublicKeyBody=given["ssh_public_key"])
    signer = certificates.certificate("other", now=int(time.time()), key=certificates.rsa_key())
    iam.upload_signing_certificate(UserName=user, CertificateBody=signer.body)
    iam.create_service_specific_credential(UserName=user, ServiceName="codecommit.amazonaws.com")
    device = iam.create_virtual_mfa_device(VirtualMFADeviceName=user)["VirtualMFADevice"]
    codes = [Authenticator(device["Base32StringSeed"]).code(step_now() - before) for before in (1, 0)]
    iam.enable_mfa_device(
        UserName=user,
        SerialNumber=device["SerialNumber"],
        AuthenticationCode1=codes[0],
        AuthenticationCode2=codes[1],
    )


def test_the_stack_has_every_resource_and_data_source_of_the_provider(terraform: Terraform):
    schemas = json.loads(terraform.run("providers", "schema", "-json"))["provider_schemas"][PROVIDER]
    there = {
        (word, name)
        for word, schema in (("resource", "resource_schemas"), ("data", "data_source_schemas"))
        for name in schemas[schema]
        if name.startswith("aws_iam_")
    }
    used = {block for path in CONFIGURATION.glob("*.tf") for block in BLOCK.findall(path.read_text(encoding="utf-8"))}
    assert used == there


@pytest.mark.timeout(2 * PATIENCE)
@pytest.mark.usefixtures("organization")
def test_the_stack_is_created_changed_imported_and_destroyed_without_drift(
    terraform: Terraform, server: Server, given: Mapping[str, str], tmp_path: Path
):
    root = server.client("iam", Keys(access_key_id=ROOT_KEY, secret_access_key=ROOT_SECRET))
    before = root.get_account_summary()["SummaryMap"]
    created = terraform.apply({**given, **FIRST, "saml_metadata": metadata()})
    terraform.has_nothing_to_change()

    outputs = terraform.outputs()
    worker = Keys(access_key_id=outputs["access_key_id"], secret_access_key=outputs["secret_access_key"])
    assert server.client("iam", worker).get_user()["User"]["UserName"] == "worker"
    assumed = server.client("sts", worker).assume_role(
        RoleArn=outputs["role_arn"], RoleSessionName="terraform", ExternalId="terraform"
    )
    assert assumed["AssumedRoleUser"]["Arn"].endswith(":assumed-role/deployer/terraform")

    second = {**given, **SECOND, "saml_metadata": metadata(number=1)}
    changed = terraform.apply(second)
    assert root.get_role(RoleName="deployer")["Role"]["MaxSessionDuration"] == 7200
    assert root.get_group(GroupName="workers")["Group"]["Path"] == "/new/"
    assert identities(changed) == identities(created)  # all in place: nothing was replaced

    # The second state sees what the first one did: that nothing is left to change is asked there.
    again = Terraform(tmp_path)
    again.write("terraform.tfvars.json", json.dumps(second))
    again.write("imports.tf", "\n".join(import_blocks(changed)))
    again.run("plan", "-out=saved", "-no-color")
    planned = {
        each["address"]: each["change"]
        for each in again.show("saved")["resource_changes"]
        if each["mode"] == "managed" and each["type"] not in NOT_IMPORTED
    }
    assert all("importing" in change for change in planned.values())
    # `force_destroy` is a wish of the configuration's, which no import can read.
    newcomer = planned.pop("aws_iam_user.newcomer")
    assert {**newcomer["before"], "force_destroy": True} == newcomer["after"]
    assert {address: change["actions"] for address, change in planned.items() if change["actions"] != ["no-op"]} == {}
    again.run("apply", "-no-color", "saved")
    again.has_nothing_to_change()

    give_everything(root, SECOND["newcomer"], given)
    again.run("destroy", "-auto-approve", "-no-color", "-refresh=false")
    after = root.get_account_summary()["SummaryMap"]
    assert after.pop("GlobalEndpointTokenVersion") == 2  # there is no operation that would unset it
    before.pop("GlobalEndpointTokenVersion")
    assert after == before
    assert root.list_organizations_features()["EnabledFeatures"] == []
    assert root.list_account_aliases()["AccountAliases"] == []

"""`rolecall organization`, as an operator uses it beside a running server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from serving import ACCOUNT, ROOT_KEY, ROOT_SECRET, Keys, Server, rolecall, start_server

ROOT = Keys(access_key_id=ROOT_KEY, secret_access_key=ROOT_SECRET)
ISSUER = "https://iam.example.com/rolecall"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A running server that others reach at `ISSUER`."""
    environment = {
        "ROLECALL_ACCOUNT_ID": ACCOUNT,
        "ROLECALL_ROOT_ACCESS_KEY_ID": ROOT_KEY,
        "ROLECALL_ROOT_SECRET_ACCESS_KEY": ROOT_SECRET,
        "ROLECALL_ISSUER_URL": ISSUER,
    }
    running = start_server(tmp_path_factory.mktemp("server") / "data", environment=environment)
    yield running
    assert running.stop() == 0


def organization(server: Server, *words: str) -> Any:
    """What the command printed as JSON."""
    done = rolecall("organization", *words, "--json", "--data-dir", str(server.data_dir))
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def refusal(server: Server, *words: str) -> str:
    done = rolecall("organization", *words, "--data-dir", str(server.data_dir))
    assert (done.returncode, done.stdout) == (1, "")
    assert "Traceback" not in done.stderr
    return done.stderr


def test_an_organization_from_its_making_to_the_end_of_a_delegation(server: Server) -> None:
    manager, manager_keys = server.new_account()
    member, member_keys = server.new_account()
    made = organization(server, "create", "--management-account", manager, "--no-trusted-access")
    assert made["MemberAccountIds"] == []
    assert not made["TrustedAccess"]
    managing = server.client("iam", manager_keys)
    with pytest.raises(managing.exceptions.ServiceAccessNotEnabledException):
        managing.list_organizations_features()
    organization(server, "trusted-access", "on", "--management-account", manager)
    assert managing.enable_organizations_root_sessions()["OrganizationId"] == made["OrganizationId"]

    joined = organization(server, "add-account", member, "--management-account", manager)
    assert joined["MemberAccountIds"] == [member]
    serving = server.client("iam", member_keys)
    with pytest.raises(serving.exceptions.AccountNotManagementOrDelegatedAdministratorException):
        serving.list_organizations_features()
    assert organization(server, "delegate", member)["DelegatedAdministratorIds"] == [member]
    assert serving.list_organizations_features()["EnabledFeatures"] == ["RootSessions"]
    assert "withdraw that first" in refusal(server, "trusted-access", "off", "--management-account", manager)
    assert organization(server, "withdraw", member)["DelegatedAdministratorIds"] == []

    assert organization(server, "remove-account", member)["MemberAccountIds"] == []
    with pytest.raises(serving.exceptions.OrganizationNotFoundException):
        serving.list_organizations_features()
    shown = {each["OrganizationId"]: each for each in organization(server, "show")}
    assert shown[made["OrganizationId"]]["EnabledFeatures"] == ["RootSessions"]


def test_show_is_for_people_too(server: Server) -> None:
    manager, _ = server.new_account()
    organization(server, "create", "--management-account", manager)
    shown = rolecall("organization", "show", "--data-dir", str(server.data_dir)).stdout
    assert f"management account        {manager}\n" in shown
    assert "trusted access for IAM    on\n" in shown


def test_what_makes_no_sense_is_one_plain_line(server: Server) -> None:
    assert "`999999999999` does not exist here" in refusal(server, "create", "--management-account", "999999999999")
    assert "is in no organization" in refusal(server, "delegate", ACCOUNT)


def test_a_data_directory_must_be_there(tmp_path: Path) -> None:
    refused = rolecall("organization", "show", "--data-dir", str(tmp_path))
    assert refused.returncode == 1
    assert "no data directory" in refused.stderr


def test_issuers_are_below_the_url_that_the_operator_set(server: Server) -> None:
    issuer = server.client("iam", ROOT).enable_outbound_web_identity_federation()["IssuerIdentifier"]
    assert issuer.startswith(f"{ISSUER}/oidc/")


@pytest.mark.parametrize(
    "url",
    [
        "iam.example.com",
        "ftp://iam.example.com",
        "https://",
        "https://iam.example.com/",
        "https://iam.example.com?a=b",
        "https://iam.example.com#a",
        "https://me@iam.example.com",
        "https://iam.example.com:port",
        "https://iam example.com",
    ],
)
def test_an_issuer_url_that_is_none_stops_the_start(tmp_path: Path, url: str) -> None:
    refused = rolecall("serve", "--data-dir", str(tmp_path / "data"), environment={"ROLECALL_ISSUER_URL": url})
    assert refused.returncode == 1
    assert f"the issuer URL `{url}` is not like" in refused.stderr
    assert not (tmp_path / "data").exists()

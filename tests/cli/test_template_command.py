"""`rolecall template`, as an operator uses it beside a running server."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from iam.template_samples import POWER, RECORDED, SETUP, policy_template
from serving import ACCOUNT, ROOT_KEY, ROOT_SECRET, Keys, Server, rolecall, start_server

ROOT = Keys(access_key_id=ROOT_KEY, secret_access_key=ROOT_SECRET)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A running server without templates."""
    running = start_server(tmp_path_factory.mktemp("server") / "data")
    yield running
    assert running.stop() == 0


@pytest.fixture
def template(server: Server):
    """Runs `rolecall template` on the server's data directory; gives what it printed."""

    def run(*arguments: str, fails: bool = False) -> str:
        done = rolecall("template", *arguments, "--data-dir", str(server.data_dir))
        assert (done.returncode != 0) is fails, done.stderr
        return done.stderr if fails else done.stdout

    return run


def written(path: Path, content: Any) -> str:
    path.write_text(json.dumps(content))
    return str(path)


def test_a_template_of_aws_is_registered_shown_used_and_switched(server: Server, template, tmp_path: Path):
    fetched = RECORDED["templates"]["power"]
    assert template("put", written(tmp_path / "power.json", fetched)) == f"{POWER} version 0\n"
    shown = json.loads(template("show", POWER))
    ours = {"TemplateVersionId", "CreateTimestamp", "UpdateTimestamp", "DefaultMinorVersion"}
    kept = {name: value for name, value in shown["RoleTemplateVersion"].items() if name not in ours}
    assert kept == {name: value for name, value in fetched["RoleTemplateVersion"].items() if name not in ours}
    assert template("put", written(tmp_path / "again.json", shown)) == f"{POWER} version 0\n"

    iam = server.client("iam", ROOT)
    values = {"AWSServiceName": {"Values": ["ec2.amazonaws.com"]}}
    assert iam.acquire_role(TemplateArn=POWER, ReplacementValues=values)["Role"]["RoleName"] == "PowerUserRole"
    template("disable", POWER)
    assert f"{POWER}  disabled\n" in template("list")
    with pytest.raises(iam.exceptions.RoleTemplateDisabledException):
        iam.acquire_role(TemplateArn=POWER, ReplacementValues=values)
    template("enable", POWER)
    template("disable", POWER, "--minor-version", "0")
    with pytest.raises(iam.exceptions.RoleTemplateDisabledException):
        iam.acquire_role(TemplateArn=POWER, ReplacementValues=values)
    template("enable", POWER, "--minor-version", "0")
    assert iam.acquire_role(TemplateArn=POWER, ReplacementValues=values)


def test_a_policy_template_is_registered_and_shown(template, tmp_path: Path):
    file = policy_template()
    assert template("put", written(tmp_path / "setup.json", file)) == f"{SETUP}\n"
    assert json.loads(template("show", SETUP)) == {"PolicyTemplate": file["PolicyTemplate"] | {"Enabled": True}}
    assert {"Arn": SETUP, "Enabled": True} in json.loads(template("list", "--json"))


def test_what_cannot_be_registered_or_found_is_said_in_one_line(template, tmp_path: Path):
    assert "holds either" in template("put", written(tmp_path / "empty.json", {}), fails=True)
    assert "there is no template" in template("show", "arn:aws:iam::aws:role-template/a/b:1", fails=True)
    template("put", written(tmp_path / "rotation.json", RECORDED["templates"]["rotation"]))
    arn = RECORDED["templates"]["rotation"]["RoleTemplateVersion"]["TemplateArn"]
    for command in ("show", "disable"):
        assert "no minor version 9" in template(command, arn, "--minor-version", "9", fails=True)


def test_an_effect_that_is_none_is_refused_though_its_statement_has_parameters(template, tmp_path: Path):
    content = copy.deepcopy(policy_template())
    statement = content["PolicyTemplate"]["PolicyDocumentTemplate"]["Statement"][0]
    statement["Effect"] = "Alow"
    assert "`Alow` is no effect" in template("put", written(tmp_path / "typo.json", content), fails=True)


def test_requests_of_an_account_that_is_not_there_are_an_error_and_none_are_said(server: Server):
    def listed(account: str):
        return rolecall("delegation", "list", account, "--data-dir", str(server.data_dir))

    assert "`4444` does not exist here" in listed("4444").stderr
    assert listed(ACCOUNT).stdout == "no delegation requests\n"

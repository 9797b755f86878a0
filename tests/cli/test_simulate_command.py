"""`rolecall simulate`: policy files asked, without a server."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from rolecall.cli.simulate import simulate
from serving import rolecall

ANN = "arn:aws:iam::111122223333:user/ann"
FILES: dict[str, Any] = {
    "readers": {"Effect": "Allow", "Action": ["s3:GetObject", "s3:ListAllMyBuckets"], "Resource": "*"},
    "everything": {"Effect": "Allow", "Action": "*", "Resource": "*"},
    "nothing": {"Effect": "Deny", "Action": "*", "Resource": "*"},
    "tagged": {
        "Effect": "Allow",
        "Action": "*",
        "Resource": "*",
        "Condition": {"ForAllValues:StringEquals": {"aws:TagKeys": ["a", "b"]}, "Null": {"aws:TagKeys": "false"}},
    },
    "bucket": {"Effect": "Allow", "Principal": {"AWS": ANN}, "Action": "s3:*", "Resource": "*"},
    "no-deletes": {"Effect": "Deny", "Principal": "*", "Action": "s3:Delete*", "Resource": "*"},
    "trust": {"Effect": "Allow", "Principal": {"AWS": ANN}, "Action": "sts:AssumeRole"},
}
GET = ("--action", "s3:GetObject", "--resource", "arn:aws:s3:::reports/may.pdf")


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder with the policy files in it, where the command runs."""
    monkeypatch.chdir(tmp_path)
    for name, statement in FILES.items():
        policy = {"Version": "2012-10-17", "Statement": [statement]}
        Path(f"{name}.json").write_text(json.dumps(policy, indent=1), encoding="utf-8")


def run(*arguments: str, principal: str = ANN) -> Result:
    return CliRunner().invoke(simulate, ["--principal", principal, *arguments])


def answers(*arguments: str, principal: str = ANN) -> list[dict[str, Any]]:
    return json.loads(run(*arguments, "--format", "json", principal=principal).stdout)


def test_what_a_file_allows_is_explained_with_its_name_and_line():
    result = run("--identity", "readers.json", *GET)
    assert result.exit_code == 0
    assert result.stdout.splitlines()[0] == f"allowed: {ANN} performs s3:GetObject on arn:aws:s3:::reports/may.pdf"
    assert "`readers.json`, line 4" in result.stdout


def test_everything_asked_must_be_allowed_for_the_exit_status_of_yes():
    allowed = ("--identity", "readers.json", *GET)
    assert run(*allowed).exit_code == 0
    assert run(*allowed, "--action", "s3:PutObject").exit_code == 1
    assert run(*GET).exit_code == 1


def test_actions_and_resources_are_asked_in_all_combinations():
    told = answers("--identity", "readers.json", *GET, "--action", "s3:PutObject", "--resource", "arn:aws:s3:::other/x")
    assert [(it["action"], it["resource"], it["decision"]) for it in told] == [
        ("s3:GetObject", "arn:aws:s3:::reports/may.pdf", "allowed"),
        ("s3:GetObject", "arn:aws:s3:::other/x", "allowed"),
        ("s3:PutObject", "arn:aws:s3:::reports/may.pdf", "implicitDeny"),
        ("s3:PutObject", "arn:aws:s3:::other/x", "implicitDeny"),
    ]


def test_without_a_resource_no_particular_one_is_asked_about():
    (told,) = answers("--identity", "readers.json", "--action", "s3:ListAllMyBuckets")
    assert (told["resource"], told["decision"]) == ("*", "allowed")


@pytest.mark.parametrize(
    ("option", "layer"),
    [
        ("--boundary", "permissions boundary"),
        ("--session", "session policy"),
        ("--scp", "service control policy"),
        ("--endpoint", "VPC endpoint policy"),
        ("--identity", "identity-based policy"),
    ],
)
def test_each_kind_of_policy_has_its_option(option: str, layer: str):
    (told,) = answers("--identity", "everything.json", option, "nothing.json", *GET)
    assert told["blockedBy"] == [{"policyType": layer, "explicit": True}]
    assert [statement["policy"] for statement in told["matchedStatements"]] == ["nothing.json"]


def test_levels_of_scps_are_given_one_by_one_and_each_must_allow():
    both = answers(
        "--identity", "everything.json", "--scp", "everything.json,readers.json", "--scp", "readers.json", *GET
    )
    assert both[0]["decision"] == "allowed"
    put = ("--action", "s3:PutObject")
    (lacking,) = answers("--identity", "everything.json", "--scp", "everything.json", "--scp", "readers.json", *put)
    assert lacking["blockedBy"] == [{"policyType": "service control policy", "explicit": False}]


def test_an_rcp_denies():
    delete = ("--action", "s3:DeleteObject", "--resource", "arn:aws:s3:::reports/may.pdf")
    (told,) = answers("--identity", "everything.json", "--rcp", "no-deletes.json", *delete)
    assert told["blockedBy"] == [{"policyType": "resource control policy", "explicit": True}]


def test_the_resource_may_belong_to_another_account_and_have_a_policy():
    across = ("--identity", "readers.json", "--resource-account", "444455556666", *GET)
    assert answers(*across)[0]["decision"] == "implicitDeny"
    assert answers(*across, "--resource-policy", "bucket.json")[0]["decision"] == "allowed"


def test_the_policy_of_a_role_is_its_trust_policy():
    assume = ("--action", "sts:AssumeRole", "--resource", "arn:aws:iam::111122223333:role/auditor")
    (told,) = answers("--resource-policy", "trust.json", *assume)
    assert told["layers"]["role trust policy"] == "allowed"
    assert answers("--identity", "everything.json", *assume)[0]["decision"] == "implicitDeny"
    refused = run("--resource-policy", "bucket.json", *assume)
    assert refused.exit_code == 2
    assert refused.stderr.startswith("Error: bucket.json: line ")


def test_whether_the_resource_needs_its_own_policy_can_be_told():
    allowed = ("--identity", "everything.json", *GET)
    assert run(*allowed, "--resource-policy-required").exit_code == 1
    key = ("--action", "kms:Decrypt", "--resource", "arn:aws:kms:us-east-1:111122223333:key/1")
    assert run("--identity", "everything.json", *key).exit_code == 1
    assert run("--identity", "everything.json", *key, "--resource-policy-optional").exit_code == 0


def test_condition_keys_come_from_options_and_a_file_and_options_count_more():
    tagged = ("--identity", "tagged.json", *GET)
    Path("context.json").write_text('{"AWS:TagKeys": ["c"], "n": 1}')
    assert run(*tagged).exit_code == 1
    assert run(*tagged, "-c", "aws:tagkeys=a", "-c", "aws:TagKeys=b").exit_code == 0
    assert run(*tagged, "--context-file", "context.json").exit_code == 1
    assert run(*tagged, "--context-file", "context.json", "-c", "aws:TagKeys=a").exit_code == 0


def test_the_principal_may_be_described_as_in_a_question():
    anonymous = run("--resource-policy", "bucket.json", *GET, principal='{"type": "Anonymous"}')
    assert anonymous.exit_code == 1
    assert anonymous.stdout.startswith("denied: an anonymous caller")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--identity", "missing.json"), "missing.json: No such file or directory"),
        (("--identity", "."), ".: Is a directory"),
        (("--identity", "binary.json"), "binary.json: not UTF-8 at byte 0"),
        (("--identity", "wrong.json"), "wrong.json: line 2, column 11: expected `,` or `}`"),
        (("--context-file", "wrong.json"), "wrong.json: not JSON: expecting ',' delimiter at character 35"),
        (("--context-file", "list.json"), "list.json: must be a JSON object of condition keys"),
        (("--resource", "reports"), "request.resource: `reports` is not an ARN"),
        (("--action", "s3:*"), "request.action: `s3:*` is not an action"),
        (("--resource-account", "1"), "request.resourceAccount: `1` is not an account id"),
        (("-c", "aws:userid"), "`aws:userid` is not KEY=VALUE"),
        (("--principal", "ann"), "request.principal: `ann` is neither"),
        (("--principal", "{"), "not JSON"),
    ],
    ids=lambda value: value[-1] if isinstance(value, tuple) else None,
)
def test_what_cannot_be_used_is_told_with_its_place(arguments: tuple[str, ...], message: str):
    Path("wrong.json").write_text('{"Version": "2012-10-17"\n          : }')
    Path("binary.json").write_bytes(b"\xff")
    Path("list.json").write_text("[]")
    result = run("--identity", "readers.json", *GET, *arguments)
    assert result.exit_code == 2
    assert message in result.stderr
    assert result.stdout == ""


def test_the_command_needs_no_server_and_no_data_directory():
    ended = rolecall("simulate", "--identity", "readers.json", "--principal", ANN, *GET)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.startswith("allowed: ")

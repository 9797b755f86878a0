"""`rolecall check` and `rolecall explain` answer as enforcement does, and their exit status tells the answer."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from click.testing import CliRunner, Result

from rolecall.cli import main
from serving import ACCOUNT, ROOT_KEY, ROOT_SECRET, Keys, Server, keys_of, start_server

ROOT = Keys(access_key_id=ROOT_KEY, secret_access_key=ROOT_SECRET)
IAM = f"arn:aws:iam::{ACCOUNT}"
ANN = f"{IAM}:user/staff/ann"
OPS = f"{IAM}:role/ops"
OBJECT = "arn:aws:s3:::reports/x"


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def statement(action: str | list[str], effect: str = "Allow", resource: str = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": effect, "Action": action, "Resource": resource, **more}


ANNS = policy(
    statement(["s3:Get*", "iam:List*", "iam:CreateUser"], Sid="Read"),
    statement("iam:ListRoles", "Deny", f"{IAM}:role/*"),
    statement("iam:GetUser", Condition={"StringEquals": {"aws:ResourceTag/team": "${aws:PrincipalTag/team}"}}),
    statement("iam:DeleteUser", Condition={"IpAddress": {"aws:SourceIp": "127.0.0.0/8"}}),
    statement("iam:DeleteRole", Condition={"Bool": {"aws:SecureTransport": "true"}}),
    statement("iam:TagUser", Condition={"ForAnyValue:StringEquals": {"aws:TagKeys": "team"}}),
)


@dataclass(frozen=True)
class World:
    """A running server with Ann, Bob, a role that Ann may assume, and one that she may not."""

    server: Server
    ann: Keys

    def session(self) -> Keys:
        answer = self.server.client("sts", self.ann).assume_role(RoleArn=OPS, RoleSessionName="rolecall-check")
        return keys_of(answer["Credentials"])


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    running = start_server(tmp_path_factory.mktemp("server") / "data")
    iam = running.client("iam", ROOT)
    iam.create_user(UserName="ann", Path="/staff/", Tags=[{"Key": "team", "Value": "red"}])
    iam.put_user_policy(UserName="ann", PolicyName="Anns", PolicyDocument=ANNS)
    iam.create_user(UserName="bob", Tags=[{"Key": "team", "Value": "blue"}])
    iam.put_user_permissions_boundary(UserName="bob", PermissionsBoundary="arn:aws:iam::aws:policy/ReadOnlyAccess")
    iam.attach_user_policy(UserName="bob", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    trust = {"Effect": "Allow", "Principal": {"AWS": ANN}, "Action": "sts:AssumeRole"}
    iam.create_role(RoleName="ops", AssumeRolePolicyDocument=policy(trust))
    iam.put_role_policy(
        RoleName="ops",
        PolicyName="Own",
        PolicyDocument=policy(
            statement("iam:ListUsers", Condition={"StringLike": {"aws:userid": "*:rolecall-check"}}),
            statement("iam:ListGroups", Condition={"Null": {"aws:TokenIssueTime": "true"}}),
        ),
    )
    iam.create_role(
        RoleName="closed", AssumeRolePolicyDocument=policy({**trust, "Condition": {"Bool": {"a:b": "true"}}})
    )
    ann = keys_of(iam.create_access_key(UserName="ann")["AccessKey"])
    yield World(running, ann)
    assert running.stop() == 0


@pytest.fixture
def run(world: World) -> Callable[..., Result]:
    """Runs a command on the data directory of the running server."""

    def invoke(command: str, *arguments: str) -> Result:
        return CliRunner().invoke(main, [command, *arguments, "--data-dir", str(world.server.data_dir)])

    return invoke


CALLS = {
    "a list": ("iam:ListUsers", "*", lambda iam: iam.list_users()),
    "a list whose path is denied": ("iam:ListRoles", "*", lambda iam: iam.list_roles()),
    "a list of a path": ("iam:ListRoles", f"{IAM}:role/x/", lambda iam: iam.list_roles(PathPrefix="/x/")),
    "a resource with the caller's tag": ("iam:GetUser", ANN, lambda iam: iam.get_user(UserName="ann")),
    "a resource with another tag": ("iam:GetUser", f"{IAM}:user/bob", lambda iam: iam.get_user(UserName="bob")),
    "a resource that is not there": ("iam:GetUser", f"{IAM}:user/eve", lambda iam: iam.get_user(UserName="eve")),
    "the source address": ("iam:DeleteUser", f"{IAM}:user/eve", lambda iam: iam.delete_user(UserName="eve")),
    "plain HTTP": ("iam:DeleteRole", f"{IAM}:role/none", lambda iam: iam.delete_role(RoleName="none")),
    "no permission": ("iam:CreateGroup", f"{IAM}:group/g", lambda iam: iam.create_group(GroupName="g")),
    "making what is there": ("iam:CreateUser", f"{IAM}:user/bob", lambda iam: iam.create_user(UserName="bob")),
}


@pytest.mark.parametrize("name", CALLS)
def test_check_answers_as_a_real_call_is_answered(world: World, run: Callable[..., Result], name: str):
    action, resource, call = CALLS[name]
    assert run("check", ANN, action, resource).exit_code == denied(call, world.server.client("iam", world.ann))


@pytest.mark.parametrize(("action", "name"), [("iam:ListUsers", "list_users"), ("iam:ListGroups", "list_groups")])
def test_a_role_is_asked_about_as_a_session_of_it(world: World, run: Callable[..., Result], action: str, name: str):
    client = world.server.client("iam", world.session())
    expected = denied(lambda iam: getattr(iam, name)(), client)
    assert run("check", OPS, action, "*").exit_code == expected
    session = f"arn:aws:sts::{ACCOUNT}:assumed-role/ops/rolecall-check"
    assert run("check", session, action, "*").exit_code == expected


@pytest.mark.parametrize(("role", "allowed"), [("ops", True), ("closed", False), ("missing", False)])
def test_assuming_a_role_takes_its_trust_policy(world: World, run: Callable[..., Result], role: str, allowed: bool):
    arn = f"{IAM}:role/{role}"
    sts = world.server.client("sts", world.ann)
    refused = denied(lambda client: client.assume_role(RoleArn=arn, RoleSessionName="rolecall-check"), sts)
    assert run("check", ANN, "sts:AssumeRole", arn).exit_code == refused == (0 if allowed else 1)


def denied(call: Callable[[Any], object], client: Any) -> int:
    """1 if a call is denied; 0 if it is allowed, whatever the operation then says."""
    try:
        call(client)
    except ClientError as error:
        return int(error.response["Error"]["Code"] == "AccessDenied")
    return 0


# What is printed


def test_check_prints_one_line(run: Callable[..., Result]):
    assert run("check", ANN, "s3:GetObject", OBJECT).stdout == "allowed\n"
    assert run("check", ANN, "s3:PutObject", OBJECT).stdout == (
        "denied because no identity-based policy allows the s3:PutObject action\n"
    )
    assert run("check", f"{IAM}:user/bob", "s3:PutObject", OBJECT).stdout == (
        "denied because no permissions boundary allows the s3:PutObject action\n"
    )


def test_explain_tells_why(run: Callable[..., Result]):
    told = run("explain", ANN, "iam:ListRoles", "*")
    assert told.exit_code == 1
    assert told.stdout.splitlines()[:3] == [
        f"denied: {ANN} performs iam:ListRoles on {IAM}:role/",
        "blocked with an explicit deny in an identity-based policy",
        "matched Deny in statement 2 of identity-based policy `Anns`, line 1",
    ]


def test_explain_tells_what_nearly_matched(run: Callable[..., Result]):
    told = run("explain", ANN, "iam:DeleteUser", f"{IAM}:user/eve", "-c", "aws:SourceIp=203.0.113.9")
    assert told.exit_code == 1
    assert "IpAddress of aws:SourceIp is `127.0.0.0/8`, the request has `203.0.113.9`" in told.stdout


@pytest.mark.parametrize("command", ["check", "explain"])
def test_json_holds_the_answer(run: Callable[..., Result], command: str):
    answer = json.loads(run(command, ANN, "s3:GetObject", OBJECT, "--json").stdout)
    assert answer["decision"] == "allowed"
    (matched,) = answer["matchedStatements"]
    assert matched.items() >= {"policy": "Anns", "sid": "Read", "statement": 0, "line": 1}.items()


def test_the_json_of_explain_tells_the_text_and_the_near_misses_too(run: Callable[..., Result]):
    question = (ANN, "iam:DeleteUser", f"{IAM}:user/eve", "-c", "aws:SourceIp=203.0.113.9")
    told = json.loads(run("explain", *question, "--json").stdout)
    assert told["explanation"] + "\n" == run("explain", *question).stdout
    (missed,) = [each for each in told["nearMisses"] if each["failed"] == "Condition"]
    assert missed["conditions"][0]["found"] == "203.0.113.9"
    assert "nearMisses" not in json.loads(run("check", *question, "--json").stdout)


def test_root_may_do_anything_but_assume_a_role(run: Callable[..., Result]):
    for root in (ACCOUNT, f"{IAM}:root"):
        assert run("check", root, "s3:PutObject", OBJECT).exit_code == 0
        refused = run("check", root, "sts:AssumeRole", OPS)
        assert (refused.exit_code, refused.stdout) == (1, "denied: Roles may not be assumed by root accounts.\n")
        assert json.loads(run("explain", root, "sts:AssumeRole", OPS, "--json").stdout)["decision"] == "implicitDeny"


def test_nobody_has_access_to_a_key_without_key_policy(run: Callable[..., Result]):
    key = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/k"
    assert run("check", f"{IAM}:user/bob", "kms:DescribeKey", key).exit_code == 1


# Condition keys


def test_context_replaces_and_joins_the_keys_of_the_call(run: Callable[..., Result]):
    target = ("iam:DeleteUser", f"{IAM}:user/eve")
    assert run("check", ANN, *target).exit_code == 0
    assert run("check", ANN, *target, "-c", "AWS:sourceip=203.0.113.9").exit_code == 1
    assert run("check", ANN, *target, "-c", "aws:SourceIp=").exit_code == 1
    assert run("check", ANN, *target, "--without", "aws:SourceIp").exit_code == 1
    assert run("check", ANN, "iam:DeleteRole", f"{IAM}:role/x", "-c", "aws:SecureTransport=true").exit_code == 0


def test_a_key_given_several_times_is_multivalued(run: Callable[..., Result]):
    tag = ("check", ANN, "iam:TagUser", f"{IAM}:user/eve", "-c", "aws:TagKeys=dept")
    assert run(*tag).exit_code == 1
    assert run(*tag, "-c", "aws:tagkeys=team").exit_code == 0


# No answer


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((f"{IAM}:user/ann", "s3:GetObject", "*"), f"the user of that name is `{ANN}`"),
        ((f"{IAM}:user/eve", "s3:GetObject", "*"), f"there is no user `{IAM}:user/eve` here"),
        ((f"{IAM}:role/none", "s3:GetObject", "*"), f"there is no role `{IAM}:role/none` here"),
        (("999999999999", "s3:GetObject", "*"), "there is no account `999999999999` here"),
        ((f"{IAM}:group/g", "s3:GetObject", "*"), "is nobody who can call"),
        ((f"{IAM}:root/x", "s3:GetObject", "*"), "is nobody who can call"),
        ((f"arn:aws:sts::{ACCOUNT}:assumed-role/ops", "s3:GetObject", "*"), "is no role session"),
        ((f"arn:aws:sts::{ACCOUNT}:assumed-role/OPS/name", "s3:GetObject", "*"), "there is no role `OPS`"),
        ((f"arn:aws:sts::{ACCOUNT}:federated-user/f", "s3:GetObject", "*"), "is a federated user"),
        (("ann", "s3:GetObject", "*"), "`ann` is not an ARN"),
        ((ANN, "s3:*", "*"), "`s3:*` is not an action"),
        ((ANN, "GetObject", "*"), "`GetObject` is not an action"),
        ((ANN, "s3:GetObject", "reports"), "`reports` is not an ARN"),
        ((ANN, "iam:GetUser", f"{IAM}:user/ann"), f"what has that name is `{ANN}`"),
        ((ANN, "s3:GetObject", "*", "-c", "key"), "`key` is not KEY=VALUE"),
        ((ANN, "s3:GetObject", "*", "-c", "=value"), "`=value` is not KEY=VALUE"),
        ((ANN, "s3:GetObject", "\udcff"), "this is not UTF-8"),
        ((ANN, "s3:GetObject", "*", "--endpoint-url", "http://127.0.0.1:1"), "not both"),
        ((ANN, "s3:GetObject"), "Missing argument 'RESOURCE'"),
    ],
    ids=lambda value: ascii(value)[:60],
)
def test_a_question_without_an_answer_exits_with_2(
    run: Callable[..., Result], arguments: tuple[str, ...], message: str
):
    for command in ("check", "explain"):
        done = run(command, *arguments)
        assert done.exit_code == 2
        assert message in done.stderr
        assert done.stdout == ""


def test_a_missing_data_directory_is_no_denial(tmp_path: Path):
    done = CliRunner().invoke(main, ["check", ANN, "s3:GetObject", OBJECT, "--data-dir", str(tmp_path / "none")])
    assert done.exit_code == 2
    assert "no data directory" in done.stderr
    assert not (tmp_path / "none").exists()


def test_an_unknown_setting_is_no_denial(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("ROLECALL_DATADIR", "x")
    assert CliRunner().invoke(main, ["check", ANN, "s3:GetObject", OBJECT]).exit_code == 2


# A running server


@pytest.fixture
def ask_server(world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Result]:
    """Runs a command against the running server, with root's credentials from the environment alone."""
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / name))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", ROOT_KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", ROOT_SECRET)

    def invoke(line: str, endpoint: str = world.server.endpoint) -> Result:
        return CliRunner().invoke(main, [*shlex.split(line), "--endpoint-url", endpoint])

    return invoke


@pytest.mark.parametrize(
    "question",
    [
        f"{ANN} s3:GetObject {OBJECT}",
        f"{ANN} s3:PutObject {OBJECT}",
        f"{ANN} iam:ListUsers '*'",
        f"{ANN} iam:DeleteUser {IAM}:user/eve",
        f"{ANN} iam:DeleteUser {IAM}:user/eve -c aws:SourceIp=203.0.113.9",
        f"{ANN} iam:DeleteUser {IAM}:user/eve --without aws:SourceIp",
        f"{ANN} iam:DeleteRole {IAM}:role/x -c aws:SecureTransport=true",
        f"{ANN} iam:TagUser {IAM}:user/eve -c aws:TagKeys=dept -c aws:TagKeys=team",
        f"{IAM}:user/bob s3:PutObject {OBJECT}",
        f"{IAM}:user/bob s3:GetObject {OBJECT}",
        f"{OPS} iam:ListGroups '*'",
        f"arn:aws:sts::{ACCOUNT}:assumed-role/ops/name iam:ListGroups '*'",
    ],
)
def test_a_server_answers_as_its_data_directory_does(
    ask_server: Callable[..., Result], run: Callable[..., Result], question: str
):
    asked = ask_server(f"check {question}")
    assert asked.exit_code == run("check", *shlex.split(question)).exit_code
    assert asked.stdout.startswith("allowed" if asked.exit_code == 0 else "denied")


def test_a_server_explains(ask_server: Callable[..., Result]):
    told = ask_server(f"explain {ANN} s3:GetObject {OBJECT}").stdout.splitlines()
    assert told[0] == f"allowed: {ANN} performs s3:GetObject on {OBJECT}"
    assert "`user_ann_Anns`" in told[1]
    bounded = json.loads(ask_server(f"explain {IAM}:user/bob s3:PutObject {OBJECT} --json").stdout)
    assert bounded["decision"] == "implicitDeny"
    assert bounded["allowedByPermissionsBoundary"] is False
    assert "permissions boundary" in ask_server(f"explain {IAM}:user/bob s3:PutObject {OBJECT}").stdout


@pytest.mark.parametrize(
    ("question", "message"),
    [
        (f"{IAM}:user/none s3:GetObject '*'", "the server refuses: NoSuchEntity"),
        (f"{ACCOUNT} s3:GetObject '*'", "ask its data directory about root"),
        (f"{IAM}:root s3:GetObject '*'", "ask its data directory about root"),
        (f"{ANN} sts:AssumeRole {OPS}", "leaves trust and key policies out"),
        (f"{IAM}:group/g s3:GetObject '*'", "neither a user nor a role"),
        ("ann s3:GetObject '*'", "`ann` is not an ARN"),
        (f"{ANN} kms:Decrypt arn:aws:kms:us-east-1:{ACCOUNT}:key/1", "leaves trust and key policies out"),
        (f"arn:aws:sts::{ACCOUNT}:assumed-role s3:GetObject '*'", "neither a user nor a role nor a role session"),
        (f"arn:aws:sts::{ACCOUNT}:assumed-role/ops/ s3:GetObject '*'", "neither a user nor a role nor a role session"),
        (f"{ANN} s3:GetObject '*' -c aws:SourceIp=nowhere", "the server refuses: InvalidInput"),
    ],
)
def test_what_a_server_cannot_tell_exits_with_2(ask_server: Callable[..., Result], question: str, message: str):
    done = ask_server(f"check {question}")
    assert done.exit_code == 2
    assert message in done.stderr


@pytest.mark.parametrize("endpoint", ["http://127.0.0.1:1", "nowhere", "http://", "http://127.0.0.1:port"])
def test_a_server_that_cannot_be_reached_is_no_denial(ask_server: Callable[..., Result], endpoint: str):
    done = ask_server(f"check {ANN} s3:GetObject '*'", endpoint)
    assert done.exit_code == 2
    assert "the server cannot be asked" in done.stderr


def test_credentials_that_are_missing_or_wrong_are_no_denial(
    ask_server: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    wrong = ask_server(f"check {ANN} s3:GetObject '*'")
    assert (wrong.exit_code, "SignatureDoesNotMatch" in wrong.stderr) == (2, True)
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    missing = ask_server(f"check {ANN} s3:GetObject '*'")
    assert (missing.exit_code, "Unable to locate credentials" in missing.stderr) == (2, True)
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    assert ask_server(f"check {ANN} s3:GetObject '*'").exit_code == 2

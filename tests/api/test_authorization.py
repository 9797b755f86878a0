"""May the caller do this? Nothing is allowed but what a policy allows, and every denial names the policy type."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from botocore import xform_name
from botocore.exceptions import ClientError

from api.minimal_inputs import minimal_input
from api.refusals import denied, refused
from api.sessions import ALLOW_ALL, allow, assume, make_role, policy, trusting
from api.wire_calls import form, send, signed
from botocore_values import MODELS, OPERATIONS
from rolecall.iam.service import IAM
from rolecall.sts.service import STS

# AWS takes these without a signature: what a token says decides, not a policy of a caller.
UNSIGNED = {
    (service, name) for service, name in OPERATIONS if MODELS[service].operation_model(name).auth_type == "none"
}
ALWAYS_ALLOWED = {("sts", "GetCallerIdentity"), ("sts", "GetSessionToken")}
CHECKED = [each for each in OPERATIONS if each not in UNSIGNED | ALWAYS_ALLOWED]
IMPLEMENTED = [(service, name) for service, name in CHECKED if name in {"iam": IAM, "sts": STS}[service].names()]
ALSO_NEEDED = {
    "AddRoleToInstanceProfile": ["iam:PassRole"],
    # AWS has no permission `iam:AcquireRole`: it asks for this one, and then for those of what the template makes.
    "AcquireRole": ["iam:GetRoleTemplateVersion"],
}
ASKED_FIRST = {"AcquireRole": "GetRoleTemplateVersion"}
"""The action of a denial, where it is not the operation's name."""

NEIGHBOURS = 4
DENIALS = json.loads((Path(__file__).parents[1] / "cases" / "server" / "denials.json").read_text())["cases"]


class Caller:
    """A user of an account, who calls operations by their names with the smallest input."""

    def __init__(self, account: Any, *statements: dict[str, Any]) -> None:
        self._account = account
        user = account.user("caller", *statements)
        self._clients = {"iam": user.iam, "sts": user.sts}

    def call(self, service: str, name: str) -> tuple[int, str, str]:
        """Status, code and message of the answer; the code of a success is `ok`."""
        given = minimal_input(service, name, self._account.id)
        try:
            getattr(self._clients[service], xform_name(name))(**given)
        except ClientError as error:
            told = error.response["Error"]
            return error.response["ResponseMetadata"]["HTTPStatusCode"], told["Code"], told["Message"]
        return 200, "ok", ""

    def outcomes(self, operations: list[tuple[str, str]]) -> dict[str, tuple[int, str]]:
        """Status and code by operation."""
        return {f"{service}:{name}": self.call(service, name)[:2] for service, name in operations}


def test_a_user_without_permissions_is_denied_every_operation_but_two(account):
    caller = Caller(account)
    assert len(CHECKED) > 180
    expected = {f"{service}:{name}": (403, "AccessDenied") for service, name in CHECKED}
    assert caller.outcomes(CHECKED) == expected
    allowed = {f"{service}:{name}": (200, "ok") for service, name in ALWAYS_ALLOWED}
    assert caller.outcomes(sorted(ALWAYS_ALLOWED)) == allowed


def test_a_denial_names_the_action_and_the_policy_type_for_every_operation(account):
    caller = Caller(account)
    for service, name in CHECKED:
        message = caller.call(service, name)[2]
        user = f"arn:aws:iam::{account.id}:user/caller"
        action = f"{service}:{ASKED_FIRST.get(name, name)}"
        start = f"User: {user} is not authorized to perform: {action} on resource: "
        missing = "role trust" if name == "AssumeRole" else "identity-based"
        assert message.startswith(start), message
        assert message.endswith(f" because no {missing} policy allows the {action} action"), message


def test_an_explicit_deny_of_everything_denies_every_operation_to_an_administrator(account):
    caller = Caller(account, ALLOW_ALL, {"Effect": "Deny", "Action": "*", "Resource": "*"})
    for service, name in CHECKED:
        status, code, message = caller.call(service, name)
        assert (status, code) == (403, "AccessDenied"), name
        assert message.endswith(" with an explicit deny in an identity-based policy"), message


def test_a_policy_for_one_action_gives_just_that_action(account):
    caller = Caller(account)
    for position, (service, name) in enumerate(IMPLEMENTED):
        if name == "AssumeRole":
            continue  # the trust policy decides: tests/api/test_assume_role.py
        actions = [f"{service}:{name}", *ALSO_NEEDED.get(name, [])]
        document = policy({"Effect": "Allow", "Action": actions, "Resource": "*"})
        account.iam.put_user_policy(UserName="caller", PolicyName="test", PolicyDocument=document)
        status, _, message = caller.call(service, name)
        # Some of what depends on state is an AccessDenied of AWS's too, in other words.
        assert " is not authorized to perform: " not in message
        assert status < 500, message
        others = [IMPLEMENTED[(position + step) % len(IMPLEMENTED)] for step in range(1, NEIGHBOURS + 1)]
        assert set(caller.outcomes(others).values()) == {(403, "AccessDenied")}, (name, others)


def test_an_operation_that_nobody_wrote_is_not_there_even_for_root(account):
    written = {*IMPLEMENTED, *ALWAYS_ALLOWED}
    unwritten = [each for each in CHECKED if each not in written]
    for service, name in unwritten:
        given = minimal_input(service, name, account.id)
        with pytest.raises(ClientError) as caught:
            getattr(account.iam if service == "iam" else account.sts, xform_name(name))(**given)
        error = caught.value.response["Error"]
        assert error["Code"] == "NotImplemented", name
        assert error["Message"] == f"{service}:{name} is not implemented by this server"


def test_a_policy_gives_no_more_than_its_resources(account):
    own = {"Effect": "Allow", "Action": "iam:GetUser", "Resource": f"arn:aws:iam::{account.id}:user/${{aws:username}}"}
    bob, _ = account.user("bob", own), account.user("eve")
    assert bob.iam.get_user(UserName="bob")["User"]["UserName"] == "bob"
    with denied("iam:GetUser on resource: user eve because no identity-based policy allows the iam:GetUser action"):
        bob.iam.get_user(UserName="eve")


def test_what_does_not_exist_is_denied_like_what_does(account):
    """Neither the path nor the spelling of what is there shows: a denial repeats what the caller wrote."""
    bob = account.user("bob")
    account.iam.create_user(UserName="eve", Path="/secret/")
    for name in ("eve", "EVE", "missing"):
        with refused(
            "AccessDenied",
            403,
            f"User: {bob.arn} is not authorized to perform: iam:GetUser on resource: user {name} "
            "because no identity-based policy allows the iam:GetUser action",
        ):
            bob.iam.get_user(UserName=name)


@pytest.mark.parametrize("case", DENIALS, ids=lambda case: case["call"][0])
def test_a_denial_names_the_resource_as_aws_does(account, case):
    name, parameters = json.loads(json.dumps(case["call"]).replace("ACCOUNT", account.id))
    service = account.user("bob").iam
    with refused(
        "AccessDenied",
        403,
        f"User: arn:aws:iam::{account.id}:user/bob is not authorized to perform: iam:{name} on resource: "
        f"{case['resource'].replace('ACCOUNT', account.id)} "
        f"because no identity-based policy allows the iam:{name} action",
    ):
        getattr(service, xform_name(name))(**parameters)


def test_the_path_that_a_denied_list_shows_can_be_denied_but_not_allowed(account):
    shown = f"arn:aws:iam::{account.id}:user/"
    allowed = account.user("bob", {"Effect": "Allow", "Action": "iam:ListUsers", "Resource": [shown, f"{shown}*"]})
    with denied(f"iam:ListUsers on resource: {shown} because no identity-based policy allows the iam:ListUsers action"):
        allowed.iam.list_users()
    stopped = account.user("eve", ALLOW_ALL, {"Effect": "Deny", "Action": "iam:List*", "Resource": f"{shown}*"})
    with denied(f"iam:ListUsers on resource: {shown} with an explicit deny in an identity-based policy"):
        stopped.iam.list_users()
    assert stopped.iam.list_groups()["Groups"] == []
    spared = account.user("pat", ALLOW_ALL, {"Effect": "Deny", "Action": "iam:*", "Resource": f"{shown}staff/*"})
    assert len(spared.iam.list_users()["Users"]) == 3
    with denied(f"iam:ListUsers on resource: {shown}staff/ with an explicit deny in an identity-based policy"):
        spared.iam.list_users(PathPrefix="/staff/")


def test_root_needs_no_policy(account):
    assert account.iam.list_users()["Users"] == []


# Who denied


def test_an_identity_based_policy_denies(account):
    bob = account.user("bob", ALLOW_ALL, {"Effect": "Deny", "Action": "iam:DeleteUser", "Resource": "*"})
    with denied(
        f"User: {bob.arn} is not authorized to perform: iam:DeleteUser on resource: user bob "
        "with an explicit deny in an identity-based policy"
    ):
        bob.iam.delete_user(UserName="bob")


def test_the_policies_of_groups_count(account):
    bob = account.user("bob")
    account.iam.create_group(GroupName="readers")
    account.iam.put_group_policy(GroupName="readers", PolicyName="test", PolicyDocument=policy(ALLOW_ALL))
    with denied():
        bob.iam.list_users()
    account.iam.add_user_to_group(GroupName="readers", UserName="bob")
    bob.iam.list_users()
    deny = policy({"Effect": "Deny", "Action": "iam:ListUsers", "Resource": "*"})
    account.iam.put_group_policy(GroupName="readers", PolicyName="deny", PolicyDocument=deny)
    with denied("with an explicit deny in an identity-based policy"):
        bob.iam.list_users()
    account.iam.remove_user_from_group(GroupName="readers", UserName="bob")
    with denied("because no identity-based policy allows the iam:ListUsers action"):
        bob.iam.list_users()


def test_a_permissions_boundary_denies_by_silence_and_by_word(account):
    bob = account.user("bob", ALLOW_ALL)
    document = policy(
        {"Effect": "Allow", "Action": "iam:List*", "Resource": "*"},
        {"Effect": "Deny", "Action": "iam:ListRoles", "Resource": "*"},
    )
    boundary = account.iam.create_policy(PolicyName="boundary", PolicyDocument=document)["Policy"]["Arn"]
    account.iam.put_user_permissions_boundary(UserName="bob", PermissionsBoundary=boundary)
    bob.iam.list_users()
    with denied("because no permissions boundary allows the iam:GetUser action"):
        bob.iam.get_user()
    with denied("with an explicit deny in a permissions boundary"):
        bob.iam.list_roles()


def test_a_boundary_grants_nothing(account):
    bob = account.user("bob")
    account.iam.put_user_permissions_boundary(
        UserName="bob", PermissionsBoundary="arn:aws:iam::aws:policy/AdministratorAccess"
    )
    with denied("because no identity-based policy allows the iam:ListUsers action"):
        bob.iam.list_users()


def test_a_session_policy_denies_by_silence_and_by_word(account):
    bob = account.user("bob")
    role = make_role(account, "ops", trusting(bob.arn))
    allow(account, "ops", ALLOW_ALL)
    document = policy(
        {"Effect": "Allow", "Action": "iam:List*", "Resource": "*"},
        {"Effect": "Deny", "Action": "iam:ListRoles", "Resource": "*"},
    )
    iam = account.server.client("iam", assume(bob.sts, role, Policy=document))
    iam.list_users()
    session_arn = f"arn:aws:sts::{account.id}:assumed-role/ops/session"
    with denied(f"User: {session_arn} ", "because no session policy allows the iam:CreateUser action"):
        iam.create_user(UserName="eve")
    with denied("with an explicit deny in a session policy"):
        iam.list_roles()


def test_a_trust_policy_denies_by_silence_and_by_word(account):
    bob, eve = account.user("bob", ALLOW_ALL), account.user("eve", ALLOW_ALL)
    delegated = trusting(f"arn:aws:iam::{account.id}:root")
    role = make_role(account, "ops", trusting(bob.arn))
    with denied("because no role trust policy allows the sts:AssumeRole action"):
        assume(eve.sts, role)
    account.iam.update_assume_role_policy(
        RoleName="ops", PolicyDocument=policy(delegated, {**trusting(eve.arn), "Effect": "Deny"})
    )
    assume(bob.sts, role)
    with denied("with an explicit deny in the role trust policy"):
        assume(eve.sts, role)


def test_an_explicit_deny_is_told_before_a_missing_allow(account):
    bob = account.user("bob", {"Effect": "Deny", "Action": "iam:ListUsers", "Resource": "*"})
    account.iam.put_user_permissions_boundary(
        UserName="bob", PermissionsBoundary="arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
    )
    with denied("with an explicit deny in an identity-based policy"):
        bob.iam.list_users()


# Conditions on what the server alone can know


def test_a_policy_may_ask_for_the_source_address_and_no_header_changes_it(account):
    local = {"IpAddress": {"aws:SourceIp": "127.0.0.0/8"}}
    bob = account.user("bob", {"Effect": "Allow", "Action": "iam:ListUsers", "Resource": "*", "Condition": local})
    bob.iam.list_users()
    elsewhere = {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}
    eve = account.user("eve", {"Effect": "Allow", "Action": "iam:ListUsers", "Resource": "*", "Condition": elsewhere})
    forged = dict.fromkeys(("X-Forwarded-For", "X-Real-IP", "True-Client-IP"), "203.0.113.7")
    call = signed(
        account.server,
        eve.keys,
        form("ListUsers", "iam"),
        service="iam",
        headers={**forged, "Forwarded": "for=203.0.113.7"},
    )
    assert send(account.server, call).refusal[:2] == (403, "AccessDenied")


def test_plain_http_is_told_to_policies(account):
    encrypted = {"Bool": {"aws:SecureTransport": "true"}}
    bob = account.user("bob", {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": encrypted})
    with denied():
        bob.iam.list_users()


def test_a_user_may_not_widen_its_own_permissions(account):
    bob = account.user("bob", {"Effect": "Allow", "Action": "iam:Get*", "Resource": "*"})
    administrator = "arn:aws:iam::aws:policy/AdministratorAccess"
    account.iam.create_group(GroupName="administrators")
    for call, parameters in (
        ("attach_user_policy", {"UserName": "bob", "PolicyArn": administrator}),
        ("put_user_policy", {"UserName": "bob", "PolicyName": "x", "PolicyDocument": policy(ALLOW_ALL)}),
        ("add_user_to_group", {"UserName": "bob", "GroupName": "administrators"}),
        ("delete_user_permissions_boundary", {"UserName": "bob"}),
        ("create_access_key", {}),
        ("create_access_key", {"UserName": "bob"}),
    ):
        with denied():
            getattr(bob.iam, call)(**parameters)

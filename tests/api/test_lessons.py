"""How systems like ours have failed, tried here. Each test names the advisories whose class it guards against.

They sit in five places: a second route that skips the check; two parsers that disagree; caches keyed too loosely;
derived credentials wider than their parent; state not re-checked after a change.
"""

from __future__ import annotations

import asyncio
import secrets
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlencode

import pytest
from botocore import xform_name
from msgspec.structs import replace as with_changes

from api.refusals import denied, refused
from api.sessions import ALLOW_ALL, allow, assume, make_role, policy, trusting
from api.wire_calls import WHO_AM_I, Call, form, presigned, send, signed
from iam.harness import Server as IamWithoutServer
from rolecall.errors import InvalidClientTokenId, InvalidInput
from rolecall.iam import paging
from rolecall.iam.provisioning import NewAccount, create_account, plan_account
from rolecall.iam.simulation import simulate
from rolecall.operations.transaction import Surroundings
from rolecall.server.authentication import Authenticator
from rolecall.server.exchange import Exchange
from rolecall.server.request_path import RequestPath
from rolecall.state.credentials import AccessKey
from rolecall.state.draft import Draft
from rolecall.state.entities import Group
from rolecall.state.opening import open_store
from rolecall.state.store import Store
from rolecall.state.token_ring import TokenRing
from rolecall.wire.sigv4 import HttpRequest
from serving import ROOT_KEY, ROOT_SECRET, Keys, Server, keys_of, start_server

PATIENCE = 30


# A second route that skips the check


@pytest.mark.parametrize(
    "target", ["/", "//healthz", "/healthz/", "/healthz/../", "/metrics/", "/readyz;x", "/iam/", "/%2e", "/healthz"]
)
def test_no_path_leads_around_the_signature(server, target):
    """CVE-2026-40344 (MinIO), CVE-2025-54576 (oauth2-proxy): a handler or a path without the check."""
    headers = (("Host", "localhost"), ("Content-Type", "application/x-www-form-urlencoded"))
    for name in ("GetCallerIdentity", "GetSessionToken", "AssumeRoleWithWebIdentity", "AssumeRoleWithSAML"):
        call = Call(target=target, headers=headers, body=urlencode(form(name, "sts")).encode())
        assert send(server, call).refusal[:2] == (403, "MissingAuthenticationToken")


@pytest.mark.parametrize(
    ("kind", "parameters"),
    [
        ("User", {"UserName": "new"}),
        ("Role", {"RoleName": "new", "AssumeRolePolicyDocument": policy(trusting("*"))}),
        ("Policy", {"PolicyName": "new", "PolicyDocument": policy(ALLOW_ALL)}),
        ("InstanceProfile", {"InstanceProfileName": "new"}),
    ],
)
def test_tags_chosen_at_creation_need_the_permission_to_tag(account, kind, parameters):
    """GHSA-vcwh-pff9-64cc (RustFS): one operation does what another action guards. Access by tags rests on this."""
    creation = {"Effect": "Allow", "Action": f"iam:Create{kind}", "Resource": "*"}
    bob, eve = account.user("bob", creation, {**creation, "Action": f"iam:Tag{kind}"}), account.user("eve", creation)
    create = xform_name(f"Create{kind}")
    tags = [{"Key": "team", "Value": "admins"}]
    shown = "policy new" if kind == "Policy" else "arn:"
    with denied(f"perform: iam:Tag{kind} on resource: {shown}", f"no identity-based policy allows the iam:Tag{kind}"):
        getattr(eve.iam, create)(**parameters, Tags=tags)
    assert getattr(bob.iam, create)(**parameters, Tags=tags)[kind]["Tags"] == tags


def test_what_is_made_without_tags_needs_no_permission_to_tag(account):
    """The check above asks for no more than it must."""
    eve = account.user("eve", {"Effect": "Allow", "Action": "iam:CreateUser", "Resource": "*"})
    assert "Tags" not in eve.iam.create_user(UserName="new")["User"]


def test_a_user_gets_keys_for_itself_alone(account):
    """CVE-2022-24842 (MinIO), GHSA-5354-r3w2-34m8 (RustFS): keys made for another, or for root."""
    own = f"arn:aws:iam::{account.id}:user/${{aws:username}}"
    bob = account.user("bob", {"Effect": "Allow", "Action": "iam:CreateAccessKey", "Resource": own})
    account.user("admin", ALLOW_ALL)
    assert bob.iam.create_access_key()["AccessKey"]["UserName"] == "bob"
    for name in ("admin", "ADMIN", "root", "nobody"):
        with denied("iam:CreateAccessKey"):
            bob.iam.create_access_key(UserName=name)


# Two parsers that disagree


@pytest.mark.parametrize("name", ["Action", "action", "ACTION", "%41ction"])
def test_an_operation_named_twice_is_refused(account, name):
    """CVE-2022-2385 (aws-iam-authenticator): a name in other capitals, or in query and body, read by another reader."""
    twice = urlencode(WHO_AM_I).encode() + f"&{name}=DeleteUser".encode()
    assert send(account.server, signed(account.server, account.root, twice)).refusal[:2] == (
        400,
        "MalformedQueryString",
    )
    both = signed(account.server, account.root, WHO_AM_I, target=f"/?{name}=DeleteUser")
    assert send(account.server, both).refusal[:2] == (400, "MalformedQueryString")


@pytest.mark.parametrize(
    "name", ["X-Amz-Credential", "x-amz-credential", "X-Amz-Security-Token", "X%2DAmz%2DSignature"]
)
def test_credentials_are_not_taken_from_a_second_place(account, name):
    """CVE-2026-41145 (MinIO): the credential of the query is used while the header is what was checked."""
    call = signed(account.server, account.root, WHO_AM_I, target=f"/?{name}=x")
    assert send(account.server, call).refusal[:2] == (400, "IncompleteSignature")


def test_a_signature_holds_for_one_method(account):
    """GHSA-c667-rgrv-99vj (RustFS): a signature that is not bound to the method."""
    call = presigned(account.server, account.root, WHO_AM_I)
    assert send(account.server, call).status == 200
    assert send(account.server, replace(call, method="POST")).refusal[:2] == (403, "SignatureDoesNotMatch")


# Caches keyed too loosely


def test_a_role_of_the_same_name_in_another_account_is_another_role(new_account):
    """CVE-2025-11621 (Vault), CVE-2025-59048 (OpenBao): what was found for a name is used for another account."""
    trusted, stranger, home = new_account(), new_account(), new_account()
    sessions = {}
    for away in (trusted, stranger):
        bob = away.user("bob")
        app = make_role(away, "app", trusting(bob.arn))
        allow(away, "app", ALLOW_ALL)
        sessions[away.id] = away.server.client("sts", assume(bob.sts, app))
    role = make_role(home, "target", trusting(f"arn:aws:iam::{trusted.id}:role/app"))
    assume(sessions[trusted.id], role)
    with denied("sts:AssumeRole"):
        assume(sessions[stranger.id], role)


def test_users_with_the_same_policy_text_get_different_answers(new_account):
    """CVE-2026-33729 (OpenFGA), CVE-2026-46668 (SpiceDB): another's decision out of a cache."""
    statement = {"Effect": "Allow", "Action": "iam:GetUser", "Resource": "arn:aws:iam::*:user/${aws:username}"}
    one, two = new_account(), new_account()
    bob, eve, namesake = one.user("bob", statement), one.user("eve", statement), two.user("bob", statement)
    for _ in range(2):
        assert bob.iam.get_user(UserName="bob")["User"]["Arn"] == bob.arn
        assert namesake.iam.get_user(UserName="bob")["User"]["Arn"] == namesake.arn
        with denied("user/eve is not authorized to perform: iam:GetUser on resource: user bob"):
            eve.iam.get_user(UserName="bob")


# Derived credentials wider than their parent


@pytest.fixture
def admin_role(account) -> str:
    """A role that may do everything, for its account to assume."""
    role = make_role(account, "admin", trusting(account.id))
    allow(account, "admin", ALLOW_ALL)
    return role


def test_a_session_policy_that_only_denies_grants_nothing(account, admin_role):
    """GHSA-xgr5-qc6w-vcg9 (RustFS), CVE-2025-62506 (MinIO): a policy without Allow taken for permission."""
    bob = account.user("bob", ALLOW_ALL)
    narrow = policy({"Effect": "Deny", "Action": "iam:DeleteUser", "Resource": "*"})
    session = assume(bob.sts, admin_role, Policy=narrow)
    with denied("because no session policy allows the iam:ListUsers action"):
        account.server.client("iam", session).list_users()


def test_a_session_is_never_widened_by_deleting_a_policy_that_narrows_it(account, admin_role):
    """CVE-2025-62506 (MinIO): a restricted session loses its restriction."""
    bob = account.user("bob", ALLOW_ALL)
    deny = policy({"Effect": "Deny", "Action": "iam:ListRoles", "Resource": "*"})
    guard = account.iam.create_policy(PolicyName="guard", PolicyDocument=deny)["Policy"]["Arn"]
    session = assume(bob.sts, admin_role, Policy=policy(ALLOW_ALL), PolicyArns=[{"arn": guard}])
    iam = account.server.client("iam", session)
    iam.list_users()
    with denied("with an explicit deny in a session policy"):
        iam.list_roles()
    account.iam.delete_policy(PolicyArn=guard)
    for call in (iam.list_users, iam.list_roles):
        with denied("because no session policy allows"):
            call()


def test_a_session_policy_that_is_not_named_is_refused_instead_of_passed_over(account, admin_role):
    """CVE-2025-62506 (MinIO): what was to narrow a session is ignored."""
    bob = account.user("bob", ALLOW_ALL)
    asked = form("AssumeRole", "sts", RoleArn=admin_role, RoleSessionName="session")
    unnamed = {"PolicyArns.member.1.Arn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}
    reply = send(account.server, signed(account.server, bob.keys, {**asked, **unnamed}))
    assert reply.refusal == (
        400,
        "ValidationError",
        "1 validation error detected: Value null at 'policyArns.1.member.arn' failed to satisfy constraint: "
        "Member must not be null",
    )


# State not re-checked after a change


@pytest.fixture
def own_store(tmp_path: Path) -> Iterator[Store]:
    """A store in this process, whose writer a test can hold up."""
    opened = open_store(tmp_path / "data", clock=time.time, randbits=secrets.randbits, environment={})
    yield opened
    opened.close()


def path_to(store: Store) -> RequestPath:
    """The request path of a server on `store`."""
    ring = TokenRing(store.sealer)
    surroundings = Surroundings(randbits=secrets.randbits, sealer=store.sealer, uses=store.uses, token_ring=ring)
    return RequestPath(store, surroundings, Authenticator(store.sealer, ring))


def account_in(store: Store) -> NewAccount:
    """A new account, and the keys of its root."""
    plan = plan_account(secrets.randbits)
    store.write(lambda draft: create_account(draft, plan, now=int(time.time()), sealer=store.sealer)).result()
    return plan


def test_a_long_simulation_keeps_nobody_waiting(own_store, monkeypatch):
    """One caller's costly question must not stop the answers to all others."""
    path, plan = path_to(own_store), account_in(own_store)
    another_was_answered = threading.Event()

    def compute_for_long(*_: object) -> object:
        assert another_was_answered.wait(PATIENCE)
        raise InvalidInput("enough")

    monkeypatch.setattr(simulate, "read_simulation", compute_for_long)
    questions = {"ActionNames.member.1": "s3:GetObject", "PolicyInputList.member.1": policy(ALLOW_ALL)}
    slow = signed_exchange(plan, form("SimulateCustomPolicy", "iam", **questions))

    async def ask_both() -> None:
        answer = asyncio.ensure_future(path.answer(slow))
        await asyncio.sleep(0)
        await path.answer(signed_exchange(plan, form("ListUsers", "iam")))
        another_was_answered.set()
        await answer

    with pytest.raises(InvalidInput, match="enough"):
        asyncio.run(ask_both())


def test_a_key_that_is_switched_off_while_its_write_waits_writes_nothing(own_store):
    """CVE-2024-47060 (Zitadel): access survives deactivation, here by having been let in before it."""
    path, plan = path_to(own_store), account_in(own_store)
    may_go_on = threading.Event()

    def switch_off(draft: Draft) -> None:
        key = draft.world.get(AccessKey, plan.access_key_id)
        assert key is not None
        draft.put(with_changes(key, is_active=False))

    async def create_group() -> None:
        # The writer is busy, so the key still stands when the call is let in; it is off when the call's turn comes.
        own_store.write(lambda _: may_go_on.wait(PATIENCE))
        own_store.write(switch_off)
        answer = asyncio.ensure_future(path.answer(signed_exchange(plan, form("CreateGroup", "iam", GroupName="late"))))
        await asyncio.sleep(0)
        assert not answer.done()
        may_go_on.set()
        await answer

    with pytest.raises(InvalidClientTokenId):
        asyncio.run(create_group())
    assert own_store.view().count(Group, plan.account) == 0


def signed_exchange(plan: NewAccount, parameters: dict[str, str]) -> Exchange:
    """A call of the account's root to IAM, as `app` would hand it over."""
    nowhere = Server(data_dir=Path(), process=None, endpoint="http://localhost")  # type: ignore[arg-type] # to sign for
    keys = Keys(access_key_id=plan.access_key_id, secret_access_key=plan.secret_access_key)
    call = signed(nowhere, keys, parameters, service="iam")
    headers = tuple((name.lower(), value) for name, value in call.headers)
    request = HttpRequest(method="POST", raw_path="/", raw_query="", headers=headers, body=call.body)
    return Exchange(request_id="request", now=time.time(), client_ip="127.0.0.1", is_secure=False, request=request)


def test_what_a_policy_gave_is_gone_with_the_next_call_of_a_running_session(account, admin_role):
    """CVE-2021-32923, CVE-2020-25816 (Vault): rights that outlive what granted them."""
    bob = account.user("bob", ALLOW_ALL)
    iam = account.server.client("iam", assume(bob.sts, admin_role))
    iam.list_users()
    account.iam.delete_role_policy(RoleName="admin", PolicyName="test")
    with denied("because no identity-based policy allows the iam:ListUsers action"):
        iam.list_users()


# What tells more than it should, and what costs more than it should


def test_no_listing_holds_a_secret(account, admin_role):
    """GHSA-3495-h8r9-gfqg (RustFS): an export with secrets in it."""
    bob = account.user("bob", ALLOW_ALL)
    session = assume(bob.sts, admin_role)
    for operation in ("GetAccountAuthorizationDetails", "ListAccessKeys", "GetUser", "GetAccountSummary"):
        reply = send(account.server, signed(account.server, bob.keys, form(operation, "iam"), service="iam"))
        assert reply.status == 200
        for secret in (bob.keys.secret_access_key, account.root.secret_access_key, session.secret_access_key):
            assert secret.encode() not in reply.body


def test_metrics_name_nobody(account):
    """GHSA-f5cv-v44x-2xgf (RustFS): metrics that tell an outsider about users."""
    bob = account.user("bob", ALLOW_ALL)
    bob.iam.list_users()
    text = send(account.server, Call(method="GET", target="/metrics", headers=(("Host", "localhost"),))).body.decode()
    assert 'operation="ListUsers"' in text
    for name in ("bob", account.id, bob.keys.access_key_id, "arn:"):
        assert name not in text


def test_the_address_of_an_ipv4_client_is_ipv4_on_a_socket_for_both(tmp_path):
    """GHSA-fc6g-2gcp-2qrq (RustFS): aws:SourceIp is not the address that the policy's author meant."""
    server = start_server(tmp_path / "data", "--host", "::")
    try:
        server.endpoint = server.endpoint.replace("[::]", "127.0.0.1")
        root = Keys(access_key_id=ROOT_KEY, secret_access_key=ROOT_SECRET)
        iam = server.client("iam", root)
        iam.create_user(UserName="bob")
        from_here = {"IpAddress": {"aws:SourceIp": "127.0.0.0/8"}}
        deny = {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": from_here}
        iam.put_user_policy(UserName="bob", PolicyName="test", PolicyDocument=policy(ALLOW_ALL, deny))
        bob = server.client("iam", keys_of(iam.create_access_key(UserName="bob")["AccessKey"]))
        with denied("with an explicit deny in an identity-based policy"):
            bob.list_users()
    finally:
        assert server.stop() == 0


@pytest.mark.parametrize("header", ["User-Agent", "Referer"])
def test_a_header_that_is_too_long_for_a_condition_key_is_refused(account, header):
    """CVE-2025-6203 (Vault): input whose size multiplies with that of the policies it is compared with."""
    for length, outcome in ((4096, 200), (4097, 400)):
        headers = {header: "x" * length}
        call = signed(account.server, account.root, form("ListUsers", "iam"), service="iam", headers=headers)
        assert send(account.server, call).status == outcome


@pytest.mark.parametrize(
    ("operation", "member", "expected"),
    [("ListRoles", "Roles", [7]), ("GetAccountAuthorizationDetails", "RoleDetailList", [2, 2, 2, 1])],
)
def test_white_space_does_not_make_a_page_endless(monkeypatch, operation, member, expected):
    """CVE-2024-8185, CVE-2023-6337 (Vault): an answer that costs far more than the calls which prepared it.

    Quotas of policies do not count white space. A page ends early instead, as AWS's may, and nothing is left out. Trust
    policies lose it when they are stored.
    """
    monkeypatch.setattr(paging, "PAGE_ROOM", 50_000)
    iam = IamWithoutServer().account()
    names = [f"role-{number}" for number in range(7)]
    for name in names:
        padding = " " * 20_000
        iam("CreateRole", role_name=name, assume_role_policy_document=policy(trusting("*")) + padding)
        iam("PutRolePolicy", role_name=name, policy_name="in", policy_document=policy(ALLOW_ALL) + padding)
    sizes, listed, marker = [], [], {}
    while marker is not None:
        answer = iam(operation, max_items=1000, **marker)
        sizes.append(len(answer[member]))
        listed += [role["RoleName"] for role in answer[member]]
        marker = {"marker": answer["Marker"]} if answer["IsTruncated"] else None
    assert sizes == expected
    assert listed == names


def test_a_managed_policy_of_another_account_cannot_be_used(new_account):
    """CVE-2026-45808 (OpenBao): one tenant reaches into another by naming what is there."""
    here, there = new_account(), new_account()
    foreign = there.iam.create_policy(PolicyName="all", PolicyDocument=policy(ALLOW_ALL))["Policy"]["Arn"]
    here.iam.create_user(UserName="bob")
    missing = f"Policy {foreign} does not exist or is not attachable."
    with refused("NoSuchEntity", 404, missing):
        here.iam.attach_user_policy(UserName="bob", PolicyArn=foreign)
    with refused("NoSuchEntity", 404, f"Scope ARN: {foreign} does not exist or is not attachable."):
        here.iam.put_user_permissions_boundary(UserName="bob", PermissionsBoundary=foreign)
    for operation in (here.iam.get_policy, here.iam.delete_policy, here.iam.list_policy_versions):
        with denied():
            operation(PolicyArn=foreign)
    assert there.iam.get_policy(PolicyArn=foreign)["Policy"]["AttachmentCount"] == 0

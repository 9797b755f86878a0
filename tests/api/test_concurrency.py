"""Many clients at once: of two calls that cannot both succeed one is refused, and nothing is left half done.

Every race is run on a server of one process and on one of two workers. Afterwards the lists of the API are asked, and
the world itself, as another process reads it from the log.
"""

from __future__ import annotations

import json
import secrets
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError

from rolecall.iam.provisioning import create_account, plan_account
from rolecall.names.arn import AccountId, parse_arn
from rolecall.state.entities import Group, InstanceProfile, ManagedPolicy, PolicyHolder, Role, User
from rolecall.state.opening import open_store
from rolecall.state.store import Store
from rolecall.state.world import World
from serving import Keys, Server, start_server

CLIENTS = 50
RACES = 25
DOCUMENT = json.dumps(
    {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}}
)
TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"},
    }
)

Call = Callable[[Any], object]
"""A call by an IAM client."""


@pytest.fixture(scope="module", params=["1", "2"], ids=["one process", "two workers"])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A running server."""
    running = start_server(tmp_path_factory.mktemp("server") / "data", "--workers", request.param)
    yield running
    assert running.stop() == 0
    assert not [line for line in running.log if '"status":5' in line], "a call got a 5xx"


@pytest.fixture(scope="module")
def store(server: Server) -> Iterator[Store]:
    """The store of the running server, opened a second time."""
    opened = open_store(server.data_dir, clock=time.time, randbits=secrets.randbits, environment={})
    yield opened
    opened.close()


class Crowd:
    """The root user of a fresh account, many times at once."""

    def __init__(self, server: Server, store: Store, size: int) -> None:
        plan = plan_account(secrets.randbits)
        store.write(lambda draft: create_account(draft, plan, now=int(time.time()), sealer=store.sealer)).result()
        self.account = plan.account
        self.store = store
        keys = Keys(access_key_id=plan.access_key_id, secret_access_key=plan.secret_access_key)
        self.clients = [server.client("iam", keys) for _ in range(size)]
        for client in self.clients:
            client.list_account_aliases()  # so that the connections stand when the race begins

    @property
    def iam(self) -> Any:
        return self.clients[0]

    @property
    def world(self) -> World:
        return self.store.view()

    def race(self, calls: Sequence[Call]) -> list[str]:
        """Make all the calls at the same moment, each by a client of its own; gives `ok` or the error code of each."""
        start = threading.Barrier(len(calls))

        def run(client: Any, call: Call) -> str:
            start.wait()
            try:
                call(client)
            except ClientError as error:
                return error.response["Error"]["Code"]
            return "ok"

        with ThreadPoolExecutor(len(calls)) as pool:
            return list(pool.map(run, self.clients, calls))

    def arn(self, resource: str) -> str:
        return f"arn:aws:iam::{self.account}:{resource}"


@pytest.fixture(scope="module")
def clients(server: Server, store: Store) -> Crowd:
    """Fifty clients of one account."""
    return Crowd(server, store, CLIENTS)


@pytest.fixture
def pair(server: Server, store: Store) -> Crowd:
    """Two clients of one fresh account."""
    return Crowd(server, store, 2)


CREATIONS: dict[str, Call] = {
    "user": lambda iam: iam.create_user(UserName="same"),
    "group": lambda iam: iam.create_group(GroupName="same"),
    "role": lambda iam: iam.create_role(RoleName="same", AssumeRolePolicyDocument=TRUST),
    "policy": lambda iam: iam.create_policy(PolicyName="same", PolicyDocument=DOCUMENT),
    "instance profile": lambda iam: iam.create_instance_profile(InstanceProfileName="same"),
}


@pytest.mark.parametrize("kind", CREATIONS)
def test_of_fifty_clients_that_create_the_same_name_exactly_one_succeeds(clients: Crowd, kind: str):
    outcomes = Counter(clients.race([CREATIONS[kind]] * CLIENTS))
    assert outcomes == {"ok": 1, "EntityAlreadyExists": CLIENTS - 1}


def test_of_fifty_clients_that_create_a_name_in_their_own_spelling_exactly_one_succeeds(clients: Crowd):
    name = "abcdef"
    spellings = ["".join(c.upper() if at >> n & 1 else c for n, c in enumerate(name)) for at in range(CLIENTS)]
    calls: list[Call] = [lambda iam, name=name: iam.create_user(UserName=name) for name in spellings]
    assert Counter(clients.race(calls)) == {"ok": 1, "EntityAlreadyExists": CLIENTS - 1}


def test_of_many_accounts_that_take_the_same_alias_exactly_one_gets_it(server: Server, store: Store):
    alias = f"alias-{secrets.token_hex(8)}"
    accounts = [Crowd(server, store, 1) for _ in range(10)]
    everyone = accounts[0]
    everyone.clients = [account.iam for account in accounts]
    outcomes = Counter(everyone.race([lambda iam: iam.create_account_alias(AccountAlias=alias)] * len(accounts)))
    assert outcomes == {"ok": 1, "EntityAlreadyExists": len(accounts) - 1}
    shown = [iam.list_account_aliases()["AccountAliases"] for iam in everyone.clients]
    assert sorted(shown) == [[]] * (len(accounts) - 1) + [[alias]]


def test_a_policy_never_has_more_than_five_versions(clients: Crowd):
    arn = clients.iam.create_policy(PolicyName="versioned", PolicyDocument=DOCUMENT)["Policy"]["Arn"]

    def add(iam: Any) -> object:
        return iam.create_policy_version(PolicyArn=arn, PolicyDocument=DOCUMENT, SetAsDefault=True)

    assert Counter(clients.race([add] * CLIENTS)) == {"ok": 4, "LimitExceeded": CLIENTS - 4}
    versions = clients.iam.list_policy_versions(PolicyArn=arn)["Versions"]
    assert [version["VersionId"] for version in versions] == ["v5", "v4", "v3", "v2", "v1"]
    assert [version["IsDefaultVersion"] for version in versions] == [True, False, False, False, False]


def test_a_user_never_has_more_than_two_keys_nor_more_than_ten_policies(clients: Crowd):
    clients.iam.create_user(UserName="bounded")
    made = clients.race([lambda iam: iam.create_access_key(UserName="bounded")] * CLIENTS)
    assert Counter(made) == {"ok": 2, "LimitExceeded": CLIENTS - 2}
    policies = clients.iam.list_policies(Scope="AWS", MaxItems=1000)["Policies"]
    arns = [each["Arn"] for each in policies if "/aws-service-role/" not in each["Arn"]][:CLIENTS]
    calls: list[Call] = [lambda iam, arn=arn: iam.attach_user_policy(UserName="bounded", PolicyArn=arn) for arn in arns]
    assert Counter(clients.race(calls)) == {"ok": 10, "LimitExceeded": CLIENTS - 10}


def races(pair: Crowd, prepare: Callable[[str], object], ours: Callable, theirs: Callable) -> set[tuple[str, str]]:
    """Race two calls many times, on entities of a new name each time; gives the outcomes that there were."""
    seen = set()
    for number in range(RACES):
        name = f"race-{number}"
        prepare(name)
        # In both orders, or the one that always starts first would always win.
        calls = [lambda iam, name=name: ours(iam, name), lambda iam, name=name: theirs(iam, name)]
        if number % 2:
            calls.reverse()
        first, second = pair.race(calls)
        seen.add((second, first) if number % 2 else (first, second))
    return seen


def check_references(pair: Crowd) -> None:
    """Fail if anything of the account refers to what is not there."""
    world, account = pair.world, AccountId(pair.account)
    policies = {str(policy.arn) for policy in world.owned(ManagedPolicy, account)}
    holders: list[PolicyHolder] = [each for kind in (User, Group, Role) for each in world.owned(kind, account)]
    for holder in holders:
        assert {arn for arn in holder.attached_policies if parse_arn(arn).account == account} <= policies
        if isinstance(holder, User | Role) and holder.permissions_boundary is not None:
            assert holder.permissions_boundary in policies
        if isinstance(holder, User):
            assert all(world.get(Group, group) is not None for group in holder.groups)
    for profile in world.owned(InstanceProfile, account):
        assert profile.role_id is None or world.get(Role, profile.role_id) is not None
    iam = pair.iam
    for user in iam.list_users()["Users"]:
        shown = iam.list_attached_user_policies(UserName=user["UserName"])["AttachedPolicies"]
        assert {policy["PolicyArn"] for policy in shown if f"::{account}:" in policy["PolicyArn"]} <= policies
    for arn in policies:
        assert iam.get_policy(PolicyArn=arn)["Policy"]["AttachmentCount"] == sum(
            arn in holder.attached_policies for holder in holders
        )


ONE_OF_TWO = {("ok", "NoSuchEntity"), ("DeleteConflict", "ok")}
"""The first call deletes what the second refers to: either it is gone, or it cannot go."""


@pytest.mark.parametrize("kind", ["user", "group", "role", "boundary"])
def test_a_policy_that_is_deleted_while_it_is_attached_leaves_no_dangling_attachment(pair: Crowd, kind: str):
    def prepare(name: str) -> None:
        pair.iam.create_policy(PolicyName=name, PolicyDocument=DOCUMENT)
        if kind == "group":
            pair.iam.create_group(GroupName=name)
        elif kind == "role":
            pair.iam.create_role(RoleName=name, AssumeRolePolicyDocument=TRUST)
        else:
            pair.iam.create_user(UserName=name)

    def attach(iam: Any, name: str) -> None:
        arn = pair.arn(f"policy/{name}")
        match kind:
            case "user":
                iam.attach_user_policy(UserName=name, PolicyArn=arn)
            case "group":
                iam.attach_group_policy(GroupName=name, PolicyArn=arn)
            case "role":
                iam.attach_role_policy(RoleName=name, PolicyArn=arn)
            case _:
                iam.put_user_permissions_boundary(UserName=name, PermissionsBoundary=arn)

    def delete(iam: Any, name: str) -> None:
        iam.delete_policy(PolicyArn=pair.arn(f"policy/{name}"))

    assert races(pair, prepare, delete, attach) <= ONE_OF_TWO
    check_references(pair)


def add_to_group(iam: Any, name: str) -> None:
    iam.add_user_to_group(GroupName="standing", UserName=name)


def attach_to_user(iam: Any, name: str) -> None:
    iam.attach_user_policy(UserName=name, PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")


def put_user_policy(iam: Any, name: str) -> None:
    iam.put_user_policy(UserName=name, PolicyName="own", PolicyDocument=DOCUMENT)


def create_key(iam: Any, name: str) -> None:
    iam.create_access_key(UserName=name)


@pytest.mark.parametrize("refer", [add_to_group, attach_to_user, put_user_policy, create_key])
def test_a_user_that_is_deleted_while_it_gets_something_is_gone_or_has_it(pair: Crowd, refer: Callable):
    pair.iam.create_group(GroupName="standing")

    def prepare(name: str) -> None:
        pair.iam.create_user(UserName=name)

    def delete(iam: Any, name: str) -> None:
        iam.delete_user(UserName=name)

    assert races(pair, prepare, delete, refer) <= ONE_OF_TWO
    check_references(pair)
    left = {user["UserName"] for user in pair.iam.list_users()["Users"]}
    assert {user["UserName"] for user in pair.iam.get_group(GroupName="standing")["Users"]} <= left


def test_a_group_that_is_deleted_while_a_user_joins_it_is_gone_or_has_the_user(pair: Crowd):
    def prepare(name: str) -> None:
        pair.iam.create_group(GroupName=name)
        pair.iam.create_user(UserName=name)

    def delete(iam: Any, name: str) -> None:
        iam.delete_group(GroupName=name)

    def join(iam: Any, name: str) -> None:
        iam.add_user_to_group(GroupName=name, UserName=name)

    assert races(pair, prepare, delete, join) <= ONE_OF_TWO
    check_references(pair)


def test_a_role_that_is_deleted_while_a_profile_takes_it_is_gone_or_is_in_the_profile(pair: Crowd):
    def prepare(name: str) -> None:
        pair.iam.create_role(RoleName=name, AssumeRolePolicyDocument=TRUST)
        pair.iam.create_instance_profile(InstanceProfileName=name)

    def delete(iam: Any, name: str) -> None:
        iam.delete_role(RoleName=name)

    def add(iam: Any, name: str) -> None:
        iam.add_role_to_instance_profile(InstanceProfileName=name, RoleName=name)

    assert races(pair, prepare, delete, add) <= ONE_OF_TWO
    check_references(pair)


def test_a_version_that_is_deleted_while_it_becomes_the_default_is_gone_or_is_the_default(pair: Crowd):
    def prepare(name: str) -> None:
        arn = pair.iam.create_policy(PolicyName=name, PolicyDocument=DOCUMENT)["Policy"]["Arn"]
        pair.iam.create_policy_version(PolicyArn=arn, PolicyDocument=DOCUMENT)

    def delete(iam: Any, name: str) -> None:
        iam.delete_policy_version(PolicyArn=pair.arn(f"policy/{name}"), VersionId="v2")

    def set_default(iam: Any, name: str) -> None:
        iam.set_default_policy_version(PolicyArn=pair.arn(f"policy/{name}"), VersionId="v2")

    assert races(pair, prepare, delete, set_default) <= ONE_OF_TWO
    for policy in pair.world.owned(ManagedPolicy, AccountId(pair.account)):
        assert policy.default_version.id == policy.default_version_id


def test_two_users_that_are_renamed_to_the_same_name_at_once_do_not_both_get_it(pair: Crowd):
    def prepare(name: str) -> None:
        pair.iam.create_user(UserName=f"{name}-a")
        pair.iam.create_user(UserName=f"{name}-b")

    def rename(suffix: str) -> Callable[[Any, str], object]:
        return lambda iam, name: iam.update_user(UserName=f"{name}-{suffix}", NewUserName=name)

    assert races(pair, prepare, rename("a"), rename("b")) <= {
        ("ok", "EntityAlreadyExists"),
        ("EntityAlreadyExists", "ok"),
    }
    names = [user.name for user in pair.world.owned(User, AccountId(pair.account))]
    assert len(names) == len({name.lower() for name in names}) == 2 * RACES

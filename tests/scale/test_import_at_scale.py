"""An account as large as AWS's quotas allow: imported in one go, served, and listed page by page while others write."""

from __future__ import annotations

import json
import threading
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from scale.generated_accounts import Size, group_name, policy_name, role_name, user_name, write_dump
from serving import ACCOUNT, ROOT_KEY, ROOT_SECRET, Keys, Server, rolecall, start_server

pytestmark = pytest.mark.slow

ROOT = Keys(access_key_id=ROOT_KEY, secret_access_key=ROOT_SECRET)
FULL = Size(users=4990, groups=290, roles=990, policies=1490, instance_profiles=490)
"""Ten fewer of each kind than the quotas allow, so that there is room to write."""

WHOLE = Size()
"""As many as the quotas allow."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A running server with a large account, imported while it ran."""
    folder = tmp_path_factory.mktemp("server")
    running = start_server(folder / "data")
    import_dump(running, folder, FULL)
    yield running
    assert running.stop() == 0


def import_dump(server: Server, folder: Path, size: Size) -> None:
    (folder / "dump.json").write_bytes(write_dump(size, ACCOUNT))
    done = rolecall("import", str(folder / "dump.json"), "--account", ACCOUNT, "--data-dir", str(server.data_dir))
    assert done.returncode == 0, done.stderr


def test_an_account_that_fills_every_quota_is_imported_in_one_go_and_served_at_the_next_start(tmp_path: Path):
    first = start_server(tmp_path / "data")
    revision = revision_of(first)
    import_dump(first, tmp_path, WHOLE)
    entities = WHOLE.users + WHOLE.groups + WHOLE.roles + WHOLE.policies + WHOLE.instance_profiles
    assert revision_of(first) == revision + entities
    assert first.stop() == 0

    second = start_server(tmp_path / "data", environment={})
    with urllib.request.urlopen(f"{second.endpoint}/readyz", timeout=30) as answer:
        assert answer.status == 200
    summary = second.client("iam", ROOT).get_account_summary()["SummaryMap"]
    assert (summary["Users"], summary["Groups"], summary["Roles"]) == (WHOLE.users, WHOLE.groups, WHOLE.roles)
    assert (summary["Policies"], summary["InstanceProfiles"]) == (WHOLE.policies, WHOLE.instance_profiles)
    assert second.stop() == 0


def revision_of(server: Server) -> int:
    answer = server.client("iam", ROOT).list_account_aliases()
    return int(answer["ResponseMetadata"]["HTTPHeaders"]["x-rolecall-revision"])


def names(count: int, name: Callable[[int], str]) -> set[str]:
    return {name(number) for number in range(count)}


Listing = tuple[str, dict[str, Any], str, str, set[str]]
"""An operation, its parameters, where its list is, what names an item, and the names that were there all the time."""

LISTINGS: dict[str, Listing] = {
    "users": ("list_users", {}, "Users", "UserName", names(FULL.users, user_name)),
    "groups": ("list_groups", {}, "Groups", "GroupName", names(FULL.groups, group_name)),
    "roles": ("list_roles", {}, "Roles", "RoleName", names(FULL.roles, role_name)),
    "policies": ("list_policies", {"Scope": "Local"}, "Policies", "PolicyName", names(FULL.policies, policy_name)),
    "instance profiles": (
        "list_instance_profiles",
        {},
        "InstanceProfiles",
        "InstanceProfileName",
        names(FULL.instance_profiles, lambda number: f"profile-{number:04d}"),
    ),
    "details": (
        "get_account_authorization_details",
        {"Filter": ["User"]},
        "UserDetailList",
        "UserName",
        names(FULL.users, user_name),
    ),
}


class Churn:
    """Makes and deletes entities all over the alphabet until it is told to stop, and counts its rounds."""

    def __init__(self, server: Server, worker: int) -> None:
        self.rounds = 0
        self._iam = server.client("iam", ROOT)
        self._suffix = f"-churn-{worker}"

    def run(self, stop: threading.Event) -> None:
        iam = self._iam
        document = json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"},
            }
        )
        trust = json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"},
            }
        )
        while not stop.is_set():
            # Between others, before the first and after the last of each kind.
            place = ("user-2500", "aaa", "zzz", "role-0500", "group-100", "media-policy-0700")[self.rounds % 6]
            name = place + self._suffix
            iam.create_user(UserName=name)
            iam.create_group(GroupName=name)
            iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)
            arn = iam.create_policy(PolicyName=name, PolicyDocument=document)["Policy"]["Arn"]
            iam.create_instance_profile(InstanceProfileName=name)
            iam.delete_user(UserName=name)
            iam.delete_group(GroupName=name)
            iam.delete_role(RoleName=name)
            iam.delete_policy(PolicyArn=arn)
            iam.delete_instance_profile(InstanceProfileName=name)
            self.rounds += 1


def listed(iam: Any, listing: Listing, max_items: int) -> list[str]:
    """The names on all pages."""
    operation, parameters, member, name, _ = listing
    found: list[str] = []
    marker: dict[str, str] = {}
    while True:
        page = getattr(iam, operation)(MaxItems=max_items, **parameters, **marker)
        assert len(page[member]) <= max_items
        found += [item[name] for item in page[member]]
        if not page["IsTruncated"]:
            return found
        marker = {"Marker": page["Marker"]}


@pytest.mark.parametrize("max_items", [100, 1000])
def test_pages_show_what_stands_all_the_time_exactly_once_while_others_write(server: Server, max_items: int):
    stop = threading.Event()
    writers = [Churn(server, worker) for worker in range(3)]
    iam = server.client("iam", ROOT)
    with ThreadPoolExecutor(len(writers)) as pool:
        running = [pool.submit(writer.run, stop) for writer in writers]
        try:
            for kind, listing in LISTINGS.items():
                counts = Counter(listed(iam, listing, max_items))
                assert {name for name, count in counts.items() if count > 1} == set(), kind
                assert listing[-1] - counts.keys() == set(), kind
                strangers = [name for name in counts.keys() - listing[-1] if "-churn-" not in name]
                assert strangers == [], kind
        finally:
            stop.set()
        for future in running:
            future.result()
    assert all(writer.rounds for writer in writers), "nobody wrote in between"


def test_members_attachments_and_entities_of_a_policy_are_listed_by_pages_too(server: Server):
    iam = server.client("iam", ROOT)
    group = iam.get_paginator("get_group").paginate(GroupName=group_name(0), PaginationConfig={"PageSize": 7})
    members = [user["UserName"] for page in group for user in page["Users"]]
    assert len(members) == len(set(members)) > 7
    everyone = iam.get_paginator("list_entities_for_policy").paginate(
        PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess", PaginationConfig={"PageSize": 100}
    )
    found = Counter(
        (kind, holder[f"{kind}Name"])
        for page in everyone
        for kind in ("User", "Group", "Role")
        for holder in page[f"Policy{kind}s"]
    )
    assert set(found.values()) == {1}
    assert Counter(kind for kind, _ in found) == {"User": 998, "Group": 58, "Role": 198}

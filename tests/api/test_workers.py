"""Several server processes on one data directory: what was changed through one holds at the next request to another."""

from __future__ import annotations

import http.client
import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from api.wire_calls import WHO_AM_I, Reply, connect, form, send, send_on, signed
from serving import ROOT_KEY, ROOT_SECRET, Keys, Server, keys_of, start_server

ROOT = Keys(access_key_id=ROOT_KEY, secret_access_key=ROOT_SECRET)
READ_ONLY = "arn:aws:iam::aws:policy/IAMReadOnlyAccess"
BURST = 16
USERS_EACH = 5


def make_user(server: Server) -> Keys:
    iam = server.client("iam", ROOT)
    iam.create_user(UserName="bob")
    return keys_of(iam.create_access_key(UserName="bob")["AccessKey"])


@dataclass(frozen=True)
class Peer:
    """A server and a connection to it."""

    server: Server
    connection: http.client.HTTPConnection

    def call(self, keys: Keys, parameters: dict[str, str]) -> Reply:
        return send_on(self.connection, signed(self.server, keys, parameters, service="iam"))


def attach_and_detach(user: Keys, writer: Peer, reader: Peer) -> list[tuple[str, str]]:
    """Give and take a policy through one peer, each time asking the other; gives the request ids of the pairs."""
    pairs = []
    for action, status in (("AttachUserPolicy", 200), ("DetachUserPolicy", 403)):
        written = writer.call(ROOT, form(action, "iam", UserName="bob", PolicyArn=READ_ONLY))
        assert written.status == 200, written.body
        asked = reader.call(user, form("ListUsers", "iam"))
        assert asked.status == status, asked.body
        pairs.append((written.headers["x-amzn-requestid"], asked.headers["x-amzn-requestid"]))
    return pairs


def processes_by_request(server: Server) -> dict[str, int]:
    """Which process answered which request, by the server's log."""
    calls = (json.loads(line) for line in tuple(server.log) if '"event":"call"' in line)
    return {call["request_id"]: call["process"] for call in calls}


def connections_to_both_workers(server: Server, stack: ExitStack) -> list[Peer]:
    """Open connections until each worker has some: the kernel gives them to whichever is free."""
    peers: list[Peer] = []
    answered: set[str] = set()
    process_of: dict[str, int] = {}
    while len({process_of[request] for request in answered & process_of.keys()}) < 2:
        assert len(peers) < 100 * BURST, "one worker takes every connection"
        burst = [Peer(server, stack.enter_context(closing(connect(server)))) for _ in range(BURST)]
        with ThreadPoolExecutor(BURST) as pool:
            replies = pool.map(lambda peer: peer.call(ROOT, form("ListUsers", "iam")), burst)
            answered.update(reply.headers["x-amzn-requestid"] for reply in replies)
        peers += burst
        process_of = processes_by_request(server)
    return peers[-3 * BURST :]


def test_a_policy_taken_away_through_one_worker_is_gone_at_the_next_request_to_the_other(tmp_path: Path):
    server = start_server(tmp_path / "data", "--workers", "2")
    user = make_user(server)
    pairs = []
    with ExitStack() as stack:
        for one, other in pairwise(connections_to_both_workers(server, stack)):
            pairs += attach_and_detach(user, one, other) + attach_and_detach(user, other, one)
    assert server.stop() == 0
    process_of = processes_by_request(server)
    directions = {(process_of[written], process_of[asked]) for written, asked in pairs}
    assert len({writer for writer, reader in directions if writer != reader}) == 2, directions


def test_a_policy_taken_away_through_one_server_is_gone_at_the_next_request_to_another(tmp_path: Path):
    first = start_server(tmp_path / "data")
    second = start_server(tmp_path / "data", environment={})
    user = make_user(first)
    for ours, theirs in ((first, second), (second, first)):
        for _ in range(10):
            with closing(connect(ours)) as writer, closing(connect(theirs)) as reader:
                attach_and_detach(user, Peer(ours, writer), Peer(theirs, reader))
    assert (first.stop(), second.stop()) == (0, 0)


def test_a_session_issued_by_one_server_is_good_for_another(tmp_path: Path):
    first = start_server(tmp_path / "data")
    second = start_server(tmp_path / "data", environment={})
    session = keys_of(first.client("sts", ROOT).get_session_token()["Credentials"])
    assert second.client("sts", session).get_caller_identity()["Arn"].endswith(":root")
    user = make_user(second)
    assert first.client("sts", user).get_caller_identity()["Arn"].endswith(":user/bob")
    first.client("iam", ROOT).update_access_key(UserName="bob", AccessKeyId=user.access_key_id, Status="Inactive")
    assert send(second, signed(second, user, WHO_AM_I)).refusal[1] == "InvalidClientTokenId"
    assert (first.stop(), second.stop()) == (0, 0)


def test_writes_through_several_workers_at_once_lose_nothing(tmp_path: Path):
    server = start_server(tmp_path / "data", "--workers", "2")
    with ExitStack() as stack:
        peers = connections_to_both_workers(server, stack)
        names = [f"user-{number}-{part}" for number in range(len(peers)) for part in range(USERS_EACH)]

        def create(position: int) -> list[Reply]:
            mine = names[position * USERS_EACH : (position + 1) * USERS_EACH]
            return [peers[position].call(ROOT, form("CreateUser", "iam", UserName=name)) for name in mine]

        with ThreadPoolExecutor(8) as pool:
            replies = [reply for several in pool.map(create, range(len(peers))) for reply in several]
    assert {reply.status for reply in replies} == {200}
    revisions = sorted(int(reply.headers["x-rolecall-revision"]) for reply in replies)
    assert revisions == list(range(revisions[0], revisions[0] + len(names)))
    listed = server.client("iam", ROOT).list_users(MaxItems=1000)["Users"]
    assert {user["UserName"] for user in listed} == set(names)
    assert server.stop() == 0
    process_of = processes_by_request(server)
    assert len({process_of[reply.headers["x-amzn-requestid"]] for reply in replies}) == 2

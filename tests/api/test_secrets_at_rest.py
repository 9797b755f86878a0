"""What lies on disk and what is logged holds no secret: no secret access key, no token, no key of tokens."""

from __future__ import annotations

import base64
import secrets
import time

import pytest

from api.sessions import ALLOW_ALL, assume, policy, trusting
from rolecall.state.opening import open_store
from rolecall.state.token_keys import token_keys
from serving import ACCOUNT, ROOT_KEY, ROOT_SECRET, Keys, keys_of, rolecall, start_server

ROOT = Keys(access_key_id=ROOT_KEY, secret_access_key=ROOT_SECRET)


def forms_of(secret: bytes) -> set[bytes]:
    """A secret as it could lie in a file: raw, in hexadecimal, in base64 (at each of the three offsets)."""
    forms = {secret, secret.hex().encode(), secret.hex().upper().encode()}
    for offset in range(3):
        encoded = base64.b64encode(bytes(offset) + secret)
        # Only the letters that the secret alone decides.
        core = encoded[-(-8 * offset // 6) :].rstrip(b"=")[: len(secret) * 8 // 6 - 2]
        forms |= {core, core.replace(b"+", b"-").replace(b"/", b"_")}
    return forms


def test_the_forms_of_a_secret_are_found_where_they_are():
    secret = bytes(range(200, 232))
    for before in (b"", b"x", b"xy"):
        assert any(form in base64.b64encode(before + secret + b"tail") for form in forms_of(secret))


@pytest.fixture(scope="module")
def remains(tmp_path_factory):
    """What a server leaves behind: the bytes of its files by name (its WAL while it runs), and every secret it had."""
    data_dir = tmp_path_factory.mktemp("remains") / "data"
    server = start_server(data_dir)
    iam = server.client("iam", ROOT)
    iam.create_user(UserName="bob")
    bob = keys_of(iam.create_access_key(UserName="bob")["AccessKey"])
    iam.put_user_policy(UserName="bob", PolicyName="all", PolicyDocument=policy(ALLOW_ALL))
    _, other_root = server.new_account()
    trust = policy(trusting(f"arn:aws:iam::{ACCOUNT}:root"))
    role = iam.create_role(RoleName="ops", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    sessions = [
        assume(server.client("sts", bob), role),
        keys_of(server.client("sts", bob).get_session_token()["Credentials"]),
    ]
    for keys in (*sessions, other_root):
        server.client("sts", keys).get_caller_identity()
    backup = data_dir.parent / "backup.db"
    made = rolecall("backup", str(backup), "--data-dir", str(data_dir))
    assert made.returncode == 0, made.stderr
    files = {path.name: path.read_bytes() for path in (*data_dir.iterdir(), backup)}
    store = open_store(data_dir, clock=time.time, randbits=secrets.randbits, environment={})
    keys_of_tokens = [key.secret for key in token_keys(store.view(), store.sealer)]
    store.close()
    assert server.stop() == 0
    files |= {f"{path.name} after the end": path.read_bytes() for path in data_dir.iterdir()}
    files["log"] = "\n".join(server.log).encode()
    told = {keys.secret_access_key for keys in (ROOT, bob, other_root, *sessions)}
    told |= {keys.session_token for keys in sessions}
    return files, keys_of_tokens, told


def test_there_is_something_to_look_at(remains):
    files, keys_of_tokens, told = remains
    assert {"rolecall.db", "rolecall.db-wal", "backup.db", "log"} <= files.keys()
    assert b"bob" in files["rolecall.db after the end"]
    assert b"AssumeRole" in files["log"]
    assert keys_of_tokens
    assert len(told) == 7


def test_no_file_and_no_log_holds_a_secret_access_key_or_a_session_token(remains):
    files, _, told = remains
    for name, content in files.items():
        for secret in told:
            assert not any(form in content for form in forms_of(secret.encode())), name


def test_no_file_and_no_log_holds_a_key_of_session_tokens(remains):
    files, keys_of_tokens, _ = remains
    for name, content in files.items():
        for secret in keys_of_tokens:
            assert not any(form in content for form in forms_of(secret)), name


def test_the_files_are_for_their_owner_only(server):
    private = [path for path in server.data_dir.iterdir() if path.name != "endpoint"]
    assert server.data_dir.stat().st_mode & 0o077 == 0
    assert private
    assert all(path.stat().st_mode & 0o077 == 0 for path in private), private

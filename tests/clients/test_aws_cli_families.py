"""The `aws` command line over all of IAM: every command that it has for IAM succeeds, `aws iam wait …` included.

The tours are in `tours/`. A tour is what an administrator types about one family of entities. It takes away what it
made, or the next one might stumble over it.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from botocore import xform_name
from botocore.loaders import Loader

import certificates
from clients.aws_session import Aws
from clients.tours import account, credentials, identities
from clients.tours.documents import ANYTHING, ARN, TRUST
from iam.template_samples import policy_template
from saml_documents import metadata
from serving import ACCOUNT, ROOT_KEY, ROOT_SECRET, Keys, Server, keys_of

awscli = pytest.importorskip("awscli", reason="the aws command line is not installed beside this Python")
ROOT = Keys(access_key_id=ROOT_KEY, secret_access_key=ROOT_SECRET)

pytestmark = [pytest.mark.clients, pytest.mark.slow]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Where commands find the files that they name."""
    now = int(time.time())
    authority = certificates.certificate("authority", now=now, is_authority=True, may_sign=True)
    site = certificates.certificate("site.example.com", now=now, issuer=authority)
    signer = certificates.certificate("signer", now=now, key=certificates.rsa_key())
    contents = {
        "anything.json": ANYTHING,
        "trust.json": TRUST,
        "metadata.xml": metadata(),
        "newer.xml": metadata(number=1),
        "site.pem": site.body,
        "site.key": site.private_key,
        "chain.pem": authority.body,
        "signer.pem": signer.body,
        "id_rsa.pub": f"{certificates.openssh(certificates.rsa_key())} bob@example.com",
        "template.json": json.dumps(policy_template(ACCOUNT)),
    }
    for name, text in contents.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


@pytest.fixture
def root(server: Server, home: Path) -> Iterator[Aws]:
    """The command line of the account's root user."""
    session = Aws(server, home, ROOT)
    yield session
    session.close()


def commands() -> set[str]:
    """Every command that this command line has for IAM; it may be older than our boto3."""
    loader = Loader(extra_search_paths=[str(Path(awscli.__file__).parent / "botocore" / "data")])
    operations = loader.load_service_model("iam", "service-2")["operations"]
    waiters = loader.load_service_model("iam", "waiters-2")["waiters"]
    words = {xform_name(name, "-") for name in operations}
    return words | {f"wait {xform_name(name, '-')}" for name in waiters}


def test_every_command_for_iam_works(root: Aws, home: Path, server: Server):
    for tour in (*identities.TOURS, *credentials.TOURS, *account.TOURS):
        tour(root, home, server)
    assert commands() - root.used == set()


def test_a_wait_that_is_not_allowed_ends_at_once(root: Aws, home: Path, server: Server):
    root.iam("create-user --user-name waiter")
    key = root.iam("create-access-key --user-name waiter")["AccessKey"]
    waiter = Aws(server, home, keys_of(key))
    for line in (
        "user-exists --user-name a",
        "role-exists --role-name a",
        "policy-exists --policy-arn $arn",
        "instance-profile-exists --instance-profile-name a",
    ):
        told = waiter.refusal(f"iam wait {line}", arn=f"{ARN}:policy/a")
        assert "failed: An error occurred (AccessDenied): User: " in told
    waiter.close()
    root.iam(
        "delete-access-key --user-name waiter --access-key-id $key",
        "delete-user --user-name waiter",
        key=key["AccessKeyId"],
    )

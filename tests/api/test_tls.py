"""The server over TLS: the same calls, and `aws:SecureTransport` tells the truth."""

from __future__ import annotations

import datetime
import ipaddress
import json
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import SSLError
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from api.refusals import refused
from serving import ROOT_KEY, ROOT_SECRET, Keys, Server, keys_of, start_server

ONLY_OVER_TLS = {
    "Version": "2012-10-17",
    "Statement": {
        "Effect": "Allow",
        "Action": "iam:GetUser",
        "Resource": "*",
        "Condition": {"Bool": {"aws:SecureTransport": "true"}},
    },
}


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1, signed by itself, and its key."""
    folder = tmp_path_factory.mktemp("tls")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "rolecall test")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate_file, key_file = folder / "certificate.pem", folder / "key.pem"
    certificate_file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return certificate_file, key_file


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("server") / "data"


@pytest.fixture(scope="module")
def tls_server(data_dir: Path, certificate: tuple[Path, Path]) -> Iterator[Server]:
    """A server that speaks HTTPS only."""
    running = start_server(data_dir, "--tls-certificate", str(certificate[0]), "--tls-key", str(certificate[1]))
    yield running
    assert running.stop() == 0


def client(server: Server, keys: Keys, verify: Path | None):
    return boto3.client(
        "iam",
        endpoint_url=server.endpoint,
        region_name="us-east-1",
        aws_access_key_id=keys.access_key_id,
        aws_secret_access_key=keys.secret_access_key,
        verify=str(verify) if verify is not None else None,
        config=Config(retries={"total_max_attempts": 1}),
    )


def test_a_policy_can_demand_tls(tls_server: Server, data_dir: Path, certificate: tuple[Path, Path]):
    root = client(tls_server, Keys(access_key_id=ROOT_KEY, secret_access_key=ROOT_SECRET), certificate[0])
    root.create_user(UserName="ann")
    root.put_user_policy(UserName="ann", PolicyName="tls", PolicyDocument=json.dumps(ONLY_OVER_TLS))
    ann = keys_of(root.create_access_key(UserName="ann")["AccessKey"])
    assert tls_server.endpoint.startswith("https://")
    assert client(tls_server, ann, certificate[0]).get_user()["User"]["UserName"] == "ann"

    plain = start_server(data_dir, environment={})
    try:
        with refused("AccessDenied", 403):
            plain.client("iam", ann).get_user()
    finally:
        plain.stop()


def test_a_client_that_does_not_know_the_certificate_does_not_talk(tls_server: Server):
    with pytest.raises(SSLError):
        client(tls_server, Keys(access_key_id=ROOT_KEY, secret_access_key=ROOT_SECRET), None).list_users()

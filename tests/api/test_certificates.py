"""Certificates, SSH keys and service-specific credentials through boto3 against a running server."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from botocore.exceptions import ClientError

from api.refusals import denied, refused
from certificates import certificate, openssh, rsa_key


def uploaded(iam, name: str, **parameters):
    one = certificate(now=int(time.time()))
    return iam.upload_server_certificate(
        ServerCertificateName=name, CertificateBody=one.body, PrivateKey=one.private_key, **parameters
    )


def test_a_certificate_goes_up_and_comes_back_without_its_key(account):
    one = certificate(now=int(time.time()), key=rsa_key())
    account.iam.upload_server_certificate(
        ServerCertificateName="web", CertificateBody=one.body, PrivateKey=one.private_key
    )
    shown = account.iam.get_server_certificate(ServerCertificateName="web")["ServerCertificate"]
    assert set(shown) == {"ServerCertificateMetadata", "CertificateBody", "Tags"}
    assert shown["CertificateBody"] == one.body.strip()
    assert shown["ServerCertificateMetadata"]["Expiration"] == one.parsed.not_valid_after_utc


def test_a_refused_private_key_is_not_repeated_in_answer_or_log(account, server):
    one = certificate(now=int(time.time()), key=rsa_key())
    secret = one.private_key.splitlines()[5]
    with pytest.raises(ClientError) as caught:
        account.iam.upload_server_certificate(
            ServerCertificateName="web", CertificateBody=one.body, PrivateKey=one.private_key + "x"
        )
    assert secret not in str(caught.value.response)
    assert not [line for line in server.log if secret in line]


def test_who_may_upload_on_one_path_may_not_on_another_nor_choose_tags(account):
    allowed = f"arn:aws:iam::{account.id}:server-certificate/dev/*"
    bob = account.user("bob", {"Effect": "Allow", "Action": "iam:UploadServerCertificate", "Resource": allowed})
    uploaded(bob.iam, "web", Path="/dev/")
    with denied(f"iam:UploadServerCertificate on resource: arn:aws:iam::{account.id}:server-certificate/prod/web"):
        uploaded(bob.iam, "web", Path="/prod/")
    with denied("iam:TagServerCertificate"):
        uploaded(bob.iam, "site", Path="/dev/", Tags=[{"Key": "team", "Value": "x"}])


def test_a_bad_certificate_says_nothing_to_who_may_not_upload(account):
    bob = account.user("bob")
    with refused("AccessDenied", 403):
        bob.iam.upload_server_certificate(ServerCertificateName="web", CertificateBody="x", PrivateKey="x")
    with refused("AccessDenied", 403):
        bob.iam.upload_signing_certificate(CertificateBody="x")
    with refused("AccessDenied", 403):
        bob.iam.upload_ssh_public_key(UserName="bob", SSHPublicKeyBody="x")


def test_of_many_uploads_of_one_name_at_once_one_succeeds(account):
    def attempt(_: int) -> str:
        try:
            uploaded(account.server.client("iam", account.root), "web")
        except ClientError as error:
            return error.response["Error"]["Code"]
        return "made"

    with ThreadPoolExecutor(8) as pool:
        outcomes = sorted(pool.map(attempt, range(8)))
    assert outcomes == ["EntityAlreadyExists"] * 7 + ["made"]


def test_a_user_manages_its_own_signing_certificates(account):
    own = f"arn:aws:iam::{account.id}:user/${{aws:username}}"
    bob = account.user("bob", {"Effect": "Allow", "Action": "iam:*SigningCertificate*", "Resource": own})
    account.user("eve")
    body = certificate(now=int(time.time())).body
    made = bob.iam.upload_signing_certificate(CertificateBody=body)["Certificate"]
    assert (made["UserName"], made["CertificateBody"]) == ("bob", body)
    with denied("iam:UploadSigningCertificate"):
        bob.iam.upload_signing_certificate(UserName="eve", CertificateBody=body)
    bob.iam.delete_signing_certificate(CertificateId=made["CertificateId"])


def test_a_malformed_signing_certificate_is_named_in_full(account):
    account.iam.create_user(UserName="bob")
    text = "no\n<certificate> & é"
    with refused("MalformedCertificate", 400, f"Certificate {text} is malformed."):
        account.iam.upload_signing_certificate(UserName="bob", CertificateBody=text)


def test_a_user_manages_its_own_ssh_keys(account):
    own = f"arn:aws:iam::{account.id}:user/${{aws:username}}"
    bob = account.user("bob", {"Effect": "Allow", "Action": "iam:*SSHPublicKey*", "Resource": own})
    made = bob.iam.upload_ssh_public_key(UserName="bob", SSHPublicKeyBody=f"{openssh(rsa_key())} laptop")
    assert made["SSHPublicKey"]["SSHPublicKeyBody"].endswith(" laptop")
    (listed,) = bob.iam.list_ssh_public_keys()["SSHPublicKeys"]
    assert listed["SSHPublicKeyId"] == made["SSHPublicKey"]["SSHPublicKeyId"]


def test_a_policy_chooses_services_and_ages_of_credentials(account):
    """The conditions with which AWS's documentation restricts long-term API keys."""
    own = {"Effect": "Allow", "Action": "iam:*ServiceSpecificCredential*", "Resource": "*"}
    services = {
        "Effect": "Deny",
        "Action": "iam:*ServiceSpecificCredential",
        "Resource": "*",
        "Condition": {"StringEquals": {"iam:ServiceSpecificCredentialServiceName": "codecommit.amazonaws.com"}},
    }
    ages = {
        "Effect": "Deny",
        "Action": "iam:CreateServiceSpecificCredential",
        "Resource": "*",
        "Condition": {"NumericGreaterThan": {"iam:ServiceSpecificCredentialAgeDays": "30"}},
    }
    bob = account.user("bob", own, services, ages)
    for service, days in (("CodeCommit.amazonaws.com", 1), ("bedrock.amazonaws.com", 31)):
        with denied("iam:CreateServiceSpecificCredential"):
            bob.iam.create_service_specific_credential(UserName="bob", ServiceName=service, CredentialAgeDays=days)
    made = bob.iam.create_service_specific_credential(
        UserName="bob", ServiceName="bedrock.amazonaws.com", CredentialAgeDays=30
    )["ServiceSpecificCredential"]
    assert (made["ExpirationDate"] - made["CreateDate"]).days == 30
    git = account.iam.create_service_specific_credential(UserName="bob", ServiceName="codecommit.amazonaws.com")
    with denied("iam:ResetServiceSpecificCredential"):
        bob.iam.reset_service_specific_credential(
            ServiceSpecificCredentialId=git["ServiceSpecificCredential"]["ServiceSpecificCredentialId"]
        )


def test_who_may_list_its_own_credentials_may_not_list_everybodys(account):
    action = "iam:ListServiceSpecificCredentials"
    own = f"arn:aws:iam::{account.id}:user/${{aws:username}}"
    bob = account.user("bob", {"Effect": "Allow", "Action": action, "Resource": own})
    assert bob.iam.list_service_specific_credentials()["ServiceSpecificCredentials"] == []
    with denied(f"{action} on resource: arn:aws:iam::{account.id}:user/*"):
        bob.iam.list_service_specific_credentials(AllUsers=True)
    eve = account.user("eve", {"Effect": "Allow", "Action": action, "Resource": f"arn:aws:iam::{account.id}:user/*"})
    assert eve.iam.list_service_specific_credentials(AllUsers=True)["ServiceSpecificCredentials"] == []

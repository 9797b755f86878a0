"""Tours of the `aws` command line: what users sign in and sign with, and server certificates."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from clients.aws_session import Aws
from clients.tours.documents import ARN
from serving import Server, keys_of
from totp import Authenticator, step_now

PASSWORDS = "Correct-horse-battery-staple-1", "Another-horse-battery-staple-2"


def tour_access_keys(aws: Aws, home: Path, server: Server) -> None:
    aws.iam("create-user --user-name bob")
    key = aws.iam("create-access-key --user-name bob --query AccessKey.AccessKeyId")
    aws.iam("update-access-key --user-name bob --access-key-id $key --status Inactive", key=key)
    assert aws.iam("list-access-keys --user-name bob --query AccessKeyMetadata[].Status") == ["Inactive"]
    used = aws.iam("get-access-key-last-used --access-key-id $key", key=key)
    assert (used["UserName"], used["AccessKeyLastUsed"]["ServiceName"]) == ("bob", "N/A")
    aws.iam("delete-access-key --user-name bob --access-key-id $key", "delete-user --user-name bob", key=key)


def tour_passwords(aws: Aws, home: Path, server: Server) -> None:
    aws.iam(
        "update-account-password-policy --minimum-password-length 20 --allow-users-to-change-password",
        "create-user --user-name bob",
        "create-login-profile --user-name bob --password $password --password-reset-required",
        "update-login-profile --user-name bob --no-password-reset-required",
        password=PASSWORDS[0],
    )
    assert aws.iam("get-login-profile --user-name bob")["LoginProfile"]["PasswordResetRequired"] is False
    policy = aws.iam("get-account-password-policy --query PasswordPolicy")
    assert (policy["MinimumPasswordLength"], policy["AllowUsersToChangePassword"]) == (20, True)
    key = aws.iam("create-access-key --user-name bob")["AccessKey"]
    bob = Aws(server, home, keys_of(key))
    change = "iam change-password --old-password $old --new-password $new"
    assert "(PasswordPolicyViolation)" in bob.refusal(change, old=PASSWORDS[0], new="short")
    bob.answer(change, old=PASSWORDS[0], new=PASSWORDS[1])
    bob.close()
    aws.used |= bob.used
    aws.iam(
        "delete-access-key --user-name bob --access-key-id $key",
        "delete-login-profile --user-name bob",
        "delete-user --user-name bob",
        "delete-account-password-policy",
        key=key["AccessKeyId"],
    )


def tour_mfa_devices(aws: Aws, home: Path, server: Server) -> None:
    aws.iam(
        "create-user --user-name bob",
        "create-virtual-mfa-device --virtual-mfa-device-name phone --outfile seed --bootstrap-method Base32StringSeed",
    )
    app, now = Authenticator((home / "seed").read_bytes()), step_now()
    serial = f"{ARN}:mfa/phone"
    codes = "--authentication-code1 {} --authentication-code2 {}"
    aws.iam(
        f"enable-mfa-device --user-name bob --serial-number $serial {codes.format(app.code(now - 1), app.code(now))}",
        f"resync-mfa-device --user-name bob --serial-number $serial "
        f"{codes.format(app.code(now + 1), app.code(now + 2))}",
        "tag-mfa-device --serial-number $serial --tags Key=a,Value=b Key=c,Value=d",
        "untag-mfa-device --serial-number $serial --tag-keys a",
        serial=serial,
    )
    assert aws.iam("list-mfa-device-tags --serial-number $serial --query Tags[].Key", serial=serial) == ["c"]
    assert aws.iam("get-mfa-device --user-name bob --serial-number $serial", serial=serial)["UserName"] == "bob"
    assert aws.iam("list-mfa-devices --user-name bob --query MFADevices[].SerialNumber") == [serial]
    assert aws.iam("list-virtual-mfa-devices --query VirtualMFADevices[].User.UserName") == ["bob"]
    aws.iam(
        "deactivate-mfa-device --user-name bob --serial-number $serial",
        "delete-virtual-mfa-device --serial-number $serial",
        "delete-user --user-name bob",
        serial=serial,
    )


def tour_server_certificates(aws: Aws, home: Path, server: Server) -> None:
    aws.iam(
        "upload-server-certificate --server-certificate-name site --certificate-body file://site.pem "
        "--private-key file://site.key --certificate-chain file://chain.pem --tags Key=a,Value=b Key=c,Value=d",
        "update-server-certificate --server-certificate-name site --new-server-certificate-name front",
        "tag-server-certificate --server-certificate-name front --tags Key=e,Value=f",
        "untag-server-certificate --server-certificate-name front --tag-keys a c",
    )
    named = "--server-certificate-name front"
    body = aws.iam(f"get-server-certificate {named} --query ServerCertificate.CertificateBody")
    assert body.strip() == (home / "site.pem").read_text().strip()
    assert aws.iam(f"list-server-certificate-tags {named} --query Tags[].Key") == ["e"]
    listed = "ServerCertificateMetadataList[].ServerCertificateName"
    assert aws.iam(f"list-server-certificates --query {listed}") == ["front"]
    aws.iam(f"delete-server-certificate {named}")


def tour_other_credentials(aws: Aws, home: Path, server: Server) -> None:
    aws.iam("create-user --user-name bob")
    upload = "upload-signing-certificate --user-name bob --certificate-body file://signer.pem"
    signing = f"--user-name bob --certificate-id {aws.iam(upload)['Certificate']['CertificateId']}"
    aws.iam(f"update-signing-certificate {signing} --status Inactive")
    assert aws.iam("list-signing-certificates --user-name bob --query Certificates[].Status") == ["Inactive"]
    upload = "upload-ssh-public-key --user-name bob --ssh-public-key-body file://id_rsa.pub"
    ssh = f"--user-name bob --ssh-public-key-id {aws.iam(upload)['SSHPublicKey']['SSHPublicKeyId']}"
    aws.iam(f"update-ssh-public-key {ssh} --status Inactive")
    assert aws.iam("list-ssh-public-keys --user-name bob --query SSHPublicKeys[].Status") == ["Inactive"]
    shown = aws.iam(f"get-ssh-public-key {ssh} --encoding PEM --query SSHPublicKey.SSHPublicKeyBody")
    assert shown.startswith("-----BEGIN")
    create = "create-service-specific-credential --user-name bob --service-name codecommit.amazonaws.com"
    made = aws.iam(create)["ServiceSpecificCredential"]
    credential = f"--user-name bob --service-specific-credential-id {made['ServiceSpecificCredentialId']}"
    reset = aws.iam(f"reset-service-specific-credential {credential}")["ServiceSpecificCredential"]
    assert reset["ServicePassword"] != made["ServicePassword"]
    aws.iam(f"update-service-specific-credential {credential} --status Inactive")
    listed = "ServiceSpecificCredentials[].Status"
    assert aws.iam(f"list-service-specific-credentials --user-name bob --query {listed}") == ["Inactive"]
    aws.iam(
        f"delete-signing-certificate {signing}",
        f"delete-ssh-public-key {ssh}",
        f"delete-service-specific-credential {credential}",
        "delete-user --user-name bob",
    )


TOURS: tuple[Callable[[Aws, Path, Server], None], ...] = (
    tour_access_keys,
    tour_passwords,
    tour_mfa_devices,
    tour_server_certificates,
    tour_other_credentials,
)

"""CreateVirtualMFADevice and its relatives: devices, whose they are, and what answers say of them."""

from __future__ import annotations

import base64
import zlib
from typing import Any

import msgspec
import pytest
import segno

from iam.harness import ACCOUNT, NOW, Iam, Server
from rolecall.errors import (
    AccessDenied,
    DeleteConflict,
    EntityAlreadyExists,
    InvalidAuthenticationCode,
    InvalidInput,
    LimitExceeded,
    NoSuchEntity,
    ValidationError,
)
from rolecall.iam.quotas import VIRTUAL_MFA_DEVICES
from rolecall.state.credentials import MfaDevice
from totp import STEP, Authenticator

PHONE = f"arn:aws:iam::{ACCOUNT}:mfa/phone"
STEP_NOW = NOW // STEP
NOT_WITHOUT_MFA = (
    "To complete this action, please ensure that you are authenticated with an MFA device that is enabled "
    "for this user."
)


@pytest.fixture
def bob(iam: Iam) -> Iam:
    """IAM as the user bob calls it."""
    iam("CreateUser", user_name="bob", path="/staff/")
    return iam.as_user("bob")


def make(iam: Iam, name: str = "phone", **parameters: Any) -> Authenticator:
    made = iam("CreateVirtualMFADevice", virtual_mfa_device_name=name, **parameters)["VirtualMFADevice"]
    return Authenticator(made["Base32StringSeed"])


def enable(iam: Iam, app: Authenticator, user: str = "bob", serial: str = PHONE, step: int = STEP_NOW) -> None:
    """Enable a device with the codes of `step` and of the one before."""
    iam(
        "EnableMFADevice",
        user_name=user,
        serial_number=serial,
        authentication_code1=app.code(step - 1),
        authentication_code2=app.code(step),
    )


def stored(server: Server, name: str = "/phone") -> MfaDevice:
    device = server.world.named(MfaDevice, ACCOUNT, name)
    assert device is not None
    return device


def listed(iam: Iam, **parameters: Any) -> list[str]:
    return [each["SerialNumber"] for each in iam("ListVirtualMFADevices", **parameters)["VirtualMFADevices"]]


def test_a_new_device_tells_its_serial_number_and_its_seed(iam: Iam) -> None:
    made = iam("CreateVirtualMFADevice", virtual_mfa_device_name="phone", path="/staff/")["VirtualMFADevice"]
    assert made["SerialNumber"] == f"arn:aws:iam::{ACCOUNT}:mfa/staff/phone"
    assert len(made["Base32StringSeed"]) == 64
    assert len(base64.b32decode(made["Base32StringSeed"])) == 40
    assert not {"User", "EnableDate"} & set(made)


def test_the_seed_is_stored_sealed(iam: Iam, server: Server) -> None:
    seed = base64.b32decode(make(iam).seed)
    assert seed not in stored(server).sealed_seed
    assert stored(server).sealed_field == "sealed_seed"


def test_two_devices_have_two_seeds(iam: Iam) -> None:
    assert make(iam, "one").seed != make(iam, "two").seed


def png_rows(png: bytes) -> list[list[bool]]:
    """The modules of a QR code that segno wrote: one bit each, `True` for dark, without scale and border."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    at, size, data = 8, 0, b""
    while at < len(png):
        length, kind = int.from_bytes(png[at : at + 4], "big"), png[at + 4 : at + 8]
        body = png[at + 8 : at + 8 + length]
        assert zlib.crc32(kind + body) == int.from_bytes(png[at + 8 + length : at + 12 + length], "big")
        if kind == b"IHDR":
            size = int.from_bytes(body[:4], "big")
            assert body[8:10] in (b"\x01\x00", b"\x01\x03")
        elif kind == b"IDAT":
            data += body
        at += 12 + length
    pixels, stride = zlib.decompress(data), (size + 7) // 8 + 1
    rows = [pixels[y * stride + 1 : (y + 1) * stride] for y in range(size)]
    return [[not row[x // 8] >> (7 - x % 8) & 1 for x in range(16, size - 16, 4)] for row in rows[16 : size - 16 : 4]]


@pytest.mark.parametrize(("alias", "account"), [(None, ACCOUNT), ("bobs-works", "bobs-works")])
def test_the_picture_is_a_qr_code_that_an_authenticator_reads(iam: Iam, alias: str | None, account: str) -> None:
    if alias is not None:
        iam("CreateAccountAlias", account_alias=alias)
    made = iam("CreateVirtualMFADevice", virtual_mfa_device_name="bob+1=a,b@c")["VirtualMFADevice"]
    seed = made["Base32StringSeed"].decode()
    uri = f"otpauth://totp/Rolecall:bob%2B1%3Da%2Cb@c@{account}?secret={seed}&issuer=Rolecall"
    meant = [[bool(module) for module in row] for row in segno.make_qr(uri, error="m").matrix]
    assert png_rows(made["QRCodePNG"]) == meant


@pytest.mark.parametrize("name", ["phone", "PHONE"])
def test_a_name_is_taken_on_its_own_path_only(iam: Iam, name: str) -> None:
    make(iam)
    make(iam, name, path="/staff/")
    with pytest.raises(EntityAlreadyExists) as refused:
        make(iam, name)
    assert refused.value.message == "MFA device already exists."


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("n" * 227, "/"),
        ("phone", f"/{'p' * 225}/"),
        ("phone", "/sta!ff/"),
        ("phone", "/sta#ff/"),
        pytest.param("n" * 3000, "/", id="more than fits into a QR code"),
    ],
)
def test_a_device_that_no_serial_number_could_name_is_refused(iam: Iam, name: str, path: str) -> None:
    with pytest.raises(InvalidInput):
        make(iam, name, path=path)


def test_the_longest_serial_number_can_be_used(iam: Iam) -> None:
    make(iam, "n" * 226)
    (serial,) = listed(iam)
    assert len(serial) == 256
    iam("DeleteVirtualMFADevice", serial_number=serial)
    assert listed(iam) == []


def test_a_path_of_awss_own_is_refused(iam: Iam) -> None:
    with pytest.raises(InvalidInput):
        make(iam, path="/aws-reserved/")


def test_tags_are_told_at_creation_and_not_in_lists(iam: Iam) -> None:
    tags = ({"key": "Floor", "value": "2"}, {"key": "floor", "value": "3"})
    made = iam("CreateVirtualMFADevice", virtual_mfa_device_name="phone", tags=tags)["VirtualMFADevice"]
    assert made["Tags"] == [{"Key": "Floor", "Value": "2"}, {"Key": "floor", "Value": "3"}]
    (shown,) = iam("ListVirtualMFADevices")["VirtualMFADevices"]
    assert "Tags" not in shown
    assert iam("ListMFADeviceTags", serial_number=PHONE)["Tags"] == made["Tags"]


def test_an_account_has_as_many_devices_as_users(iam: Iam, server: Server) -> None:
    make(iam, "first")
    first = stored(server, "/first")
    for number in range(VIRTUAL_MFA_DEVICES.limit - 1):
        server.world = server.world.put(msgspec.structs.replace(first, id=str(number), name=f"n{number}"))
    with pytest.raises(LimitExceeded) as refused:
        make(iam)
    assert refused.value.message == "Cannot exceed quota for MFADevices: 5000"


def test_two_consecutive_codes_give_a_device_to_a_user(iam: Iam, bob: Iam, server: Server) -> None:
    enable(iam, make(iam))
    (device,) = iam("ListMFADevices", user_name="bob")["MFADevices"]
    assert device == {"UserName": "bob", "SerialNumber": PHONE, "EnableDate": NOW}
    assert bob("ListMFADevices")["MFADevices"] == [device]
    assert bob("GetMFADevice", serial_number=PHONE) == device
    (shown,) = iam("ListVirtualMFADevices")["VirtualMFADevices"]
    assert shown["EnableDate"] == NOW
    assert shown["User"]["UserName"] == "bob"
    assert shown["User"]["Path"] == "/staff/"
    assert "Tags" not in shown["User"]
    assert stored(server).drift == 0


def test_a_device_stays_with_its_user_when_the_user_is_renamed(iam: Iam, bob: Iam) -> None:
    enable(iam, make(iam))
    iam("UpdateUser", user_name="bob", new_user_name="robert")
    (device,) = iam("ListMFADevices", user_name="robert")["MFADevices"]
    assert device["UserName"] == "robert"


def test_lists_tell_apart_whose_devices_are(iam: Iam, bob: Iam) -> None:
    enable(iam, make(iam))
    make(iam, "spare")
    spare = f"arn:aws:iam::{ACCOUNT}:mfa/spare"
    assert listed(iam) == listed(iam, assignment_status="Any") == [PHONE, spare]
    assert listed(iam, assignment_status="Assigned") == [PHONE]
    assert listed(iam, assignment_status="Unassigned") == [spare]
    (shown,) = iam("ListVirtualMFADevices", assignment_status="Unassigned")["VirtualMFADevices"]
    assert {name for name, value in shown.items() if value is not None} == {"SerialNumber"}


def test_lists_come_in_pages(iam: Iam) -> None:
    for name in ("c", "a", "b"):
        make(iam, name)
    first = iam("ListVirtualMFADevices", max_items=2)
    rest = iam("ListVirtualMFADevices", marker=first["Marker"])
    shown = [each["SerialNumber"][-1] for each in (*first["VirtualMFADevices"], *rest["VirtualMFADevices"])]
    assert shown == ["a", "b", "c"]


def test_codes_that_do_not_follow_each_other_are_refused(iam: Iam, bob: Iam) -> None:
    app = make(iam)
    for first, second in ((0, 0), (0, -1), (-2, 0), (30, 31), (-31, -30)):
        with pytest.raises(InvalidAuthenticationCode) as refused:
            iam(
                "EnableMFADevice",
                user_name="bob",
                serial_number=PHONE,
                authentication_code1=app.code(STEP_NOW + first),
                authentication_code2=app.code(STEP_NOW + second),
            )
        assert refused.value.message == "Authentication code for device is not valid."
    assert listed(iam, assignment_status="Assigned") == []


def test_a_device_of_somebody_is_given_to_nobody_else(iam: Iam, bob: Iam) -> None:
    iam("CreateUser", user_name="eve")
    app = make(iam)
    enable(iam, app)
    # radkawar/stackd, testdata/aws/iam/mfa.json, enable_duplicate and enable_other
    for user, message in {
        "bob": "MFA Device for user bob already exists.",
        "eve": "MFA Device is already in use.",
    }.items():
        with pytest.raises(EntityAlreadyExists) as refused:
            enable(iam, app, user, step=STEP_NOW + 2)
        assert refused.value.message == message


def test_a_user_has_eight_devices_at_most(iam: Iam, bob: Iam) -> None:
    for number in range(9):
        app = make(iam, str(number))
        if number < 8:
            enable(iam, app, serial=f"arn:aws:iam::{ACCOUNT}:mfa/{number}")
    with pytest.raises(LimitExceeded) as refused:
        enable(iam, app, serial=f"arn:aws:iam::{ACCOUNT}:mfa/8")
    assert refused.value.message == "Cannot exceed quota for MFADevicesPerUser: 8"


def test_a_deactivated_device_is_nobodys_and_its_codes_stay_used(iam: Iam, bob: Iam) -> None:
    app = make(iam)
    enable(iam, app)
    iam("DeactivateMFADevice", user_name="bob", serial_number=PHONE)
    assert iam("ListMFADevices", user_name="bob")["MFADevices"] == []
    assert listed(iam, assignment_status="Unassigned") == [PHONE]
    with pytest.raises(InvalidAuthenticationCode):
        enable(iam, app)
    enable(iam, app, step=STEP_NOW + 2)


def test_a_device_in_use_is_neither_deleted_nor_is_its_user(iam: Iam, bob: Iam) -> None:
    enable(iam, make(iam))
    with pytest.raises(DeleteConflict) as refused:
        iam("DeleteVirtualMFADevice", serial_number=PHONE)
    assert refused.value.message == "MFA VirtualDevice in use. Must deactivate first."
    iam("CreateAccessKey", user_name="bob")
    with pytest.raises(DeleteConflict) as refused:
        iam("DeleteUser", user_name="bob")
    # radkawar/stackd, testdata/aws/iam/mfa.json, delete_assigned_user
    assert refused.value.message == "Cannot delete entity, must remove tokens from principal first."
    iam("DeactivateMFADevice", user_name="bob", serial_number=PHONE)
    iam("DeleteVirtualMFADevice", serial_number=PHONE)
    (key,) = iam("ListAccessKeys", user_name="bob")["AccessKeyMetadata"]
    iam("DeleteAccessKey", user_name="bob", access_key_id=key["AccessKeyId"])
    iam("DeleteUser", user_name="bob")
    assert listed(iam) == []


CODES = {"authentication_code1": "000000", "authentication_code2": "000001"}
ON_A_DEVICE = [
    ("EnableMFADevice", CODES),
    ("ResyncMFADevice", CODES),
    ("DeactivateMFADevice", {}),
    ("GetMFADevice", {}),
]


@pytest.mark.parametrize(("operation", "parameters"), ON_A_DEVICE)
@pytest.mark.parametrize(
    "serial",
    [
        PHONE,
        PHONE.upper(),
        f"arn:aws:iam::{ACCOUNT}:mfa/none",
        "arn:aws:iam::999999999999:mfa/tablet",
        "GAHT12345678",
        f"arn:aws:iam::{ACCOUNT}:u2f/user/bob/default-ABCDEF",
    ],
)
def test_a_device_that_is_not_there_cannot_be_found(
    iam: Iam, bob: Iam, operation: str, parameters: dict[str, str], serial: str
) -> None:
    make(iam, "tablet")
    with pytest.raises(NoSuchEntity) as refused:
        iam(operation, user_name="bob", serial_number=serial, **parameters)
    assert refused.value.message == f"MFA Device with serial number {serial} does not exist."


@pytest.mark.parametrize(("operation", "parameters"), ON_A_DEVICE[1:])
def test_the_device_of_another_is_not_the_users(iam: Iam, bob: Iam, operation: str, parameters: dict[str, str]) -> None:
    iam("CreateUser", user_name="eve")
    enable(iam, make(iam), "eve")
    with pytest.raises(NoSuchEntity) as refused:
        iam(operation, user_name="bob", serial_number=PHONE, **parameters)
    assert refused.value.message == "MFA Device invalid for user."


@pytest.mark.parametrize(("operation", "parameters"), [*ON_A_DEVICE, ("ListMFADevices", None)])
def test_a_user_that_is_not_there_cannot_be_found(iam: Iam, operation: str, parameters: dict[str, str] | None) -> None:
    given = {} if parameters is None else {"serial_number": PHONE, **parameters}
    with pytest.raises(NoSuchEntity) as refused:
        iam(operation, user_name="nobody", **given)
    assert refused.value.message == "The user with name nobody cannot be found."


def test_root_has_devices_of_its_own(iam: Iam, bob: Iam) -> None:
    enable(iam, make(iam), ACCOUNT)
    assert iam("ListMFADevices")["MFADevices"] == [{"UserName": None, "SerialNumber": PHONE, "EnableDate": NOW}]
    assert iam("GetMFADevice", serial_number=PHONE)["SerialNumber"] == PHONE
    (shown,) = iam("ListVirtualMFADevices", assignment_status="Assigned")["VirtualMFADevices"]
    assert shown["User"]["Arn"] == f"arn:aws:iam::{ACCOUNT}:root"
    assert iam("GetAccountSummary")["SummaryMap"]["AccountMFAEnabled"] == 1
    assert bob("ListMFADevices")["MFADevices"] == []


def test_nobody_else_names_root(iam: Iam, bob: Iam) -> None:
    app = make(iam)
    with pytest.raises(NoSuchEntity):
        enable(bob, app, ACCOUNT)
    with pytest.raises(NoSuchEntity):
        bob("DeactivateMFADevice", user_name=ACCOUNT, serial_number=PHONE)


def test_a_user_who_is_called_like_the_account_is_that_user(iam: Iam) -> None:
    iam("CreateUser", user_name=ACCOUNT)
    enable(iam, make(iam), ACCOUNT)
    assert iam("ListMFADevices")["MFADevices"] == []
    assert len(iam("ListMFADevices", user_name=ACCOUNT)["MFADevices"]) == 1


def test_a_session_must_say_whose_devices_it_means(iam: Iam) -> None:
    with pytest.raises(ValidationError):
        iam.as_federated_user()("ListMFADevices")


def test_the_first_device_takes_no_mfa_and_a_second_one_does(iam: Iam, bob: Iam) -> None:
    enable(bob, make(iam))
    tablet = make(iam, "tablet")
    with pytest.raises(AccessDenied) as refused:
        enable(bob, tablet, serial=f"arn:aws:iam::{ACCOUNT}:mfa/tablet")
    assert refused.value.message == NOT_WITHOUT_MFA
    enable(iam, tablet, serial=f"arn:aws:iam::{ACCOUNT}:mfa/tablet")


@pytest.mark.parametrize("name", [None, "bob"])
def test_nobody_takes_away_an_own_device_without_mfa(iam: Iam, bob: Iam, name: str | None) -> None:
    enable(bob, make(iam))
    parameters = {} if name is None else {"user_name": name}
    with pytest.raises(AccessDenied) as refused:
        bob("DeactivateMFADevice", serial_number=PHONE, **parameters)
    assert refused.value.message == NOT_WITHOUT_MFA


def test_root_too_needs_mfa_for_an_own_device(iam: Iam) -> None:
    enable(iam, make(iam), ACCOUNT)
    with pytest.raises(AccessDenied):
        iam("DeactivateMFADevice", serial_number=PHONE)


def test_each_call_asks_for_the_resource_that_aws_names(iam: Iam, bob: Iam) -> None:
    user, device = f"arn:aws:iam::{ACCOUNT}:user/staff/bob", f"arn:aws:iam::{ACCOUNT}:mfa/staff/phone"
    assert iam.resources("CreateVirtualMFADevice", virtual_mfa_device_name="phone", path="/staff/") == [device]
    assert iam.resources("DeleteVirtualMFADevice", serial_number=device) == [device]
    for name in ("EnableMFADevice", "DeactivateMFADevice", "ResyncMFADevice", "ListMFADevices", "GetMFADevice"):
        assert iam.resources(name, user_name="bob") == [user]
    assert bob.resources("ListMFADevices") == [user]
    assert iam.resources("ListVirtualMFADevices") == ["*", f"arn:aws:iam::{ACCOUNT}:mfa/"]


def test_a_device_with_tags_takes_the_permission_to_tag(iam: Iam) -> None:
    tags = ({"key": "floor", "value": "2"},)
    checks = iam.checks("CreateVirtualMFADevice", virtual_mfa_device_name="phone", tags=tags)
    assert [check.action for check in checks] == ["iam:CreateVirtualMFADevice", "iam:TagMFADevice"]
    assert all(check.context["aws:requesttag/floor"] == "2" for check in checks)

"""Evidence for MFA devices and their tags."""

from __future__ import annotations

from api.evidence.families import Caller, ErrorCase, Family, never
from rolecall.iam.quotas import MFA_DEVICES_PER_USER, VIRTUAL_MFA_DEVICES
from rolecall.names.arn import AccountId
from rolecall.state.credentials import MfaDevice
from rolecall.state.entities import Tag
from totp import Authenticator, step_now

WRONG = {"AuthenticationCode1": "000000", "AuthenticationCode2": "000000"}


def serial(caller: Caller, name: str = "phone") -> str:
    return f"arn:aws:iam::{caller.account_id}:mfa/{name}"


def make(caller: Caller) -> Authenticator:
    """The user bob and the device `phone`, which is nobody's."""
    caller.iam.create_user(UserName="bob")
    made = caller.iam.create_virtual_mfa_device(VirtualMFADeviceName="phone")["VirtualMFADevice"]
    return Authenticator(made["Base32StringSeed"])


def codes(app: Authenticator, step: int) -> dict[str, str]:
    """The codes of a step and of the next one."""
    return {"AuthenticationCode1": app.code(step), "AuthenticationCode2": app.code(step + 1)}


def enable(caller: Caller) -> None:
    caller.iam.enable_mfa_device(UserName="bob", SerialNumber=serial(caller), **codes(make(caller), step_now() - 1))


def tour(caller: Caller) -> None:
    iam, device = caller.iam, serial(caller)
    app, step = make(caller), step_now()
    iam.tag_mfa_device(SerialNumber=device, Tags=[{"Key": "floor", "Value": "2"}, {"Key": "owner", "Value": "bob"}])
    iam.untag_mfa_device(SerialNumber=device, TagKeys=["floor"])
    assert iam.list_mfa_device_tags(SerialNumber=device)["Tags"] == [{"Key": "owner", "Value": "bob"}]
    iam.enable_mfa_device(UserName="bob", SerialNumber=device, **codes(app, step - 4))
    iam.resync_mfa_device(UserName="bob", SerialNumber=device, **codes(app, step - 1))
    assert [each["SerialNumber"] for each in iam.list_mfa_devices(UserName="bob")["MFADevices"]] == [device]
    assert iam.get_mfa_device(UserName="bob", SerialNumber=device)["UserName"] == "bob"
    (listed,) = iam.list_virtual_mfa_devices(AssignmentStatus="Assigned")["VirtualMFADevices"]
    assert listed["User"]["UserName"] == "bob"
    iam.deactivate_mfa_device(UserName="bob", SerialNumber=device)
    iam.delete_virtual_mfa_device(SerialNumber=device)
    assert iam.list_virtual_mfa_devices()["VirtualMFADevices"] == []


def put_devices(caller: Caller, count: int, *, tags: int = 0) -> None:
    """Write devices `n0`, `n1`, … of nobody."""
    sealed = caller.store.sealer.seal(b"seed", "mfa-device:of-nobody")
    caller.put(
        *(
            MfaDevice(
                account=AccountId(caller.account_id),
                id=f"{caller.account_id}-{number}",
                name=f"n{number}",
                created_at=0,
                tags=tuple(Tag(f"key{each}", "") for each in range(tags)),
                sealed_seed=sealed,
            )
            for number in range(count)
        )
    )


def make_one_device_too_many(caller: Caller) -> None:
    put_devices(caller, VIRTUAL_MFA_DEVICES.limit)
    make(caller)


def make_a_device_twice(caller: Caller) -> None:
    make(caller)
    caller.iam.create_virtual_mfa_device(VirtualMFADeviceName="Phone")


def make_a_device_on_a_path_of_aws(caller: Caller) -> None:
    caller.iam.create_virtual_mfa_device(VirtualMFADeviceName="phone", Path="/aws-reserved/")


def delete_a_device_in_use(caller: Caller) -> None:
    enable(caller)
    caller.iam.delete_virtual_mfa_device(SerialNumber=serial(caller))


def enable_a_device_twice(caller: Caller) -> None:
    enable(caller)
    caller.iam.enable_mfa_device(UserName="bob", SerialNumber=serial(caller), **WRONG)


def enable_with_one_code_twice(caller: Caller) -> None:
    make(caller)
    caller.iam.enable_mfa_device(UserName="bob", SerialNumber=serial(caller), **WRONG)


def enable_one_device_too_many(caller: Caller) -> None:
    caller.iam.create_user(UserName="bob")
    for number in range(MFA_DEVICES_PER_USER.limit + 1):
        made = caller.iam.create_virtual_mfa_device(VirtualMFADeviceName=f"n{number}")["VirtualMFADevice"]
        app = Authenticator(made["Base32StringSeed"])
        caller.iam.enable_mfa_device(UserName="bob", SerialNumber=made["SerialNumber"], **codes(app, step_now() - 1))


def enable_a_device_that_is_not_there(caller: Caller) -> None:
    caller.iam.create_user(UserName="bob")
    caller.iam.enable_mfa_device(UserName="bob", SerialNumber=serial(caller), **WRONG)


def synchronize_with_one_code_twice(caller: Caller) -> None:
    enable(caller)
    caller.iam.resync_mfa_device(UserName="bob", SerialNumber=serial(caller), **WRONG)


def synchronize_a_device_of_nobody(caller: Caller) -> None:
    make(caller)
    caller.iam.resync_mfa_device(UserName="bob", SerialNumber=serial(caller), **WRONG)


def deactivate_a_device_of_nobody(caller: Caller) -> None:
    make(caller)
    caller.iam.deactivate_mfa_device(UserName="bob", SerialNumber=serial(caller))


def read_a_device_of_nobody(caller: Caller) -> None:
    make(caller)
    caller.iam.get_mfa_device(UserName="bob", SerialNumber=serial(caller))


def give_a_device_too_many_tags(caller: Caller) -> None:
    put_devices(caller, 1, tags=50)
    caller.iam.tag_mfa_device(SerialNumber=serial(caller, "n0"), Tags=[{"Key": "one-more", "Value": ""}])


def give_a_device_one_tag_twice(caller: Caller) -> None:
    make(caller)
    tag = {"Key": "floor", "Value": "2"}
    caller.iam.tag_mfa_device(SerialNumber=serial(caller), Tags=[tag, tag])


def tag_a_device_that_is_not_there(caller: Caller) -> None:
    caller.iam.tag_mfa_device(SerialNumber=serial(caller), Tags=[{"Key": "floor", "Value": "2"}])


FAMILY = Family(
    operations=frozenset(
        {
            "CreateVirtualMFADevice",
            "DeleteVirtualMFADevice",
            "ListVirtualMFADevices",
            "EnableMFADevice",
            "DeactivateMFADevice",
            "ResyncMFADevice",
            "ListMFADevices",
            "GetMFADevice",
            "TagMFADevice",
            "UntagMFADevice",
            "ListMFADeviceTags",
        }
    ),
    tour=tour,
    errors=(
        ErrorCase("CreateVirtualMFADevice", "LimitExceeded", make_one_device_too_many),
        ErrorCase("CreateVirtualMFADevice", "EntityAlreadyExists", make_a_device_twice),
        ErrorCase("CreateVirtualMFADevice", "InvalidInput", make_a_device_on_a_path_of_aws),
        ErrorCase(
            "DeleteVirtualMFADevice",
            "NoSuchEntity",
            lambda caller: caller.iam.delete_virtual_mfa_device(SerialNumber=serial(caller)),
        ),
        ErrorCase("DeleteVirtualMFADevice", "DeleteConflict", delete_a_device_in_use),
        ErrorCase("EnableMFADevice", "EntityAlreadyExists", enable_a_device_twice),
        ErrorCase("EnableMFADevice", "InvalidAuthenticationCode", enable_with_one_code_twice),
        ErrorCase("EnableMFADevice", "LimitExceeded", enable_one_device_too_many),
        ErrorCase("EnableMFADevice", "NoSuchEntity", enable_a_device_that_is_not_there),
        ErrorCase("DeactivateMFADevice", "NoSuchEntity", deactivate_a_device_of_nobody),
        ErrorCase("ResyncMFADevice", "InvalidAuthenticationCode", synchronize_with_one_code_twice),
        ErrorCase("ResyncMFADevice", "NoSuchEntity", synchronize_a_device_of_nobody),
        ErrorCase("ListMFADevices", "NoSuchEntity", lambda caller: caller.iam.list_mfa_devices(UserName="nobody")),
        ErrorCase("GetMFADevice", "NoSuchEntity", read_a_device_of_nobody),
        ErrorCase("TagMFADevice", "NoSuchEntity", tag_a_device_that_is_not_there),
        ErrorCase("TagMFADevice", "LimitExceeded", give_a_device_too_many_tags),
        ErrorCase("TagMFADevice", "InvalidInput", give_a_device_one_tag_twice),
        ErrorCase(
            "UntagMFADevice",
            "NoSuchEntity",
            lambda caller: caller.iam.untag_mfa_device(SerialNumber=serial(caller), TagKeys=["floor"]),
        ),
        ErrorCase(
            "ListMFADeviceTags",
            "NoSuchEntity",
            lambda caller: caller.iam.list_mfa_device_tags(SerialNumber=serial(caller)),
        ),
    ),
    unreachable={
        **never(
            "LimitExceeded",
            "it uses nothing up",
            "DeleteVirtualMFADevice",
            "DeactivateMFADevice",
            "ResyncMFADevice",
        ),
        **never(
            "EntityTemporarilyUnmodifiable",
            "a change is whole when it is acknowledged",
            "EnableMFADevice",
            "DeactivateMFADevice",
        ),
        **never(
            "InvalidInput",
            "what it could be is a ValidationError: the model's constraints hold for every parameter",
            "UntagMFADevice",
            "ListMFADeviceTags",
        ),
    },
)

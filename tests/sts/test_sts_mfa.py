"""The MFA parameters of STS: whose device it must be, and that a code opens one session only."""

from __future__ import annotations

import pytest

from iam.harness import ACCOUNT, NOW, Iam, Server
from rolecall.decision.principal import AccountPrincipal
from rolecall.errors import AccessDenied
from rolecall.operations.code_attempts import FIRST_WAIT, FREE_TRIES
from rolecall.operations.transaction import Transaction
from rolecall.state.caller import Caller
from rolecall.state.credentials import MfaDevice
from rolecall.state.draft import Draft
from rolecall.sts.mfa import brings_code, use_mfa
from totp import STEP, Authenticator

STEP_NOW = NOW // STEP
WRONG = "MultiFactorAuthentication failed with invalid MFA one time pass code. "
NOT_THE_CALLERS = (
    "MultiFactorAuthentication failed, unable to validate MFA code.  "
    "Please verify your MFA serial number is valid and associated with this user."
)
INCOMPLETE = "MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code."


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def root(server: Server) -> Iam:
    """Root's IAM, in an account with the users bob and eve."""
    iam = server.account()
    for name in ("bob", "eve"):
        iam("CreateUser", user_name=name)
    return iam


def serial(name: str) -> str:
    return f"arn:aws:iam::{ACCOUNT}:mfa/{name}"


def give(root: Iam, user: str, name: str) -> Authenticator:
    """Give a user a new device, whose codes before this moment are used."""
    made = root("CreateVirtualMFADevice", virtual_mfa_device_name=name)["VirtualMFADevice"]
    app = Authenticator(made["Base32StringSeed"])
    root(
        "EnableMFADevice",
        user_name=user,
        serial_number=made["SerialNumber"],
        authentication_code1=app.code(STEP_NOW - 2),
        authentication_code2=app.code(STEP_NOW - 1),
    )
    return app


def use(server: Server, principal: AccountPrincipal, serial_number: str | None, code: str | None) -> int | None:
    """Call `use_mfa`; what it wrote stands if it did not raise."""
    caller = Caller(principal=principal, access_key_id="AKIAQQQQQQQQQQQQQQQQ")
    draft = Draft(server.world)
    used = use_mfa(
        Transaction(draft, caller=caller, now=server.now, surroundings=server.surroundings), serial_number, code
    )
    server.world = draft.world
    return used


def refusal(server: Server, principal: AccountPrincipal, serial_number: str | None, code: str | None) -> str:
    with pytest.raises(AccessDenied) as refused:
        use(server, principal, serial_number, code)
    return refused.value.message


def test_a_right_code_tells_when_mfa_was_used_and_is_used_up(server: Server, root: Iam) -> None:
    app, bob = give(root, "bob", "phone"), root.as_user("bob").principal
    assert use(server, bob, serial("phone"), app.code(STEP_NOW)) == NOW
    device = server.world.named(MfaDevice, ACCOUNT, "/phone")
    assert device is not None
    assert device.last_step == STEP_NOW
    assert refusal(server, bob, serial("phone"), app.code(STEP_NOW)) == WRONG
    assert use(server, bob, serial("phone"), app.code(STEP_NOW + 1)) == NOW


def test_codes_with_which_a_device_was_enabled_open_no_session(server: Server, root: Iam) -> None:
    app, bob = give(root, "bob", "phone"), root.as_user("bob").principal
    assert refusal(server, bob, serial("phone"), app.code(STEP_NOW - 1)) == WRONG


def test_without_parameters_nothing_is_used(server: Server, root: Iam) -> None:
    assert use(server, root.as_user("bob").principal, None, None) is None


def test_one_parameter_is_not_enough(server: Server, root: Iam) -> None:
    app, bob = give(root, "bob", "phone"), root.as_user("bob").principal
    assert refusal(server, bob, serial("phone"), None) == INCOMPLETE
    assert refusal(server, bob, None, app.code(STEP_NOW)) == INCOMPLETE


def test_each_of_several_devices_will_do(server: Server, root: Iam) -> None:
    apps = {name: give(root, "bob", name) for name in ("phone", "tablet", "watch")}
    bob = root.as_user("bob").principal
    for name, app in apps.items():
        assert use(server, bob, serial(name), app.code(STEP_NOW)) == NOW


def test_the_code_of_one_device_is_not_that_of_another(server: Server, root: Iam) -> None:
    phone, _ = give(root, "bob", "phone"), give(root, "bob", "tablet")
    assert refusal(server, root.as_user("bob").principal, serial("tablet"), phone.code(STEP_NOW)) == WRONG


@pytest.mark.parametrize("name", ["hers", "roots", "spare", "HIS", "none"])
def test_a_device_must_be_the_callers_own(server: Server, root: Iam, name: str) -> None:
    apps = {"hers": give(root, "eve", "hers"), "roots": give(root, ACCOUNT, "roots"), "his": give(root, "bob", "his")}
    made = root("CreateVirtualMFADevice", virtual_mfa_device_name="spare")["VirtualMFADevice"]
    apps["spare"] = Authenticator(made["Base32StringSeed"])
    code = apps.get(name.lower(), apps["his"]).code(STEP_NOW)
    assert refusal(server, root.as_user("bob").principal, serial(name), code) == NOT_THE_CALLERS


def test_root_uses_its_own_device(server: Server, root: Iam) -> None:
    app = give(root, ACCOUNT, "roots")
    assert use(server, root.principal, serial("roots"), app.code(STEP_NOW)) == NOW


def test_who_is_neither_user_nor_root_has_no_device(server: Server, root: Iam) -> None:
    app = give(root, ACCOUNT, "roots")
    visitor = root.as_federated_user().principal
    assert refusal(server, visitor, serial("roots"), app.code(STEP_NOW)) == NOT_THE_CALLERS


def test_a_deactivated_device_proves_nothing(server: Server, root: Iam) -> None:
    app = give(root, "bob", "phone")
    root("DeactivateMFADevice", user_name="bob", serial_number=serial("phone"))
    assert refusal(server, root.as_user("bob").principal, serial("phone"), app.code(STEP_NOW)) == NOT_THE_CALLERS


def test_guesses_are_slowed_down_and_the_refusal_reads_the_same(server: Server, root: Iam) -> None:
    app, bob = give(root, "bob", "phone"), root.as_user("bob").principal
    for _ in range(FREE_TRIES + 1):
        assert refusal(server, bob, serial("phone"), app.wrong_code(STEP_NOW)) == WRONG
    assert refusal(server, bob, serial("phone"), app.code(STEP_NOW)) == WRONG
    server.now += FIRST_WAIT
    assert use(server, bob, serial("phone"), app.code(server.now // STEP)) == server.now


def test_a_call_writes_if_it_brings_a_code() -> None:
    assert brings_code({"serial_number": "phone", "token_code": "123456"})
    assert not brings_code({"duration_seconds": 900})

"""boto3's resources: every action and every collection of its resource model for IAM, used as a program would use it.

A tour is a program that uses some of them in a fresh account; what it used is noted underneath it, inside boto3.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from boto3.resources.action import ServiceAction
from boto3.resources.collection import ResourceCollection
from botocore import xform_name
from botocore.loaders import Loader

import certificates
from api.refusals import refused
from saml_documents import ENTITY_ID, metadata
from serving import Keys
from totp import Authenticator, step_now

SERVICE = "iam"
ANYTHING = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})
NOTHING = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]})
PASSWORDS = "Correct-horse-battery-staple-1", "Another-horse-battery-staple-2"

BROKEN = {(SERVICE, "create_signing_certificate")}
"""Its model does not say whose certificate was made. boto3 uploads it, and cannot make a resource of the answer."""

Used = set[tuple[str, str]]
"""A resource of the model, or the service itself, and the name of an action or collection in Python."""


def resource(account: Any, keys: Keys) -> Any:
    """boto3's IAM for these keys."""
    return boto3.resource(
        SERVICE,
        endpoint_url=account.server.endpoint,
        region_name="us-east-1",
        aws_access_key_id=keys.access_key_id,
        aws_secret_access_key=keys.secret_access_key,
    )


def trusting(account: Any) -> str:
    """A trust policy for the account itself."""
    statement = {"Effect": "Allow", "Principal": {"AWS": account.id}, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def names(resources: Iterable[Any]) -> list[str]:
    return [each.name for each in resources]


def tour_users(account: Any, iam: Any) -> None:
    user = iam.create_user(UserName="bob")
    assert user.arn == f"arn:aws:iam::{account.id}:user/bob"
    user = user.update(NewUserName="robert", NewPath="/staff/")
    user.load()
    assert (user.path, names(iam.users.filter(PathPrefix="/staff/"))) == ("/staff/", ["robert"])
    group = iam.create_group(GroupName="readers")
    user.add_group(GroupName=group.name)
    assert names(user.groups.all()) == ["readers"]
    user.remove_group(GroupName=group.name)
    assert names(user.groups.all()) == []
    policy = iam.create_policy(PolicyName="anything", PolicyDocument=ANYTHING)
    user.attach_policy(PolicyArn=policy.arn)
    assert [each.arn for each in user.attached_policies.all()] == [policy.arn]
    user.detach_policy(PolicyArn=policy.arn)
    inline = user.create_policy(PolicyName="inline", PolicyDocument=ANYTHING)
    inline.put(PolicyDocument=NOTHING)
    inline.load()
    assert inline.policy_document == json.loads(NOTHING)
    assert names(user.policies.all()) == ["inline"]
    inline.delete()
    user.delete()
    assert iam.User("carol").create(Path="/").user_name == "carol"
    assert names(iam.users.all()) == ["carol"]


def tour_groups(account: Any, iam: Any) -> None:
    iam.Group("editors").create()
    group = iam.Group("editors").update(NewGroupName="readers")
    group.load()
    assert group.arn == f"arn:aws:iam::{account.id}:group/readers"
    assert names(iam.groups.all()) == ["readers"]
    iam.create_user(UserName="bob")
    group.add_user(UserName="bob")
    assert names(group.users.all()) == ["bob"]
    group.remove_user(UserName="bob")
    policy = iam.create_policy(PolicyName="anything", PolicyDocument=ANYTHING)
    group.attach_policy(PolicyArn=policy.arn)
    assert [each.arn for each in group.attached_policies.all()] == [policy.arn]
    group.detach_policy(PolicyArn=policy.arn)
    inline = group.create_policy(PolicyName="inline", PolicyDocument=ANYTHING)
    inline.put(PolicyDocument=NOTHING)
    inline.load()
    assert inline.policy_document == json.loads(NOTHING)
    assert names(group.policies.all()) == ["inline"]
    inline.delete()
    group.delete()
    with refused("NoSuchEntity", 404):
        group.load()


def tour_roles(account: Any, iam: Any) -> None:
    role = iam.create_role(RoleName="machine", AssumeRolePolicyDocument=trusting(account))
    role.load()
    assert (role.max_session_duration, names(iam.roles.all())) == (3600, ["machine"])
    role.AssumeRolePolicy().update(PolicyDocument=trusting(account).replace("sts:AssumeRole", "sts:TagSession"))
    role.load()
    assert role.assume_role_policy_document["Statement"][0]["Action"] == "sts:TagSession"
    policy = iam.create_policy(PolicyName="anything", PolicyDocument=ANYTHING)
    role.attach_policy(PolicyArn=policy.arn)
    assert [each.arn for each in role.attached_policies.all()] == [policy.arn]
    role.detach_policy(PolicyArn=policy.arn)
    inline = role.Policy("inline")
    inline.put(PolicyDocument=ANYTHING)
    inline.load()
    assert inline.policy_document == json.loads(ANYTHING)
    assert names(role.policies.all()) == ["inline"]
    inline.delete()
    profile = iam.create_instance_profile(InstanceProfileName="machine")
    profile.add_role(RoleName=role.name)
    profile.load()
    assert names(profile.roles) == names(iam.roles.all()) == ["machine"]
    assert names(role.instance_profiles.all()) == names(iam.instance_profiles.all()) == ["machine"]
    profile.remove_role(RoleName=role.name)
    profile.delete()
    role.delete()
    assert names(iam.roles.all()) == names(iam.instance_profiles.all()) == []


def tour_policies(account: Any, iam: Any) -> None:
    policy = iam.create_policy(PolicyName="anything", PolicyDocument=ANYTHING)
    version = policy.create_version(PolicyDocument=NOTHING)
    assert (version.version_id, policy.default_version.version_id) == ("v2", "v1")
    version.set_as_default()
    version.load()
    assert (version.is_default_version, version.document) == (True, json.loads(NOTHING))
    policy.load()
    assert [each.version_id for each in policy.versions.all()] == ["v2", "v1"]
    assert policy.default_version.version_id == "v2"
    iam.PolicyVersion(policy.arn, "v1").delete()
    iam.create_user(UserName="bob")
    iam.create_group(GroupName="readers")
    iam.create_role(RoleName="machine", AssumeRolePolicyDocument=trusting(account))
    policy.attach_user(UserName="bob")
    policy.attach_group(GroupName="readers")
    policy.attach_role(RoleName="machine")
    attached = policy.attached_users, policy.attached_groups, policy.attached_roles
    assert [names(each.all()) for each in attached] == [["bob"], ["readers"], ["machine"]]
    policy.load()
    assert policy.attachment_count == 3
    policy.detach_user(UserName="bob")
    policy.detach_group(GroupName="readers")
    policy.detach_role(RoleName="machine")
    assert [each.arn for each in iam.policies.filter(Scope="Local")] == [policy.arn]
    policy.delete()
    assert list(iam.policies.filter(Scope="Local")) == []


def tour_access_keys(account: Any, iam: Any) -> None:
    user = iam.create_user(UserName="bob")
    pair = user.create_access_key_pair()
    sts = account.client("sts", pair.id, pair.secret)
    pair.deactivate()
    with refused("InvalidClientTokenId", 403):
        sts.get_caller_identity()
    pair.activate()
    assert sts.get_caller_identity()["Arn"] == user.arn
    (key,) = user.access_keys.all()
    key.deactivate()
    assert [each.status for each in user.access_keys.all()] == ["Inactive"]
    key.activate()
    key.delete()
    user.create_access_key_pair().delete()
    assert list(user.access_keys.all()) == []


def tour_the_current_user(account: Any, iam: Any) -> None:
    bob = account.user("bob", {"Effect": "Allow", "Action": "iam:*", "Resource": "*"})
    iam = resource(account, bob.keys)
    me = iam.CurrentUser()
    me.load()
    assert (me.arn, me.user.name) == (bob.arn, "bob")
    assert [key.id for key in me.access_keys.all()] == [bob.keys.access_key_id]
    assert list(me.mfa_devices.all()) == list(me.signing_certificates.all()) == []
    me.user.create_login_profile(Password=PASSWORDS[0])
    iam.change_password(OldPassword=PASSWORDS[0], NewPassword=PASSWORDS[1])
    with refused("AccessDenied", 403):  # the old password is the old one no longer
        iam.change_password(OldPassword=PASSWORDS[0], NewPassword=PASSWORDS[1])


def tour_login_profiles(account: Any, iam: Any) -> None:
    user = iam.create_user(UserName="bob")
    profile = user.create_login_profile(Password=PASSWORDS[0], PasswordResetRequired=True)
    profile.update(PasswordResetRequired=False)
    profile.load()
    assert profile.password_reset_required is False
    profile.delete()
    assert user.LoginProfile().create(Password=PASSWORDS[1]).user_name == "bob"


def tour_mfa_devices(account: Any, iam: Any) -> None:
    user = iam.create_user(UserName="bob")
    phone, token = (iam.create_virtual_mfa_device(VirtualMFADeviceName=name) for name in ("phone", "token"))
    device = user.enable_mfa(SerialNumber=phone.serial_number, **codes(phone, -1))
    device.resync(**codes(phone, 1))
    other = user.MfaDevice(token.serial_number)
    other.associate(**codes(token, -1))
    serials = {phone.serial_number, token.serial_number}
    assert {each.serial_number for each in user.mfa_devices.all()} == serials
    assert {each.user.name for each in iam.virtual_mfa_devices.filter(AssignmentStatus="Assigned")} == {"bob"}
    for each in (device, other):
        each.disassociate()
    for each in (phone, token):
        each.delete()
    assert list(iam.virtual_mfa_devices.all()) == []


def codes(device: Any, begin: int) -> dict[str, str]:
    """Two codes in a row of a device, the first of the time step `begin` after this one."""
    app, now = Authenticator(device.base32_string_seed), step_now()
    return {f"AuthenticationCode{place + 1}": app.code(now + begin + place) for place in (0, 1)}


def tour_signing_certificates(account: Any, iam: Any) -> None:
    user = iam.create_user(UserName="bob")
    body = certificates.certificate("bob", now=int(time.time()), key=certificates.rsa_key()).body
    with pytest.raises(ValueError, match="user_name not set"):
        iam.create_signing_certificate(UserName="bob", CertificateBody=body)
    (made,) = user.signing_certificates.all()
    made.deactivate()
    assert [each.status for each in user.signing_certificates.all()] == ["Inactive"]
    made.activate()
    assert [each.status for each in user.signing_certificates.all()] == ["Active"]
    made.delete()
    assert list(user.signing_certificates.all()) == []


def tour_server_certificates(account: Any, iam: Any) -> None:
    site = certificates.certificate("site.example.com", now=int(time.time()), key=certificates.rsa_key())
    made = iam.create_server_certificate(
        ServerCertificateName="site", CertificateBody=site.body, PrivateKey=site.private_key
    )
    made = made.update(NewServerCertificateName="front", NewPath="/cloudfront/")
    made.load()
    assert made.certificate_body.strip() == site.body.strip()
    assert names(iam.server_certificates.all()) == ["front"]
    made.delete()
    assert list(iam.server_certificates.all()) == []


def tour_saml_providers(account: Any, iam: Any) -> None:
    made = iam.create_saml_provider(Name="staff", SAMLMetadataDocument=metadata())
    made.update(SAMLMetadataDocument=metadata(number=1))
    made.load()
    assert ENTITY_ID in made.saml_metadata_document
    assert [each.arn for each in iam.saml_providers.all()] == [f"arn:aws:iam::{account.id}:saml-provider/staff"]
    made.delete()
    assert list(iam.saml_providers.all()) == []


def tour_the_account(account: Any, iam: Any) -> None:
    policy = iam.create_account_password_policy(MinimumPasswordLength=12)
    policy.load()
    assert policy.minimum_password_length == 12
    policy.update(RequireNumbers=True)
    policy.load()
    assert (policy.minimum_password_length, policy.require_numbers) == (6, True)
    policy.delete()
    with refused("NoSuchEntity", 404):
        policy.load()
    iam.create_account_alias(AccountAlias=f"resources-{account.id}")
    summary = iam.AccountSummary()
    summary.load()
    assert summary.summary_map["Users"] == 0


TOURS: tuple[Callable[[Any, Any], None], ...] = (
    tour_users,
    tour_groups,
    tour_roles,
    tour_policies,
    tour_access_keys,
    tour_the_current_user,
    tour_login_profiles,
    tour_mfa_devices,
    tour_signing_certificates,
    tour_server_certificates,
    tour_saml_providers,
    tour_the_account,
)


def modelled() -> Used:
    """Every action, every load and every collection of boto3's resource model."""
    loader = Loader(extra_search_paths=[str(Path(boto3.__file__).parent / "data")])
    model = loader.load_service_model(SERVICE, "resources-1")
    return {
        (name, xform_name(member))
        for name, shape in {SERVICE: model["service"], **model["resources"]}.items()
        for member in (*shape.get("actions", ()), *shape.get("hasMany", ()), *({"load"} & shape.keys()))
    }


@pytest.fixture
def used(monkeypatch: pytest.MonkeyPatch) -> Used:
    """Whatever a program uses of the resource model, while the test runs."""
    noted: Used = set()
    act, walk = ServiceAction.__call__, ResourceCollection.pages

    def noting_act(self: Any, parent: Any, *arguments: Any, **parameters: Any) -> Any:
        answer = act(self, parent, *arguments, **parameters)
        noted.add((parent.meta.resource_model.name, self._action_model.name))
        return answer

    def noting_walk(self: Any) -> Iterator[Any]:
        yield from walk(self)
        noted.add((self._parent.meta.resource_model.name, self._model.name))

    monkeypatch.setattr(ServiceAction, "__call__", noting_act)
    monkeypatch.setattr(ResourceCollection, "pages", noting_walk)
    return noted


def test_every_action_and_collection_of_boto3s_resources_works(new_account: Callable[[], Any], used: Used):
    for tour in TOURS:
        account = new_account()
        tour(account, resource(account, account.root))
    assert used == modelled() - BROKEN

"""boto3's paginators and waiters for IAM, every one: pages lose nothing and show nothing twice, waiting ends."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from botocore import xform_name
from botocore.exceptions import WaiterError
from botocore.loaders import Loader

import certificates
from saml_documents import metadata
from serving import Server
from totp import Authenticator, step_now

ANYTHING = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})
TAGS = [{"Key": key, "Value": "value"} for key in ("a", "b", "c")]
THREE = ("one", "three", "two")
"""Names of three entities, in the order in which lists show them."""

MODEL = Loader().load_service_model("iam", "paginators-1")["pagination"]
RESUMABLE = [name for name, paginator in MODEL.items() if isinstance(paginator["result_key"], str)]
"""Of several lists botocore continues only the first: `StartingToken` loses the others, with AWS as well."""

WAITERS = Loader().load_service_model("iam", "waiters-2")["waiters"]


def arn(account: str, kind: str, name: str = "one") -> str:
    return f"arn:aws:iam::{account}:{kind}/{name}"


def calls(account: str) -> dict[str, tuple[Mapping[str, Any], int]]:
    """For each paginator the parameters of a call, and how many items of the full account it shows in all."""
    user, group, role = {"UserName": "one"}, {"GroupName": "one"}, {"RoleName": "one"}
    policy = {"PolicyArn": arn(account, "policy")}
    actions = {"ActionNames": ["iam:GetUser", "iam:ListUsers", "s3:GetObject"]}
    return {
        "GetAccountAuthorizationDetails": ({"Filter": ["User", "Group", "Role", "LocalManagedPolicy"]}, 12),
        "GetGroup": (group, 3),
        "ListAccessKeys": (user, 2),
        "ListAccountAliases": ({}, 1),
        "ListAttachedGroupPolicies": (group, 3),
        "ListAttachedRolePolicies": (role, 3),
        "ListAttachedUserPolicies": (user, 3),
        "ListEntitiesForPolicy": (policy, 3),
        "ListGroupPolicies": (group, 3),
        "ListGroups": ({}, 3),
        "ListGroupsForUser": (user, 3),
        "ListInstanceProfiles": ({}, 3),
        "ListInstanceProfilesForRole": (role, 3),
        "ListMFADevices": (user, 3),
        "ListPolicies": ({"Scope": "Local"}, 3),
        "ListPolicyVersions": (policy, 3),
        "ListRolePolicies": (role, 3),
        "ListRoles": ({}, 3),
        "ListServerCertificates": ({}, 3),
        "ListSigningCertificates": (user, 2),
        "ListSSHPublicKeys": (user, 3),
        "ListUserPolicies": (user, 3),
        "ListUsers": ({}, 3),
        "ListVirtualMFADevices": ({}, 3),
        "SimulateCustomPolicy": ({"PolicyInputList": [ANYTHING], **actions}, 3),
        "SimulatePrincipalPolicy": ({"PolicySourceArn": arn(account, "user"), **actions}, 3),
        "ListUserTags": (user, 3),
        "ListInstanceProfileTags": ({"InstanceProfileName": "one"}, 3),
        "ListMFADeviceTags": ({"SerialNumber": arn(account, "mfa")}, 3),
        "ListOpenIDConnectProviderTags": (
            {"OpenIDConnectProviderArn": arn(account, "oidc-provider", "idp.example.com")},
            3,
        ),
        "ListPolicyTags": (policy, 3),
        "ListRoleTags": (role, 3),
        "ListSAMLProviderTags": ({"SAMLProviderArn": arn(account, "saml-provider")}, 3),
        "ListServerCertificateTags": ({"ServerCertificateName": "one"}, 3),
    }


def fill(iam: Any, account: str) -> None:
    """Make what `calls` counts."""
    trust = {"Effect": "Allow", "Principal": {"AWS": account}, "Action": "sts:AssumeRole"}
    trust_policy = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    for name in THREE:
        iam.create_user(UserName=name, Tags=TAGS)
        iam.create_group(GroupName=name)
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust_policy, Tags=TAGS)
        iam.create_policy(PolicyName=name, PolicyDocument=ANYTHING, Tags=TAGS)
        iam.create_instance_profile(InstanceProfileName=name, Tags=TAGS)
    for name in THREE:
        policy = arn(account, "policy", name)
        iam.add_user_to_group(UserName="one", GroupName=name)
        iam.add_role_to_instance_profile(RoleName="one", InstanceProfileName=name)
        iam.attach_user_policy(UserName="one", PolicyArn=policy)
        iam.attach_group_policy(GroupName="one", PolicyArn=policy)
        iam.attach_role_policy(RoleName="one", PolicyArn=policy)
        iam.put_user_policy(UserName="one", PolicyName=name, PolicyDocument=ANYTHING)
        iam.put_group_policy(GroupName="one", PolicyName=name, PolicyDocument=ANYTHING)
        iam.put_role_policy(RoleName="one", PolicyName=name, PolicyDocument=ANYTHING)
    for name in ("three", "two"):
        iam.add_user_to_group(UserName=name, GroupName="one")
        iam.create_policy_version(PolicyArn=arn(account, "policy"), PolicyDocument=ANYTHING)
        iam.create_access_key(UserName="one")
    iam.create_account_alias(AccountAlias=f"pages-{account}")
    iam.create_open_id_connect_provider(Url="https://idp.example.com", ThumbprintList=["a" * 40], Tags=TAGS)
    iam.create_saml_provider(Name="one", SAMLMetadataDocument=metadata(), Tags=TAGS)
    give_devices_and_certificates(iam)


def give_devices_and_certificates(iam: Any) -> None:
    now = int(time.time())
    for number, name in enumerate(THREE):
        device = iam.create_virtual_mfa_device(VirtualMFADeviceName=name, Tags=TAGS)["VirtualMFADevice"]
        app = Authenticator(device["Base32StringSeed"])
        iam.enable_mfa_device(
            UserName="one",
            SerialNumber=device["SerialNumber"],
            AuthenticationCode1=app.code(step_now() - 1),
            AuthenticationCode2=app.code(step_now()),
        )
        made = certificates.certificate(f"{name}.example.com", now=now, key=certificates.rsa_key())
        iam.upload_server_certificate(
            ServerCertificateName=name, CertificateBody=made.body, PrivateKey=made.private_key, Tags=TAGS
        )
        iam.upload_ssh_public_key(
            UserName="one", SSHPublicKeyBody=certificates.openssh(certificates.rsa_key(number=number))
        )
        if number:
            iam.upload_signing_certificate(UserName="one", CertificateBody=made.body)


@pytest.fixture(scope="module")
def full(server: Server) -> tuple[str, Any]:
    """An account with several of everything: its id and a client of root."""
    account, keys = server.new_account()
    iam = server.client("iam", keys)
    fill(iam, account)
    return account, iam


def items(answer: Mapping[str, Any], result_keys: list[str] | str) -> Iterator[str]:
    """The listed items of an answer, each as text and with the list that it stands in."""
    for key in [result_keys] if isinstance(result_keys, str) else result_keys:
        for item in answer.get(key, ()):
            yield f"{key} {json.dumps(item, default=str, sort_keys=True)}"


@pytest.mark.parametrize("page_size", [1, 2])
@pytest.mark.parametrize("name", MODEL)
def test_pages_show_everything_once(full: tuple[str, Any], name: str, page_size: int):
    account, iam = full
    parameters, count = calls(account)[name]
    (method,) = (each for each, operation in iam.meta.method_to_api_mapping.items() if operation == name)
    keys = MODEL[name]["result_key"]
    whole = sorted(items(getattr(iam, method)(**parameters), keys))
    assert len(whole) == len(set(whole)) == count
    pages = list(iam.get_paginator(method).paginate(**parameters, PaginationConfig={"PageSize": page_size}))
    shown = [list(items(each, keys)) for each in pages]
    assert sorted(item for each in shown for item in each) == whole
    assert [len(each) for each in shown[:-1]] == [page_size] * ((count - 1) // page_size)


@pytest.mark.parametrize("scope", ["AWS", "All"])
def test_pages_show_every_managed_policy_of_aws_once(full: tuple[str, Any], scope: str):
    _, iam = full
    pages = iam.get_paginator("list_policies").paginate(Scope=scope, PaginationConfig={"PageSize": 400})
    arns = [policy["Arn"] for each in pages for policy in each["Policies"]]
    assert len(arns) == len(set(arns)) > 1000
    assert sum(":aws:policy/" not in each for each in arns) == (3 if scope == "All" else 0)


@pytest.mark.parametrize("name", RESUMABLE)
def test_reading_goes_on_from_the_token_of_a_reading_that_stopped(full: tuple[str, Any], name: str):
    account, iam = full
    parameters, count = calls(account)[name]
    (method,) = (each for each, operation in iam.meta.method_to_api_mapping.items() if operation == name)
    keys = MODEL[name]["result_key"]
    token, found = None, []
    for _ in range(count):
        limits = {"MaxItems": 1, "PageSize": 2, "StartingToken": token}
        answer = iam.get_paginator(method).paginate(**parameters, PaginationConfig=limits).build_full_result()
        found += items(answer, keys)
        token = answer.get("NextToken")
    assert token is None
    assert sorted(found) == sorted(items(getattr(iam, method)(**parameters), keys))


TRUST = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}]}
)
WAITED_FOR: dict[str, tuple[str, str, Mapping[str, str]]] = {
    "InstanceProfileExists": ("instance_profile", "InstanceProfileName", {}),
    "PolicyExists": ("policy", "PolicyName", {"PolicyDocument": ANYTHING}),
    "RoleExists": ("role", "RoleName", {"AssumeRolePolicyDocument": TRUST}),
    "UserExists": ("user", "UserName", {}),
}
"""For each waiter the kind of entity, the member that names one, and what else makes one."""

EVERY_WAITER = pytest.mark.parametrize("name", WAITERS)
THREE_TIMES = {"Delay": 0, "MaxAttempts": 3}


def target_of(name: str, account: Any) -> dict[str, str]:
    """Whom a waiter is told to wait for."""
    kind, member, _ = WAITED_FOR[name]
    return {"PolicyArn": arn(account.id, "policy", "late")} if kind == "policy" else {member: "late"}


def make_target(name: str, account: Any) -> None:
    kind, member, others = WAITED_FOR[name]
    getattr(account.iam, f"create_{kind}")(**{member: "late"}, **others)


@EVERY_WAITER
def test_a_waiter_sees_what_is_there_at_its_first_look(account: Any, name: str):
    make_target(name, account)
    waiter = account.iam.get_waiter(xform_name(name))
    waiter.wait(**target_of(name, account), WaiterConfig={"Delay": 0, "MaxAttempts": 1})


@EVERY_WAITER
def test_a_waiter_sees_what_is_made_while_it_waits(account: Any, name: str):
    iam, looks = account.iam, []

    def make_after_the_first_look(**_: Any) -> None:
        looks.append(name)
        if len(looks) == 1:
            make_target(name, account)

    iam.meta.events.register(f"after-call.iam.{WAITERS[name]['operation']}", make_after_the_first_look)
    iam.get_waiter(xform_name(name)).wait(**target_of(name, account), WaiterConfig=THREE_TIMES)
    assert len(looks) == 2


@EVERY_WAITER
def test_a_waiter_gives_up_on_what_never_comes(account: Any, name: str):
    with pytest.raises(WaiterError, match="Max attempts exceeded"):
        account.iam.get_waiter(xform_name(name)).wait(**target_of(name, account), WaiterConfig=THREE_TIMES)


@EVERY_WAITER
def test_a_waiter_that_may_not_look_fails_at_once(account: Any, name: str):
    bob = account.user("bob").iam
    with pytest.raises(WaiterError, match=r"An error occurred \(AccessDenied\)") as caught:
        bob.get_waiter(xform_name(name)).wait(**target_of(name, account), WaiterConfig=THREE_TIMES)
    assert caught.value.last_response["Error"]["Code"] == "AccessDenied"

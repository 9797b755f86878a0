"""CreateServiceSpecificCredential, List…, Update…, Reset… and DeleteServiceSpecificCredential.

What AWS answers was recorded by radkawar/stackd (internal/services/iam/testdata, service_credentials_aws.json and
service_credentials_authorization_aws.json).
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from typing import Any

import pytest

from iam.harness import NOW, Iam, Server
from rolecall.errors import ApiError, InvalidInput, LimitExceeded, ValidationError
from rolecall.iam.service_specific_credentials import SERVICES
from rolecall.state.credentials import ServiceSpecificCredential

GIT = "codecommit.amazonaws.com"
MODELS = "bedrock.amazonaws.com"
DAY = 86_400
EVERYONE = "arn:aws:iam::123456789012:user/*"
BOB = "arn:aws:iam::123456789012:user/bob"


@pytest.fixture
def bob(iam: Iam) -> Iam:
    """IAM as the user bob calls it."""
    iam("CreateUser", user_name="bob")
    return iam.as_user("bob")


def create(iam: Iam, service: str = GIT, user_name: str = "bob", **parameters: Any) -> Mapping[str, Any]:
    answer = iam("CreateServiceSpecificCredential", user_name=user_name, service_name=service, **parameters)
    return answer["ServiceSpecificCredential"]


def listed(iam: Iam, **parameters: Any) -> list[Mapping[str, Any]]:
    return list(iam("ListServiceSpecificCredentials", **parameters)["ServiceSpecificCredentials"])


def stored(server: Server, made: Mapping[str, Any]) -> ServiceSpecificCredential:
    found = server.world.get(ServiceSpecificCredential, made["ServiceSpecificCredentialId"])
    assert found is not None
    return found


def metadata(made: Mapping[str, Any], **changes: Any) -> dict[str, Any]:
    """What lists show of a credential that was made."""
    secret = ("ServicePassword", "ServiceCredentialSecret")
    return {key: value for key, value in made.items() if key not in secret} | changes


@pytest.mark.parametrize("service", [GIT, "cassandra.amazonaws.com"])
def test_some_services_take_a_name_and_a_password(iam: Iam, bob: Iam, service: str) -> None:
    made = create(iam, service)
    assert made == {
        "UserName": "bob",
        "Status": "Active",
        "ServiceUserName": "bob-at-123456789012",
        "ServicePassword": made["ServicePassword"],
        "CreateDate": NOW,
        "ExpirationDate": None,
        "ServiceSpecificCredentialId": made["ServiceSpecificCredentialId"],
        "ServiceName": service,
    }
    assert made["ServiceSpecificCredentialId"].startswith("ACCA")
    assert len(made["ServiceSpecificCredentialId"]) == 21
    assert len(made["ServicePassword"]) == 60
    assert made["ServicePassword"].endswith("=")


@pytest.mark.parametrize(
    ("service", "prefix"),
    [
        (MODELS, "ABSK"),
        ("logs.amazonaws.com", "ACWL"),
        ("cloudwatch.amazonaws.com", "APIAACWM"),
        ("aws-external-anthropic.amazonaws.com", "AEAA"),
    ],
)
def test_the_others_take_an_api_key_that_holds_its_alias(iam: Iam, bob: Iam, service: str, prefix: str) -> None:
    made = create(iam, service, credential_age_days=1)
    assert set(metadata(made)) == {
        "UserName",
        "Status",
        "ServiceCredentialAlias",
        "CreateDate",
        "ExpirationDate",
        "ServiceSpecificCredentialId",
        "ServiceName",
    }
    secret = made["ServiceCredentialSecret"]
    assert secret.startswith(prefix)
    alias, password = base64.b64decode(secret.removeprefix(prefix)).decode().split(":")
    assert alias == made["ServiceCredentialAlias"] == "bob-at-123456789012"
    assert len(password) == 60


def test_only_a_digest_of_the_secret_is_kept(iam: Iam, server: Server, bob: Iam) -> None:
    for service, member in ((GIT, "ServicePassword"), (MODELS, "ServiceCredentialSecret")):
        made = create(iam, service)
        assert stored(server, made).secret_digest == hashlib.sha256(made[member].encode()).digest()
    assert all("Secret" not in member and "Password" not in member for one in listed(bob) for member in one)


def test_the_name_of_a_service_is_taken_in_whatever_case(iam: Iam, bob: Iam) -> None:
    assert create(iam, GIT.upper())["ServiceName"] == GIT
    assert len(listed(bob, service_name="CodeCommit.amazonaws.com")) == 1


def test_names_are_numbered_and_a_free_one_is_used_again(iam: Iam, bob: Iam) -> None:
    first, second = create(iam), create(iam)
    assert second["ServiceUserName"] == "bob+1-at-123456789012"
    assert create(iam, MODELS)["ServiceCredentialAlias"] == "bob-at-123456789012"
    bob("DeleteServiceSpecificCredential", service_specific_credential_id=first["ServiceSpecificCredentialId"])
    assert create(iam)["ServiceUserName"] == "bob-at-123456789012"


def test_a_credential_keeps_its_name_when_its_user_gets_another(iam: Iam, server: Server, bob: Iam) -> None:
    made = create(iam)
    iam("UpdateUser", user_name="bob", new_user_name="rob")
    assert listed(iam, user_name="rob") == [metadata(made, UserName="rob")]
    iam("CreateUser", user_name="Bob")
    assert create(iam, user_name="Bob")["ServiceUserName"] == "Bob+1-at-123456789012"


def test_names_are_unique_in_an_account_and_free_in_the_next_one(iam: Iam, server: Server, bob: Iam) -> None:
    create(iam)
    other = server.account("210987654321")
    other("CreateUser", user_name="bob")
    assert create(other)["ServiceUserName"] == "bob-at-210987654321"
    assert len(listed(iam, all_users=True)) == 1


def test_two_credentials_for_each_service_are_the_most(iam: Iam, bob: Iam) -> None:
    for service in SERVICES:
        made = [create(iam, service)["ServiceSpecificCredentialId"] for _ in range(2)]
        bob("UpdateServiceSpecificCredential", service_specific_credential_id=made[0], status="Inactive")
        with pytest.raises(LimitExceeded):
            create(iam, service)
    iam("CreateUser", user_name="eve")
    create(iam, user_name="eve")


def test_a_credential_may_expire_and_says_so(iam: Iam, server: Server, bob: Iam) -> None:
    for service in (MODELS, GIT):
        made = create(iam, service, credential_age_days=1)
        assert made["ExpirationDate"] == NOW + DAY
    for later, status in ((DAY - 1, "Active"), (DAY, "Expired")):
        server.now = NOW + later
        assert {one["Status"] for one in listed(bob)} == {status}


def test_no_call_brings_an_expired_credential_back(iam: Iam, server: Server, bob: Iam) -> None:
    made = create(iam, MODELS, credential_age_days=1)
    own = {"service_specific_credential_id": made["ServiceSpecificCredentialId"]}
    server.now = NOW + DAY
    bob("UpdateServiceSpecificCredential", **own, status="Active")
    reset = bob("ResetServiceSpecificCredential", **own)["ServiceSpecificCredential"]
    assert metadata(reset) == metadata(made, Status="Expired")
    assert [one["Status"] for one in listed(bob)] == ["Expired"]


def test_a_reset_changes_the_secret_and_nothing_else(iam: Iam, server: Server, bob: Iam) -> None:
    for service, member in ((GIT, "ServicePassword"), (MODELS, "ServiceCredentialSecret")):
        made = create(iam, service, credential_age_days=2)
        own = {"service_specific_credential_id": made["ServiceSpecificCredentialId"]}
        bob("UpdateServiceSpecificCredential", **own, status="Inactive")
        reset = bob("ResetServiceSpecificCredential", **own)["ServiceSpecificCredential"]
        assert metadata(reset) == metadata(made, Status="Inactive")
        assert reset[member] != made[member]
        assert len(reset[member]) == len(made[member])
        assert stored(server, made).secret_digest == hashlib.sha256(reset[member].encode()).digest()


def test_a_credential_is_switched_off_and_on_but_not_to_expired(iam: Iam, bob: Iam) -> None:
    own = {"service_specific_credential_id": create(iam)["ServiceSpecificCredentialId"]}
    for word in ("Inactive", "Active"):
        bob("UpdateServiceSpecificCredential", **own, status=word)
        assert [one["Status"] for one in listed(bob)] == [word]
    with pytest.raises(InvalidInput) as caught:
        bob("UpdateServiceSpecificCredential", **own, status="Expired")
    assert caught.value.message == "Operation does not support status Expired"


def test_lists_are_of_one_user_or_all_and_of_one_service_or_all(iam: Iam, bob: Iam) -> None:
    iam("CreateUser", user_name="eve")
    made = {(user, service): create(iam, service, user) for user in ("bob", "eve") for service in (GIT, MODELS)}

    def ids(*keys: tuple[str, str]) -> set[str]:
        return {made[key]["ServiceSpecificCredentialId"] for key in keys}

    def found(caller: Iam = iam, **parameters: Any) -> set[str]:
        return {one["ServiceSpecificCredentialId"] for one in listed(caller, **parameters)}

    assert found(all_users=True) == ids(*made)
    assert found(all_users=True, service_name=GIT) == ids(("bob", GIT), ("eve", GIT))
    assert found(user_name="eve", all_users=False) == found(user_name="eve", service_name="")
    assert found(user_name="eve", service_name=MODELS) == ids(("eve", MODELS))
    assert found(bob) == ids(("bob", GIT), ("bob", MODELS))
    assert {one["UserName"] for one in listed(iam, all_users=True)} == {"bob", "eve"}


def test_lists_come_in_pages(iam: Iam, bob: Iam) -> None:
    made = {create(iam)["ServiceSpecificCredentialId"] for _ in range(2)}
    first = iam("ListServiceSpecificCredentials", user_name="bob", max_items=1)
    assert first["IsTruncated"]
    rest = iam("ListServiceSpecificCredentials", user_name="bob", marker=first["Marker"])
    both = [*first["ServiceSpecificCredentials"], *rest["ServiceSpecificCredentials"]]
    assert {one["ServiceSpecificCredentialId"] for one in both} == made


def test_a_caller_without_a_user_must_give_a_name(iam: Iam) -> None:
    for caller in (iam, iam.as_federated_user()):
        with pytest.raises(ValidationError):
            listed(caller)


def test_the_credential_of_another_user_and_of_another_account_is_out_of_reach(
    iam: Iam, server: Server, bob: Iam
) -> None:
    iam("CreateUser", user_name="eve")
    other = server.account("210987654321")
    other("CreateUser", user_name="bob")
    eves, foreign = (made["ServiceSpecificCredentialId"] for made in (create(iam, user_name="eve"), create(other)))
    before = server.world
    for name, more in (
        ("UpdateServiceSpecificCredential", {"status": "Inactive"}),
        ("ResetServiceSpecificCredential", {}),
        ("DeleteServiceSpecificCredential", {}),
    ):
        for credential_id, told in (
            (eves, ("ValidationError", f"User bob does not have a service specific credential with id {eves}")),
            (foreign, ("NoSuchEntity", f"No such credential {foreign} exists")),
        ):
            for caller, owner in ((bob, {}), (iam, {"user_name": "bob"})):
                with pytest.raises(ApiError) as caught:
                    caller(name, service_specific_credential_id=credential_id, **owner, **more)
                assert (caught.value.code, caught.value.message) == told
    assert server.world is before


def test_permission_is_asked_on_the_user_and_for_all_users_on_all(iam: Iam, bob: Iam) -> None:
    assert iam.resources("ListServiceSpecificCredentials", user_name="bob") == [BOB]
    assert bob.resources("ListServiceSpecificCredentials", all_users=False) == [BOB]
    assert bob.resources("ListServiceSpecificCredentials", all_users=True) == [EVERYONE]
    assert bob.resources("ListServiceSpecificCredentials", all_users=True, user_name="bob") == [EVERYONE]


def test_permission_depends_on_the_service_and_the_age_that_are_asked_for(iam: Iam, bob: Iam) -> None:
    wanted = {"user_name": "bob", "service_name": MODELS.upper()}
    (check,) = iam.checks("CreateServiceSpecificCredential", **wanted, credential_age_days=30)
    assert str(check.resource) == BOB
    assert check.context["iam:servicespecificcredentialservicename"] == MODELS
    assert check.context["iam:servicespecificcredentialagedays"] == "30"
    (check,) = iam.checks("CreateServiceSpecificCredential", **wanted)
    assert "iam:servicespecificcredentialagedays" not in check.context


def test_permission_to_change_a_credential_depends_on_its_service(iam: Iam, server: Server, bob: Iam) -> None:
    other = server.account("210987654321")
    other("CreateUser", user_name="bob")
    mine, foreign = (made["ServiceSpecificCredentialId"] for made in (create(iam, MODELS), create(other, MODELS)))
    for action in ("Update", "Reset", "Delete"):
        name = f"{action}ServiceSpecificCredential"
        (check,) = bob.checks(name, service_specific_credential_id=mine)
        assert str(check.resource) == BOB
        assert check.context == {"iam:servicespecificcredentialservicename": MODELS}
        (check,) = bob.checks(name, service_specific_credential_id=foreign)
        assert check.context == {}

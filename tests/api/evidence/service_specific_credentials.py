"""Evidence for service-specific credentials."""

from __future__ import annotations

from typing import Any

from api.evidence.families import Caller, ErrorCase, Family, never

GIT = "codecommit.amazonaws.com"
NO_CREDENTIAL = {"ServiceSpecificCredentialId": "ACCA0000000000000000"}


def create(caller: Caller, user: str = "ann") -> str:
    """Make a credential; its id."""
    answer = caller.iam.create_service_specific_credential(UserName=user, ServiceName=GIT)
    return str(answer["ServiceSpecificCredential"]["ServiceSpecificCredentialId"])


def tour(caller: Caller) -> None:
    iam = caller.iam
    iam.create_user(UserName="ann")
    made = {"UserName": "ann", "ServiceSpecificCredentialId": create(caller)}
    iam.update_service_specific_credential(**made, Status="Inactive")
    assert iam.reset_service_specific_credential(**made)["ServiceSpecificCredential"]["ServicePassword"]
    (listed,) = iam.list_service_specific_credentials(UserName="ann")["ServiceSpecificCredentials"]
    assert listed["Status"] == "Inactive"
    iam.delete_service_specific_credential(**made)


def make_a_third(caller: Caller) -> None:
    caller.iam.create_user(UserName="ann")
    for _ in range(3):
        create(caller)


ON_A_CREDENTIAL: dict[str, dict[str, Any]] = {
    "UpdateServiceSpecificCredential": {"Status": "Active"},
    "ResetServiceSpecificCredential": {},
    "DeleteServiceSpecificCredential": {},
}


def on_none(operation: str) -> ErrorCase:
    """There is no such credential."""

    def provoke(caller: Caller) -> None:
        caller.iam.create_user(UserName="ann")
        caller.call(operation, UserName="ann", **NO_CREDENTIAL, **ON_A_CREDENTIAL[operation])

    return ErrorCase(operation, "NoSuchEntity", provoke)


FAMILY = Family(
    operations=frozenset({"CreateServiceSpecificCredential", "ListServiceSpecificCredentials", *ON_A_CREDENTIAL}),
    tour=tour,
    errors=(
        *map(on_none, ON_A_CREDENTIAL),
        ErrorCase("CreateServiceSpecificCredential", "NoSuchEntity", lambda caller: create(caller, "nobody")),
        ErrorCase("CreateServiceSpecificCredential", "LimitExceeded", make_a_third),
        ErrorCase(
            "ListServiceSpecificCredentials",
            "NoSuchEntity",
            lambda caller: caller.iam.list_service_specific_credentials(UserName="nobody"),
        ),
    ),
    unreachable=never(
        "NotSupportedService",
        "an unknown service is answered NoSuchEntity, as recorded at AWS",
        "CreateServiceSpecificCredential",
        "ListServiceSpecificCredentials",
    ),
)

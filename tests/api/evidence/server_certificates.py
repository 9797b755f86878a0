"""Evidence for server certificates and their tags."""

from __future__ import annotations

import time
from typing import Any

from api.evidence.families import Caller, ErrorCase, Family, never
from certificates import Certificate, certificate
from rolecall.iam.quotas import SERVER_CERTIFICATES
from rolecall.names.arn import AccountId
from rolecall.state.providers import ServerCertificate

WEB = {"ServerCertificateName": "web"}
NONE = {"ServerCertificateName": "none"}
TEAM = [{"Key": "team", "Value": "storage"}]


def new_certificate() -> Certificate:
    return certificate(now=int(time.time()))


def upload(caller: Caller, one: Certificate | None = None, **more: Any) -> Any:
    """Upload a certificate called `web`, unless `more` says otherwise."""
    material = one or new_certificate()
    given = {**WEB, "CertificateBody": material.body, "PrivateKey": material.private_key, **more}
    return caller.iam.upload_server_certificate(**given)


def tour(caller: Caller) -> None:
    iam = caller.iam
    upload(caller, Tags=TEAM)
    assert iam.get_server_certificate(**WEB)["ServerCertificate"]["Tags"] == TEAM
    iam.untag_server_certificate(**WEB, TagKeys=["team"])
    iam.tag_server_certificate(**WEB, Tags=[{"Key": "Team", "Value": ""}])
    assert iam.list_server_certificate_tags(**WEB)["Tags"] == [{"Key": "Team", "Value": ""}]
    iam.update_server_certificate(**WEB, NewServerCertificateName="site", NewPath="/tls/")
    (listed,) = iam.list_server_certificates(PathPrefix="/tls/")["ServerCertificateMetadataList"]
    assert listed["ServerCertificateName"] == "site"
    iam.delete_server_certificate(ServerCertificateName="site")


def upload_one_too_many(caller: Caller) -> None:
    caller.put(
        *(
            ServerCertificate(
                account=AccountId(caller.account_id),
                id=f"ASCA{caller.account_id}{n:05}",
                name=f"certificate{n}",
                created_at=0,
                body="",
                sealed_private_key=caller.store.sealer.seal(b"", f"server-certificate:ASCA{caller.account_id}{n:05}"),
                expires_at=0,
            )
            for n in range(SERVER_CERTIFICATES.limit)
        )
    )
    upload(caller)


def upload_one_twice(caller: Caller) -> None:
    upload(caller)
    upload(caller, ServerCertificateName="WEB")


def take_the_name_of_another(caller: Caller) -> None:
    upload(caller)
    upload(caller, ServerCertificateName="site")
    caller.iam.update_server_certificate(**WEB, NewServerCertificateName="Site")


def give_one_too_many_tags(caller: Caller) -> None:
    upload(caller, Tags=[{"Key": f"key{n}", "Value": ""} for n in range(50)])
    caller.iam.tag_server_certificate(**WEB, Tags=TEAM)


def give_one_a_tag_twice(caller: Caller) -> None:
    upload(caller)
    caller.iam.tag_server_certificate(**WEB, Tags=[*TEAM, *TEAM])


ON_A_CERTIFICATE: dict[str, dict[str, Any]] = {
    "GetServerCertificate": {},
    "UpdateServerCertificate": {"NewPath": "/tls/"},
    "DeleteServerCertificate": {},
    "TagServerCertificate": {"Tags": TEAM},
    "UntagServerCertificate": {"TagKeys": ["team"]},
    "ListServerCertificateTags": {},
}


def on_none(operation: str) -> ErrorCase:
    """There is no certificate of that name."""
    more = ON_A_CERTIFICATE[operation]
    return ErrorCase(operation, "NoSuchEntity", lambda caller: caller.call(operation, **NONE, **more))


FAMILY = Family(
    operations=frozenset({"UploadServerCertificate", "ListServerCertificates", *ON_A_CERTIFICATE}),
    tour=tour,
    errors=(
        *map(on_none, ON_A_CERTIFICATE),
        ErrorCase("UploadServerCertificate", "LimitExceeded", upload_one_too_many),
        ErrorCase("UploadServerCertificate", "EntityAlreadyExists", upload_one_twice),
        ErrorCase("UploadServerCertificate", "InvalidInput", lambda caller: upload(caller, Tags=[*TEAM, *TEAM])),
        ErrorCase(
            "UploadServerCertificate", "MalformedCertificate", lambda caller: upload(caller, CertificateBody="none")
        ),
        ErrorCase(
            "UploadServerCertificate",
            "KeyPairMismatch",
            lambda caller: upload(caller, PrivateKey=new_certificate().private_key),
        ),
        ErrorCase("UpdateServerCertificate", "EntityAlreadyExists", take_the_name_of_another),
        ErrorCase("TagServerCertificate", "LimitExceeded", give_one_too_many_tags),
        ErrorCase("TagServerCertificate", "InvalidInput", give_one_a_tag_twice),
        ErrorCase(
            "UntagServerCertificate",
            "InvalidInput",
            lambda caller: caller.iam.untag_server_certificate(**WEB, TagKeys=[]),
        ),
    ),
    unreachable={
        **never("LimitExceeded", "it uses nothing up", "UpdateServerCertificate", "DeleteServerCertificate"),
        ("DeleteServerCertificate", "DeleteConflict"): "no service here uses certificates, so none is in use",
    },
)

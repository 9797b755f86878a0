"""Server certificates: TLS certificates with their private keys, kept for the services of an account.

The private key is sealed and never told again. How certificates and keys are parsed is said in `rolecall.iam.x509` and
`rolecall.iam.key_pairs`; tags in `rolecall.iam.tags`.
"""

from __future__ import annotations

import msgspec
from cryptography.x509 import Certificate
from msgspec.structs import replace

from rolecall.errors import MalformedCertificate
from rolecall.iam.access import on_list, on_new, on_renamed, on_server_certificate
from rolecall.iam.answers import tag_list
from rolecall.iam.find import check_name_is_free, find_server_certificate
from rolecall.iam.key_pairs import check_key_pair
from rolecall.iam.paging import page
from rolecall.iam.quotas import SERVER_CERTIFICATES
from rolecall.iam.registry import operation
from rolecall.iam.tags import TagParameters, new_tags
from rolecall.iam.x509 import (
    expires_at,
    first_invalid,
    has_expired,
    has_usable_key,
    is_not_yet_valid,
    parse_certificate,
    parse_certificates,
)
from rolecall.names.ids import IdPrefix
from rolecall.operations.registry import Answer
from rolecall.operations.transaction import Transaction
from rolecall.state.providers import ServerCertificate
from rolecall.state.sealed_fields import purpose

NOUN = "The Server Certificate"
"""What messages call it."""

LONGEST_CHAIN = 20
"""Certificates in a chain. The bound is our own: each of them costs a signature check, and the model allows 2 MB."""


class CheckedMaterial(msgspec.Struct, frozen=True, kw_only=True):
    """What was found out about a certificate, its key and its chain before the writer's turn."""

    expires_at: int


def check_material(
    tx: Transaction,
    *,
    certificate_body: str,
    private_key: str,
    certificate_chain: str | None = None,
    **_: object,
) -> CheckedMaterial:
    """Check what is to be uploaded: a valid certificate, its own private key, and a chain that leads up from it.

    Raises `MalformedCertificate` and `KeyPairMismatch`. The texts were recorded at AWS (radkawar/stackd,
    certificates_aws.json), but for the one about a certificate that is not yet valid, which follows its counterpart.
    """
    try:
        certificate = parse_certificate(certificate_body)
    except ValueError:
        raise _unparsable() from None
    if not has_usable_key(certificate):
        raise _unparsable()  # AWS's text for other kinds of keys is not known to us
    check_key_pair(certificate, private_key)
    if has_expired(certificate, tx.now):
        raise MalformedCertificate(
            "Certificate is no longer valid. The 'Not After' date restriction on the certificate has passed."
        )
    if is_not_yet_valid(certificate, tx.now):
        raise MalformedCertificate(
            "Certificate is not yet valid. The 'Not Before' date restriction on the certificate has not passed."
        )
    if certificate_chain is not None:
        _check_chain(certificate, certificate_chain, tx.now)
    return CheckedMaterial(expires_at=expires_at(certificate))


@operation(
    "UploadServerCertificate",
    access=on_new(ServerCertificate, name="server_certificate_name"),
    writes=True,
    prepare=check_material,
    differs="The certificate and its sealed private key are kept; no service here uses them.",
)
def upload_server_certificate(
    tx: Transaction,
    *,
    server_certificate_name: str,
    certificate_body: str,
    private_key: str,
    path: str = "/",
    certificate_chain: str | None = None,
    tags: TagParameters | None = None,
) -> Answer:
    """Keep a certificate with its key and chain, which `check_material` has found sound."""
    material = tx.prepared
    assert isinstance(material, CheckedMaterial)
    check_name_is_free(tx, ServerCertificate, server_certificate_name, shown=NOUN)
    SERVER_CERTIFICATES.check(tx.world.count(ServerCertificate, tx.account) + 1)
    certificate_id = tx.new_id(IdPrefix.CERTIFICATE)
    certificate = ServerCertificate(
        account=tx.account,
        id=certificate_id,
        name=server_certificate_name,
        path=path,
        created_at=tx.now,
        tags=new_tags(ServerCertificate, tags),
        # AWS answers the body without the line break at its end.
        body=certificate_body.strip(),
        chain=certificate_chain.strip() if certificate_chain is not None else None,
        sealed_private_key=tx.surroundings.sealer.seal(
            private_key.encode(), purpose(ServerCertificate, certificate_id)
        ),
        expires_at=material.expires_at,
    )
    tx.put(certificate)
    return {"ServerCertificateMetadata": _metadata(certificate), "Tags": tag_list(certificate.tags) or None}


@operation("GetServerCertificate", access=on_server_certificate)
def get_server_certificate(tx: Transaction, *, server_certificate_name: str) -> Answer:
    """Show a certificate and its chain, but not its private key."""
    certificate = find_server_certificate(tx, server_certificate_name)
    return {
        "ServerCertificate": {
            "ServerCertificateMetadata": _metadata(certificate),
            "CertificateBody": certificate.body,
            "CertificateChain": certificate.chain,
            "Tags": tag_list(certificate.tags),
        }
    }


@operation(
    "UpdateServerCertificate",
    access=on_renamed(ServerCertificate, name="server_certificate_name", new_name="new_server_certificate_name"),
    writes=True,
    differs="Without a new name or path nothing changes; AWS then loses the certificate's tags.",
)
def update_server_certificate(
    tx: Transaction,
    *,
    server_certificate_name: str,
    new_path: str | None = None,
    new_server_certificate_name: str | None = None,
) -> Answer:
    """Give a certificate another name or path. Its id and tags stay."""
    certificate = find_server_certificate(tx, server_certificate_name)
    if new_server_certificate_name is not None:
        check_name_is_free(tx, ServerCertificate, new_server_certificate_name, but_for=certificate, shown=NOUN)
    name = new_server_certificate_name or certificate.name
    tx.put(replace(certificate, name=name, path=new_path or certificate.path))
    return None


@operation("DeleteServerCertificate", access=on_server_certificate, writes=True)
def delete_server_certificate(tx: Transaction, *, server_certificate_name: str) -> Answer:
    """Delete a certificate with its key. Nothing here can be using it."""
    tx.delete(find_server_certificate(tx, server_certificate_name))
    return None


@operation("ListServerCertificates", access=on_list(ServerCertificate))
def list_server_certificates(
    tx: Transaction, *, path_prefix: str = "/", marker: str | None = None, max_items: int | None = None
) -> Answer:
    """List the account's certificates under a path, without their bodies and tags."""
    owned = tx.world.owned(ServerCertificate, tx.account)
    return page(
        (certificate for certificate in owned if certificate.path.startswith(path_prefix)),
        order=lambda certificate: certificate.name,
        member="ServerCertificateMetadataList",
        render=_metadata,
        marker=marker,
        max_items=max_items,
    )


def _check_chain(certificate: Certificate, text: str, now: int) -> None:
    try:
        chain = parse_certificates(text, most=LONGEST_CHAIN)
    except ValueError:
        raise MalformedCertificate("Unknown") from None  # no more than that does AWS say
    place = first_invalid(certificate, chain, now)
    if place is not None:
        raise MalformedCertificate(
            "Unable to validate certificate chain. The certificate chain must start with the immediate signing "
            "certificate, followed by any intermediaries in order. The index within the chain of the invalid "
            f"certificate is: {place}"
        )


def _metadata(certificate: ServerCertificate) -> dict[str, object]:
    return {
        "Path": certificate.path,
        "ServerCertificateName": certificate.name,
        "ServerCertificateId": certificate.id,
        "Arn": str(certificate.arn),
        "UploadDate": certificate.created_at,
        "Expiration": certificate.expires_at,
    }


def _unparsable() -> MalformedCertificate:
    return MalformedCertificate("Unable to parse certificate. Please ensure the certificate is in PEM format.")

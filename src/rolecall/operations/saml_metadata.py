"""SAML 2.0 metadata of identity providers: XML in, who may issue assertions and with which certificates out.

`iam` reads it when a provider is made, `sts` when an assertion comes, so it stands between them. Assertions are not
read here. What AWS accepts was recorded in radkawar/stackd (saml.json, saml-validation.json): a descriptor without
certificates, one that expired, several descriptors in one; dates in it and in certificates decide nothing, as the IAM
user guide says too ("Create a SAML identity provider in IAM").
"""

from __future__ import annotations

import base64
from collections.abc import Iterator

import msgspec
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509 import Certificate, UnsupportedGeneralNameType, load_der_x509_certificate
from lxml import etree

from rolecall.errors import InvalidInput

METADATA = "urn:oasis:names:tc:SAML:2.0:metadata"
SIGNATURE = "http://www.w3.org/2000/09/xmldsig#"
ENTITY = f"{{{METADATA}}}EntityDescriptor"
ENTITIES = f"{{{METADATA}}}EntitiesDescriptor"
IDENTITY_PROVIDER = f"{{{METADATA}}}IDPSSODescriptor"
KEY = f"{{{METADATA}}}KeyDescriptor"
X509_DATA = f"{{{SIGNATURE}}}KeyInfo/{{{SIGNATURE}}}X509Data"
X509_CERTIFICATE = f"{{{SIGNATURE}}}X509Certificate"

SIGNING_USES = (None, "signing")
"""A key without a `use` is for signing and encryption (SAML metadata §2.4.1.1)."""

LEAST_RSA_BITS = 1024
"""The IAM user guide: "must use a key size of at least 1024 bits"."""

BYTE_ORDER_MARK = "\ufeff"


class SamlIssuer(msgspec.Struct, frozen=True, kw_only=True):
    """One identity provider of a metadata document.

    Parameters: `entity_id`, what its assertions name as their issuer; `certificates`, those whose keys may have signed
    them, in the order of the document. Without any, no assertion of it can be believed.
    """

    entity_id: str
    certificates: tuple[Certificate, ...]


class SamlMetadata(msgspec.Struct, frozen=True):
    """A metadata document: its identity providers, at least one, no two of the same entity id."""

    issuers: tuple[SamlIssuer, ...]

    def issuer(self, entity_id: str) -> SamlIssuer | None:
        """The identity provider of that entity id, or None."""
        return next((issuer for issuer in self.issuers if issuer.entity_id == entity_id), None)


def parse_saml_metadata(text: str) -> SamlMetadata:
    """Read a metadata document. Takes milliseconds for each 100 KB: not for the writer's turn.

    A document type declaration is refused wherever its words stand, so no entity is ever defined, let alone loaded.

    Raises `InvalidInput` if it is not well-formed, not metadata, names an entity without its id or twice, has a
    certificate that cannot be read, or no identity provider.
    """
    root = _root(text)
    issuers = []
    for entity in _entities(root):
        entity_id = entity.get("entityID")
        if not entity_id:
            raise _unparsable()
        descriptors = entity.findall(IDENTITY_PROVIDER)
        if descriptors:
            certificates = tuple(each for one in descriptors for each in _signing_certificates(one))
            issuers.append(SamlIssuer(entity_id=entity_id, certificates=certificates))
    if len({issuer.entity_id for issuer in issuers}) < len(issuers):
        # AWS's answer is not known: but whose certificates would count?
        raise _unparsable()
    if not issuers:
        raise InvalidInput("SAML Providers must reference at least one SAML assertion issuer.")
    return SamlMetadata(tuple(issuers))


def _root(text: str) -> etree._Element:
    if text.startswith(BYTE_ORDER_MARK) or "<!DOCTYPE" in text:
        raise _unparsable()
    parser = etree.XMLParser(
        encoding="utf-8",  # whatever the document says of itself: it came as UTF-8, and was searched as such
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        return etree.fromstring(text.encode(), parser)
    except (etree.XMLSyntaxError, UnicodeEncodeError):
        raise _unparsable() from None


def _entities(root: etree._Element) -> Iterator[etree._Element]:
    """The entity descriptors, where metadata has them: the root, or in the root and groups of it."""
    if root.tag not in (ENTITY, ENTITIES):
        raise _unparsable()
    ahead = [root]
    while ahead:
        element = ahead.pop()
        if element.tag == ENTITY:
            yield element
        else:
            ahead.extend(child for child in reversed(element) if child.tag in (ENTITY, ENTITIES))


def _signing_certificates(descriptor: etree._Element) -> Iterator[Certificate]:
    """The certificates that signatures are verified with. Those for encryption are read too: a bad one is refused.

    Of several certificates in one `X509Data` the first counts: they are a chain that leads up from it (XML Signature
    §4.5.4), and an authority signs no assertions. How AWS counts them is not known.
    """
    for key in descriptor.findall(KEY):
        for data in key.findall(X509_DATA):
            certificates = [_certificate(element) for element in data.findall(X509_CERTIFICATE)]
            if key.get("use") in SIGNING_USES:
                yield from certificates[:1]


def _certificate(element: etree._Element) -> Certificate:
    text = "".join((element.text or "").split())
    try:
        certificate = load_der_x509_certificate(base64.b64decode(text, validate=True))
        key = certificate.public_key()
        certificate.extensions  # noqa: B018 - parsed on first use: AWS refuses one that is there twice
    except (ValueError, TypeError, UnsupportedAlgorithm, UnsupportedGeneralNameType):
        raise _unparsable() from None
    if isinstance(key, RSAPublicKey) and key.key_size < LEAST_RSA_BITS:
        raise _unparsable()
    return certificate


def _unparsable() -> InvalidInput:
    return InvalidInput("Could not parse metadata")

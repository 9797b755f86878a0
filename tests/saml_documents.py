"""SAML metadata as tests need it, with a certificate made on the spot."""

from __future__ import annotations

import base64
import time
from functools import cache

from cryptography.hazmat.primitives.serialization import Encoding

from certificates import Certificate, certificate

ENTITY_ID = "https://idp.example.com/"
SHORTEST = 1000
"""Characters that a document must have, says the API model."""


@cache
def signing_certificate(number: int) -> Certificate:
    """A certificate, made once for each number."""
    return certificate(f"idp{number}.example.com", now=int(time.time()))


def base64_of(made: Certificate) -> str:
    """A certificate as metadata holds it."""
    return base64.b64encode(made.parsed.public_bytes(Encoding.DER)).decode()


def metadata(entity_id: str = ENTITY_ID, number: int = 0) -> str:
    """The metadata of an identity provider with one signing certificate, as long as the API model wants it."""
    document = (
        f'<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="{entity_id}">'
        '<IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">'
        '<KeyDescriptor use="signing"><KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data>'
        f"<X509Certificate>{base64_of(signing_certificate(number))}</X509Certificate>"
        "</X509Data></KeyInfo></KeyDescriptor>"
        '<SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" '
        'Location="https://idp.example.com/sso"/></IDPSSODescriptor></EntityDescriptor>'
    )
    return document + " " * max(0, SHORTEST - len(document))

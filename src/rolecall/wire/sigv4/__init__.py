"""AWS Signature Version 4, the verifying side. Pure: no I/O, no clock, no look-up of credentials.

    scope_of(request)                       which service does the request claim to be signed for?
    read_signature(request, now=…, rule=…)  every check that needs no secret; gives a `Signature`
    (the caller looks up the access key)
    verify(signature, secret, keys)         does the secret give the same signature?

Source: the IAM user guide, "AWS Signature Version 4 for API requests"; codes, texts and order of the
refusals: wire.md §2.
"""

from rolecall.wire.sigv4.reading import Signature, read_signature, scope_of
from rolecall.wire.sigv4.request import HttpRequest
from rolecall.wire.sigv4.scope import IAM_SCOPE, STS_SCOPE, CredentialScope, ScopeRule
from rolecall.wire.sigv4.verification import SigningKeyCache, verify

__all__ = [
    "IAM_SCOPE",
    "STS_SCOPE",
    "CredentialScope",
    "HttpRequest",
    "ScopeRule",
    "Signature",
    "SigningKeyCache",
    "read_signature",
    "scope_of",
    "verify",
]

"""The credential scope: date, region and service that a signature is bound to. Only its text and its rules."""

from __future__ import annotations

import re

import msgspec

from rolecall.errors import IncompleteSignature, SignatureDoesNotMatch

TERMINATOR = "aws4_request"

_REGION = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
_MAX_REGION_LENGTH = 64


class CredentialScope(msgspec.Struct, frozen=True):
    """The scope as the signer wrote it; `check_scope` says whether it is valid here."""

    date: str
    region: str
    service: str
    terminator: str = TERMINATOR

    def __str__(self) -> str:
        return f"{self.date}/{self.region}/{self.service}/{self.terminator}"


class ScopeRule(msgspec.Struct, frozen=True):
    """The scope that a service accepts: its signing name, and its regions (None: whatever looks like a region)."""

    service: str
    regions: frozenset[str] | None

    def accepts_region(self, region: str) -> bool:
        """Is `region` one of ours?"""
        if self.regions is not None:
            return region in self.regions
        return len(region) <= _MAX_REGION_LENGTH and _REGION.fullmatch(region) is not None


IAM_SCOPE = ScopeRule("iam", frozenset({"us-east-1"}))
"""IAM is global: its only signing region (of the partition `aws`) is us-east-1."""

STS_SCOPE = ScopeRule("sts", None)
"""STS has an endpoint in each region; one server stands for all of them."""


def parse_credential(text: str) -> tuple[str, CredentialScope]:
    """Split `keyid/date/region/service/aws4_request` into the access key id and the scope.

    Raises `IncompleteSignature` unless there are exactly five elements.
    """
    elements = text.split("/")
    if len(elements) != 5:
        raise IncompleteSignature(
            "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term,"
            f" got '{text}'"
        )
    access_key_id, date, region, service, terminator = elements
    return access_key_id, CredentialScope(date, region, service, terminator)


def check_scope(scope: CredentialScope, rule: ScopeRule, timestamp: str) -> None:
    """Hold `scope` against the service's rule and the day of the request's `timestamp` (basic format).

    Raises `SignatureDoesNotMatch` with every complaint, in AWS's order, joined by a space.
    """
    complaints = []
    if not rule.accepts_region(scope.region):
        complaints.append(f"Credential should be scoped to a valid region, not '{scope.region}'.")
    if scope.service != rule.service:
        complaints.append(f"Credential should be scoped to correct service: '{rule.service}'.")
    if scope.terminator != TERMINATOR:
        complaints.append(
            f"Credential should be scoped with a valid terminator: '{TERMINATOR}', not '{scope.terminator}'."
        )
    if scope.date != timestamp[:8]:
        complaints.append(
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP:"
            f" '{scope.date}' != '{timestamp[:8]}', from '{timestamp}'."
        )
    if complaints:
        raise SignatureDoesNotMatch(" ".join(complaints))

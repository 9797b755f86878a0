"""The status of a user's certificate, key or service-specific credential: what callers set and what they are told."""

from __future__ import annotations

from enum import StrEnum

from rolecall.errors import InvalidInput


class CredentialStatus(StrEnum):
    """The model's `statusType`. Nobody can set `Expired`: time does."""

    ACTIVE = "Active"
    INACTIVE = "Inactive"
    EXPIRED = "Expired"


def means_active(status: str) -> bool:
    """What a request's `Status` switches a credential to.

    Raises `InvalidInput` for `Expired`; the text was recorded at AWS for signing certificates, SSH keys and
    service-specific credentials (radkawar/stackd, certificates_aws.json and service_credentials_aws.json).
    """
    if status not in (CredentialStatus.ACTIVE, CredentialStatus.INACTIVE):
        raise InvalidInput(f"Operation does not support status {status}")
    return status == CredentialStatus.ACTIVE


def shown_status(is_active: bool) -> CredentialStatus:
    """The status of a credential that does not expire."""
    return CredentialStatus.ACTIVE if is_active else CredentialStatus.INACTIVE

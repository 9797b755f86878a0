"""What an account prefers of STS: the version of the global endpoint's tokens. GetAccountSummary shows it."""

from __future__ import annotations

from msgspec.structs import replace

from rolecall.iam.find import find_account
from rolecall.iam.registry import operation
from rolecall.operations.registry import Answer, on_account
from rolecall.operations.transaction import Transaction

VERSIONS = {"v1Token": 1, "v2Token": 2}
"""The values of the API model, as the summary counts them."""


@operation(
    "SetSecurityTokenServicePreferences",
    access=on_account,
    writes=True,
    differs="Kept and shown, without effect: session tokens are valid in every region whichever version is set.",
)
def set_security_token_service_preferences(tx: Transaction, *, global_endpoint_token_version: str) -> Answer:
    """Choose the version."""
    tx.put(replace(find_account(tx), global_endpoint_token_version=VERSIONS[global_endpoint_token_version]))
    return None

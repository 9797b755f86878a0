"""Outbound federation: whether the account's principals may get tokens with which other services recognize them.

Only the switch and the issuer's name are here. The tokens are STS's; discovery and keys are served by the server.
Messages are AWS's as recorded by radkawar/stackd (`testdata/aws/iam/outbound_lifecycle.json`) unless marked as a guess.
"""

from __future__ import annotations

import uuid

from msgspec.structs import replace

from rolecall.errors import FeatureDisabled, FeatureEnabled
from rolecall.iam.find import find_account
from rolecall.iam.registry import operation
from rolecall.operations.registry import Answer, on_account
from rolecall.operations.transaction import Transaction
from rolecall.state.entities import OutboundFederation

ISSUER_PATH = "/oidc/"
"""Where below the server's own URL the issuers are."""

DIFFERS = "The issuer is a URL below the server's own, `ROLECALL_ISSUER_URL`; AWS gives each account a host name."


def issuer_url(tx: Transaction, federation: OutboundFederation) -> str:
    """The issuer of an account's tokens, by which others find its keys. Unique for all time, like the id in it."""
    return f"{tx.surroundings.issuer_url}{ISSUER_PATH}{federation.issuer_id}"


@operation("EnableOutboundWebIdentityFederation", access=on_account, writes=True, differs=DIFFERS)
def enable_outbound_web_identity_federation(tx: Transaction) -> Answer:
    """Turn it on. Who had it on before gets the issuer of that time again, as at AWS."""
    account = find_account(tx)
    before = account.outbound_federation
    if before is not None and before.is_enabled:
        # A guess, after the words for the contrary.
        raise FeatureEnabled(f"Outbound identity federation is already enabled for account {tx.account}")
    unique = str(uuid.UUID(int=tx.surroundings.randbits(128), version=4))
    federation = OutboundFederation(issuer_id=before.issuer_id if before is not None else unique, is_enabled=True)
    tx.put(replace(account, outbound_federation=federation))
    return {"IssuerIdentifier": issuer_url(tx, federation)}


@operation("DisableOutboundWebIdentityFederation", access=on_account, writes=True)
def disable_outbound_web_identity_federation(tx: Transaction) -> Answer:
    """Turn it off. Tokens that were given out stay valid until they expire."""
    federation = _enabled(tx)
    tx.put(replace(find_account(tx), outbound_federation=replace(federation, is_enabled=False)))
    return None


@operation("GetOutboundWebIdentityFederationInfo", access=on_account, differs=DIFFERS)
def get_outbound_web_identity_federation_info(tx: Transaction) -> Answer:
    """Tell the issuer. While it is off there is nothing to tell, though the issuer is kept (observed at AWS)."""
    return {"IssuerIdentifier": issuer_url(tx, _enabled(tx)), "JwtVendingEnabled": True}


def _enabled(tx: Transaction) -> OutboundFederation:
    federation = find_account(tx).outbound_federation
    if federation is None or not federation.is_enabled:
        raise FeatureDisabled(f"Outbound identity federation is disabled for account {tx.account}")
    return federation

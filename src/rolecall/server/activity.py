"""What principals attempted, noted for the last-accessed reports.

Whoever answers a question about what a principal may do, be it a call to this server or a decision that another service
asks for, says so here: AWS counts attempts, allowed or denied. Hypothetical questions (`rolecall check`, simulations)
are no attempts. What was attempted decides nothing.
"""

from __future__ import annotations

from rolecall.decision.principal import AccountPrincipal, AssumedRole, FederatedUser, IamUser
from rolecall.state.caller import Caller
from rolecall.state.entities import Role
from rolecall.state.uses import LastUses


def note_attempt(uses: LastUses, caller: Caller, service: str, action: str, *, at: int, region: str) -> None:
    """Note that `caller` attempted an action, as a use of its role too if it is a session of one.

    Parameters: `service` and `action`, the halves of the action's name (`iam`, `GetUser`); `at`, seconds since the
    epoch; `region`, where it was attempted.
    """
    principal = caller.principal
    if isinstance(principal, AssumedRole):
        uses.record(Role, principal.role_id, at=at, region=region, service=service)
    uses.record_action(principal.account, actor_of(principal), service, action, at=at, region=region)


def actor_of(principal: AccountPrincipal) -> str:
    """The unique id under which a principal's attempts are noted; for a root user, its account.

    Those of a session count for the role, or for the user who made it with GetFederationToken.
    """
    match principal:
        case IamUser(user_id=user_id) | FederatedUser(issuer=IamUser(user_id=user_id)):
            return user_id
        case AssumedRole(role_id=role_id):
            return role_id
        case _:
            return principal.account
